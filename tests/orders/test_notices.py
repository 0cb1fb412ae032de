"""Pasted notices and answers are read as a careful person would; what a text does not say stays unknown."""

from __future__ import annotations

import json
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orders.notices import highlight, read, read_answer

MADE_UP = json.loads((Path(__file__).parent / "notices_made_up.json").read_text(encoding="utf-8"))
NOTICES = {row["id"]: row | {"text": "\n".join(row["text"])} for row in MADE_UP["notices"]}
ANSWERS = {row["id"]: row for row in MADE_UP["answers"]}
PASTED = datetime.fromisoformat("2026-11-20T12:00:00+08:00")
NUMBER = "违规编号：90202611180031  违规类型：缺货  "
NOTICED = "违规通知时间：2026-11-18 10:00:00  "


def violation(text: str, **around: Any) -> dict[str, Any]:
    """The only violation of a text, pasted on 20 November 2026 at noon unless told otherwise."""
    result = read(text, **({"pasted_at": PASTED} | around))
    assert result["action"] == "open"
    (found,) = result["violations"]
    return found


def appeal(text: str, **around: Any) -> dict[str, Any]:
    """The appeal deadline of a text."""
    (found,) = [item for item in violation(text, **around)["deadlines"] if item["kind"] == "appeal"]
    return found


@pytest.mark.parametrize("name", NOTICES)
@pytest.mark.parametrize("is_platform_known", [True, False])
def test_made_up_notice_is_read_exactly(name: str, is_platform_known: bool) -> None:
    row = NOTICES[name]
    platform = row["platform"] if is_platform_known else None
    pasted_at = datetime.fromisoformat(row["pasted_at"])
    assert read(row["text"], platform=platform, pasted_at=pasted_at) == row["expected"]


@pytest.mark.parametrize("name", ANSWERS)
def test_made_up_answer_is_read_exactly(name: str) -> None:
    assert read_answer(ANSWERS[name]["text"]) == ANSWERS[name]["expected"]


@pytest.mark.parametrize(
    ("wording", "due_at"),
    [
        ("申诉截止时间：2026-11-21 24:00", "2026-11-22T00:00:00+08:00"),
        ("申诉截止时间：2026-11-21 24:00:00", "2026-11-22T00:00:00+08:00"),
        ("申诉截止时间：2026年11月21日24时", "2026-11-22T00:00:00+08:00"),
        ("申诉截止时间：26-11-21 18:00", "2026-11-21T18:00:00+08:00"),
        ("申诉截止时间：26/11/21 18:00", "2026-11-21T18:00:00+08:00"),
        ("申诉截止时间：2026/11/21 18:00:05", "2026-11-21T18:00:05+08:00"),
        ("申诉截止时间：2026.11.21 18:00", "2026-11-21T18:00:00+08:00"),
        ("申诉截止时间\n2026-11-21 18:00", "2026-11-21T18:00:00+08:00"),
        ("申诉截止时间\t2026-11-21 18:00", "2026-11-21T18:00:00+08:00"),
        ("申 诉 截 止 时 间：2026-11-21 18:00", "2026-11-21T18:00:00+08:00"),
        ("申诉 截止时间 ：2026-11-21\n18:00", "2026-11-21T18:00:00+08:00"),
        ("申诉截止时间：２０２６－１１－２１　１８：００", "2026-11-21T18:00:00+08:00"),
        ("申诉截至时间：2026-11-21 18:00", "2026-11-21T18:00:00+08:00"),
        ("申述截止时间：2026-11-21 18:00", "2026-11-21T18:00:00+08:00"),
        ("申诉截止时间为2026-11-21 18:00", "2026-11-21T18:00:00+08:00"),
        ("申诉截止时间：1795255200000", "2026-11-21T18:00:00+08:00"),
        ("申诉截止时间：1795255200", "2026-11-21T18:00:00+08:00"),
        ("申诉截止时间：2026-11-21T10:00:00Z", "2026-11-21T18:00:00+08:00"),
        ("申诉有效期：2026-11-18 10:00 至 2026-11-21 18:00", "2026-11-21T18:00:00+08:00"),
        ("请于2026年11月21日 下午6点前提交申诉", "2026-11-21T18:00:00+08:00"),
        ("如有异议请于11月21日18时前提交材料", "2026-11-21T18:00:00+08:00"),
        ("您可申诉至2026-11-21 18:00", "2026-11-21T18:00:00+08:00"),
        ("2026-11-21 18:00:00时自动同意", "2026-11-21T18:00:00+08:00"),
    ],
)
def test_written_deadline_is_read_in_any_form(wording: str, due_at: str) -> None:
    found = appeal(NUMBER + NOTICED + "\n" + wording)
    assert (found["rule"], found["due_at"], found["needs_person"]) == ("absolute", due_at, False)


