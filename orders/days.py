"""Orders of a shop by the day they were placed, sorted by what is known of their shipping."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db import models
from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import TruncDate
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders.enums import Fulfilment, OrderState
from orders.models import Order, Parcel


class Fate(models.TextChoices):
    """What became of an order, the worst first: an order has one."""

    LATE = "late", _("late")
    UNSCANNED = "unscanned", _("shipped, not scanned yet")
    OTHER = "other", _("other orders")


@dataclass
class Day:
    """One day of a shop; `counts` has every fate."""

    date: dt.date
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(Fate.values, 0))

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def with_fate(orders: QuerySet[Order], now: dt.datetime) -> QuerySet[Order]:
    """`orders` with `fate`: late (shipped after its time, or past it and not shipped), unscanned, other.

    An unknown time or an unknown scan is never late or unscanned (rule 9): scans count from the day since when the
    shop's tracking is known.
    """
    late = Q(shipped_at__gt=F("ship_by")) | Q(ship_by__lt=now, fulfilment=Fulfilment.UNSHIPPED) & ~Q(
        state=OrderState.UNPAID
    )
    silent = Parcel.objects.filter(
        orders=OuterRef("pk"),
        first_scan_at__isnull=True,
        delivered_at__isnull=True,
        shipped_at__gte=F("store__scans_known_since"),
    )
    unscanned = Q(Exists(silent), fulfilment=Fulfilment.SHIPPED, delivered_at__isnull=True)
    whens = [When(late, then=Value(Fate.LATE.value)), When(unscanned, then=Value(Fate.UNSCANNED.value))]
    return orders.annotate(fate=Case(*whens, default=Value(Fate.OTHER.value), output_field=models.CharField()))


def bounds(day: dt.date) -> tuple[dt.datetime, dt.datetime]:
    """The first moment of a day of Shanghai and that of the next."""
    first = timezone.make_aware(dt.datetime.combine(day, dt.time()))
    return first, first + dt.timedelta(days=1)


def last_days(orders: QuerySet[Order], now: dt.datetime, *, days: int) -> list[Day]:
    """The last `days` days up to today, oldest first, each with its orders by fate; one query.

    Orders without a time of order are on no day.
    """
    return last_days_by_shop(orders, [None], now, days=days)[None]


K = TypeVar("K", int, None)


def last_days_by_shop(
    orders: QuerySet[Order], shops: Sequence[K], now: dt.datetime, *, days: int
) -> dict[K, list[Day]]:
    """The same for each of these shops (by key), in one query for all; [None]: for all orders together."""
    today = timezone.localdate(now)
    dates = [today - dt.timedelta(days=back) for back in reversed(range(days))]
    shown = {shop: {date: Day(date) for date in dates} for shop in shops}
    begin, end = bounds(dates[0])[0], bounds(today)[1]
    rows = with_fate(orders.filter(placed_at__gte=begin, placed_at__lt=end), now).order_by()
    of_shop = Value(None, output_field=models.BigIntegerField()) if None in shown else F("store_id")
    rows = rows.annotate(day=TruncDate("placed_at"), of_shop=of_shop)
    for shop, date, fate, n in rows.values_list("of_shop", "day", "fate").annotate(n=Count("pk")):
        if shop in shown:
            shown[shop][date].counts[fate] += n
    return {shop: list(found.values()) for shop, found in shown.items()}


def summed(found: Sequence[Day]) -> dict[str, Any] | None:
    """Days with the number of their orders and of the late ones; None where there are none."""
    total = sum(day.total for day in found)
    return {"days": found, "total": total, "late": sum(day.counts["late"] for day in found)} if total else None


def parse(text: str) -> tuple[dt.date, str] | None:
    """The day and fate of a filter like "2026-11-14" or "2026-11-14:late"; None where it is neither."""
    date, _colon, fate = text.partition(":")
    try:
        return dt.date.fromisoformat(date), fate if fate in Fate.values else ""
    except ValueError:
        return None
