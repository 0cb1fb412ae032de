"""Figures that show whether a plan worked, computed from the shop's own data over a window of time.

One function a metric: `(window) -> Value`. A value always comes with its base (how many orders, parcels or alerts it
rests on) and is None where nothing is known: unknown is never 0 (rule 9). What the platform waived counts nowhere.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from django.db.models import Avg, Count, DurationField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from casemgr.kit.workflow import Text
from orders.enums import Fulfilment
from orders.imports.waybills import Carriers
from orders.models import Carrier, Order, Parcel, PlatformReport, ReviewContact, RiskAlert, Violation
from stores.models import Store

FINDINGS_OF_MALICE = ("burst_buyer", "burst_sku_area")
DAY, CHECK_WITHIN, REPORT_AHEAD = dt.timedelta(days=1), dt.timedelta(hours=1), dt.timedelta(hours=6)
# From how many on a figure says something: orders for a count a week, rows for a share, alerts.
MANY, SOME, FEW = 30, 20, 3


@dataclass(frozen=True)
class Window:
    """One shop from `start` up to, not including, `end`."""

    store: Store
    start: dt.datetime
    end: dt.datetime

    def within(self, field: str) -> Q:
        return Q(**{f"{field}__gte": self.start, f"{field}__lt": self.end})

    @property
    def weeks(self) -> Decimal:
        return Decimal((self.end - self.start) / dt.timedelta(days=7))


@dataclass(frozen=True)
class Value:
    """A figure and what it rests on. `value` None: nothing is known."""

    value: Decimal | None
    base: int


@dataclass(frozen=True)
class Metric:
    """One figure: how it is called, whether more is better, from which base on it says something."""

    key: str
    label: Text
    unit: Literal["share", "week", "hours"]
    wants: Literal["more", "less"]
    fewest: int
    base_label: Text
    measure: Callable[[Window], Value]

    def is_better(self, before: Decimal, after: Decimal) -> bool:
        return after > before if self.wants == "more" else after < before


def _share(part: int, base: int) -> Value:
    """In percent, two places."""
    return Value((Decimal(100 * part) / base).quantize(Decimal("0.01")) if base else None, base)


def _a_week(count: int, window: Window, base: int) -> Value:
    """A count a week; None where the shop's data holds no orders (or parcels) of that time at all."""
    return Value((count / window.weeks).quantize(Decimal("0.01")) if base and window.weeks else None, base)


def _placed(window: Window) -> int:
    return Order.objects.filter(window.within("placed_at"), store=window.store).count()


def shipped_in_time(window: Window) -> Value:
    """Of the orders that had to ship in the window and of which it is known whether they did."""
    due = Order.objects.filter(window.within("ship_by"), store=window.store)
    late = Q(shipped_at__gt=F("ship_by")) | Q(fulfilment=Fulfilment.UNSHIPPED, shipped_at=None)
    counted = due.aggregate(good=Count("pk", filter=Q(shipped_at__lte=F("ship_by"))), late=Count("pk", filter=late))
    return _share(counted["good"], counted["good"] + counted["late"])


def late_orders(window: Window) -> Value:
    """Orders a week that were to ship in the window and went out late or not at all."""
    found = shipped_in_time(window)
    late = Order.objects.filter(window.within("ship_by"), store=window.store).filter(
        Q(shipped_at__gt=F("ship_by")) | Q(fulfilment=Fulfilment.UNSHIPPED, shipped_at=None)
    )
    return _a_week(late.count(), window, found.base)


def _tracked(window: Window) -> QuerySet[Parcel]:
    """Parcels uploaded in the window; none of a time of which the shop's tracking was not imported."""
    known_since = window.store.scans_known_since
    parcels = Parcel.objects.filter(window.within("shipped_at"), store=window.store)
    return parcels.none() if known_since is None else parcels.filter(shipped_at__gte=known_since)


