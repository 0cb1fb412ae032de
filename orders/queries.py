"""Questions the pages of this floor ask, each in a fixed number of queries. All start with what the person may see."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet
from django.utils import timezone

from casemgr.kit.models import AuditEvent
from orders.enums import Fulfilment, KeyKind, OrderState, RecipientPurpose
from orders.models import Hold, Order, OrderLine, OrderReview, Parcel, PlatformReport, RiskAlert, Scan

SIMILAR_BACK = dt.timedelta(days=90)
# What still says something about an order: false alarms and what went away do not.
TRUE_OR_OPEN = ("open", "reviewing", "confirmed", "resolved")
ENDED = ("confirmed", "resolved", "false_alarm")
# Rungs of the ship-by clock: hours until which an order must ship; each holds the ones before it, the overdue too.
RUNGS: dict[str, int] = {"overdue": 0, "1h": 1, "4h": 4, "12h": 12, "24h": 24}


def rung_query(rung: str, now: dt.datetime) -> Q:
    """Unshipped paid orders that are overdue at `now`, or will be within the rung's hours."""
    # The second of the deadline itself is not yet past (casemgr.kit.clock.ladder).
    due = Q(ship_by__lt=now) if rung == "overdue" else Q(ship_by__lte=now + dt.timedelta(hours=RUNGS[rung]))
    return due & Q(fulfilment=Fulfilment.UNSHIPPED) & ~Q(state=OrderState.UNPAID)


def alerts_for_list(user: Any) -> QuerySet[RiskAlert]:
    """Alerts this person may see, with what a list row shows."""
    return RiskAlert.objects.visible_to(user).select_related("store__platform", "handled_by")


def alert_counts(alerts: QuerySet[RiskAlert]) -> dict[str, dict[str, int]]:
    """How many of `alerts` per state, kind and severity; one query."""
    counts: dict[str, dict[str, int]] = {
        "status": defaultdict(int),
        "detector": defaultdict(int),
        "severity": defaultdict(int),
    }
    rows = alerts.order_by().values_list("status", "detector", "severity").annotate(n=Count("pk"))
    for status, detector, severity, n in rows:
        for name, value in (("status", status), ("detector", detector), ("severity", severity)):
            counts[name][value] += n
    return counts


def active_holds() -> Prefetch:
    return Prefetch("holds", Hold.objects.order_by("-pk"))


def orders_of_alert(alert: RiskAlert) -> QuerySet[Order]:
    """The rows of an alert in order of time, with their lines, holds and check."""
    rows = alert.orders.select_related("review", "store").prefetch_related("lines", "parcels", active_holds())
    return rows.order_by("ship_by" if alert.detector == "ship_by" else "placed_at", "pk")


def alert_figures(alert: RiskAlert) -> dict[str, int]:
    """Counts over the alert's orders: all, unshipped, asked to hold, held, checked, malicious, genuine. One query."""
    asked, held = Q(holds__status="asked"), Q(holds__status="acknowledged")
    return alert.orders.aggregate(
        all=Count("pk", distinct=True),
        unshipped=Count("pk", filter=~Q(fulfilment__in=[Fulfilment.SHIPPED, Fulfilment.CLOSED]), distinct=True),
        asked=Count("pk", filter=asked, distinct=True),
        held=Count("pk", filter=held, distinct=True),
        checked=Count("pk", filter=Q(review__isnull=False) & ~Q(review__status="waiting"), distinct=True),
        malicious=Count("pk", filter=Q(review__status="malicious"), distinct=True),
        genuine=Count("pk", filter=Q(review__status="genuine"), distinct=True),
    )


def earliest_ship_by(alert: RiskAlert) -> Order | None:
    """The order of the alert that must ship first, among those that still wait."""
    rows = alert.orders.filter(fulfilment=Fulfilment.UNSHIPPED, ship_by__isnull=False)
    return rows.order_by("ship_by", "pk").first()


