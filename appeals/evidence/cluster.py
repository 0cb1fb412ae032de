"""The confirmed bursts behind a case: which orders of this shop came together, by what, and what is usual.

Computed from this shop's own orders, even where the detector looked over several shops of the merchant: what a platform
reads never counts another shop's orders (rule 7).
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Prefetch
from django.utils import timezone

from appeals.evidence import words
from appeals.models import Case
from orders.models import Order, OrderLine, Parcel, PlatformReport, RiskAlert

# The detectors that say something about buyers; their findings are facts once a person confirmed them.
DETECTORS = ("burst_buyer", "burst_sku_area")
CONFIRMED = ("confirmed", "resolved")
LOOK_BACK_DAYS = 14
LEAST_DAYS = 3


def counted_at(order: Order) -> dt.datetime:
    """The moment an order counts from: placed, else paid. Orders without either are never in a cluster."""
    at = order.placed_at or order.paid_at
    if at is None:
        raise ValueError(f"order {order.order_no} has no time")
    return at


@dataclass
class Usual:
    """Orders of the same articles at the same time of day on earlier days: the count of each day on record."""

    counts: dict[dt.date, int] = field(default_factory=dict)

    @property
    def is_known(self) -> bool:
        return len(self.counts) >= LEAST_DAYS

    @property
    def text(self) -> str:
        """0至2笔（此前9日）"""
        return f"{words.spread(min(self.counts.values()), max(self.counts.values()))}（此前{len(self.counts)}日）"


@dataclass
class Cluster:
    """Orders of this shop that confirmed findings hold, in order of time, with what they share."""

    alerts: list[RiskAlert]
    orders: list[Order]
    usual: Usual

    @property
    def from_at(self) -> dt.datetime:
        return min(map(counted_at, self.orders))

    @property
    def to_at(self) -> dt.datetime:
        return max(map(counted_at, self.orders))

    @property
    def minutes(self) -> int:
        """Minutes from the first to the last order, begun ones counted, at least one."""
        return max(1, -int(-(self.to_at - self.from_at).total_seconds() // 60))

    @property
    def key_text(self) -> str:
        """What the orders share, with its strength; several findings with several keys are named one after another."""
        return "；".join(dict.fromkeys(words.KEYS[alert.key_kind] for alert in self.alerts if alert.key_kind))

    def holds(self, order: Order | None) -> bool:
        return order is not None and any(order.pk == own.pk for own in self.orders)

    def per_minute(self) -> Counter[dt.datetime]:
        return Counter(timezone.localtime(counted_at(order)).replace(second=0, microsecond=0) for order in self.orders)


def confirmed_findings(case: Case) -> list[RiskAlert]:
    return list(
        case.alerts.filter(detector__in=DETECTORS, status__in=CONFIRMED, store=case.store_id).order_by("from_at", "pk")
    )


def of(case: Case, claimed_ids: Sequence[int]) -> Cluster | None:
    """The fewest confirmed findings of the case that hold its claimed orders (keys); None without any.

    Findings that hold none of them stay out: they say nothing about what is claimed. Nine queries, whatever the size.
    """
    alerts = confirmed_findings(case)
    if not alerts:
        return None
    members = _members(case, alerts)
    open_ids, chosen = set(claimed_ids), []
    while open_ids:
        best = max(alerts, key=lambda alert: len(open_ids & members[alert.pk]))
        if not open_ids & members[best.pk]:
            break
        chosen.append(best)
        open_ids -= members[best.pk]
    ids = set().union(*(members[alert.pk] for alert in chosen))
    if not ids:
        return None
    orders = list(Order.objects.filter(pk__in=ids).select_related("review").prefetch_related(*_around(case)))
    orders = sorted((order for order in orders if order.at), key=lambda order: (counted_at(order), order.pk))
    chosen.sort(key=lambda alert: alert.pk)
    return Cluster(chosen, orders, usual_of(case, orders)) if orders else None


def _around(case: Case) -> list[Any]:
    """What a document says of each order: articles, parcels and reports of this shop, contacts."""
    reports = PlatformReport.objects.filter(
        store=case.store_id, status__in=["filed", "accepted"], filed_at__isnull=False
    )
    parcels = Parcel.objects.filter(store=case.store_id)
    return ["lines", "review__contacts", Prefetch("parcels", parcels), Prefetch("platform_reports", reports)]


def _members(case: Case, alerts: Sequence[RiskAlert]) -> dict[int, set[int]]:
    """Keys of this shop's orders by finding."""
    members: dict[int, set[int]] = {alert.pk: set() for alert in alerts}
    links = RiskAlert.orders.through.objects.filter(alert__in=alerts, order__store=case.store_id)
    for alert_id, order_id in links.values_list("alert_id", "order_id"):
        members[alert_id].add(order_id)
    return members


def usual_of(case: Case, orders: Sequence[Order]) -> Usual:
    """Orders of the same articles in the same stretch of the day, on the fourteen days before, of this shop.

    A day without a single order on record is unknown, not zero: it may never have been imported. One query for the
    days, one for the orders.
    """
    if not orders:
        return Usual()
    start, end = min(map(counted_at, orders)), max(map(counted_at, orders))
    articles = {line.sku_key for order in orders for line in order.lines.all() if line.sku_key}
    earliest = start - dt.timedelta(days=LOOK_BACK_DAYS)
    placed = Order.objects.filter(
        store=case.store_id, placed_at__gte=earliest - dt.timedelta(days=1), placed_at__lt=start
    )
    known_days = {timezone.localtime(at).date() for at in placed.values_list("placed_at", flat=True) if at}
    same = OrderLine.objects.filter(
        order__in=placed.exclude(pk__in=[order.pk for order in orders]), sku_key__in=articles
    )
    moments = [at for at in dict(same.values_list("order_id", "order__placed_at")).values() if at]
    first_day = timezone.localtime(start).date()
    counts = {}
    for back in range(1, LOOK_BACK_DAYS + 1):
        day, shift = first_day - dt.timedelta(days=back), dt.timedelta(days=back)
        if day in known_days:
            counts[day] = sum(1 for at in moments if start - shift <= at <= end - shift)
    return Usual(dict(sorted(counts.items()))) if articles else Usual()