@pytest.mark.parametrize(
    "wording", ["申诉截止日期：2026-11-21", "申诉截止时间：2026年11月21日", "请于26-11-21前提交申诉"]
)
def test_deadline_without_a_clock_ends_with_its_day_and_is_marked(wording: str) -> None:
    found = appeal(NUMBER + NOTICED + "\n" + wording)
    assert (found["due_at"], found["needs_person"]) == ("2026-11-21T23:59:59+08:00", True)
    assert found["note"] == "date only: read as 23:59:59"


@pytest.mark.parametrize(
    "wording",
    [
        "申诉截止时间：2026-02-30 10:00",
        "申诉截止时间：2026-11-21 25:00",
        "申诉截止时间：2026-13-01 10:00",
        "申诉截止时间：-",
    ],
)
def test_impossible_time_is_no_due_time(wording: str) -> None:
    assert appeal(NUMBER + NOTICED + "\n" + wording)["due_at"] is None


def test_deadline_without_year_follows_the_notice_over_new_year() -> None:
    text = "违规编号：90202612300031 违规类型：缺货 通知时间：2026-12-30 10:00\n请于1月2日18时前提交申诉"
    assert appeal(text)["due_at"] == "2027-01-02T18:00:00+08:00"


@pytest.mark.parametrize(
    ("wording", "remaining", "estimate"),
    [
        ("剩余申诉时间：2天3小时", "P2DT3H", "2026-11-22T15:00:00+08:00"),
        ("剩余申诉时间：２天３小时", "P2DT3H", "2026-11-22T15:00:00+08:00"),
        ("剩余申诉时间\n2天3小时", "P2DT3H", "2026-11-22T15:00:00+08:00"),
        ("申诉剩余时间：51小时", "P2DT3H", "2026-11-22T15:00:00+08:00"),
        ("剩余申诉时间：51:00:00", "P2DT3H", "2026-11-22T15:00:00+08:00"),
        ("剩余申诉时间：2天 03:00:00", "P2DT3H", "2026-11-22T15:00:00+08:00"),
        ("剩余申诉时间：183600000", "P2DT3H", "2026-11-22T15:00:00+08:00"),
        ("剩余申诉时间：183600000毫秒", "P2DT3H", "2026-11-22T15:00:00+08:00"),
        ("距申诉截止还剩2天3小时", "P2DT3H", "2026-11-22T15:00:00+08:00"),
        ("还剩2天3小时可申诉", "P2DT3H", "2026-11-22T15:00:00+08:00"),
        ("剩余申诉时间：58分12秒", "PT58M12S", "2026-11-20T12:58:12+08:00"),
    ],
)
def test_countdown_is_an_estimate_until_the_capture_is_known(wording: str, remaining: str, estimate: str) -> None:
    text = NUMBER + NOTICED + "\n" + wording
    found = appeal(text)
    assert (found["rule"], found["remaining"], found["due_at"], found["estimate_due_at"], found["needs_person"]) == (
        "countdown",
        remaining,
        None,
        estimate,
        True,
    )
    captured = appeal(text, captured_at=PASTED.astimezone(UTC))
    assert (captured["due_at"], captured["needs_person"], "estimate_due_at" in captured) == (estimate, False, False)


