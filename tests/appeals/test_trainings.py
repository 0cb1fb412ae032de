"""Trainings: who was there, when they come again, one reminder a period, and the signed sheet or its gap."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from appeals import plan_page
from appeals.actions import plans, trainings
from appeals.models import Case, PlanAction, TrainingSession
from casemgr.kit.models import AuditEvent, Notification
from casemgr.kit.workflow import Refused, Stale
from stores.actions import reference
from tests.appeals import burst
from tests.appeals.cast import opened

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)


@pytest.fixture
def case(shop, handler) -> Case:
    return opened(shop, handler)


@pytest.fixture
def training(case, handler) -> PlanAction:
    values = {"title": "缺货处置培训", "owner_name": "店长", "due_on": timezone.localdate() + 3 * DAY}
    return plans.add(by=handler, case=case, **values, is_training=True, repeat_days=90)


def held(training: PlanAction, by, on: dt.date | None = None, **fields) -> TrainingSession:
    values = {"present": ["赵敏", "孙立"], "absent": ["王涛"], **fields}
    return trainings.record(by=by, action=training, held_on=on or timezone.localdate(), **values)


def test_names_are_taken_as_pasted_each_once_and_without_numbers(training, handler):
    session = held(training, handler, present=[" 赵敏 ", "", "赵敏", "孙立 13912345678"], absent=[])
    assert list(session.attendance.values_list("name", flat=True)) == sorted(["赵敏", "孙立 139******78"])


@pytest.mark.parametrize(
    "fields",
    [{"present": [" "]}, {"absent": ["赵敏"]}, {"on": timezone.localdate() + DAY}],
)
def test_training_without_names_with_one_on_both_lists_or_in_the_future_is_refused(training, handler, fields):
    with pytest.raises(Refused):
        held(training, handler, **fields)
    assert not TrainingSession.objects.exists()


def test_one_day_is_recorded_once_and_the_second_is_told_who_was_faster(training, handler, lead):
    held(training, lead)
    with pytest.raises(Stale, match="周砚"):
        held(training, handler)
    assert AuditEvent.objects.filter(action="training.record").count() == 1


def test_next_date_is_the_due_date_first_and_then_counts_from_the_last_time(training, handler):
    today = timezone.localdate()
    assert trainings.next_on(training, None) == today + 3 * DAY
    assert trainings.next_on(training, today) == today + 90 * DAY
    training.repeat_days = None
    assert trainings.next_on(training, today) is None


def told() -> list[tuple[str, str]]:
    return sorted(Notification.objects.filter(event="training").values_list("recipient__name", "url"))


def test_reminder_goes_to_owner_and_merchant_once_a_period(training, case, handler, owner):
    today = timezone.localdate()
    assert trainings.remind(today=today - 5 * DAY) == 0
    for _run in range(3):
        assert trainings.remind(today=today) == 1
    both = [("林晓岚", f"/cases/{case.code}/#plan"), ("陈叶", f"/m/cases/{case.code}/")]
    assert told() == both
    held(training, handler)
    assert trainings.remind(today=today) == 0
    trainings.remind(today=today + 85 * DAY)
    assert told() == sorted(both * 2)


def test_closed_case_is_reminded_of_what_was_handed_on_only(training, case, handler):
    Case.objects.filter(pk=case.pk).update(status="closed", outcome="withdrawn", closed_at=timezone.now())
    assert trainings.remind() == 0
    plans.hand_on(by=handler, action=training)
    assert trainings.remind() == 1


def test_missing_sheet_is_named_until_it_is_among_the_evidence(training, case, handler, as_):
    reference.load()
    session = held(training, handler)
    (row,) = plan_page.rows(case)
    assert [one.sheet for one in row.sessions] == [None]
    body = {"held_on": f"{session.held_on}", "declared_true": "on", "files": burst.upload("签到表.png")}
    browser = as_(handler)
    assert "缺签到表" in browser.get(f"/cases/{case.code}/").content.decode()
    browser.post(f"/cases/{case.code}/plan/{training.code}/sheet/", body)
    (row,) = plan_page.rows(case)
    assert [one.sheet for one in row.sessions] == [case.evidence.get(requirement__key="rectify_plan")]


def test_page_takes_pasted_lists(training, case, handler, as_):
    body = {"held_on": f"{timezone.localdate()}", "present": "赵敏\r\n孙立", "absent": "王涛"}
    as_(handler).post(f"/cases/{case.code}/plan/{training.code}/sessions/", body)
    (row,) = plan_page.rows(case)
    assert [(set(one.present), one.absent) for one in row.sessions] == [({"赵敏", "孙立"}, ["王涛"])]
