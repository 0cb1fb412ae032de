"""How many orders a shop usually gets at a time of day: what a burst is compared with when it is explained."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any

from casemgr.kit.bulk import fetch
from casemgr.kit.sql import given
from orders.models import Order

LOOK_BACK = 28  # days
LEAST_DAYS = 3  # of orders before an average means anything
_HOUR = dt.timedelta(hours=1)
_DAY = dt.timedelta(days=1)
_SPAN = (("store_id", "bigint"), ("place", "bigint"), ("back", "bigint"), ("day_from", "timestamptz"),
         ("day_to", "timestamptz"), ("hour_from", "timestamptz"), ("hour_to", "timestamptz"))  # fmt: skip


class Usual:
    """Orders at the same hour of the four weeks before some bursts: one query, which reads these hours and of each day
    one order. Shanghai is whole hours away from UTC, so that hours of both are the same.
    """

    def __init__(self, asked: Iterable[tuple[int, dt.datetime]]) -> None:
        """`asked`: the shop of each burst and its first moment."""
        wanted = sorted({(store_id, _hour_of(moment)) for store_id, moment in asked})
        self._found: dict[tuple[int, dt.datetime], dict[int, int]] = {one: {} for one in wanted}
        if not wanted:
            return
        spans = [(store_id, place, *span) for place, (store_id, hour) in enumerate(wanted) for span in _spans(hour)]
        rows, params = given(_SPAN, spans, "d")
        placed = f"FROM {Order._meta.db_table} o WHERE o.store_id = d.store_id AND o.placed_at >="
        in_hour = f"SELECT COUNT(*) {placed} d.hour_from AND o.placed_at < d.hour_to"
        in_day = f"EXISTS (SELECT 1 {placed} d.day_from AND o.placed_at < d.day_to)"
        for place, back, n in fetch(f"SELECT d.place, d.back, ({in_hour}) FROM {rows} WHERE {in_day}", params):
            self._found[wanted[place]][back] = n

    def rate(self, store_ids: Iterable[int], from_at: dt.datetime, window: dt.timedelta) -> tuple[float | None, int]:
        """(orders in a `window` at that hour, days it was measured on); None with fewer than three days of orders.

        The day of the burst itself is left out.
        """
        hour = _hour_of(from_at)
        found = [self._found.get((store_id, hour), {}) for store_id in store_ids]
        days = {back for days_of_shop in found for back in days_of_shop}
        if len(days) < LEAST_DAYS:
            return None, len(days)
        total = sum(sum(days_of_shop.values()) for days_of_shop in found)
        return round(total / len(days) * (window / _HOUR), 1), len(days)


def _hour_of(moment: dt.datetime) -> dt.datetime:
    return moment.astimezone(dt.UTC).replace(minute=0, second=0, microsecond=0)


def _spans(hour: dt.datetime) -> Iterator[tuple[Any, ...]]:
    """(days back, from and to of that day, from and to of the same hour in it), as the database keeps moments.

    A day ends with the hour asked for; of the last one only what is twelve hours away, of the first that hour alone.
    """
    start, end = hour - _DAY * LOOK_BACK, hour - _HOUR * 12
    for back in range(LOOK_BACK + 1):
        same = hour - _DAY * back
        day = max(start, same - _DAY + _HOUR), min(end, same + _HOUR)
        yield back, *map(_text, (*day, same, same + _HOUR if back else same))


def _text(moment: dt.datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S")
