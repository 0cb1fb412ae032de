"""The plan of a filing, backwards from its deadline: its moments, the kept latest safe moment, being told once."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from appeals import plan_page
from appeals.actions import deadlines, evidence, moves
from appeals.deadline_plan import STEPS, Hours, Office, backward, done_count, safe_until
from appeals.models import Case, Deadline
from casemgr.kit.models import AuditEvent, Notification
from stores.actions import reference
from stores.models import EvidenceRequirement
from tests import make
from tests.appeals.cast import filing_in, opened

DUE = make.at("2026-11-25 18:00")  # a Wednesday
HOURS, EVERY_DAY = Hours(), Office()


def moments(due: dt.datetime, since: dt.datetime, office: Office = EVERY_DAY) -> dict[str, str]:
    found = backward(due, since=since, office=office, hours=HOURS)
    return {one.step: f"{one.by.astimezone(make.SHANGHAI):%d %H:%M}" for one in found}


def test_plan_counts_our_steps_in_office_hours_and_the_merchants_day_in_hours_of_the_clock():
    assert moments(DUE, make.at("2026-11-22 18:00")) == {
        "asked": "23 19:00",
        "evidence": "24 19:00",
        "text": "25 11:00",
        "review": "25 15:00",
        "filing": "25 16:00",
        "alarm": "25 17:00",
    }


@pytest.mark.parametrize(
    ("days", "filing"),
    [
        (None, "28 20:00"),  # an office that works every day: the evening before
        ({}, "27 20:00"),  # Saturday and Sunday are off
        ({dt.date(2026, 11, 28): True}, "28 20:00"),  # 调休: this Saturday is worked
        ({dt.date(2026, 11, 27): False}, "26 20:00"),  # a holiday on the Friday
    ],
)
def test_plan_keeps_days_off_and_make_up_days(days, filing):
    """Due on a Sunday at 10:00, of which the office has one hour where it works at all."""
    due = make.at("2026-11-29 10:00") if days is None else make.at("2026-11-29 09:00")
    assert (
        Office(days=days).before(due, 2 if days is None else 1).astimezone(make.SHANGHAI).strftime("%d %H:%M") == filing
    )


@pytest.mark.parametrize("window", [1, 6, 24, 30])
def test_short_window_is_shared_out_in_order_and_within_itself(window):
    since = DUE - dt.timedelta(hours=window)
    found = backward(DUE, since=since, office=EVERY_DAY, hours=HOURS)
    assert [one.step for one in found] == list(STEPS)
    assert [one.by for one in found] == sorted(one.by for one in found)
    assert since < found[0].by < found[-1].by < DUE


def test_window_while_the_office_is_closed_is_counted_around_the_clock():
    night = make.at("2026-11-25 05:00")
    found = backward(night, since=make.at("2026-11-24 23:00"), office=EVERY_DAY, hours=HOURS)
    assert make.at("2026-11-24 23:00") < found[0].by < found[1].by < found[4].by < night


@pytest.mark.parametrize(
    ("state", "filing", "has_evidence", "step"),
    [
        ("intake", "", False, "asked"),
        ("diagnosing", "", True, "asked"),
        ("preparing", "draft", False, "evidence"),
        ("preparing", "draft", True, "text"),
        ("reviewing", "in_review", True, "review"),
        ("reviewing", "approved", True, "filing"),
        ("reviewing", "filing", True, "alarm"),
        ("filed", "", True, "asked"),
    ],
)
def test_next_step_follows_the_state_of_case_and_filing(state, filing, has_evidence, step):
    assert STEPS[done_count(state, filing=filing, has_evidence=has_evidence)] == step


def test_nothing_is_left_once_it_is_filed():
    assert safe_until(backward(DUE, since=DUE - dt.timedelta(days=3), office=EVERY_DAY, hours=HOURS), 6) is None


# What is kept of it


@pytest.fixture
def now() -> dt.datetime:
    return make.at("2026-11-22 10:00")


@pytest.fixture
def case(now, shop, handler, lead) -> Case:
    with time_machine.travel(now, tick=False):
        return opened(shop, handler, orders=[make.order(shop)], due_in_hours=80)  # until the 25th, 18:00


def kept(case: Case) -> str:
    case.refresh_from_db()
    return f"{timezone.localtime(case.safe_until):%d %H:%M}" if case.safe_until else ""


def test_latest_safe_moment_moves_with_state_evidence_and_filing(case, handler, lead, now):
    with time_machine.travel(now + dt.timedelta(hours=1), tick=False):
        assert kept(case) == "23 19:00"
        moves.take_in(by=handler, case=case)
        Case.objects.filter(pk=case.pk).update(claimable_count=1)
        case.refresh_from_db()
        moves.diagnose(by=handler, case=case, root_cause="carrier", line_of_defence="carrier_fault")
        reference.load()
        Case.objects.filter(pk=case.pk).update(claimable_count=1)
        case.refresh_from_db()
        moves.start_preparing(by=handler, case=case)
        assert kept(case) == "24 19:00"
        for row in EvidenceRequirement.objects.filter(needs__line_of_defence="carrier_fault"):
            evidence.waive(by=lead, case=case, requirement=row, reason="不适用")
        assert kept(case) == "25 11:00"
        moves.close(by=handler, case=case, outcome="withdrawn", note="商家撤回")
        assert kept(case) == ""


def test_periodic_run_mends_what_settings_moved_and_writes_nothing_twice(case, shop, handler, settings, now):
    filing_in("approved", case, handler)
    Case.objects.filter(pk=case.pk).update(status="reviewing")
    assert deadlines.keep_all_safe() == 1
    assert kept(case) == "25 16:00"
    settings.CASE_PLAN_HOURS = {"filing": 4}
    assert (deadlines.keep_all_safe(), deadlines.keep_all_safe()) == (1, 0)
    assert kept(case) == "25 14:00"


def test_keeping_all_asks_the_same_number_of_questions_for_many_cases(
    case, shop, handler, now, django_assert_num_queries
):
    for _more in range(4):
        with time_machine.travel(now, tick=False):
            opened(shop, handler, due_in_hours=80)
    with django_assert_num_queries(4):  # cases, deadlines, filings, and no more cases
        deadlines.keep_all_safe()


def told(case: Case) -> list[str]:
    rows = Notification.objects.filter(key__contains=":late:", url=f"/cases/{case.code}/")
    return sorted(rows.values_list("recipient__name", flat=True))


def test_late_step_tells_owner_and_lead_once_for_each_due_time(case, handler, lead):
    before, after = make.at("2026-11-23 18:59"), make.at("2026-11-23 19:01")
    assert deadlines.watch(now=before)["late"] == 0
    assert (deadlines.watch(now=after)["late"], deadlines.watch(now=after)["late"]) == (1, 0)
    assert told(case) == ["周砚", "林晓岚"]
    assert AuditEvent.objects.get(action="deadline.late").after["step"] == "asked"
    # The console shows an earlier end: that is another plan, and being late against it is told anew.
    deadline = case.deadlines.get()
    deadlines.confirm(by=handler, deadline=deadline, due_at=deadline.due_at - dt.timedelta(hours=2))
    assert deadlines.watch(now=after)["late"] == 1
    assert told(case) == ["周砚", "周砚", "林晓岚", "林晓岚"]


def test_confirming_the_same_time_tells_nobody_again(case, handler, lead):
    after = make.at("2026-11-23 19:01")
    deadlines.watch(now=after)
    deadline = case.deadlines.get()
    deadlines.confirm(by=handler, deadline=deadline, due_at=deadline.due_at)
    assert deadlines.watch(now=after)["late"] == 0


def test_later_deadline_is_not_told_while_an_earlier_one_runs(case, handler, lead):
    Deadline.objects.create(case=case, kind="supplement", due_at=DUE + dt.timedelta(days=9), source="hand")
    after = make.at("2026-11-23 19:01")
    assert [deadlines.watch(now=after)["late"] for _run in range(3)] == [1, 0, 0]


def test_case_page_shows_the_plan_and_names_the_step_that_is_late(case, handler, as_):
    with time_machine.travel(make.at("2026-11-23 19:30"), tick=False):
        page = as_(handler).get(f"/cases/{case.code}/")
        assert page.context["filing_plan"]["late"]["label"] == plan_page.STEPS["asked"]
        assert [row["state"] for row in page.context["filing_plan"]["rows"]] == ["late", *["todo"] * 5]
        assert 'id="filing-plan"' in page.content.decode()


def test_today_puts_the_case_whose_next_step_is_nearest_first(case, shop, handler, as_, now):
    """Both are due at the same time, but the other one is further on: its next step can wait longer."""
    with time_machine.travel(now + dt.timedelta(hours=1), tick=False):
        other = opened(shop, handler, due_in_hours=79)
        filing_in("approved", other, handler)
        Case.objects.filter(pk=other.pk).update(status="reviewing")
        deadlines.keep_all_safe()
        rows = as_(handler).get("/today/").context["rows"]
    assert [row["case"] for row in rows] == [case, other]
    assert other.next_due_at == case.next_due_at