def _picked_up_within_a_day() -> Q:
    return Q(first_scan_at__lte=F("shipped_at") + DAY)


def picked_up_24h(window: Window) -> Value:
    parcels = _tracked(window)
    return _share(parcels.filter(_picked_up_within_a_day()).count(), parcels.count())


def unscanned_parcels(window: Window) -> Value:
    parcels = _tracked(window)
    base = parcels.count()
    return _a_week(base - parcels.filter(_picked_up_within_a_day()).count(), window, base)


def upload_to_scan(window: Window) -> Value:
    """Hours on average, of the parcels that were scanned."""
    gap = ExpressionWrapper(F("first_scan_at") - F("shipped_at"), output_field=DurationField())
    scanned = _tracked(window).filter(first_scan_at__gte=F("shipped_at"))
    found = scanned.aggregate(mean=Avg(gap), base=Count("pk"))
    mean = found["mean"]
    hours = None if mean is None else Decimal(mean.total_seconds() / 3600).quantize(Decimal("0.01"))
    return Value(hours, found["base"])


def out_of_stock_violations(window: Window) -> Value:
    return _violations(window, Q(violation_type__key="out_of_stock"))


def all_violations(window: Window) -> Value:
    return _violations(window, Q())


def _violations(window: Window, kinds: Q) -> Value:
    found = Violation.objects.filter(kinds, window.within("noticed_at"), store=window.store)
    return _a_week(found.count(), window, _placed(window))


def _alerts(window: Window) -> QuerySet[RiskAlert]:
    return RiskAlert.objects.filter(window.within("first_seen_at"), store=window.store, detector__in=FINDINGS_OF_MALICE)


def cluster_alerts(window: Window) -> Value:
    """Findings of orders that belong together, without those that turned out to be nothing."""
    return _a_week(_alerts(window).exclude(status="false_alarm").count(), window, _placed(window))


def checks_in_time(window: Window) -> Value:
    """Alerts of which one order at least was checked by chat or call within the hour."""
    contact = ReviewContact.objects.filter(
        review__order__alerts=OuterRef("pk"),
        at__gte=OuterRef("first_seen_at"),
        at__lte=OuterRef("first_seen_at") + CHECK_WITHIN,
    )
    alerts = _alerts(window)
    return _share(alerts.filter(Exists(contact)).count(), alerts.count())


def reported_before_ship_by(window: Window) -> Value:
    """Orders of confirmed findings that the platform was told of six hours before they had to ship."""
    confirmed = _alerts(window).filter(status__in=["confirmed", "resolved"])
    orders = Order.objects.filter(store=window.store, ship_by__isnull=False, pk__in=confirmed.values("orders"))
    told = PlatformReport.objects.filter(orders=OuterRef("pk"), filed_at__lte=OuterRef("ship_by") - REPORT_AHEAD)
    return _share(orders.filter(Exists(told)).count(), orders.count())


def one_carrier_share(window: Window) -> Value:
    """The share of the carrier that took the most parcels, of the parcels whose carrier is known."""
    parcels = Parcel.objects.filter(window.within("shipped_at"), store=window.store).exclude(carrier=None)
    counted = list(parcels.order_by().values_list("carrier").annotate(n=Count("pk")).values_list("n", flat=True))
    return _share(max(counted, default=0), sum(counted))


def bad_waybills(window: Window) -> Value:
    """Numbers a week that stand for orders of different recipients, or whose shape is another carrier's."""
    parcels = Parcel.objects.filter(window.within("shipped_at"), store=window.store)
    people = Count("orders__recipient_masked", distinct=True, filter=~Q(orders__recipient_masked=""))
    reused = set(parcels.annotate(people=people).filter(people__gt=1).values_list("pk", flat=True))
    shapes = Carriers(Carrier.objects.all())
    strange = {
        pk
        for pk, carrier, number in parcels.exclude(carrier=None).values_list("pk", "carrier_id", "waybill_no")
        if (shape := shapes.find("", number)) is not None and shape != carrier
    }
    return _a_week(len(reused | strange), window, parcels.count())


