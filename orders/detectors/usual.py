"""How many orders a shop usually gets at a time of day: what a burst is compared with when it is explained."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable

from django.db.models import CharField, Count
from django.db.models.functions import Cast, Substr

from orders.models import Order

LOOK_BACK = dt.timedelta(days=28)
LEAST_DAYS = 3  # of orders before an average means anything
_HOUR = dt.timedelta(hours=1)


class Usual:
    """Orders per hour of some shops over four weeks before each moment asked for; one query, bounded by time.

    Grouped by the first thirteen characters of the stored UTC time ("2026-11-07 12"): native on both databases, and
    Shanghai is whole hours away.
    """

    def __init__(self, store_ids: Iterable[int], moments: Iterable[dt.datetime]) -> None:
        self._hours: dict[int, dict[dt.datetime, int]] = defaultdict(dict)
        asked = list(moments)
        if not asked:
            return
        rows = (
            Order.objects.filter(
                store_id__in=list(store_ids), placed_at__gte=min(asked) - LOOK_BACK, placed_at__lte=max(asked)
            )
            .annotate(hour=Substr(Cast("placed_at", CharField()), 1, 13))
            .values_list("store_id", "hour")
            .annotate(n=Count("pk"))
            .order_by()
        )
        for store_id, hour, n in rows:
            moment = dt.datetime.strptime(hour, "%Y-%m-%d %H").replace(tzinfo=dt.UTC)
            self._hours[store_id][moment] = n

    def rate(self, store_ids: Iterable[int], from_at: dt.datetime, window: dt.timedelta) -> tuple[float | None, int]:
        """(orders in a `window` at that hour, days it was measured on); None with fewer than three days of orders.

        The day of the burst itself is left out.
        """
        hour = from_at.astimezone(dt.UTC).replace(minute=0, second=0, microsecond=0)
        start, total, days = hour - LOOK_BACK, 0, set()
        for store_id in store_ids:
            for moment, n in self._hours.get(store_id, {}).items():
                if not start <= moment < hour - _HOUR * 12:
                    continue
                days.add((hour - moment) // dt.timedelta(days=1))
                if moment.hour == hour.hour:
                    total += n
        if len(days) < LEAST_DAYS:
            return None, len(days)
        return round(total / len(days) * (window / _HOUR), 1), len(days)
