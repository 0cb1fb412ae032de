"""Runs of orders close in time: the arithmetic of windows that are closed at both ends, wherever they begin."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple


class Row(NamedTuple):
    """One order as bursts see it: its moment, the key it may share with others, and what may be shown of it."""

    pk: int
    store_id: int
    order_no: str
    at: dt.datetime
    key: str
    paid_at: dt.datetime | None
    paid: Decimal | None
    is_open: bool
    is_news: bool
    key_phone: str
    key_masked: str
    name: str
    phone: str
    city: str
    district: str
    street: str

    @property
    def person(self) -> str:
        """What tells recipients apart best: hash of the phone, of the masked composite, or the masked name."""
        return self.key_phone or self.key_masked or self.name

    @property
    def place(self) -> str:
        return f"{self.city}{self.district}{self.street}"


def runs(moments: Sequence[dt.datetime], count: int, window: dt.timedelta) -> list[tuple[int, int]]:
    """Stretches [first, last] of sorted `moments` covered by windows that hold at least `count` of them.

    Any window of length `window` counts, ends included (performance.md). Windows that share a moment are one stretch;
    every moment of a stretch lies in a window that counts.
    """
    found: list[tuple[int, int]] = []
    for last in range(count - 1, len(moments)):
        first = last - count + 1
        if moments[last] - moments[first] > window:
            continue
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], last)
        else:
            found.append((first, last))
    return found


def groups(rows: Iterable[Row], count: int, window: dt.timedelta, by: Callable[[Row], Hashable]) -> list[list[Row]]:
    """The bursts among `rows` with something new in them: at least `count` rows equal under `by`, in order of time.

    Stretches of one key no further apart than a window are one burst: an attack with a breath in between.
    """
    shared: dict[Hashable, list[Row]] = defaultdict(list)
    for row in rows:
        shared[by(row)].append(row)
    found: list[list[Row]] = []
    for members in shared.values():
        if len(members) < count:
            continue
        members.sort(key=lambda row: (row.at, row.pk))
        own: list[list[Row]] = []
        for first, last in runs([row.at for row in members], count, window):
            stretch = members[first : last + 1]
            if own and stretch[0].at - own[-1][-1].at <= window:
                own[-1] += stretch
            else:
                own.append(stretch)
        found += [group for group in own if any(row.is_news for row in group)]
    return sorted(found, key=lambda group: (group[0].at, group[0].pk))


def minutes(group: Sequence[Row]) -> int:
    """How many minutes a burst took, begun ones counted, at least 1."""
    seconds = (max(row.at for row in group) - min(row.at for row in group)).total_seconds()
    return max(1, -int(-seconds // 60))
