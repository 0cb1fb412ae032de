"""Other wordings of the same things: what stands in the text is read, what does not stays null."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

import pytest

from orders.notices import read, read_many
from orders.notices.dates import SHANGHAI

PASTED = datetime(2026, 11, 18, 12, 0, tzinfo=SHANGHAI)
NO = "违规编号：90202611180031 违规类型：虚假发货\n"
PDD = "261107-900000000000001"


def field(item: dict[str, Any], name: str) -> Any:
    """One field of a read violation by its short name."""
    due: dict[str, Any] = next((due for due in item["deadlines"] if due["source"] != "policy"), {})
    ways = {
        "due": lambda: (due.get("due_at") or "")[:16] or None,
        "estimate": lambda: (due.get("estimate_due_at") or "")[:16] or None,
        "due_kind": lambda: due.get("kind"),
        "claimed": lambda: item["orders"]["claimed"],
        "orders": lambda: item["orders"]["order_nos"],
        "total": lambda: item["amounts"]["total"],
        "each": lambda: item["amounts"]["per_order"],
        "left": lambda: item.get("attempts_left"),
        "noticed": lambda: (item["noticed_at"] or "")[:16] or None,
    }
    return ways[name]() if name in ways else item.get(name)


WORDINGS: dict[str, tuple[str, dict[str, Any]]] = {
    "kuaishou labels": (
        "快手小店违规通知\n违规单号：KS20261118000123\n违规类型：延迟发货\n判罚时间：2026年11月18日 09:12\n"
        "违规订单：2432300012345678（运单号：YT8812345678901）\n扣除违约金：5元\n请于72小时内提交申诉",
        {"platform": "kuaishou", "type": "late_shipment", "violation_no": "KS20261118000123", "total": "5.00",
         "orders": ["2432300012345678"], "noticed": "2026-11-18T09:12", "due": "2026-11-21T09:12"},
    ),
    "kuaishou prose": (
        "【快手电商】您的店铺「绿叶女装」存在虚假发货行为，涉及订单12笔，每单扣罚20元，共计240元，"
        "申诉有效期：2026/11/21 24:00，处罚编号 882233445566",
        {"platform": "kuaishou", "shop_name": "绿叶女装", "claimed": 12, "each": "20.00", "total": "240.00",
         "due": "2026-11-22T00:00", "violation_no": "882233445566"},
    ),
    "temu labels": (
        "违规编号：WP2611180001\n违规类型：延迟发货\n订单号：PO-211-01234567890123456\n违规金额：￥35.00\n"
        "申诉截止时间：2026-11-25 23:59:59\n当前进度：待申诉",
        {"platform": "temu", "type": "late_shipment", "violation_no": "WP2611180001", "total": "35.00",
         "orders": ["PO-211-01234567890123456"], "due": "2026-11-25T23:59", "stage": "proposed"},
    ),
    "temu sub-orders": (
        "Temu 卖家中心 违规详情\n违规编号 2611180001778899 违规类型 虚假发货\n"
        "PO-211-01234567890123456-1、PO-211-01234567890123456-2",
        {"platform": "temu", "orders": ["PO-211-01234567890123456-1", "PO-211-01234567890123456-2"]},
    ),
    "mixed english": (
        "[Douyin Shop] Violation notice 违规类型: 虚假发货 (Fake shipment)\n罚单编号: 7301234567890123456\n"
        "Order No.: 6938000000000000411\nPenalty: 扣除保证金 RMB 100\n申诉截止时间: 2026/11/21 18:00",
        {"platform": "douyin", "violation_no": "7301234567890123456", "orders": ["6938000000000000411"],
         "total": "100.00", "due": "2026-11-21T18:00"},
    ),
    "no year, midnight, ten thousands": (
        NO + "违规通知时间：11月18日 09:00 申诉截止时间：11月21日24:00 违规单量：31单 处罚金额：1.2万元",
        {"noticed": "2026-11-18T09:00", "due": "2026-11-22T00:00", "claimed": 31, "total": "12000.00"},
    ),
    "new year": (NO + "申诉截止时间：1月2日 18:00", {"due": "2027-01-02T18:00"}),
    "countdown": (NO + "申诉剩余时间：2天3小时15分", {"due": None, "estimate": "2026-11-20T15:15"}),
    "countdown in prose": (NO + "距申诉截止还剩 1天2小时", {"due": None, "estimate": "2026-11-19T14:00"}),
    "working days": (
        "您的店铺涉嫌虚假交易，违规编号90202611180031，请在收到通知后3个工作日内发起申诉。通知时间：2026-11-18 10:00",
        {"type": "false_transaction", "due": "2026-11-23T23:59"},
    ),
    "hours from an unknown receipt": (NO + "您可在72小时内申诉。", {"due": None, "estimate": "2026-11-21T12:00"}),
    "and so many more": (
        "违规单号：90202611120777\n违规订单：6938000000000000411、6938000000000000412等30笔\n违规类型：缺货\n"
        "每单赔付3元，共90元",
        {"platform": "douyin", "claimed": 30, "each": "3.00", "total": "90.00", "type": "out_of_stock"},
    ),
    "html blocks": (
        f"<div><div>违规类型</div><div>虚假发货</div></div><div>违规订单号</div><div>{PDD}</div>"
        "<div>申诉截止时间</div><div>2026-11-21&nbsp;18:00:00</div><div>处罚金额</div><div>&yen;300.00</div>",
        {"type": "fake_shipment", "orders": [PDD], "due": "2026-11-21T18:00", "total": "300.00"},
    ),
    "html spans": (
        '<p class="row"><span>违规编号</span><span>90202611180031</span></p><p><span>违规类型</span><b>缺货</b></p>',
        {"violation_no": "90202611180031", "type": "out_of_stock"},
    ),
    "html table": (
        "<table><tr><th>违规编号</th><th>订单号</th><th>违规类型</th><th>处罚金额</th></tr>"
        f"<tr><td>90202611130207</td><td>{PDD}</td><td>虚假发货</td><td>20.00</td></tr></table>",
        {"violation_no": "90202611130207", "orders": [PDD], "type": "fake_shipment", "total": "20.00"},
    ),
    "html with style and script": (
        "<style>.违规编号{}</style><p>违规编号：90202611180031</p><p>违规类型：缺货</p><script>var 订单=1</script>",
        {"violation_no": "90202611180031", "type": "out_of_stock"},
    ),
    "xiaohongshu": (
        "小红书商家 违规处理通知\n店铺名称：绿叶女装\n违规类型：发货超时\n处罚单号：XHS20261118001\n"
        "违规订单号：P712345678901234567\n扣减违约金：￥10.00\n申诉时效：2026.11.25 23:59",
        {"platform": "xiaohongshu", "shop_name": "绿叶女装", "type": "late_shipment", "total": "10.00",
         "orders": ["P712345678901234567"], "due": "2026-11-25T23:59"},
    ),
    "jd": (
        "京东商家后台 违规通知\n违规单号：VC202611180001\n违规原因：虚假发货\n订单编号：300012345678\n"
        "运单：JD0123456789012\n申诉截止日期：2026-11-25",
        {"platform": "jd", "violation_no": "VC202611180001", "orders": ["300012345678"], "due": "2026-11-25T23:59"},
    ),
    "wechat": (
        "微信小店 违规处罚通知\n违规类型：延迟发货\n处罚时间：2026-11-18 10:00:00\n订单号：3712345678901234567\n"
        "处理结果：扣除保证金5元\n申诉入口剩余6天",
        {"platform": "wechat", "orders": ["3712345678901234567"], "total": "5.00", "noticed": "2026-11-18T10:00",
         "due": None},
    ),
    "taobao complaint": (
        "【淘宝】您有1笔交易被投诉违背承诺-延迟发货，订单编号：4012345678901234567，投诉编号：12345678901",
        {"platform": "taobao", "type": "late_shipment", "orders": ["4012345678901234567"], "total": None},
    ),
    "numbers beside orders": (
        "违规编号：90202611180031 违规类型：缺货 商品ID 611234567890 工单号 202611180099887766 联系电话 13812345678 "
        f"订单号 {PDD} 运单号 78912345678901 售后单号 20261109123456789",
        {"orders": [PDD], "waybills": ["78912345678901"], "violation_no": "90202611180031"},
    ),
    "two columns": (
        "违规编号 90202611180031          违规类型 虚假发货\n违规通知时间 2026-11-18 09:00      "
        "申诉截止时间 2026-11-21 18:00\n违规单量 5                      处罚金额 ¥1,500.00\n"
        "可申诉次数 2次                    剩余申诉次数 1次",
        {"claimed": 5, "total": "1500.00", "attempts_stated": 2, "left": 1, "due": "2026-11-21T18:00"},
    ),
    "broken in the middle": (
        "违规类型：虚假发\n货\n申诉截止时间：2026-11-\n21 18:00\n处罚金额：300\n.00元",
        {"type": "fake_shipment", "due": "2026-11-21T18:00", "total": "300.00"},
    ),
    "brackets in full width": (
        "违规编号【９０２０２６１１１８００３１】　违规类型【虚假发货】　申诉截止【２０２６／１１／２１　１８：００】　"
        "处罚金额【￥３００．００】",
        {"violation_no": "90202611180031", "due": "2026-11-21T18:00", "total": "300.00"},
    ),
    "ticket": (
        f"【催发货提醒】消费者催发货，订单号：{PDD}，请在6小时内处理。工单编号：GD202611180001",
        {"stage": "ticket", "violation_no": "GD202611180001", "due_kind": "ticket_reply",
         "estimate": "2026-11-18T18:00"},
    ),
    "labels in another order": (
        "处罚金额：60元；申诉截止时间：2026-11-21 18:00；违规类型：缺货；违规编号：90202611180031",
        {"total": "60.00", "due": "2026-11-21T18:00", "type": "out_of_stock", "violation_no": "90202611180031"},
    ),
    "chinese clock": (NO + "申诉截止时间：2026年11月20日18时30分", {"due": "2026-11-20T18:30"}),
    "afternoon": (NO + "申诉截止时间：11月20日 下午6点", {"due": "2026-11-20T18:00"}),
    "dots": (NO + "申诉截止时间：2026.11.20 18:30", {"due": "2026-11-20T18:30"}),
    "day alone": (NO + "申诉截止日期：2026/11/20", {"due": "2026-11-20T23:59"}),
    "before a time": (NO + "请于2026-11-20 18:00前提交申诉", {"due": "2026-11-20T18:00"}),
    "a range": (NO + "申诉有效期：2026-11-18 10:00 至 2026-11-21 10:00", {"due": "2026-11-21T10:00"}),
    "per order and count": (NO + "违规单量：7单\n每单扣款20元", {"each": "20.00", "claimed": 7, "total": "140.00"}),
    "sum in words": (NO + "扣款人民币陆佰元整", {"total": "600.00"}),
    "amount elsewhere": (NO + "处罚金额：以账单为准", {"total": None, "each": None}),
    "amount missing": (NO + "处罚金额：-", {"total": None}),
    "paid sum is no penalty": (NO + f"订单号：{PDD} 实付金额：99.00元", {"total": None}),
    "percent is no sum": (NO + "扣除订单金额的5%", {"total": None}),
    "count missing": (NO + f"订单号：{PDD}", {"claimed": None, "orders": [PDD]}),
    "points": (NO + "处罚措施：扣12分", {"points": 12}),
    "attempts": (NO + "您还可申诉1次", {"left": 1, "attempts_stated": None}),
    "phone is no number": ("违规类型：缺货\n联系电话：13812345678", {"violation_no": None, "orders": []}),
    "impossible date": (NO + "申诉截止时间：2026-13-45 25:99", {"due": None, "estimate": None}),
    "two types": ("违规编号：90202611180031\n缺货 判定为虚假发货，判定为延迟发货", {"type": None}),
}  # fmt: skip


@pytest.mark.parametrize("name", WORDINGS)
def test_wording_is_read_as_it_stands(name: str) -> None:
    text, expected = WORDINGS[name]
    found = read(text, pasted_at=PASTED)
    assert found["action"] == "open"
    (item,) = found["violations"]
    assert {key: field(item, key) for key in expected} == expected


@pytest.mark.parametrize(
    "text",
    [
        "【规则变更公告】《虚假发货管理规则》将于2026-12-01生效，违规每单扣款20元。",
        "恭喜您，店铺近7天无违规。",
        f"您好，订单 {PDD} 已由仓库发出，运单 YT8812345678901。",
        "<div>【大促报名】</div><div>有严重违规处罚记录的店铺不可报名</div>",
    ],
)
def test_what_is_no_violation_says_so(text: str) -> None:
    assert [piece.action for piece in read_many(text, pasted_at=PASTED)] == ["ignore"]


def test_notices_under_each_other_are_cut_with_their_answers_between() -> None:
    one = "违规编号：{no}\n违规类型：缺货\n\n处罚金额：5元"
    texts = [
        one.format(no="90202611180031"),
        "您的违规（违规编号：90202611180032）处罚已撤销。",
        one.format(no="90202611180033"),
    ]
    found = read_many("\n\n".join(texts), pasted_at=PASTED)
    assert [(piece.action, piece.violation["violation_no"][-2:]) for piece in found if piece.violation] == [
        ("open", "31"),
        ("update", "32"),
        ("open", "33"),
    ]
    assert [piece.text for piece in found] == texts


def test_ruled_lines_part_notices_without_numbers() -> None:
    text = "违规类型：缺货\n处罚金额：5元\n-----\n违规类型：延迟发货\n处罚金额：3元"
    found = [piece.violation["type"] for piece in read_many(text, pasted_at=PASTED) if piece.violation]
    assert found == ["out_of_stock", "late_shipment"]


def test_three_hundred_orders_are_read_at_once() -> None:
    text = NO + "违规单量：300单\n" + "\n".join(f"261107-9000000000{n:05}" for n in range(300))
    read(text)
    begun = time.process_time()
    assert len(read(text)["violations"][0]["orders"]["order_nos"]) == 300
    assert time.process_time() - begun < 0.6  # measured 0.1 s; three times the bar for a busy machine


@pytest.mark.parametrize(
    "junk", ["<div ", "申诉截止", "A：\t", "2026-", "&amp;", "剩余", "\n\n违规编号：1", "您的店铺「"]
)
def test_junk_takes_time_in_proportion_to_its_length(junk: str) -> None:
    def seconds(length: int) -> float:
        begun = time.process_time()
        read(junk * (length // len(junk)), pasted_at=PASTED)
        return time.process_time() - begun

    assert seconds(200_000) < 12 * max(seconds(50_000), 0.2)
