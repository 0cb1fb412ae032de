"""Figures of a plan: from the shop's own rows, each with its base, and nothing where nothing is known."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from appeals import metrics
from orders.models import Carrier, OrderReview, PlatformReport, ReviewContact
from stores import reference
from tests import make

pytestmark = pytest.mark.django_db

START, END = make.at("2026-11-01 00:00"), make.at("2026-11-15 00:00")
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
MIDDLE = make.at("2026-11-07 12:00")


def of(key: str, shop) -> tuple[Decimal | None, int]:
    found = metrics.measure(key, store=shop, start=START, end=END)
    return found.value, found.base


@pytest.fixture
def tracked(shop):
    shop.scans_known_since = START
    shop.save()
    return shop


@pytest.mark.parametrize("key", metrics.METRICS)
def test_nothing_known_is_no_number_and_other_shops_never_count(key, shop):
    other = make.store("别家店")
    other.scans_known_since = START
    other.save()
    order = make.order(other, placed_at=MIDDLE, ship_by=MIDDLE, shipped_at=MIDDLE + HOUR)
    make.parcel(order, shipped_at=MIDDLE, first_scan_at=MIDDLE + HOUR, carrier=carrier("sf"))
    make.alert(other, orders=[order], first_seen_at=MIDDLE, status="confirmed")
    make.violation(other, key="out_of_stock", noticed_at=MIDDLE)
    assert of(key, shop) == (None, 0)


def test_shipped_in_time_counts_what_is_known_and_its_window_ends_before_its_end(shop):
    for shipped in (MIDDLE - HOUR, MIDDLE, MIDDLE + HOUR):
        make.order(shop, ship_by=MIDDLE, shipped_at=shipped, fulfilment="shipped")
    make.order(shop, ship_by=MIDDLE, fulfilment="unshipped")
    make.order(shop, ship_by=MIDDLE, fulfilment="unknown")  # neither late nor in time
    make.order(shop, ship_by=None, shipped_at=MIDDLE)  # waived, or not known
    make.order(shop, ship_by=END, shipped_at=END)
    assert of("shipped_in_time", shop) == (Decimal("50.00"), 4)
    assert of("late_orders", shop) == (Decimal("1.00"), 4)


def test_parcels_count_from_when_tracking_was_imported(shop):
    order = make.order(shop)
    make.parcel(order, shipped_at=MIDDLE, first_scan_at=MIDDLE + HOUR)
    assert of("picked_up_24h", shop) == (None, 0)
    shop.scans_known_since = MIDDLE
    shop.save()
    make.parcel(order, shipped_at=MIDDLE - HOUR, first_scan_at=None)  # before: nobody can tell
    assert of("picked_up_24h", shop) == (Decimal("100.00"), 1)


def test_scans_within_a_day_without_one_and_on_average(tracked):
    order = make.order(tracked)
    for hours in (2, 24, 26):
        make.parcel(order, shipped_at=MIDDLE, first_scan_at=MIDDLE + hours * HOUR)
    make.parcel(order, shipped_at=MIDDLE, first_scan_at=None)
    assert of("picked_up_24h", tracked) == (Decimal("50.00"), 4)
    assert of("unscanned_parcels", tracked) == (Decimal("1.00"), 4)
    assert of("upload_to_scan", tracked) == (Decimal("17.33"), 3)


def test_counts_a_week_are_zero_only_where_orders_of_that_time_are_known(shop):
    assert of("out_of_stock_violations", shop) == (None, 0)
    make.order(shop, placed_at=MIDDLE)
    assert of("out_of_stock_violations", shop) == (Decimal("0.00"), 1)
    make.violation(shop, key="out_of_stock", noticed_at=MIDDLE)
    make.violation(shop, key="late_shipment", noticed_at=MIDDLE)
    make.alert(shop, first_seen_at=MIDDLE)
    make.alert(shop, first_seen_at=MIDDLE, status="false_alarm")
    make.alert(shop, first_seen_at=MIDDLE, detector="ship_by")
    assert of("out_of_stock_violations", shop) == (Decimal("0.50"), 1)
    assert of("all_violations", shop) == (Decimal("1.00"), 1)
    assert of("cluster_alerts", shop) == (Decimal("0.50"), 1)


def test_checks_in_time_are_contacts_within_the_hour_after_the_alert(shop, handler):
    for after in (HOUR, 2 * HOUR, -HOUR):
        order = make.order(shop)
        make.alert(shop, orders=[order], first_seen_at=MIDDLE)
        review = OrderReview.objects.create(order=order)
        ReviewContact.objects.create(review=review, at=MIDDLE + after, channel="chat", result="no_answer", by=handler)
    assert of("checks_in_time", shop) == (Decimal("33.33"), 3)


def test_reports_count_six_hours_before_ship_by_for_orders_of_confirmed_findings(shop, handler):
    due = MIDDLE + 2 * DAY
    for told, status in ((due - 6 * HOUR, "confirmed"), (due - 5 * HOUR, "resolved"), (due - DAY, "open")):
        order = make.order(shop, ship_by=due)
        make.alert(shop, orders=[order], first_seen_at=MIDDLE, status=status)
        made = PlatformReport.objects.create(store=shop, kind="malicious_buyer", filed_at=told, created_by=handler)
        made.orders.add(order)
    assert of("reported_before_ship_by", shop) == (Decimal("50.00"), 2)


def carrier(code: str) -> Carrier:
    patterns = {"sf": r"^SF\d{12}$", "jt": r"^JT\d{13}$"}
    rule = {"pattern": patterns[code], "strength": "strong"}
    return Carrier.objects.get_or_create(code=code, defaults={"name_zh": code, "name_en": code, "patterns": [rule]})[0]


def test_share_of_one_carrier_leaves_out_parcels_whose_carrier_is_unknown(shop):
    order = make.order(shop)
    for code in ("sf", "jt", "jt", None):
        make.parcel(order, shipped_at=MIDDLE, carrier=carrier(code) if code else None)
    assert of("one_carrier_share", shop) == (Decimal("66.67"), 3)


def test_bad_waybills_are_shared_by_strangers_or_shaped_like_another_carriers(shop):
    carrier("sf")
    first, same, other = (make.order(shop, recipient_masked=name) for name in ("张*", "张*", "李*"))
    merged = make.parcel(first, shipped_at=MIDDLE)
    merged.orders.add(same)  # 合单: one recipient
    reused = make.parcel(first, shipped_at=MIDDLE)
    reused.orders.add(other)
    make.parcel(first, "SF123456789012", shipped_at=MIDDLE, carrier=carrier("jt"))
    make.parcel(first, "JT1234567890123", shipped_at=MIDDLE, carrier=carrier("jt"))
    assert of("bad_waybills", shop) == (Decimal("1.00"), 4)


@pytest.mark.parametrize(
    ("before", "base", "after", "verdict"),
    [
        ("80", 40, "95", "proven"),
        ("80", 40, "80", "not_proven"),
        ("80", 40, "70", "not_proven"),
        ("80", 19, "95", "too_little"),
        (None, 0, "95", "unknown"),
    ],
)
def test_two_measurements_propose_and_too_few_rows_say_so(before, base, after, verdict):
    was = Decimal(before) if before else None
    found = metrics.judged("shipped_in_time", before=was, before_base=base, after=Decimal(after), after_base=40)
    assert found == verdict


def test_fewer_is_better_for_a_count():
    values = {"before_base": 100, "after_base": 100}
    assert metrics.judged("cluster_alerts", before=Decimal(3), after=Decimal(1), **values) == "proven"


def test_every_mapped_action_and_figure_exists():
    actions = {action["key"] for plan in reference.plans() for action in plan["actions"]}
    assert set(metrics.OF_TEMPLATE) <= actions
    assert set(metrics.OF_TEMPLATE.values()) <= set(metrics.METRICS)
