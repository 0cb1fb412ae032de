"""Windows and countdowns in words: 收到通知后72小时内, 3个工作日内, 剩余2天3小时."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from orders.notices import dates
from orders.notices.dates import Times
from orders.notices.numbers import COUNT, count_of

RECEIPT = r"(?:自|从)?(?:您|贵店|商家|店铺)?(?:收到|接到|送达|知悉)[^，。；\n0-9]{0,16}?"
NOTICE = r"(?:自|从)?(?:本|该|此)?(?:违规|处罚|判罚)?(?:通知|处罚|判罚|公示|站内信|即)[^，。；\n0-9]{0,10}?(?:后|起)"
WINDOW = re.compile(
    rf"(?P<anchor>{RECEIPT}|{NOTICE})?的?[ ]?(?P<count>(?<![0-9.]){COUNT})[ ]?个?(?P<unit>工作日|自然日"
    rf"|小时|天|日|[hH])(?:之)?(?P<inside>以?内)?"
)
MOST_UNITS = 1000
DURATION = re.compile(
    r"(?:(?P<days>[0-9]{1,4})[ ]?天)?[ ]?(?:(?P<hours>[0-9]{1,4})[ ]?个?(?:小时|时))?[ ]?"
    r"(?:(?P<minutes>[0-9]{1,5})[ ]?(?:分钟|分))?[ ]?(?:(?P<seconds>[0-9]{1,6})[ ]?秒)?"
)
CLOCK = re.compile(
    r"(?:(?P<days>[0-9]{1,4})[ ]?天[ ]?)?"
    r"(?P<hours>[0-9]{1,3}):(?P<minutes>[0-9]{2})(?::(?P<seconds>[0-9]{2}))?(?![0-9:])"
)
MILLISECONDS = re.compile(r"(?P<ms>[0-9]{5,12})[ ]?(?:ms|毫秒)")
BARE_MILLISECONDS = re.compile(r"[ ]*(?P<ms>[0-9]{7,10})[ ]*(?:\Z|\n)")


@dataclass(frozen=True)
class Window:
    """A number of hours, days or working days in a text; `is_anchored`: the text says from when it counts."""

    start: int
    end: int
    count: int
    unit: str
    is_anchored: bool

    @property
    def rule(self) -> str:
        return {
            "hours": "hours_after_receipt",
            "days": "days_after_notice",
            "working_days": "working_days_after_notice",
        }[self.unit]

    def ends_at(self, begin: datetime | None, times: Times, *, counts_first_day: bool) -> datetime | None:
        """The end of the window; working days end with their last day, hours and days to the second."""
        if begin is None:
            return None
        if self.unit == "hours":
            return dates.later(begin, timedelta(hours=self.count))
        if self.unit == "days":
            return dates.later(begin, timedelta(days=self.count))
        return _end_of_working_days(begin, self.count, times, counts_first_day)


@dataclass(frozen=True)
class Rest:
    """A countdown: what was left when the page was captured."""

    start: int
    end: int
    left: timedelta

    @property
    def iso(self) -> str:
        """P2DT22H58M."""
        seconds = int(self.left.total_seconds())
        days, seconds = divmod(seconds, 86400)
        hours, seconds = divmod(seconds, 3600)
        minutes, seconds = divmod(seconds, 60)
        clock = "".join(f"{value}{unit}" for value, unit in ((hours, "H"), (minutes, "M"), (seconds, "S")) if value)
        if not clock:
            return f"P{days}D" if days else "PT0S"
        return f"P{days}DT{clock}" if days else f"PT{clock}"


def windows(text: str, start: int, end: int, *, inside_needed: bool = True) -> list[Window]:
    """The windows in text[start:end]; in prose only those that say 内."""
    found = []
    for match in WINDOW.finditer(text, start, end):
        count = count_of(match["count"])
        if not count or count > MOST_UNITS or (inside_needed and not match["inside"]):
            continue
        unit = {"工作日": "working_days", "小时": "hours", "h": "hours", "H": "hours"}.get(match["unit"], "days")
        found.append(Window(match.start(), match.end(), count, unit, bool(match["anchor"])))
    return found


def rest_at(text: str, start: int, end: int, *, labelled: bool = False) -> Rest | None:
    """A duration that begins at `start`: 2天22小时58分, 70:58:12, 221113549毫秒 (labelled: without the unit too)."""
    for pattern in (CLOCK, DURATION):
        match = pattern.match(text, start, end)
        parts = {key: int(value) for key, value in match.groupdict().items() if value} if match else {}
        if match and parts:
            return Rest(match.start(), len(match.group().rstrip()) + match.start(), timedelta(**parts))
    for pattern in (MILLISECONDS, BARE_MILLISECONDS)[: 2 if labelled else 1]:
        match = pattern.match(text, start, end)
        if match:
            return Rest(match.start("ms"), match.end("ms"), timedelta(seconds=int(match["ms"]) // 1000))
    return None


def _end_of_working_days(begin: datetime, count: int, times: Times, counts_first_day: bool) -> datetime | None:
    day = dates.local(begin)
    left = count
    if day is None:
        return None
    if counts_first_day and times.is_working_day(day.date()):
        left -= 1
    try:
        while left > 0:
            day += timedelta(days=1)
            left -= times.is_working_day(day.date())
    except OverflowError:
        return None
    return datetime.combine(day.date(), time(23, 59, 59), tzinfo=dates.SHANGHAI)