@pytest.mark.parametrize(
    ("wording", "rule", "due_at", "needs_person"),
    [
        ("请在收到通知后72小时内提交申诉", "hours_after_receipt", "2026-11-21T10:00:00+08:00", False),
        ("请自收到本通知之时起72小时内提交申诉凭证", "hours_after_receipt", "2026-11-21T10:00:00+08:00", False),
        ("请于通知下发后 72 小时内在后台提交申诉", "hours_after_receipt", "2026-11-21T10:00:00+08:00", False),
        ("请在72小时内提交申诉", "hours_after_receipt", "2026-11-21T10:00:00+08:00", True),
        ("申诉有效期：72小时", "hours_after_receipt", "2026-11-21T10:00:00+08:00", True),
        ("请在收到通知之日起3天内发起申诉", "days_after_notice", "2026-11-21T10:00:00+08:00", True),
        ("如有异议，请于3日内举证", "days_after_notice", "2026-11-21T10:00:00+08:00", True),
        ("如有异议，请于三个自然日内申诉", "days_after_notice", "2026-11-21T10:00:00+08:00", True),
        ("您可在3个工作日内发起申诉", "working_days_after_notice", "2026-11-23T23:59:59+08:00", True),
        ("请于收到通知之日起三个工作日内提交申诉", "working_days_after_notice", "2026-11-23T23:59:59+08:00", True),
        ("请在3个工作日内（含当日）提交申诉", "working_days_after_notice", "2026-11-20T23:59:59+08:00", True),
    ],
)
def test_window_counts_from_the_notice(wording: str, rule: str, due_at: str, needs_person: bool) -> None:
    found = appeal(NUMBER + NOTICED + "\n" + wording)
    assert (found["rule"], found["due_at"], found["needs_person"]) == (rule, due_at, needs_person)


def test_working_days_follow_the_calendar_given() -> None:
    text = NUMBER + "违规通知时间：2026-09-24 10:00\n您可在3个工作日内发起申诉"
    holidays = {date(2026, 9, 25): False, date(2026, 9, 27): True}
    assert appeal(text)["due_at"] == "2026-09-29T23:59:59+08:00"
    assert appeal(text, holidays=holidays)["due_at"] == "2026-09-29T23:59:59+08:00"
    assert appeal(text, holidays={date(2026, 9, 25): False})["due_at"] == "2026-09-30T23:59:59+08:00"


@pytest.mark.parametrize(
    "wording",
    [
        "平台将在3个工作日内审核",
        "款项将于3个工作日内退回",
        "上传单号后24小时内无揽收记录",
        "请在48小时内发货",
        "违约金将在72小时内到账",
    ],
)
def test_window_of_somebody_else_is_no_deadline_of_the_shop(wording: str) -> None:
    assert appeal(NUMBER + NOTICED + "\n" + wording)["source"] == "policy"


def test_window_without_a_notice_time_is_an_estimate_from_the_pasting() -> None:
    found = appeal(NUMBER + "\n请在收到通知后72小时内提交申诉")
    assert (found["due_at"], found["estimate_due_at"], found["estimate_source"]) == (
        None,
        "2026-11-23T12:00:00+08:00",
        "estimated",
    )


def test_of_two_deadlines_the_earlier_is_kept_and_a_person_asked() -> None:
    found = appeal(
        NUMBER + NOTICED + "\n申诉截止时间：2026-11-21 24:00\n请于2026-11-20 18:00前提交申诉，逾期不予受理。"
    )
    assert (found["due_at"], found["needs_person"]) == ("2026-11-20T18:00:00+08:00", True)


def test_of_two_notice_times_none_is_taken_and_windows_count_from_the_earlier() -> None:
    text = "违规编号：90202611180031 违规类型：缺货 通知时间：2026-11-18 10:00 违规通知时间：2026-11-17 10:00\n请在收到通知后72小时内申诉"
    assert violation(text)["noticed_at"] is None
    assert appeal(text)["estimate_due_at"] == "2026-11-20T10:00:00+08:00"


@pytest.mark.parametrize(
    "text",
    [
        "虚假发货\n违规编号：90202611180031 违规类型：缺货",
        "违规编号：90202611180031 违规类型：虚假发货、延迟发货",
        "违规编号：90202611180031\n经核实，您的订单存在虚假发货与缺货。",
        "违规编号：90202611180031\n请尽快处理。",
    ],
)
def test_kind_that_is_said_twice_or_not_at_all_is_unknown(text: str) -> None:
    assert violation(text)["type"] is None


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


