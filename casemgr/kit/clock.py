"""Deadline arithmetic as pure functions of facts and calendar.

Two clocks: the platform's never pauses, ours (SLA) does while the case waits for others. An uncertain result warns and
never raises: a deadline that is not computed passes unnoticed.

Days are days of Asia/Shanghai; results are aware datetimes in UTC. Nothing here reads the clock of the machine.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")

WindowUnit = Literal["hours", "natural_days", "working_days"]
Effect = Literal["pause", "extend", "waive"]
Tone = Literal["calm", "soon", "today", "now", "missed"]
LadderKind = Literal["appeal", "request", "ship"]

_DAY = dt.timedelta(days=1)
_DAY_END = dt.time(23, 59, 59)
_SATURDAY = 5
# The ladder of the interface: at most this much time left is now, today, soon; more is calm, less than none missed.
_WORK_STEPS = (dt.timedelta(hours=4), dt.timedelta(hours=24), dt.timedelta(days=2))
_LADDERS: dict[str, tuple[dt.timedelta, dt.timedelta, dt.timedelta]] = {
    "appeal": _WORK_STEPS,
    "request": _WORK_STEPS,
    "ship": (dt.timedelta(hours=1), dt.timedelta(hours=4), dt.timedelta(hours=12)),
}
PAUSING = frozenset({"merchant", "platform"})  # waiting for these the internal clock stands; for a buyer it runs


@dataclass(frozen=True)
class Window:
    """When a window closes, and what makes that uncertain (`calendar_missing:2027`)."""

    due_at: dt.datetime
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Exemption:
    """A platform's pause, extension or waiver between two moments, both within it; `to_at` None = still running."""

    from_at: dt.datetime
    to_at: dt.datetime | None
    effect: Effect
    hours: float | None = None  # extend only: by how many; None = until to_at

    def covers(self, moment: dt.datetime) -> bool:
        """Does the moment lie within the window?"""
        return self.from_at <= moment and (self.to_at is None or moment <= self.to_at)


def _end_of(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, _DAY_END, tzinfo=SHANGHAI).astimezone(dt.UTC)


def _aware(moment: dt.datetime) -> dt.datetime:
    if moment.tzinfo is None:
        raise ValueError("an aware datetime is needed")
    return moment.astimezone(dt.UTC)


def _nth_working_day(
    first: dt.date, amount: int, working_days: Mapping[dt.date, bool]
) -> tuple[dt.date, tuple[str, ...]]:
    """The amount-th working day from `first` on; a warning for each year crossed that the calendar does not hold."""
    day, left, years = first, amount, {first.year}
    while True:
        if working_days.get(day, day.weekday() < _SATURDAY):
            left -= 1
            if left <= 0:
                break
        day += _DAY
        years.add(day.year)
    known = {date.year for date in working_days}
    return day, tuple(f"calendar_missing:{year}" for year in sorted(years - known))


def add_window(
    start: dt.datetime,
    amount: int,
    unit: WindowUnit,
    *,
    counts_first_day: bool = False,
    working_days: Mapping[dt.date, bool] | None = None,
) -> Window:
    """When a window of `amount` hours, natural days or working days that begins at `start` closes.

    Hours end to the second; days end at 23:59:59 of the last one. Without `counts_first_day` the day of the start is
    not counted, as seller portals word it ("within 7 working days, that day not counted"). `working_days` says of dates
    whether they are worked (holidays False, make-up days True); dates it leaves out follow the week, and a year it does
    not hold at all warns instead of raising. An amount of zero or less closes at the start.
    """
    start = _aware(start)
    if amount <= 0:
        return Window(start)
    if unit == "hours":
        return Window(start + dt.timedelta(hours=amount))
    first = start.astimezone(SHANGHAI).date() + (dt.timedelta() if counts_first_day else _DAY)
    if unit == "natural_days":
        return Window(_end_of(first + _DAY * (amount - 1)))
    last, warnings = _nth_working_day(first, amount, working_days or {})
    return Window(_end_of(last), warnings)


def _run_around(
    start: dt.datetime, running: dt.timedelta, pauses: Iterable[tuple[dt.datetime, dt.datetime | None]]
) -> dt.datetime | None:
    """When a clock started at `start` has run for `running`, standing still in the pauses; None inside an open one."""
    at, left = start, running
    for from_at, to_at in sorted(pauses, key=lambda pause: pause[0]):
        if to_at is not None and to_at <= at:
            continue
        if from_at >= at + left:
            break
        left -= max(from_at - at, dt.timedelta())
        if to_at is None:
            return None
        at = to_at
    return at + left