def similar(alert: RiskAlert, user: Any) -> dict[str, Any]:
    """What became of findings of the same kind on the same platform in 90 days, as far as this person may see them."""
    rows = (
        RiskAlert.objects.visible_to(user)
        .filter(
            detector=alert.detector,
            store__platform_id=alert.store.platform_id,
            status__in=ENDED,
            last_seen_at__gte=timezone.now() - SIMILAR_BACK,
        )
        .exclude(pk=alert.pk)
    )
    counts = dict(rows.order_by().values_list("status").annotate(n=Count("pk")))
    true = counts.get("confirmed", 0) + counts.get("resolved", 0)
    latest = list(rows.select_related("store").order_by("-last_seen_at", "-pk")[:3])
    return {"total": sum(counts.values()), "true": true, "false": counts.get("false_alarm", 0), "latest": latest}


def orders_for_list(user: Any) -> QuerySet[Order]:
    """Orders this person may see, with what a list row shows."""
    first_lines = Prefetch("lines", OrderLine.objects.order_by("pk"))
    rows = Order.objects.visible_to(user).select_related("store__platform", "review")
    return rows.prefetch_related(
        first_lines,
        active_holds(),
        Prefetch("alerts", RiskAlert.objects.filter(status__in=TRUE_OR_OPEN).order_by("-pk")),
    )


def rung_counts(orders: QuerySet[Order], now: dt.datetime) -> dict[str, int]:
    """How many unshipped orders stand on each rung of the ship-by clock; one query over the open ones only."""
    open_orders = orders.order_by().filter(fulfilment=Fulfilment.UNSHIPPED)
    return open_orders.aggregate(
        unshipped=Count("pk"), **{f"r{rung}": Count("pk", filter=rung_query(rung, now)) for rung in RUNGS}
    )


def shared_key_counts(order: Order, since: dt.timedelta = SIMILAR_BACK) -> dict[str, int]:
    """Orders of the same shop within 90 days that share each key with `order` (itself included); one query."""
    keys = {kind: getattr(order, f"key_{kind}") for kind in KeyKind.values}
    counted = {kind: Count("pk", filter=Q(**{f"key_{kind}": key})) for kind, key in keys.items() if key}
    at = order.placed_at or order.paid_at
    if not counted or at is None:
        return {}
    rows = Order.objects.filter(store=order.store_id, placed_at__gte=at - since, placed_at__lte=at + since)
    return rows.aggregate(**counted)


def parcels_of(order: Order) -> list[Parcel]:
    """The order's parcels with their scans in order of time; two queries."""
    scans = Prefetch("scans", Scan.objects.order_by("event_at", "pk"))
    return list(
        order.parcels.select_related("carrier", "replaces").prefetch_related(scans).order_by("shipped_at", "pk")
    )


def holds_of(order: Order) -> QuerySet[Hold]:
    return order.holds.select_related("asked_by", "acknowledged_by", "released_by", "alert")


def reports_of(order: Order) -> QuerySet[PlatformReport]:
    return order.platform_reports.select_related("alert", "created_by")


def review_of(order: Order) -> OrderReview | None:
    """The order's check with its contacts; None where nobody has begun one."""
    rows = OrderReview.objects.filter(order=order).select_related("alert", "decided_by")
    return rows.prefetch_related("contacts__by").first()


def alerts_of(order: Order, user: Any) -> Iterable[RiskAlert]:
    return RiskAlert.objects.visible_to(user).filter(orders=order).order_by("-pk")


def recipient_looks(order: Order) -> list[dict[str, Any]]:
    """Who saw the clear recipient of this order, when and what for; the latest first."""
    seen = AuditEvent.objects.filter(object_kind="order", object_code=str(order.pk), action="recipient.shown")
    return [
        {
            "who": event.actor_name,
            "at": event.at,
            "purpose": RecipientPurpose(event.after["purpose"]).label,
            "words": event.note,
        }
        for event in seen.prefetch_related("texts").order_by("-pk")
    ]
