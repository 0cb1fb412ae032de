"""One deadline as it was read: a written time, a window, a countdown, or nothing but our default window."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from orders.notices import dates
from orders.notices.facts import Noticed
from orders.notices.reading import Reading
from orders.notices.vocabulary import vocabulary
from orders.notices.windows import Rest, Window

FIRST_DAY = re.compile(r"(?:含|包含|计入)(?:当日|当天|首日)|(?:当日|当天)(?:计入|算)")


@dataclass
class Deadline:
    """One reading of one deadline; `rank` 0 a written time, 1 a window, 2 a countdown."""

    kind: str
    rule: str
    text: str | None
    due_at: datetime | None
    needs_person: bool
    start: int
    end: int
    rank: int = 0
    is_from_effect: bool = False
    extra: dict[str, Any] = field(default_factory=dict)

    def as_result(self) -> dict[str, Any]:
        """The entry of the result."""
        return {
            "kind": self.kind,
            "rule": self.rule,
            "text": self.text,
            "due_at": dates.written(self.due_at),
            "source": "notice",
            "needs_person": self.needs_person,
            **self.extra,
        }


@dataclass(frozen=True)
class Notice:
    """What the deadlines lean on: when the notice came, and what it is."""

    noticed: Noticed
    stage: str | None
    is_ticket: bool
    claimed: int | None = None

    @property
    def noticed_at(self) -> datetime | None:
        return self.noticed.at


def absolute(reading: Reading, notice: Notice, kind: str, moment: dates.Moment, start: int, end: int) -> Deadline:
    """A written time. Not certain without a clock, with a year of our own, or where it is before the notice."""
    is_before = bool(moment.at and notice.noticed_at and moment.at < notice.noticed_at)
    is_year_guessed = not moment.has_year and notice.noticed_at is None
    needs = moment.at is None or not moment.has_clock or is_year_guessed or is_before
    made = Deadline(kind, "absolute", reading.page.text[start:end].strip(), moment.at, needs, start, end)
    if moment.at and not moment.has_clock:
        made.extra["note"] = "date only: read as 23:59:59"
    return made


def windowed(reading: Reading, notice: Notice, kind: str, window: Window, end: int) -> Deadline:
    """A window counts from the notice; with no time of it there is only an estimate from the time of pasting."""
    counts_first_day = bool(FIRST_DAY.search(reading.text))
    extra: dict[str, Any] = {f"window_{window.unit}": window.count}
    if window.unit == "working_days":
        extra["counts_first_day"] = counts_first_day
    begin = notice.noticed.earliest or dates.local(reading.times.pasted_at or reading.times.captured_at)
    end_at = window.ends_at(begin, reading.times, counts_first_day=counts_first_day)
    due_at = end_at if notice.noticed_at else None
    if due_at is None:
        extra["estimate_due_at"] = dates.written(end_at)
        extra["estimate_source"] = "estimated"
    # Certain only: hours from receipt or notice, both the anchor and the time of it written.
    needs = due_at is None or window.unit != "hours" or not window.is_anchored or not notice.noticed.is_certain
    text = reading.page.text[window.start : end].strip()
    return Deadline(kind, window.rule, text, due_at, needs, window.start, end, rank=1, extra=extra)


def counted_down(reading: Reading, kind: str, rest: Rest, text: str, start: int) -> Deadline:
    """A countdown ends at capture + rest; without the time of capture only an estimate from the time of pasting."""
    due_at = dates.later(dates.local(reading.times.captured_at), rest.left)
    extra: dict[str, Any] = {"remaining": rest.iso}
    if due_at is None:
        extra["estimate_due_at"] = dates.written(dates.later(dates.local(reading.times.pasted_at), rest.left))
        extra["estimate_source"] = "notice"
    return Deadline(kind, "countdown", text, due_at, due_at is None, start, rest.end, rank=2, extra=extra)


def policy_deadline(notice: Notice, pasted_at: datetime | None) -> dict[str, Any]:
    """The appeal deadline that a notice does not write: an estimate from our default window, never a due time."""
    window = vocabulary().default_window
    begin = notice.noticed.earliest or pasted_at
    return {
        "kind": "appeal",
        "rule": "none",
        "text": None,
        "due_at": None,
        "source": "policy",
        "needs_person": True,
        "note": f"{window['hours']} h, confidence {window['confidence']}: shown as 未核实",
        "estimate_due_at": dates.written(dates.later(begin, timedelta(hours=window["hours"]))),
    }
