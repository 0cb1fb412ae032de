"""What a platform grants for a while, and days off: the clocks obey them, and a waiver is shown as one."""

from __future__ import annotations

import datetime as dt

import pytest

from appeals.actions import cases
from appeals.actions.deadlines import from_policy
from appeals.templatetags.facts import fact_source, fact_words
from orders import timeline
from orders.imports.ship_clock import ShipClock
from orders.waivers import row_of, waiver
from stores.actions import calendar
from stores.models import CalendarDay
from tests import make
from tests.appeals.cast import case_in

pytestmark = pytest.mark.django_db

PAID = make.at("2026-11-10 10:00")
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _rule(db):
    make.policy("late_shipment", ship_by_hours=48)


def grant(effect: str, begin: str, end: str, **fields):
    values = {"platform": make.platform(), "from_at": make.at(begin), "to_at": make.at(end), "effect": effect}
    return calendar.declare_window(by=None, source="官方公告 2026-11-09", **{**values, **fields})


def due(order) -> str | None:
    text, _policy = ShipClock.of(order.store.platform).due(row_of(order))
    return text and f"{dt.datetime.fromisoformat(text) + dt.timedelta(hours=8):%d %H:%M}"


@pytest.mark.parametrize(
    ("effect", "begin", "end", "hours", "ship_by"),
    [
        ("pause", "2026-11-11 00:00", "2026-11-12 00:00", None, "13 10:00"),  # a day stood still
        ("pause", "2026-11-13 00:00", "2026-11-14 00:00", None, "12 10:00"),  # after the deadline
        ("extend", "2026-11-10 00:00", "2026-11-10 23:00", 24, "13 10:00"),
        ("extend", "2026-11-11 00:00", "2026-11-11 23:00", 24, "12 10:00"),  # neither start nor deadline within
        ("waive", "2026-11-12 00:00", "2026-11-12 23:00", None, None),
        ("waive", "2026-11-11 00:00", "2026-11-11 23:00", None, "12 10:00"),
    ],
)
def test_ship_clock_obeys_what_the_platform_grants(effect, begin, end, hours, ship_by, shop):
    grant(effect, begin, end, extend_hours=hours)
    assert due(make.order(shop, paid_at=PAID)) == ship_by


def test_grant_for_a_region_or_another_kind_of_violation_leaves_others_alone(shop):
    grant("waive", "2026-11-10 00:00", "2026-11-13 00:00", regions=["浙江"])
    grant("waive", "2026-11-10 00:00", "2026-11-13 00:00", violation_keys=["fake_shipment"])
    assert due(make.order(shop, paid_at=PAID, province="浙江省")) is None
    assert due(make.order(shop, paid_at=PAID, province="广东省")) == "12 10:00"


def test_waiver_is_found_behind_a_pause_that_moved_the_deadline_into_it(shop):
    grant("pause", "2026-11-11 00:00", "2026-11-14 00:00")
    window = grant("waive", "2026-11-15 00:00", "2026-11-16 00:00")
    order = make.order(shop, paid_at=PAID)
    assert due(order) is None
    assert waiver(ShipClock.of(shop.platform), order) == window


def verdict_of(shop, order):
    violation = make.violation(shop, key="late_shipment", orders=[order])
    case = case_in("diagnosing", shop)
    case.matters.create(violation=violation)
    cases.judge(by=None, case=case)
    return case.verdicts.get()


def test_waived_order_says_so_in_its_verdict_and_on_its_page_and_is_not_late(shop):
    grant("waive", "2026-11-12 00:00", "2026-11-12 23:00")
    order = make.order(shop, paid_at=PAID, shipped_at=PAID + 5 * DAY, fulfilment="shipped")
    verdict = verdict_of(shop, order)
    (fact,) = [fact for fact in verdict.facts if fact["name"] == "waived"]
    assert verdict.kind == "unknown"
    assert fact_words(fact) == "平台豁免延迟发货，2026-11-12 00:00 – 2026-11-12 23:00"
    assert fact_source(fact) == "(官方公告 2026-11-09)"
    nothing = {"parcels": (), "holds": (), "review": None, "reports": (), "alerts": (), "named_in": ()}
    assert [event["note"] for event in timeline.events(order, **nothing)].count("官方公告 2026-11-09") == 1


def test_order_without_a_time_to_ship_by_and_without_a_waiver_has_no_such_fact(shop):
    grant("waive", "2026-10-01 00:00", "2026-10-08 00:00")
    assert verdict_of(shop, make.order(shop, paid_at=PAID)).facts == []


def test_appeal_window_in_working_days_counts_make_up_days_and_skips_holidays(shop):
    """Noticed on a Thursday before the National Day, three working days: 30 Sep, then 8 and 9 Oct; the 10th is worked too."""
    policy = make.policy("false_transaction", window=3)
    policy.rounds.update(unit="working_days")
    for day in range(1, 8):
        CalendarDay.objects.create(on=dt.date(2026, 10, day), name="国庆节", is_working=False, source="国办")
    noticed = make.at("2026-09-29 15:00")
    violation = make.violation(shop, noticed_at=noticed, procedure_policy=policy)
    assert from_policy(violation).due_at == make.at("2026-10-09 23:59:59")
    CalendarDay.objects.create(on=dt.date(2026, 10, 10), name="国庆节调休", is_working=True, source="国办")
    policy.rounds.update(window=4)
    policy = type(policy).objects.get(pk=policy.pk)
    assert from_policy(violation, policy=policy).due_at == make.at("2026-10-10 23:59:59")
