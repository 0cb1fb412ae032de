"""What a cell becomes on its way into the tables: text that both databases take as it is.

Moments are UTC without an offset, amounts have two places. A cell that cannot be read raises CellError.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any
from zoneinfo import ZoneInfo

from casemgr.kit.clock import SHANGHAI
from casemgr.kit.privacy import scrub
from casemgr.kit.values import (
    CellError,
    DateOrder,
    is_empty,
    parse_amount,
    parse_identifier,
    parse_quantity,
    parse_when,
    plain,
)
from orders.imports.fields import Field, Reads
from orders.imports.reasons import Unfit

Read = Callable[[str], Any]

_YES = frozenset({"是", "有", "yes", "y", "true", "1", "t"})
_NO = frozenset({"否", "无", "没有", "no", "n", "false", "0", "f"})
# Signs of dates and amounts: what else stands in such a column may be a name that slipped in from its neighbour.
_OF_NUMBERS = re.compile(r"[^\W\d_]")
_UNITS = frozenset("年月日号时分秒点上下午周星期元圆角万亿件个共合计EeTtZzxXRrMmBb")
_TOLD = 60
_MOST = 1_000_000  # pieces in one row: more is a number of something else
_USUAL = re.compile(r"(20\d\d-\d\d-\d\d (?:[01]\d|2[0-3]))(:[0-5]\d:[0-5]\d)", re.ASCII)


@dataclass(frozen=True)
class Reading:
    """How the cells of one file are read: where days and months are ambiguous, and in which zone its clocks run."""

    date_order: DateOrder | None = None
    zone: ZoneInfo = SHANGHAI

    def reader(self, field: Field) -> Read:
        """The function that reads cells of this field: a value for the tables, None or "" for an empty cell."""
        if field.reads in (Reads.MOMENT, Reads.DEADLINE):
            return self._moments(end_of_day=field.reads is Reads.DEADLINE)
        if field.reads is Reads.AMOUNT:
            return _amount
        if field.reads is Reads.QUANTITY:
            return _quantity
        if field.reads is Reads.FLAG:
            return _flag
        if field.reads is Reads.NUMBER:
            return partial(_number, longest=field.longest)
        if field.reads is Reads.WORD:
            return partial(_word, longest=field.longest)
        if field.reads is Reads.NOTE:
            return lambda cell: "" if is_empty(cell) else scrub(cell)[: field.longest]
        return partial(_text, longest=field.longest)

    def _moments(self, *, end_of_day: bool) -> Read:
        # China keeps one whole-hour offset: minutes and seconds stay, days and hours repeat and are read once each.
        is_plain = self.zone is SHANGHAI

        def read(cell: str) -> str | None:
            usual = _USUAL.fullmatch(cell) if is_plain else None
            if usual and (hour := _hour(usual[1])):
                return hour + usual[2]
            moment = parse_when(cell, tz=self.zone, date_order=self.date_order, end_of_day=end_of_day)
            return stored(moment) if moment else None

        return read


@lru_cache(8_192)
def _hour(text: str) -> str:
    """`2026-11-07 20` in UTC, as far as the hour; "" where there is no such hour."""
    try:
        moment = parse_when(f"{text}:00:00")
    except CellError:
        return ""
    return stored(moment)[:13] if moment else ""


def stored(moment: dt.datetime) -> str:
    """A moment as both databases take it: UTC to the second, without an offset."""
    return str(moment.astimezone(dt.UTC))[:19]


def moment_of(text: str) -> dt.datetime:
    """The aware moment of a text made by `stored`."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def _amount(cell: str) -> str | None:
    amount = parse_amount(cell)
    if amount is not None and amount < 0:
        raise Unfit("amount_negative")
    return None if amount is None else str(amount)


def _quantity(cell: str) -> int | None:
    quantity = parse_quantity(cell)
    if quantity is not None and not 0 <= quantity <= _MOST:
        raise Unfit("quantity_negative" if quantity < 0 else "quantity_too_large")
    return quantity


@lru_cache(256)
def _flag(cell: str) -> bool | None:
    word = plain(cell).casefold()
    return True if word in _YES else False if word in _NO else None


def _number(cell: str, longest: int) -> str | None:
    number = parse_identifier(cell)
    if number and len(number) > longest:
        raise Unfit("number_too_long")
    return number


@lru_cache(32_768)
def _text(cell: str, longest: int) -> str:
    return "" if is_empty(cell) else scrub(cell)[:longest]


@lru_cache(8_192)
def _word(cell: str, longest: int) -> str:
    # A dash is a word too: it says "no after-sale" in one platform's files.
    return scrub(cell.strip())[:longest]


def told(cell: str, field: Field | None) -> str:
    """A refused cell as it may be shown and kept: nothing in it tells of a person.

    Rows that slipped by one column put names and addresses under a date, so letters there are starred out.
    """
    text = scrub(cell)[:_TOLD]
    if field is not None and field.reads is Reads.NUMBER and cell.isascii():
        return text
    return _OF_NUMBERS.sub(lambda match: match[0] if match[0] in _UNITS else "*", text)
