"""The versions of a rule as bars of time, drawn on the server (no script, no style attributes)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from stores.models import Policy
from stores.queries import pick
from stores.views.policy_words import since

LEFT, RIGHT = 10, 990  # of a view box 1000 wide
ROOM_FOR_WORDS, ROOM_FOR_NUMBER = 130, 34
TICKS = 7


@dataclass(frozen=True)
class Bar:
    """One version: kind "" past, "on" in force, "maybe" to come. Words only where they fit."""

    x: int
    width: int
    title: str
    sub: str
    kind: str

    @property
    def text_x(self) -> int:
        return self.x + 10


@dataclass(frozen=True)
class Tick:
    x: int
    label: str

    @property
    def anchor(self) -> str:
        return "start" if self.x < LEFT + 40 else "end" if self.x > RIGHT - 40 else "middle"


@dataclass(frozen=True)
class Picture:
    bars: list[Bar]
    ticks: list[Tick]
    now_x: int
    now_label: str
    words: str


def _months(first: dt.datetime, last: dt.datetime) -> list[dt.datetime]:
    """At most TICKS first days of months between the two, evenly many months apart."""
    local = timezone.localtime(first)
    count = (last.year - first.year) * 12 + last.month - first.month
    step = max(1, -(-count // TICKS))
    month = local.year * 12 + local.month  # the month after `first`, counted from year 0
    days: list[dt.datetime] = []
    while True:
        day = dt.datetime(month // 12, month % 12 + 1, 1, tzinfo=local.tzinfo)
        if day >= last:
            return days
        days.append(day)
        month += step


def draw(versions: Sequence[Policy], now: dt.datetime) -> Picture:
    """The picture of `versions` (any order) around `now`: a year back at least, three months ahead at least."""
    ordered = sorted(versions, key=lambda policy: policy.version)
    begins = [policy.effective_from for policy in ordered[1:]]
    first = min([now - dt.timedelta(days=365), *(day - dt.timedelta(days=90) for day in begins)])
    last = max([now + dt.timedelta(days=90), *(day + dt.timedelta(days=120) for day in begins)])

    def place(moment: dt.datetime) -> int:
        share = (min(max(moment, first), last) - first) / (last - first)
        return round(LEFT + share * (RIGHT - LEFT))

    current = pick(ordered, now)
    bars = []
    for policy in ordered:
        x = place(policy.effective_from)
        width = place(policy.effective_to or last) - x - 2
        kind = "on" if policy == current else "maybe" if policy.effective_from > now else ""
        bars.append(Bar(x, max(width, 2), *_labels(policy, width, is_current=policy == current), kind))
    ticks = [Tick(place(day), date_format(day, "YEAR_MONTH_FORMAT")) for day in _months(first, last)]
    words = _("; ").join(f"{_title(policy, is_current=policy == current)} {since(policy)}" for policy in ordered)
    today = _("today %(day)s") % {"day": f"{timezone.localtime(now):%m-%d}"}
    return Picture(bars, ticks, place(now), today, words)


def _title(policy: Policy, *, is_current: bool) -> str:
    name = _("Version %(n)s") % {"n": policy.version}
    return _("%(version)s, in force") % {"version": name} if is_current else name


def _labels(policy: Policy, width: int, *, is_current: bool) -> tuple[str, str]:
    if width < ROOM_FOR_NUMBER:
        return "", ""
    if width < ROOM_FOR_WORDS:
        return f"v{policy.version}", ""
    state = _("verified by %(name)s") % {"name": policy.verified_by.name} if policy.verified_by else _("unverified")
    return _title(policy, is_current=is_current), f"{since(policy)}{_(', ')}{state}"
