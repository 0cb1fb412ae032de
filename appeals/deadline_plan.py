"""The plan of a filing, backwards from its deadline: by when each step must be done so that the rest can still be.

Pure functions. Our own steps run in the hours of the office, the merchant's and the platform's clocks never pause.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from casemgr.kit.clock import latest_safe, office_time

# What must be so by when, in order. The last is no step of ours: then everybody is told.
STEPS = ("asked", "evidence", "text", "review", "filing", "alarm")
# What is still to be done when that much is so: the names in `Hours` that lie between a step and the one after it.
_AFTER = ("evidence", "text", "review", "handover", "filing")
# In a window without this much office time our own hours are counted around the clock: the platform's clock runs on.
_LEAST_OFFICE = dt.timedelta(hours=1)


@dataclass(frozen=True)
class Office:
    """When the agency works. `days` says of dates whether they are worked (调休 included); None: every day."""

    opens: dt.time = dt.time(9)
    closes: dt.time = dt.time(21)
    days: Mapping[dt.date, bool] | None = None

    def before(self, moment: dt.datetime, hours: float) -> dt.datetime:
        """The moment with so many office hours between it and `moment`."""
        needed = dt.timedelta(hours=hours)
        return latest_safe(moment, needed=needed, opens=self.opens, closes=self.closes, working_days=self.days)

    def between(self, start: dt.datetime, end: dt.datetime) -> dt.timedelta:
        return office_time(start, end, opens=self.opens, closes=self.closes, working_days=self.days)

    @property
    def day_hours(self) -> float:
        """Office hours of one day."""
        return (self.closes.hour - self.opens.hour) + (self.closes.minute - self.opens.minute) / 60


@dataclass(frozen=True)
class Hours:
    """How long each part takes. `evidence` (the merchant's) and `alarm` are hours of the clock, the others of the office."""

    cause: float = 2
    evidence: float = 24
    text: float = 4
    review: float = 4
    handover: float = 1
    filing: float = 2
    alarm: float = 1


@dataclass(frozen=True)
class Moment:
    """By when a step must be done."""

    step: str
    by: dt.datetime


def backward(due_at: dt.datetime, *, since: dt.datetime, office: Office, hours: Hours) -> list[Moment]:
    """By when each of STEPS must be done for a filing due at `due_at`, first step first.

    `since` is when the deadline became known: a window shorter than the plan is shared out in the same proportions.
    Never after one another's end and never after the deadline.
    """
    at, found = due_at, []
    for name in reversed(_AFTER):
        at = at - dt.timedelta(hours=hours.evidence) if name == "evidence" else office.before(at, getattr(hours, name))
        found.append(at)
    if office.before(found[-1], hours.cause) < since:
        found = _shared_out(due_at, since, office, hours)
    steps = [Moment(step, by) for step, by in zip(STEPS, reversed(found), strict=False)]
    alarm = due_at - min(dt.timedelta(hours=hours.alarm), (due_at - found[0]) / 2)
    return [*steps, Moment(STEPS[-1], alarm)]


def _shared_out(due_at: dt.datetime, since: dt.datetime, office: Office, hours: Hours) -> list[dt.datetime]:
    """The moments of a short window, last step first: each part gets its share of the office time there is."""
    # A day of the merchant's is a day of the office's here: it may bring nothing while nobody is there to take it.
    parts = [hours.evidence * office.day_hours / 24, *(getattr(hours, name) for name in _AFTER[1:])]
    whole, left, found = hours.cause + sum(parts), 0.0, []
    window = max(due_at - since, dt.timedelta())
    there = office.between(since, due_at)
    for part in reversed(parts):
        left += part
        share = left / whole
        by_office = office.before(due_at, there.total_seconds() / 3600 * share)
        found.append(by_office if there >= _LEAST_OFFICE else due_at - window * share)
    return found


def done_count(status: str, *, filing: str = "", has_evidence: bool = False) -> int:
    """How many of STEPS are done: from the state of the case, of its open filing, and whether anything is missing.

    A case that is filed and has a deadline again stands where the next round begins.
    """
    if status == "preparing":
        return 2 if has_evidence else 1
    if status != "reviewing":
        return 0
    return {"approved": 4, "filing": 5, "filed": 6}.get(filing, 3)


def safe_until(moments: Sequence[Moment], done: int) -> dt.datetime | None:
    """The latest safe moment of the next step that is not done; None when nothing is left."""
    return moments[done].by if done < len(moments) else None
