"""The clock: orders that must ship, parcels that nobody scanned; unknown is never late (rule 9)."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from orders.actions import reports, settings
from orders.detectors import explain
from orders.models import Hold, PlatformReport, RiskAlert
from orders.screening import screen
from tests import make
from tests.orders.screening_cases import NOW, orders

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


@pytest.fixture(autouse=True)
def _evening_of_the_promotion():
    with time_machine.travel(NOW, tick=False):
        yield


def waiting(shop, due: dt.datetime, **fields):
    return orders(shop, [NOW - 2 * HOUR], **{"ship_by": due, "ship_by_source": "file", **fields})[0]


def look(*shops, at=NOW, **options):
    return screen(stores=list(shops), at=at, dry_run=True, **options)


def numbers(result) -> set[str]:
    return {number for finding in result.findings for _store, number in finding.orders.values()}


def test_overdue_orders_and_those_due_within_the_hours_are_one_alert_of_the_shop(shop):
    due = [waiting(shop, NOW - HOUR), waiting(shop, NOW + HOUR), waiting(shop, NOW + 24 * HOUR)]
    waiting(shop, NOW + 24 * HOUR + dt.timedelta(seconds=1))
    result = look(shop)
    assert [finding.detector for finding in result.findings] == ["ship_by"]
    assert numbers(result) == {order.order_no for order in due}
    facts = result.findings[0].facts
    assert (facts["overdue"], facts["within_1h"], facts["later"]) == (1, 1, 1)


def test_overdue_is_included_even_with_no_hours_before(shop):
    late = waiting(shop, NOW - 300 * HOUR)
    waiting(shop, NOW + HOUR)
    assert numbers(look(shop, overrides={"ship_by.hours": 0})) == {late.order_no}


@pytest.mark.parametrize(("left", "severity"), [(-1, "high"), (1, "high"), (12, "medium"), (13, "low")])
def test_severity_follows_the_rung_of_the_most_urgent_order(shop, left, severity):
    waiting(shop, NOW + left * HOUR)
    assert look(shop).findings[0].severity == severity


@pytest.mark.parametrize("fields", [
    {"fulfilment": "unknown", "state": ""},
    {"fulfilment": "shipped", "state": "shipped"},
    {"fulfilment": "closed", "state": "closed"},
    {"fulfilment": "unshipped", "state": "unpaid", "paid_at": None},
])  # fmt: skip
def test_an_order_not_known_to_wait_is_never_late(shop, fields):
    waiting(shop, NOW - HOUR, **fields)
    assert look(shop).findings == []


def test_unknown_fulfilment_is_counted_as_cannot_tell_with_the_shop_named(shop):
    waiting(shop, NOW - HOUR, fulfilment="unknown", state="")
    [told] = look(shop).cannot_tell
    assert (told.store, told.count, told.reason) == (shop, 1, "fulfilment_unknown")


def test_a_time_in_the_file_counts_even_without_a_time_of_payment(shop):
    order = waiting(shop, NOW - HOUR, paid_at=None, state="")
    assert numbers(look(shop)) == {order.order_no}


def test_an_order_without_any_date_but_the_one_to_ship_by_counts(shop):
    order = waiting(shop, NOW - HOUR, placed_at=None, paid_at=None)
    assert numbers(look(shop)) == {order.order_no}


def test_a_presale_of_last_month_that_is_due_today_is_not_history(shop):
    order = waiting(shop, NOW + HOUR, placed_at=NOW - 40 * 24 * HOUR, paid_at=NOW - 40 * 24 * HOUR)
    assert numbers(look(shop)) == {order.order_no}


def test_a_shop_whose_orders_all_waited_for_weeks_is_counted_not_alarmed(shop):
    waiting(shop, NOW - 20 * 24 * HOUR, placed_at=NOW - 22 * 24 * HOUR)
    result = look(shop)
    assert (result.findings, result.suppressed_old) == ([], 1)


def test_what_the_platform_holds_stands_apart_with_its_count(shop):
    waiting(shop, NOW - HOUR, platform_review=True)
    waiting(shop, NOW - HOUR, platform_hold=True)
    waiting(shop, NOW - HOUR, refund_state="agreed")
    order = waiting(shop, NOW - HOUR, refund_state="asked")
    result = look(shop)
    assert numbers(result) == {order.order_no}
    facts = result.findings[0].facts
    assert (facts["apart"], facts["refund_asked"]) == ({"platform_hold": 2, "refund_settled": 1}, 1)


def test_a_later_time_granted_by_the_platform_counts_once_the_report_is_accepted(shop, handler):
    order = waiting(shop, NOW + HOUR)
    report = PlatformReport.objects.create(store=shop, kind="carrier", created_by=handler)
    report.orders.add(order)
    reports.record_filed(by=handler, report=report, number="BB1", filed_at=NOW, extends_ship_by_to=NOW + 48 * HOUR)
    assert numbers(look(shop)) == {order.order_no}
    reports.record_answer(by=handler, report=report, is_accepted=True)
    assert numbers(look(shop)) == set()


def test_orders_on_hold_at_our_request_are_told_apart(shop, handler):
    order = waiting(shop, NOW + HOUR)
    waiting(shop, NOW + HOUR)
    Hold.objects.create(store=shop, reason="核实", asked_by=handler, asked_at=NOW).orders.add(order)
    assert look(shop).findings[0].facts["on_hold"] == 1


def test_the_alert_of_a_shop_is_updated_as_time_goes_by_never_doubled(shop):
    waiting(shop, NOW + 10 * HOUR)
    screen(stores=[shop], at=NOW)
    screen(stores=[shop], at=NOW + 10 * HOUR)
    alert = RiskAlert.objects.get()
    assert (alert.severity, alert.facts["within_1h"]) == ("high", 1)


def test_expected_penalties_are_summed_from_dependable_rules_only(shop):
    make.policy(
        "late_shipment", confidence="B", penalty_basis="percent", penalty_value="5", penalty_floor="3", penalty_cap="50"
    )
    for paid in ("20.00", "200.00", "9000.00", None):
        waiting(shop, NOW + HOUR, amount_paid=paid)
    finding = look(shop).findings[0]
    assert (str(finding.risk_amount), finding.risk_unknown_count) == ("63.00", 1)


# --at: as if now were then


@pytest.mark.parametrize(("fields", "is_late"), [
    ({"fulfilment": "shipped", "state": "shipped", "shipped_at": NOW + HOUR}, True),
    ({"fulfilment": "shipped", "state": "shipped", "shipped_at": NOW - HOUR}, False),
    ({"fulfilment": "shipped", "state": "shipped", "shipped_at": None}, False),
    ({"fulfilment": "closed", "state": "closed", "closed_at": NOW + HOUR}, True),
    ({"fulfilment": "closed", "state": "closed", "closed_at": None}, False),
    ({"fulfilment": "closed", "state": "refunded", "refunded_at": NOW + HOUR}, True),
    ({"fulfilment": "closed", "state": "refunded", "refunded_at": NOW - HOUR}, False),
    ({"paid_at": NOW + HOUR, "ship_by_source": "computed"}, False),
    ({"paid_at": None, "ship_by_source": "file"}, True),
    ({"platform_review": True}, True),
    ({"fulfilment": "unknown", "state": ""}, False),
    ({"placed_at": NOW + HOUR}, False),
])  # fmt: skip
def test_at_a_past_moment_only_times_decide(shop, fields, is_late):
    order = waiting(shop, NOW - HOUR, **fields)
    with time_machine.travel(NOW + 100 * HOUR, tick=False):
        assert numbers(look(shop)) == ({order.order_no} if is_late else set())


# Parcels


def parcel(shop, hours_ago: float, **fields):
    order = orders(shop, [NOW - dt.timedelta(hours=hours_ago + 5)], fulfilment="shipped", state="shipped")[0]
    return make.parcel(order, shipped_at=NOW - dt.timedelta(hours=hours_ago), **fields)


@pytest.fixture
def scanned_shop(shop):
    shop.scans_known_since = NOW - 1000 * HOUR
    shop.save()
    return shop


def test_seven_parcels_without_a_first_scan_are_one_alert_that_names_them(scanned_shop):
    made = [parcel(scanned_shop, 30 + n) for n in range(7)]
    parcel(scanned_shop, 30, first_scan_at=NOW - HOUR)
    parcel(scanned_shop, 23)
    [finding] = look(scanned_shop).findings
    assert (finding.detector, finding.facts["parcels"]) == ("no_first_scan", 7)
    assert set(finding.facts["waybills"]) == {one.waybill_no for one in made}


def test_a_shop_without_any_source_of_scans_is_cannot_tell_and_named(shop):
    parcel(shop, 30)
    result = look(shop)
    [told] = result.cannot_tell
    assert (result.findings, told.store, told.count, told.reason) == ([], shop, 1, "no_scans")


def test_hours_come_from_the_policy_and_say_that_nobody_verified_it(scanned_shop):
    make.policy("fake_shipment", first_scan_hours=48, confidence="B")
    parcel(scanned_shop, 30)
    assert look(scanned_shop).findings == []
    parcel(scanned_shop, 50)
    [finding] = look(scanned_shop).findings
    assert finding.threshold == {"hours": 48, "source": "policy 1 unverified"}
    assert len(explain("no_first_scan", finding)) == 4


def test_hours_a_person_set_win_over_the_policy(scanned_shop, administrator):
    make.policy("fake_shipment", first_scan_hours=48)
    settings.change(by=administrator, detector="no_first_scan", params={"hours": 12})
    parcel(scanned_shop, 13)
    assert look(scanned_shop).findings[0].threshold == {"hours": 12, "source": "setting"}


@pytest.mark.parametrize("moot", ["picked_up", "closed", "replaced", "delivered"])
def test_a_parcel_that_moved_or_that_nobody_waits_for_is_no_finding(scanned_shop, moot):
    one = parcel(scanned_shop, 30, delivered_at=NOW - HOUR if moot == "delivered" else None)
    if moot == "picked_up":
        one.orders.update(picked_up_at=NOW - HOUR)
    if moot == "closed":
        one.orders.update(fulfilment="closed", state="closed")
    if moot == "replaced":
        make.parcel(one.orders.get(), replaces=one, shipped_at=NOW - HOUR)
    assert look(scanned_shop).findings == []


def test_parcels_of_old_history_are_counted_not_alarmed(scanned_shop):
    parcel(scanned_shop, 24 * 20)
    parcel(scanned_shop, 24 * 15)
    fresh = parcel(scanned_shop, 30)
    result = look(scanned_shop)
    assert (result.suppressed_old, result.findings[0].facts["waybills"]) == (2, [fresh.waybill_no])


def test_parcels_from_before_tracking_was_known_are_counted_not_alarmed(scanned_shop):
    scanned_shop.scans_known_since = NOW - 40 * HOUR
    scanned_shop.save()
    parcel(scanned_shop, 65)
    told = parcel(scanned_shop, 63)
    result = look(scanned_shop)
    assert (result.suppressed_old, result.findings[0].facts["waybills"]) == (1, [told.waybill_no])


def test_looking_back_a_scan_that_came_later_was_not_there(scanned_shop):
    parcel(scanned_shop, 30, first_scan_at=NOW + HOUR)
    with time_machine.travel(NOW + 2 * HOUR, tick=False):
        assert look(scanned_shop, at=timezone.now()).findings == []
        assert len(look(scanned_shop).findings) == 1