def test_notices_pasted_one_under_the_other_are_told_apart() -> None:
    text = (
        "虚假发货\n违规编号：90202611180031\n通知时间：2026-11-18 10:00\n处罚金额：20元\n\n"
        "延迟发货\n违规编号：90202611180032\n通知时间：2026-11-18 11:00\n处罚金额：3元"
    )
    found = read(text)["violations"]
    assert [(item["violation_no"], item["type"], item["amounts"]["total"]) for item in found] == [
        ("90202611180031", "fake_shipment", "20.00"),
        ("90202611180032", "late_shipment", "3.00"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "您的店铺近30天无违规记录，请继续保持，虚假发货率0%。",
        "平台规则升级公告：自2026年12月1日起，虚假发货处罚金额调整为每单50元，延迟发货每单5元。请各位商家知悉。",
        "【课程通知】如何避免虚假发货？3节课带你了解平台规则，报名截止时间：2026-11-30 18:00。",
        "关于《虚假发货规则》修订的公告\n平台将于2026-12-01起执行新的虚假发货规则，请在48小时内发货。",
        "为保障消费者权益，请您的店铺避免虚假发货、延迟发货，如有违规将按规则扣除违约金。",
        "上周您的店铺延迟发货率2%，缺货率1%，整体表现良好。",
        "您的店铺保证金不足，请于2026-11-30前补缴保证金1000元。",
        "亲，订单261109-900000000000101的买家催发货，请尽快发货。",
        "【大促报名】有严重违规处罚记录的店铺不可报名，保证金1000元可退。",
        "您的订单261109-900000000000101已签收。",
        "",
        "   \n\t ",
    ],
)
def test_text_that_accuses_nobody_is_ignored(text: str) -> None:
    assert read(text) == {"is_violation": False, "action": "ignore", "violations": []}


@pytest.mark.parametrize(
    ("text", "result", "stage"),
    [
        ("处罚撤销通知：您的违规单（违规编号：90202611130207）已撤销，已扣违约金140元将退回。", "accepted", "revoked"),
        ("违规编号90202611130207申诉审核结果：驳回。原因：凭证不足。", "rejected", None),
        ("您有1条违规状态更新为申诉失败，违规单编号《90202611130207》。", "rejected", None),
        ("您的申诉（违规编号90202611130207）需在48小时内补充物流凭证。", "more_wanted", None),
    ],
)
def test_decision_about_a_known_violation_is_an_update(text: str, result: str, stage: str | None) -> None:
    found = read(text)
    (item,) = found["violations"]
    assert (found["action"], item["violation_no"], item["answer"]["result"], item["stage"]) == (
        "update",
        "90202611130207",
        result,
        stage,
    )


def test_update_keeps_the_count_and_the_sum_from_before_where_the_text_gives_them() -> None:
    text = "违规单编号《90202611180031》状态更新为申诉部分成功，处罚金额由3,000.00元更新为700.00元，31笔订单中24笔撤销，其余7笔维持，违规单量由31单变更为7单。"
    (item,) = read(text)["violations"]
    assert (item["amounts"]["total"], item["amounts"]["total_before"]) == ("700.00", "3000.00")
    orders = item["orders"]
    assert (orders["claimed"], orders["claimed_at_first"], orders["revoked"], orders["upheld"]) == (7, 31, 24, 7)


@pytest.mark.parametrize(
    ("text", "result", "code"),
    [
        ("恭喜，您的申诉成功，处罚已撤销。", "accepted", None),
        ("审核通过，处罚已取消。", "accepted", None),
        ("申诉部分成功：24笔通过，7笔维持原判。", "partly_accepted", "partly"),
        ("31单中，24单撤销处罚，7单维持。", "partly_accepted", "partly"),
        ("申诉结果：不成立。截图不清晰，看不清单号。", "rejected", "evidence_unclear"),
        ("申诉未通过，缺少揽收凭证。", "rejected", "evidence_missing"),
        ("证据不足，申诉驳回，请补充凭证后再次申诉。", "rejected", "evidence_missing"),
        ("申诉不通过，凭证非本次违规订单。", "rejected", "not_relevant"),
        ("已过申诉有效期，无法申诉。", "rejected", "out_of_time"),
        ("经复核判定无误，维持原判。", "rejected", "facts_stand"),
        ("审核不通过", "rejected", "no_reason"),
        ("申诉驳回，如有新凭证，请在3个工作日内再次申诉。", "rejected", "no_reason"),
        ("申诉失败，原因：商家责任导致延迟。", "rejected", None),
        ("当前状态：待完善资料", "more_wanted", "evidence_missing"),
        ("附件超出大小限制，申诉未受理，请重新上传。", "void", None),
        ("您的申诉已处理完成。", None, None),
        ("申诉完结", None, None),
        ("您的申诉已提交，平台将在3个工作日内审核。", None, None),
    ],
)
def test_answer_says_what_it_says_and_no_more(text: str, result: str | None, code: str | None) -> None:
    answer = read_answer(text)
    assert (answer["result"], answer["code"]) == (result, code)