def ship_by(
    clock_start: dt.datetime | None, hours: float | None, exemptions: Sequence[Exemption] = ()
) -> dt.datetime | None:
    """The latest moment to ship: `hours` natural hours after the clock started, moved by the platform's exemptions.

    Pauses stop the clock; extensions and waivers hold for an order whose clock starts or whose deadline falls within
    them (an extension adds its hours, or lasts to its end). None: start or hours unknown, waived, or paused for good.
    Ship clocks run in natural hours in every export and notice seen; holidays alone do not stop them.
    """
    if clock_start is None or hours is None:
        return None
    start = _aware(clock_start)
    pauses = [(e.from_at, e.to_at) for e in exemptions if e.effect == "pause"]
    due = _run_around(start, dt.timedelta(hours=hours), pauses)
    if due is None:
        return None
    for window in sorted((e for e in exemptions if e.effect == "extend"), key=lambda e: e.from_at):
        if not (window.covers(start) or window.covers(due)):
            continue
        if window.hours is not None:
            due += dt.timedelta(hours=window.hours)
        elif window.to_at is None:
            return None
        else:
            due = max(due, _aware(window.to_at))
    if any(e.covers(start) or e.covers(due) for e in exemptions if e.effect == "waive"):
        return None
    return due.astimezone(dt.UTC)


def remaining(due_at: dt.datetime, now: dt.datetime) -> dt.timedelta:
    """Time left until the deadline; negative once it has passed."""
    return due_at - now


def ladder(due_at: dt.datetime, now: dt.datetime, kind: LadderKind = "appeal") -> Tone:
    """How loud a deadline is: calm, soon, today, now, missed.

    Steps of appeals and requests: over 2 days, 2 days, 24 h, 4 h, past; of ship-by: over 12 h, 12 h, 4 h, 1 h, past.
    The second of the deadline itself is not yet past: an attempt with `deadline >= now` still counts.
    """
    left = due_at - now
    at_once, today, soon = _LADDERS[kind]
    if left < dt.timedelta():
        return "missed"
    if left <= at_once:
        return "now"
    if left <= today:
        return "today"
    return "soon" if left <= soon else "calm"


def internal_elapsed(intervals: Iterable[tuple[dt.datetime, str]], now: dt.datetime) -> dt.timedelta:
    """How long the case has been ours (SLA): the time until `now` in which it waited for neither merchant nor platform.

    `intervals` are (from_at, waiting_for), each lasting until the next begins; what begins after `now` does not count.
    The platform's own clock never pauses: this is not its deadline.
    """
    begun = sorted((pair for pair in intervals if pair[0] < now), key=lambda pair: pair[0])
    ends = [from_at for from_at, _waiting_for in begun[1:]] + [now]
    spans = zip(begun, ends, strict=True) if begun else ()
    return sum((end - from_at for (from_at, waiting_for), end in spans if waiting_for not in PAUSING), dt.timedelta())


def latest_safe(
    due_at: dt.datetime,
    *,
    needed: dt.timedelta = dt.timedelta(hours=4),
    opens: dt.time = dt.time(9),
    closes: dt.time = dt.time(21),
    working_days: Mapping[dt.date, bool] | None = None,
) -> dt.datetime:
    """The latest moment to start without risking the deadline: `needed` hours of review and packing before it.

    Counted backwards in the office's hours, `opens` to `closes`: a deadline at 10:00 needs a start on the evening before.
    `working_days` says of dates whether they are worked, as in add_window; without it the office works every day.
    """
    if not opens < closes:
        raise ValueError("the office must open before it closes")
    at, left = due_at.astimezone(SHANGHAI), needed
    while True:
        day_opens = dt.datetime.combine(at.date(), opens, tzinfo=SHANGHAI)
        at = min(at, dt.datetime.combine(at.date(), closes, tzinfo=SHANGHAI))
        if _is_worked(at.date(), working_days) and at > day_opens:
            if at - day_opens >= left:
                return (at - left).astimezone(dt.UTC)
            left -= at - day_opens
        at = dt.datetime.combine(at.date() - _DAY, closes, tzinfo=SHANGHAI)


def office_time(
    start: dt.datetime,
    end: dt.datetime,
    *,
    opens: dt.time = dt.time(9),
    closes: dt.time = dt.time(21),
    working_days: Mapping[dt.date, bool] | None = None,
) -> dt.timedelta:
    """How long the office is open between two moments; nothing where the second comes first. Days as in latest_safe."""
    at, until, total = start.astimezone(SHANGHAI), end.astimezone(SHANGHAI), dt.timedelta()
    for back in range((until.date() - at.date()).days + 1):
        day = at.date() + _DAY * back
        first = max(at, dt.datetime.combine(day, opens, tzinfo=SHANGHAI))
        last = min(until, dt.datetime.combine(day, closes, tzinfo=SHANGHAI))
        if _is_worked(day, working_days):
            total += max(last - first, dt.timedelta())
    return total


def _is_worked(day: dt.date, working_days: Mapping[dt.date, bool] | None) -> bool:
    return working_days is None or working_days.get(day, day.weekday() < _SATURDAY)
