"""Deadlines of notices in any wording; what is not certain asks a person."""

from __future__ import annotations

from datetime import UTC, date

import pytest

from tests.orders.notice_cases import NOTICED, NUMBER, PASTED, appeal, violation


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
    text = NUMBER + "通知时间：2026-11-18 10:00 违规通知时间：2026-11-17 10:00\n请在收到通知后72小时内申诉"
    assert violation(text)["noticed_at"] is None
    assert appeal(text)["estimate_due_at"] == "2026-11-20T10:00:00+08:00"
