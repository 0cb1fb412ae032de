"""Which orders a notice names, how many it claims, and lists pasted as tables."""

from __future__ import annotations

import pytest

from orders.notices import read
from tests.orders.notice_cases import NUMBER, PASTED, violation


@pytest.mark.parametrize(
    "text",
    [
        NUMBER + "违规单量：7单\n涉及订单共9笔。",
        NUMBER + "违规单量：7单 违规订单数：9",
        NUMBER + "\n涉及订单5笔，具体违规订单6笔见附件。",
    ],
)
def test_two_counts_that_differ_give_none(text: str) -> None:
    assert violation(text)["orders"]["claimed"] is None


@pytest.mark.parametrize(
    ("wording", "claimed"),
    [
        ("违规单量：31单", 31),
        ("违规单量：31", 31),
        ("违规单量\n31\n", 31),
        ("违 规 单 量：３１ 单", 31),
        ("违规数量：1,200", 1200),
        ("涉及订单等31笔，明细见附件", 31),
        ("涉及订单共三十一笔", 31),
        ("您有31笔订单未按约定发货", 31),
        ("共31单缺货", 31),
        ("违规单量：-", None),
        ("违规单量：以附件为准", None),
        ("每单扣款5元", None),
        ("其余7笔订单不受影响", None),
        ("近30天成交1200单", None),
    ],
)
def test_count_of_orders_is_what_the_notice_claims(wording: str, claimed: int | None) -> None:
    assert violation(NUMBER + "\n" + wording)["orders"]["claimed"] == claimed


def test_only_orders_are_orders() -> None:
    text = (
        "违规单号：90202611120777 违规类型：虚假发货 判罚时间：2026-11-12 10:00\n商品ID：6938000000000000999\n"
        "订单号：6938000000000000411（运单号：6938000000000000001），售后单号：6938000000000000002，联系电话13800000000"
    )
    found = violation(text)
    assert (found["platform"], found["orders"]["order_nos"]) == ("douyin", ["6938000000000000411"])
    assert found["waybills"] == ["6938000000000000001"]


@pytest.mark.parametrize("separator", ["、", "，", ",", "\n", "  ", "\t", "；"])
def test_order_list_is_read_with_any_separator(separator: str) -> None:
    numbers = [f"261109-90000000000010{place}" for place in range(4)]
    orders = violation(NUMBER + "\n订单号：" + separator.join([*numbers, numbers[1]]))["orders"]
    assert (orders["order_nos"], orders["lines"], orders["duplicates"]) == (numbers, 5, [numbers[1]])


@pytest.mark.parametrize("cut", [1, 5, 7, 12, 18])
def test_order_number_cut_by_a_line_break_is_whole_again(cut: int) -> None:
    number = "6938000000000000411"
    text = f"违规单号：90202611120777 违规类型：虚假发货\n涉及订单：{number[:cut]}\n{number[cut:]}，请申诉"
    assert violation(text, platform="douyin")["orders"]["order_nos"] == [number]


@pytest.mark.parametrize(
    ("header", "row"),
    [
        (
            "违规编号\t违规类型\t违规通知时间\t申诉截止时间\t处罚金额\t当前进度",
            "{no}\t虚假发货\t26-11-13 18:00\t26-11-16 18:00\t140.00\t待申诉",
        ),
        (
            "违规编号\t违规类型\t违规通知时间\t申诉截止时间\t处罚金额\t当前进度",
            "{no}\t\t虚假发货\t26-11-13 18:00\t26-11-16 18:00\t140\t待申诉",
        ),
        (
            "违规编号  违规类型  违规通知时间  申诉截止时间  处罚金额  当前进度",
            "{no}  虚假发货  26-11-13 18:00  26-11-16 18:00  140.00元  待申诉",
        ),
        (
            "| 违规编号 | 违规类型 | 违规通知时间 | 申诉截止时间 | 处罚金额 | 当前进度 |",
            "| {no} | 虚假发货 | 26-11-13 18:00 | 26-11-16 18:00 | ￥140 | 待申诉 |",
        ),
        (
            "处罚金额\t当前进度\t违规类型\t违规编号\t申诉截止时间\t违规通知时间",
            "140\t待申诉\t虚假发货\t{no}\t26-11-16 18:00\t26-11-13 18:00",
        ),
    ],
)
def test_table_rows_are_violations_read_by_shape(header: str, row: str) -> None:
    text = "\n".join([header, row.format(no="90202611130207"), row.format(no="90202611130208")])
    found = read(text, pasted_at=PASTED)["violations"]
    assert [item["violation_no"] for item in found] == ["90202611130207", "90202611130208"]
    for item in found:
        assert (item["type"], item["stage"], item["noticed_at"]) == (
            "fake_shipment",
            "proposed",
            "2026-11-13T18:00:00+08:00",
        )
        assert (item["amounts"]["total"], item["deadlines"][0]["due_at"]) == ("140.00", "2026-11-16T18:00:00+08:00")


def test_rows_of_one_violation_are_one_violation() -> None:
    rows = [f"90202611130207\t261109-90000000000010{place}\t虚假发货\t20.00" for place in (1, 2, 3)]
    found = violation("\n".join(["违规编号\t订单号\t违规类型\t处罚金额", *rows]))
    assert (found["orders"]["claimed"], found["orders"]["named"]) == (3, 3)
    assert (found["amounts"]["per_order"], found["amounts"]["total"], found["amounts"]["total_basis"]) == (
        "20.00",
        "60.00",
        "computed",
    )


def test_deduction_table_without_a_number_is_one_violation_with_amounts() -> None:
    text = (
        "货款扣款明细  延迟发货\n订单号\t承诺发货时间\t快递单号\t扣款金额\t扣款原因\n"
        "261109-900000000000101\t2026-11-11 10:00:00\tJT9000000000001\t3.00\t延迟发货\n"
        "261109-900000000000102\t2026-11-11 10:00:00\t-\t4.00\t延迟发货"
    )
    found = violation(text)
    assert found["orders"]["amounts"] == {"261109-900000000000101": "3.00", "261109-900000000000102": "4.00"}
    assert (found["amounts"]["total"], found["waybills"]) == ("7.00", ["JT9000000000001"])
