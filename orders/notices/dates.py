"""Times as notices write them, read in Asia/Shanghai."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")

_DAY = (
    r"(?:(?<![0-9A-Za-z.-])(?P<year>20[0-9]{2})[ ]?(?:[-/.]|年)[ ]?(?P<month>[0-9]{1,2})[ ]?(?:[-/.]|月)[ ]?"
    r"(?P<day>[0-9]{1,2})(?![0-9])[ ]?[日号]?"
    r"|(?<![0-9A-Za-z.-])(?P<year2>[2-3][0-9])(?:[-/]|年)(?P<month2>[0-9]{1,2})(?:[-/]|月)"
    r"(?P<day2>[0-9]{1,2})(?![0-9-])日?"
    r"|(?<![0-9年])(?P<month3>[0-9]{1,2})[ ]?月[ ]?(?P<day3>[0-9]{1,2})[ ]?[日号]"
    r"|(?<![0-9A-Za-z/-])(?P<month4>[0-9]{1,2})[-/](?P<day4>[0-9]{1,2})(?=[ ][0-9]{1,2}:[0-9]{2}))"
)
_WEEKDAY = r"(?:[ ]?[（(]?(?:周|星期)[一二三四五六日天][)）]?)?"
_HALF = r"(?P<half>凌晨|早上|上午|中午|下午|傍晚|晚上|晚)?"
_CLOCK = (
    rf"(?:{_WEEKDAY}[T\s]{{0,3}}{_HALF}[ ]?(?P<hour>[0-9]{{1,2}})"
    r"(?::(?P<minute>[0-9]{1,2})(?::(?P<second>[0-9]{1,2}))?(?:\.[0-9]{1,6})?(?P<zone>Z|[+-][0-9]{2}:?[0-9]{2})?"
    r"|[ ]?[时点](?:[ ]?(?P<minute2>[0-9]{1,2})[ ]?分(?:[ ]?(?P<second2>[0-9]{1,2})[ ]?秒)?|整|(?P<thirty>半))?))?"
)
MOMENT = re.compile(_DAY + _CLOCK)
EPOCH = re.compile(r"(?<![0-9A-Za-z-])(?:(?P<ms>1[5-9][0-9]{11})|(?P<s>1[5-9][0-9]{8}))(?![0-9-])")
LATER_HALVES = ("下午", "傍晚", "晚上", "晚")


@dataclass(frozen=True)
class Moment:
    """
    A time in a text. `at` is None where the text is no possible time, or has no year and none can be told.

    A date without a clock means the end of that day, 23:59:59 (`has_clock` says so). 24:00 is the next day 00:00.
    """

    start: int
    end: int
    at: datetime | None
    has_clock: bool
    has_year: bool


@dataclass(frozen=True)
class Times:
    """The times around a text: captured (screenshot or copy), pasted, and which days are worked on."""

    captured_at: datetime | None = None
    pasted_at: datetime | None = None
    working_days: Mapping[date, bool] = field(default_factory=dict)

    def is_working_day(self, day: date) -> bool:
        """Monday to Friday, unless the calendar says otherwise (holidays, make-up days 调休)."""
        return self.working_days.get(day, day.weekday() < 5)


def local(moment: datetime | None) -> datetime | None:
    """A time in Asia/Shanghai; a naive one is taken as Shanghai time."""
    if moment is None:
        return None
    if moment.tzinfo is None:
        return moment.replace(tzinfo=SHANGHAI)
    try:
        return moment.astimezone(SHANGHAI)
    except OverflowError:
        return None


def written(moment: datetime | None) -> str | None:
    """A time as the result carries it: ISO 8601 with +08:00."""
    shown = local(moment)
    return shown.isoformat(timespec="seconds") if shown else None


def later(moment: datetime | None, span: timedelta) -> datetime | None:
    """moment + span, None where that leaves the calendar."""
    try:
        return moment + span if moment else None
    except OverflowError:
        return None


def moments(text: str, start: int = 0, end: int | None = None, *, near: datetime | None = None) -> list[Moment]:
    """
    All times in text[start:end].

    `near` supplies the year of a date without one: the nearest such day.
    """
    found = []
    for match in MOMENT.finditer(text, start, len(text) if end is None else end):
        item = _moment(match, near)
        if item is not None:
            found.append(item)
    return found


def labelled_moments(text: str, start: int, end: int, *, near: datetime | None = None) -> list[Moment]:
    """As moments(), and epochs in seconds or milliseconds too: only beside a label, elsewhere they are numbers."""
    found = moments(text, start, end, near=near)
    if found:
        return found
    for match in EPOCH.finditer(text, start, end):
        seconds = int(match["ms"]) / 1000 if match["ms"] else int(match["s"])
        at = datetime.fromtimestamp(int(seconds), tz=UTC).astimezone(SHANGHAI)
        found.append(Moment(match.start(), match.end(), at, True, True))
    return found


def _moment(match: re.Match[str], near: datetime | None) -> Moment | None:
    part = match.groupdict()
    month = int(part["month"] or part["month2"] or part["month3"] or part["month4"])
    day = int(part["day"] or part["day2"] or part["day3"] or part["day4"])
    has_year = bool(part["year"] or part["year2"])
    year = int(part["year"] or 0) or (2000 + int(part["year2"]) if part["year2"] else 0)
    clock = _clock(part)
    if part["hour"] is not None and clock is None:
        return Moment(match.start(), match.end(), None, True, has_year)
    at = _at(year, month, day, clock) if has_year else _near(month, day, clock, near)
    if at is not None and part["zone"]:
        at = _in_zone(at, part["zone"])
    return Moment(match.start(), len(match.group().rstrip()) + match.start(), at, clock is not None, has_year)


def _clock(part: dict[str, str | None]) -> tuple[int, int, int] | None:
    if part["hour"] is None:
        return None
    hour = int(part["hour"])
    minute = 30 if part["thirty"] else int(part["minute"] or part["minute2"] or 0)
    second = int(part["second"] or part["second2"] or 0)
    if part["half"] in LATER_HALVES and hour < 12:
        hour += 12
    is_midnight = hour == 24 and minute == 0 and second == 0
    return (hour, minute, second) if (hour < 24 or is_midnight) and minute < 60 and second < 60 else None


def _at(year: int, month: int, day: int, clock: tuple[int, int, int] | None) -> datetime | None:
    hour, minute, second = clock or (23, 59, 59)
    try:
        start = datetime(year, month, day, tzinfo=SHANGHAI)
    except ValueError:
        return None
    return start + timedelta(hours=hour, minutes=minute, seconds=second)


def _near(month: int, day: int, clock: tuple[int, int, int] | None, near: datetime | None) -> datetime | None:
    """A date without a year: the nearest one to `near` (2 January in a notice of 30 December is next year's)."""
    if near is None:
        return None
    days = [
        at
        for year in (near.year - 1, near.year, near.year + 1)
        if 1 < year < 9998 and (at := _at(year, month, day, clock))
    ]
    return min(days, key=lambda at: abs(at - near), default=None)


def _in_zone(at: datetime, zone: str) -> datetime | None:
    if zone == "Z":
        return local(at.replace(tzinfo=UTC))
    hours, minutes = int(zone[1:3]), int(zone[-2:])
    if hours > 14 or minutes > 59:
        return None
    sign = -1 if zone[0] == "-" else 1
    return local(at.replace(tzinfo=timezone(sign * timedelta(hours=hours, minutes=minutes))))
