"""The words in which pages write days and lengths of time, translated once for each language: a list writes hundreds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

from django.utils import translation
from django.utils.translation import pgettext


@dataclass(frozen=True)
class TimeWords:
    """Patterns have fields in braces; weekdays begin with Monday."""

    weekdays: list[str]
    months: list[str]
    days_around: list[str]  # yesterday, today, tomorrow
    day: str
    day_of_year: str
    short: str
    short_of_year: str
    units: list[str]  # days, hours, minutes
    moment: str
    left: str
    over: str

    def full(self, local: date, today: date) -> str:
        """Wed 25 Nov 18:05 of a local moment, with the year if it is not this one; of a date without the time."""
        pattern = self.day if local.year == today.year else self.day_of_year
        weekday, month = self.weekdays[local.weekday()], self.months[local.month - 1]
        return _timed(pattern.format(weekday=weekday, day=local.day, month=month, year=local.year), local)

    def near(self, local: date, today: date) -> str:
        """The same with words for the days around today."""
        distance = ((local.date() if isinstance(local, datetime) else local) - today).days
        return _timed(self.days_around[distance + 1], local) if abs(distance) <= 1 else self.full(local, today)

    def brief(self, local: date, today: date) -> str:
        """Day and month, with another year's number."""
        pattern = self.short if local.year == today.year else self.short_of_year
        return pattern.format(day=local.day, month=self.months[local.month - 1], year=local.year)


def _timed(day: str, local: date) -> str:
    return f"{day} {local:%H:%M}" if isinstance(local, datetime) else day


@cache
def words_of(language: str | None) -> TimeWords:
    """The words of a language (`get_language()`)."""
    with translation.override(language):
        return TimeWords(
            weekdays=_weekdays(),
            months=_months(),
            days_around=[pgettext("day", "yesterday"), pgettext("day", "today"), pgettext("day", "tomorrow")],
            day=pgettext("date, fields in braces as in English", "{weekday} {day} {month}"),
            day_of_year=pgettext("date, fields in braces as in English", "{weekday} {day} {month} {year}"),
            short=pgettext("short date, fields in braces as in English", "{day} {month}"),
            short_of_year=pgettext("short date, fields in braces as in English", "{day} {month} {year}"),
            units=[
                pgettext("length of time", "{n} d"),
                pgettext("length of time", "{n} h"),
                pgettext("length of time", "{n} min"),
            ],
            moment=pgettext("length of time", "less than 1 min"),
            left=pgettext("deadline", "{span} left"),
            over=pgettext("deadline", "{span} over"),
        )


def _weekdays() -> list[str]:
    return [
        pgettext("weekday", "Mon"),
        pgettext("weekday", "Tue"),
        pgettext("weekday", "Wed"),
        pgettext("weekday", "Thu"),
        pgettext("weekday", "Fri"),
        pgettext("weekday", "Sat"),
        pgettext("weekday", "Sun"),
    ]


def _months() -> list[str]:
    return [
        pgettext("month", "Jan"),
        pgettext("month", "Feb"),
        pgettext("month", "Mar"),
        pgettext("month", "Apr"),
        pgettext("month", "May"),
        pgettext("month", "Jun"),
        pgettext("month", "Jul"),
        pgettext("month", "Aug"),
        pgettext("month", "Sep"),
        pgettext("month", "Oct"),
        pgettext("month", "Nov"),
        pgettext("month", "Dec"),
    ]