_ORDERS, _PARCELS, _CARRIERS = _("orders of that time"), _("parcels uploaded"), _("parcels of known carriers")
_UNSCANNED, _REPORTED = _("parcels a week without a scan after 24 h"), _("reported 6 h before ship-by")
_CONFIRMED, _SCANNED = _("orders of confirmed findings"), _("parcels scanned")
_OUT_OF_STOCK = _("out-of-stock violations a week")
_ALL = (
    Metric("shipped_in_time", _("orders shipped in time"), "share", "more", SOME, _("orders due"), shipped_in_time),
    Metric("late_orders", _("late orders a week"), "week", "less", SOME, _("orders due"), late_orders),
    Metric("picked_up_24h", _("picked up within 24 h"), "share", "more", SOME, _PARCELS, picked_up_24h),
    Metric("unscanned_parcels", _UNSCANNED, "week", "less", SOME, _PARCELS, unscanned_parcels),
    Metric("upload_to_scan", _("hours from upload to first scan"), "hours", "less", SOME, _SCANNED, upload_to_scan),
    Metric("out_of_stock_violations", _OUT_OF_STOCK, "week", "less", MANY, _ORDERS, out_of_stock_violations),
    Metric("all_violations", _("violations a week"), "week", "less", MANY, _ORDERS, all_violations),
    Metric("cluster_alerts", _("cluster alerts a week"), "week", "less", MANY, _ORDERS, cluster_alerts),
    Metric("checks_in_time", _("alerts checked within 1 h"), "share", "more", FEW, _("alerts"), checks_in_time),
    Metric("reported_before_ship_by", _REPORTED, "share", "more", SOME, _CONFIRMED, reported_before_ship_by),
    Metric("one_carrier_share", _("share of one carrier"), "share", "less", SOME, _CARRIERS, one_carrier_share),
    Metric("bad_waybills", _("reused or mismatched numbers a week"), "week", "less", SOME, _PARCELS, bad_waybills),
)  # fmt: skip
METRICS: dict[str, Metric] = {metric.key: metric for metric in _ALL}

# Actions of the templates (stores.reference.plans) whose number our data can answer; the others are measured by hand.
OF_TEMPLATE = {
    "sync_sellable_stock": "out_of_stock_violations",
    "check_before_promotion": "out_of_stock_violations",
    "train_out_of_stock": "out_of_stock_violations",
    "set_purchase_limits": "cluster_alerts",
    "check_after_alert": "checks_in_time",
    "report_before_ship_by": "reported_before_ship_by",
    "count_hand_over": "unscanned_parcels",
    "chase_missing_scan": "picked_up_24h",
    "second_carrier": "one_carrier_share",
    "check_waybill_numbers": "bad_waybills",
    "upload_after_weighing": "upload_to_scan",
    "pick_by_ship_by": "shipped_in_time",
    "supplier_ship_clause": "late_orders",
    "staff_promotions": "late_orders",
    "stop_brushing": "cluster_alerts",
}


def measure(key: str, *, store: Store, start: dt.datetime, end: dt.datetime) -> Value:
    """The figure `key` of the shop between two moments. Raises KeyError for a figure that there is not."""
    return METRICS[key].measure(Window(store, start, end))


Verdict = Literal["", "proven", "not_proven", "too_little", "unknown"]


def judged(
    key: str, *, before: Decimal | None, before_base: int | None, after: Decimal | None, after_base: int | None
) -> Verdict:
    """What two measurements propose: proven, not proven, too little to say, or unknown. A person decides."""
    metric = METRICS.get(key)
    if metric is None:
        return ""
    if before is None or after is None:
        return "unknown"
    if min(before_base or 0, after_base or 0) < metric.fewest:
        return "too_little"
    return "proven" if metric.is_better(before, after) else "not_proven"
