"""Number, kind, stage, money, attempts and measures of a notice; two readings that differ give none."""

from __future__ import annotations

import pytest

from tests.orders.notice_cases import NOTICED, NUMBER, violation


@pytest.mark.parametrize(
    "text",
    [
        "虚假发货\n违规编号：90202611180031 违规类型：缺货",
        "违规编号：90202611180031 违规类型：虚假发货、延迟发货",
        "关于虚假发货违规的通知\n违规编号：90202611180031\n平台判定为欺诈发货。",
        "违规编号：90202611180031\n经核实，您的订单存在虚假发货与缺货。",
        "违规编号：90202611180031\n请尽快处理。",
    ],
)
def test_kind_that_is_said_twice_or_not_at_all_is_unknown(text: str) -> None:
    assert violation(text)["type"] is None


def test_two_totals_that_differ_give_none() -> None:
    amounts = violation(NUMBER + "处罚金额：140元\n处罚措施：扣除违约金120元")["amounts"]
    assert (amounts["total"], amounts["total_basis"]) == (None, "unknown")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("违规编号：90202611180031 违规类型：缺货", "90202611180031"),
        ("违规编号\n90202611180031\n违规类型\n缺货", "90202611180031"),
        ("违 规 单 号：\n９０２０２６１１１８００３１\n违规类型：缺货", "90202611180031"),
        ("违规单号：90202611\n180031\n违规类型：缺货", "90202611180031"),
        ("判罚单号 90202611180031  违规类型 缺货", "90202611180031"),
        ("违规编码：WG20261118000123，请尽快申诉。违规类型：缺货", "WG20261118000123"),
        ("您的违规单编号《90202611180031》判定为缺货。", "90202611180031"),
        ("处罚编号为90202611180031，因缺货被处罚。", "90202611180031"),
        ("本次违规编号：90202611180031 违规类型：缺货", "90202611180031"),
        ("违规\u200b编号：\ufeff90202611180031\u00a0违规类型：缺货", "90202611180031"),
        ("申诉编号：778899001122 违规类型：缺货", None),
        ("违规编号：- 违规类型：缺货", None),
        ("违规编号：9020**80031 违规类型：缺货", None),
        ("违规编号：90202611180031 违规单号：90202611180999 违规类型：缺货", None),
        ("您的店铺存在缺货行为，请尽快处理。", None),
    ],
)
def test_number_is_read_from_its_label_only(text: str, number: str | None) -> None:
    found = violation(text)
    assert (found["violation_no"], found["type"]) == (number, "out_of_stock")


@pytest.mark.parametrize(
    ("wording", "kind"),
    [
        ("违规类型：虚假发\n货", "fake_shipment"),
        ("违规类型：虚 假 发 货", "fake_shipment"),
        ("违规类型：疑似虚假发货", "fake_shipment"),
        ("违规原因：因订单存在发货后48小时未揽收问题", "transit_timeout"),
        ("违规内容：揽收后24小时无分拨记录", "transit_timeout"),
        ("平台判定为缺货，商品无法发货。", "out_of_stock"),
        ("违规类型：商家虚假交易违规", "false_transaction"),
        ("违规类型：欺诈发货（空包裹）", "fraud_shipment"),
        ("物流异常处理通知：您的订单中转超时", "transit_timeout"),
        ("违规类型：延迟到货", "late_shipment"),
        ("违规类型：物流轨迹异常", "abnormal_tracking"),
        ("违规类型：开票超时", None),
    ],
)
def test_kind_is_the_longest_word_that_says_most(wording: str, kind: str | None) -> None:
    assert violation("违规编号：90202611180031\n" + wording)["type"] == kind


def test_kind_of_a_word_can_differ_by_platform() -> None:
    text = "违规编号：90202611180031 违规类型：虚假轨迹"
    assert violation(text, platform="pinduoduo")["type"] == "fake_shipment"
    assert violation(text, platform="taobao")["type"] == "abnormal_tracking"


@pytest.mark.parametrize(
    ("wording", "stage"),
    [
        ("当前状态：生效", "in_force"),
        ("处罚状态：已处罚", "in_force"),
        ("状态：待生效", "proposed"),
        ("处罚状态：公示中", "proposed"),
        ("当前进度：待申诉", "proposed"),
        ("当前进度：待申诉\n违约金已从货款中扣除", "in_force"),
        ("状态：已处理", None),
        ("状态：已处理\n违约金140元，已从商家账户扣除。", "in_force"),
        ("状态：已撤销", "revoked"),
        ("当前进度：申诉成功", "revoked"),
        ("当前进度：申诉失败", "in_force"),
        ("逾期未申诉或申诉不成立，将扣除保证金100元。", "proposed"),
        ("处罚将于2026-11-22 10:00生效。", "proposed"),
        ("处理结果：扣2分；搜索降权7天", "in_force"),
        ("当前进度：申诉完结", None),
    ],
)
def test_stage_follows_facts_before_words(wording: str, stage: str | None) -> None:
    assert violation(NUMBER + NOTICED + "\n" + wording)["stage"] == stage


