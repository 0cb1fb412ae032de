"""The rectification plan: figures before and after, who confirms them, and what a merchant and retention see of it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone

from appeals import plan_page
from appeals.actions import plans, retention, trainings
from appeals.models import Case, PlanAction
from casemgr.kit.models import AuditEvent, Notification
from casemgr.kit.workflow import Refused
from stores.models import Store
from tests import make
from tests.appeals.cast import opened

NOTICED = make.at("2026-11-10 10:00")
DAY = dt.timedelta(days=1)


@pytest.fixture
def case(shop, handler) -> Case:
    """A violation of the 10th. In the two weeks before, 15 of 20 orders shipped in time; afterwards 24 of 25."""
    for late, at, count in (
        (False, NOTICED - DAY, 15),
        (True, NOTICED - DAY, 5),
        (False, NOTICED + 3 * DAY, 24),
        (True, NOTICED + 3 * DAY, 1),
        (True, NOTICED - 15 * DAY, 30),  # before the window before
    ):
        for _order in range(count):
            make.order(shop, ship_by=at, shipped_at=at + (DAY if late else -DAY), fulfilment="shipped")
    with time_machine.travel(NOTICED, tick=False):
        return opened(shop, handler, key="late_shipment")


@pytest.fixture
def action(case, handler) -> PlanAction:
    with time_machine.travel(NOTICED + DAY, tick=False):
        values = {"title": "按最晚发货时间排单", "owner_name": "仓库主管", "due_on": NOTICED.date()}
        made = plans.add(by=handler, case=case, **values, metric_key="shipped_in_time")
        for to in ("doing", "done"):
            plans.move(by=handler, action=made, to=to)
    return made


def test_figure_before_is_measured_when_the_action_is_added(action):
    assert (action.before_value, action.before_base) == (Decimal("75.00"), 20)
    assert AuditEvent.objects.get(action="plan.add").after["before_value"] == "75.00"


def test_daily_run_measures_once_when_the_days_are_over_and_decides_nothing(action, handler):
    done = NOTICED + DAY
    assert plans.measure_due(now=done + 14 * DAY - dt.timedelta(seconds=1)) == 0
    with time_machine.travel(done + 14 * DAY, tick=False):
        assert (plans.measure_due(), plans.measure_due()) == (1, 0)
    action.refresh_from_db()
    assert (action.after_value, action.after_base, action.status) == (Decimal("96.00"), 25, "done")
    told = Notification.objects.get(event="plan")
    assert (told.recipient, told.values["title"]) == (handler, action.title)


def test_person_measures_again_after_a_late_import_but_not_too_early(action, handler, shop):
    with time_machine.travel(NOTICED + 2 * DAY, tick=False), pytest.raises(Refused):
        plans.measure(by=handler, action=action)
    with time_machine.travel(NOTICED + 16 * DAY, tick=False):
        plans.measure_due()
        action.refresh_from_db()
        make.order(shop, ship_by=NOTICED + 4 * DAY, fulfilment="unshipped")
        assert plans.measure(by=handler, action=action)
    assert (action.after_value, action.after_base) == (Decimal("92.31"), 26)
    assert AuditEvent.objects.filter(action="plan.measure").count() == 2


def test_two_who_measure_at_once_write_one(action, handler):
    with time_machine.travel(NOTICED + 16 * DAY, tick=False):
        other = PlanAction.objects.select_related("case__store").get(pk=action.pk)
        assert plans.measure(by=handler, action=action)
        assert not plans.measure(by=handler, action=other)
    assert AuditEvent.objects.filter(action="plan.measure").count() == 1


def test_page_shows_before_after_and_proposal_and_a_person_confirms(action, case, handler, as_):
    with time_machine.travel(NOTICED + 16 * DAY, tick=False):
        browser = as_(handler)
        (row,) = browser.get(f"/cases/{case.code}/").context["plan"]
        assert ([figure["words"] for figure in row.measured], row.can_measure, row.proposes) == (["75%"], True, "")
        browser.post(f"/cases/{case.code}/plan/{action.code}/measure/")
        (row,) = browser.get(f"/cases/{case.code}/").context["plan"]
        assert ([figure["words"] for figure in row.measured], row.proposes) == (["75%", "96%"], "proven")
        browser.post(f"/cases/{case.code}/plan/{action.code}/", {"to": "proven"})
    action.refresh_from_db()
    assert action.status == "proven"


def test_figure_that_nobody_knows_is_refused(case, handler):
    with pytest.raises(Refused):
        plans.add(by=handler, case=case, title="x", owner_name="x", due_on=NOTICED.date(), metric_key="made_up")


def test_template_brings_figures_and_trainings(case, handler):
    Case.objects.filter(pk=case.pk).update(root_cause="stock_error")
    case.refresh_from_db()
    made = plans.propose(by=handler, case=case)
    assert [(one.metric_key, one.is_training) for one in made] == [
        ("", False),
        ("out_of_stock_violations", False),
        ("out_of_stock_violations", False),
        ("out_of_stock_violations", True),
    ]
    assert [one.before_value for one in made] == [None] * 4  # no order of that time carries when it was placed


@pytest.mark.parametrize("count", [1, 6])
def test_plan_of_any_length_asks_the_same_number_of_questions(count, case, handler, django_assert_num_queries):
    values = {"owner_name": "店长", "due_on": NOTICED.date(), "is_training": True, "repeat_days": 30}
    for number in range(count):
        made = plans.add(by=handler, case=case, title=f"培训{number}", **values, metric_key="shipped_in_time")
        trainings.record(by=handler, action=made, held_on=timezone.localdate(), present=["赵敏"], absent=["王涛"])
    with django_assert_num_queries(4):
        assert len(plan_page.rows(case)) == count


def test_retention_empties_what_people_wrote_and_keeps_figures(action, case, handler):
    training = plans.add(
        by=handler, case=case, title="培训", owner_name="店长", due_on=NOTICED.date(), is_training=True
    )
    trainings.record(by=handler, action=training, held_on=timezone.localdate(), topic="话题", present=["赵敏"])
    plans.move(by=handler, action=training, to="waived", note="不再需要")
    long_ago = timezone.now() - dt.timedelta(days=2000)
    Case.objects.filter(pk=case.pk).update(status="closed", outcome="withdrawn", closed_at=long_ago)
    assert retention.erase(case=case, at=timezone.now())
    assert set(case.plan.values_list("title", "owner_name", "metric")) == {("", "", "")}
    assert set(case.plan.values_list("before_value", "waived_reason")) == {(Decimal("75.00"), ""), (None, "–")}
    assert not training.sessions.exclude(topic="").exists()
    assert not Store.objects.filter(cases__plan__sessions__attendance__isnull=False).exists()
