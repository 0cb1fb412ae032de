"""Moments in cells: dates and times as exports and notices write them."""

import datetime as dt
import re
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from casemgr.kit.clock import SHANGHAI
from casemgr.kit.values.cell_text import CACHED, EMPTY_WORDS, AmbiguousDate, CellError, is_ruined_number, plain

DateOrder = Literal["ymd", "dmy", "mdy"]
_UNSET = frozenset({"0", "0000-00-00", "0000-00-00 00:00:00", "0001-01-01 00:00:00", "1970-01-01 08:00:00"})
_FIRST_YEAR, _LAST_YEAR = 2000, 2100
_COMMON = re.compile(r"(20\d\d)([-/])(\d{1,2})\2(\d{1,2})(?: (\d{1,2}):(\d\d)(?::(\d\d))?)?", re.ASCII)
_DATE = re.compile(r"(\d{1,4})([-/.]|\s*年\s*)(\d{1,2})(?:[-/.]|\s*月\s*)(\d{1,4})\s*[日号]?", re.ASCII)
_TIME = re.compile(
    r"(?:T|\s*)(上午|下午|AM|PM)?\s*(\d{1,2})\s*[:时点]\s*(\d{1,2})?\s*(?:[:分]\s*(\d{1,2})?\s*秒?(?:[.,]\d+)?)?\s*(AM|PM)?"
    r"\s*(Z|UTC|[+-]\d{2}:?\d{2})?",
    re.ASCII | re.IGNORECASE,
)
_WEEKDAY = re.compile(r"[(\s]*(?:周|星期)[一二三四五六日天][)\s]*")
_COMPACT = re.compile(r"(20\d\d)(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?", re.ASCII)
_NUMBER = re.compile(r"\d{5}(?:\.\d+)?|\d{10}|\d{13}", re.ASCII)
_SERIAL_ZERO = dt.date(1899, 12, 30)  # day 0 of Excel's serial numbers
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_DAY_END = dt.time(23, 59, 59)


def _of_number(text: str, zone: dt.tzinfo) -> tuple[dt.datetime, bool]:
    """(moment, date only) of an Excel serial number, or of epoch seconds or milliseconds."""
    if len(text.partition(".")[0]) == 5:
        days = float(text)
        midnight = dt.datetime.combine(_SERIAL_ZERO, dt.time(), tzinfo=zone)
        return midnight + dt.timedelta(seconds=round(days * 86_400)), days == int(days)
    seconds = int(text) if len(text) == 10 else int(text) // 1000
    return _EPOCH + dt.timedelta(seconds=seconds), False


def _full_year(number: int, written: str) -> int:
    return number + 2000 if len(written) <= 2 else number


def _calendar_date(match: re.Match[str], order: DateOrder | None) -> dt.date:
    """The day meant by three numbers: a four-digit year decides, `yy-mm-dd` is seen in notices, the rest is asked."""
    first, sign, second, third = match[1], match[2].strip(), match[3], match[4]
    if len(first) == 4 or sign == "年":
        orders: tuple[str, ...] = ("ymd",)
    elif len(third) == 4:
        orders = (order,) if order in ("dmy", "mdy") else ("dmy", "mdy")
    else:
        orders = (order,) if order else ("ymd",) if sign == "-" and len(first) == 2 else ("ymd", "dmy", "mdy")
    days = set()
    for parts in orders:
        named = dict(zip(parts, (first, second, third), strict=True))
        try:
            days.add(dt.date(_full_year(int(named["y"]), named["y"]), int(named["m"]), int(named["d"])))
        except ValueError:  # no such day in this order
            continue
    if not days:
        raise CellError("date_broken")
    if len(days) > 1:
        raise AmbiguousDate
    return days.pop()