def test_answer_is_due_from_its_receipt() -> None:
    text = "请您在24小时内补充发货凭证，本次补充不计入申诉次数。"
    answer = read_answer(text, received_at=PASTED)
    assert (answer["due_text"], answer["due_at"], answer["spends_attempt"]) == (
        "24小时内",
        "2026-11-21T12:00:00+08:00",
        False,
    )
    assert "due_at" not in read_answer(text)


@pytest.mark.parametrize(
    ("text", "platform"),
    [
        ("抖店商家：判罚单号902026111234，违规类型：缺货", "douyin"),
        ("小红书商家您好，违规编号：90202611180031 违规类型：缺货", "xiaohongshu"),
        ("京东：处罚编号：90202611180031 违规类型：缺货", "jd"),
        ("违规编号：90202611180031 违规类型：缺货 订单号：PO-211-00000000000001", "temu"),
        ("违规编号：90202611180031 违规类型：缺货 订单261109-900000000000101", "pinduoduo"),
        ("违规编号：90202611180031 违规类型：缺货", None),
        ("淘宝或拼多多店铺违规编号：90202611180031 违规类型：缺货", None),
    ],
)
def test_platform_is_told_from_the_text_or_left_open(text: str, platform: str | None) -> None:
    assert violation(text)["platform"] == platform


def test_highlight_gives_places_in_the_text_as_pasted() -> None:
    text = "违 规 单 号：\r\n９０２０２６１１１８００３１\r\n违规类型：虚假发\r\n货  违规单量：３单\r\n申诉截止时间：2026-11-21 24:00"
    found = {item["field"]: item["text"] for item in highlight(text)}
    assert found == {
        "violation_no": "９０２０２６１１１８００３１",
        "type": "虚假发\r\n货",
        "orders": "３",
        "deadlines": "申诉截止时间：2026-11-21 24:00",
    }


@pytest.mark.parametrize("name", NOTICES)
def test_highlight_of_every_notice_lies_in_its_text(name: str) -> None:
    text = NOTICES[name]["text"]
    marks = highlight(text, platform=NOTICES[name]["platform"])
    assert bool(marks) == NOTICES[name]["expected"]["is_violation"]
    assert all(text[mark["start"] : mark["end"]] == mark["text"] != "" for mark in marks)


FRAGMENTS = st.sampled_from(
    [
        fragment
        for row in NOTICES.values()
        for line in row["text"].split("\n")
        for fragment in (line, line[:9], line[-7:])
    ]
    + [
        "\n",
        "：",
        "剩余",
        "9999天",
        "前",
        "2026-02-30 10:00",
        "99:99",
        "99999999999999999999",
        "1.5万元",
        "\t",
        "每单",
        "合计",
        "\u200b",
    ]
)


@settings(max_examples=200, deadline=None)
@given(text=st.one_of(st.text(), st.lists(FRAGMENTS, max_size=12).map("".join)), pasted_at=st.none() | st.datetimes())
def test_any_text_gives_a_result_and_never_raises(text: str, pasted_at: datetime | None) -> None:
    result = read(text, pasted_at=pasted_at, captured_at=pasted_at)
    assert json.loads(json.dumps(result)) == result
    assert set(result) == {"is_violation", "action", "violations"}
    assert set(read_answer(text)) >= {"result", "code", "spends_attempt"}
    assert all(text[mark["start"] : mark["end"]] == mark["text"] for mark in highlight(text))


def test_three_hundred_orders_are_read_in_a_fifth_of_a_second() -> None:
    numbers = [f"261109-9{place:014d}" for place in range(300)]
    text = (
        NUMBER
        + NOTICED
        + "违规单量：300单\n"
        + "、".join(f"{number}（快递单号JT{place:013d}）" for place, number in enumerate(numbers))
    )
    read(text)
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        named = read(text)["violations"][0]["orders"]["named"]
        seconds.append(time.perf_counter() - start)
    assert named == 300
    assert min(seconds) < 0.2