def test_warning_has_no_total_because_nobody_knows_how_many_will_be_late() -> None:
    found = violation("【预警】您有8笔订单即将超时，最早一单将于2026-11-20 22:00超时。超时将按每单3元赔付消费者。")
    assert (found["stage"], found["orders"]["claimed"]) == ("warning", 8)
    assert found["amounts"] == {
        "per_order": "3.00",
        "total": None,
        "total_basis": "unknown",
        "currency": "CNY",
        "conditional": True,
    }


@pytest.mark.parametrize(
    ("wording", "per_order", "total", "basis"),
    [
        ("处罚金额：3,000.00元", None, "3000.00", "stated"),
        ("处罚金额：３，０００．００元", None, "3000.00", "stated"),
        ("处罚金额：￥3000", None, "3000.00", "stated"),
        ("处罚金额(元)：3000.5", None, "3000.50", "stated"),
        ("处罚金额\n3000\n", None, "3000.00", "stated"),
        ("处罚金额为3000元", None, "3000.00", "stated"),
        ("处罚金额：1.5万元", None, "15000.00", "stated"),
        ("处罚措施：扣除保证金2万元，冻结货款500元", None, "20000.00", "stated"),
        ("违规单量：12单\n扣除违约金20元/单，共计240元", "20.00", "240.00", "stated"),
        ("违规单量：12单\n扣除违约金，每单20元", "20.00", "240.00", "computed"),
        ("涉及订单共十二单，扣除违约金每单二十元", "20.00", "240.00", "computed"),
        ("扣除违约金每单20元", "20.00", None, "unknown"),
        ("处罚措施：1、扣除违约金140元 2、赔付消费者60元", None, "200.00", "computed"),
        ("处罚金额：-", None, None, "unknown"),
        ("处罚金额：以实际扣款为准", None, None, "unknown"),
        ("订单金额：￥89.00 实付金额：80元", None, None, "unknown"),
        ("处罚措施：冻结货款500元", None, None, "unknown"),
        ("预估违规金额：100元 减免后违规金额：80元", None, "80.00", "stated"),
    ],
)
def test_money_is_stated_computed_or_unknown(
    wording: str, per_order: str | None, total: str | None, basis: str
) -> None:
    amounts = violation(NUMBER + "\n" + wording)["amounts"]
    assert (amounts["per_order"], amounts["total"], amounts["total_basis"]) == (per_order, total, basis)


@pytest.mark.parametrize(
    ("wording", "stated", "left"),
    [
        ("可申诉次数：2", 2, None),
        ("可申诉次数：2次", 2, None),
        ("限申诉1次", 1, None),
        ("您可在3个工作日内发起申诉，限1次", 1, None),
        ("申诉机会共 2 次", 2, None),
        ("仅可申诉一次", 1, None),
        ("最多可申诉两次", 2, None),
        ("剩余申诉次数：1", None, 1),
        ("还可申诉1次", None, 1),
        ("可申诉次数：2 剩余申诉次数：1", 2, 1),
        ("已申诉1次", None, None),
        ("可申诉次数：-", None, None),
    ],
)
def test_attempts_left_are_not_the_total(wording: str, stated: int | None, left: int | None) -> None:
    found = violation(NUMBER + "\n" + wording)
    assert (found["attempts_stated"], found.get("attempts_left")) == (stated, left)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        (
            "处罚措施：1、扣除保证金100元 2、搜索降权7天 3、限制活动30天",
            ["deposit_deduction", "search_demotion", "promotion_ban"],
        ),
        ("处罚措施：①搜索降权②限制参加营销活动③扣违规积分12分", ["search_demotion", "promotion_ban", "points"]),
        ("处罚措施\n1.扣除违约金100元\n2.商品下架\n3.限制发布商品", ["fine", "item_removed", "listing_ban"]),
        ("处罚内容：扣2分、删除涉及商品销量、搜索降权30天", ["points", "sales_removed", "search_demotion"]),
        ("处理结果：冻结货款200元；限制提现；予以警告", ["funds_hold", "funds_hold", "warning"]),
        ("处罚结果：赔付消费者30元，搜索降权7天", ["compensation", "search_demotion"]),
        ("处罚措施：约谈店铺负责人", []),
        ("处罚措施：1、约谈店铺负责人 2、扣除违约金100元", ["other", "fine"]),
        ("已对您的店铺扣除违约金100元，并限制报名营销活动7天。", ["fine", "promotion_ban"]),
        ("如有疑问请提交赔付凭证，处罚已撤销。", []),
    ],
)
def test_each_measure_is_a_line_of_its_own(text: str, kinds: list[str]) -> None:
    assert [measure["kind"] for measure in violation(NUMBER + "\n" + text)["measures"]] == kinds


def test_measure_keeps_its_days_points_and_period() -> None:
    text = NUMBER + "\n处罚措施：搜索降权（2026-11-18至2026-11-25）；限制活动30天；扣12分"
    demotion, ban, points = violation(text)["measures"]
    assert (demotion["text"], demotion["starts_at"], demotion["ends_at"]) == (
        "搜索降权",
        "2026-11-18T00:00:00+08:00",
        "2026-11-25T23:59:59+08:00",
    )
    assert (ban["days"], points["points"]) == (30, 12)