def _clock_time(match: re.Match[str]) -> tuple[dt.timedelta, dt.tzinfo | None]:
    """(time since midnight, its own zone if the text names one). 24:00 is the midnight after."""
    half = (match[1] or match[5] or "").upper()
    hour, minute, second = int(match[2]), int(match[3] or 0), int(match[4] or 0)
    if half in ("下午", "PM") and hour < 12:
        hour += 12
    elif half in ("上午", "AM") and hour == 12:
        hour = 0
    if minute > 59 or second > 59 or hour > 24 or (hour == 24 and (minute or second)):
        raise CellError("date_broken")
    zone: dt.tzinfo | None = None
    if match[6]:
        zone = dt.UTC
        if match[6][0] in "+-":
            offset = dt.timedelta(hours=int(match[6][1:3]), minutes=int(match[6][-2:]))
            if offset >= dt.timedelta(hours=24):
                raise CellError("date_broken")
            zone = dt.timezone(-offset if match[6][0] == "-" else offset)
    return dt.timedelta(hours=hour, minutes=minute, seconds=second), zone


def _of_words(text: str, zone: dt.tzinfo, order: DateOrder | None) -> tuple[dt.datetime, bool]:
    """(moment, date only) of a written date with or without a time."""
    compact = _COMPACT.fullmatch(text)
    if compact:
        year, month, day, hour, minute, second = (int(part or 0) for part in compact.groups())
        try:
            return dt.datetime(year, month, day, hour, minute, second, tzinfo=zone), compact[4] is None
        except ValueError as fault:
            raise CellError("date_broken") from fault
    match = _DATE.match(text)
    if match is None:
        raise CellError("date_broken")
    midnight = dt.datetime.combine(_calendar_date(match, order), dt.time(), tzinfo=zone)
    rest = _WEEKDAY.sub(" ", text[match.end() :]).strip()
    if not rest:
        return midnight, True
    time = _TIME.fullmatch(rest)
    if time is None or (time[3] is None and "点" not in rest and "时" not in rest):
        raise CellError("date_broken")
    since, own_zone = _clock_time(time)
    return midnight.replace(tzinfo=own_zone or zone) + since, False


@lru_cache(CACHED)
def _when(text: str, zone: dt.tzinfo, order: DateOrder | None, end_of_day: bool) -> dt.datetime | None:
    text = plain(text)
    if text.lower() in EMPTY_WORDS or text in _UNSET:
        return None
    if is_ruined_number(text):
        raise CellError("ruined_number")
    moment, date_only = _of_number(text, zone) if _NUMBER.fullmatch(text) else _of_words(text, zone, order)
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise CellError("date_implausible")
    if date_only and end_of_day:
        moment = moment.replace(hour=_DAY_END.hour, minute=_DAY_END.minute, second=_DAY_END.second)
    return moment.astimezone(dt.UTC)


def parse_when(
    text: str, *, tz: ZoneInfo = SHANGHAI, date_order: DateOrder | None = None, end_of_day: bool = False
) -> dt.datetime | None:
    """A moment in a cell, aware and in UTC, to the second; None for an empty or unset cell.

    Takes `2026-05-27 22:17:38`, `2016/5/23 22:02`, `2016-7-30`, `2026年5月27日 22时17分`, `26-05-27 22:17`, ISO 8601
    with offset, 20260527221738, Excel serials, epoch seconds and milliseconds. Texts without a zone are in `tz`.
    A date only is its first second, or 23:59:59 with `end_of_day` (deadlines). `date_order` says how the file
    writes 03/04/2026; without it such a text raises AmbiguousDate.
    Raises CellError: date_broken, date_ambiguous, date_implausible, ruined_number.
    """
    common = _COMMON.fullmatch(text)
    if common:
        year, _sign, month, day, hour, minute, second = common.groups()
        if hour is None and end_of_day:
            hour, minute, second = 23, 59, 59
        try:
            moment = dt.datetime(
                int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0), tzinfo=tz
            )
        except ValueError:  # 24:00:00, 31 June: the long way words it
            return _when(text, tz, date_order, end_of_day)
        return moment.astimezone(dt.UTC)
    return _when(text, tz, date_order, end_of_day)
