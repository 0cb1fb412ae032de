"""Cells read by column, many rows at once: what stands in a column again and again is read once.

The usual shape of a number or moment is told and read for the whole column by one expression; any other column goes cell
by cell through the readers of `cells`, which alone say what a cell means. A cell that cannot be read comes out as its
fault instead of a value; `first_faults` tells which row is refused for which.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from casemgr.kit.clock import SHANGHAI
from casemgr.kit.tabular import clean_cell
from casemgr.kit.values import CellError
from orders.imports.cells import Read, Reading
from orders.imports.fields import Field, Reads

_REMEMBERED = 10_000  # distinct cells of a column
Usual = Callable[[Sequence[str]], list[Any] | None]


class Memo(dict[str, Any]):
    """What each cell of a column means: a value, None for an empty one, a CellError for one that cannot be read.

    `is_raw`: cells are given as they stand in the file, and wrappers and blanks around them are taken off here.
    """

    def __init__(self, read: Read, *, is_raw: bool = False) -> None:
        super().__init__()
        self._read, self._is_raw = read, is_raw
        self.has_faults = False

    def __missing__(self, cell: str) -> Any:
        clean = clean_cell(cell) if self._is_raw else cell
        try:
            value = self._read(clean) if clean else None
        except CellError as fault:
            value, self.has_faults = fault.with_traceback(None), True
        if value == "":
            value = None
        self[cell] = value
        return value


@dataclass(frozen=True)
class Column:
    """One field of a file: where its cells stand, and what they mean."""

    name: str
    place: int
    memo: Memo
    usual: Usual | None = None

    @classmethod
    def of(cls, field: Field, place: int, reading: Reading, *, is_raw: bool = False) -> Column:
        """The column of this field at this place of a file that is read this way; `is_raw`: as for Memo."""
        read = reading.reader(field)
        usual: Usual | None = None
        if field.reads is Reads.NUMBER:
            usual = usual_numbers
        elif field.reads in (Reads.MOMENT, Reads.DEADLINE) and reading.zone is SHANGHAI:
            usual = UsualMoments(read)
        return cls(field.name, place, Memo(read, is_raw=is_raw), usual)

    def values(self, cells: Sequence[str]) -> list[Any]:
        """The value (or fault) of this field in each of these cells."""
        found = self.usual(cells) if self.usual else None
        if found is not None:
            return found
        if len(self.memo) > _REMEMBERED:
            self.memo.clear()
        return list(map(self.memo.__getitem__, cells))


# Digits with capital letters and dashes, perhaps a tab behind that keeps Excel from rounding: what such a cell means is
# what stands in it. Shorter ones may be words for "nothing" (NULL).
_NUMBERS = re.compile(r"(?:[0-9A-Z][0-9A-Z-]{5,62}\t?\n|\n)*")
_SECONDS = re.compile(r"(?:20\d\d-\d\d-\d\d (?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\t?\n|\n)*", re.ASCII)
_MINUTES = re.compile(r"(?:20\d\d-\d\d-\d\d (?:[01]\d|2[0-3]):[0-5]\d\t?\n|\n)*", re.ASCII)
_HOUR = 13  # characters of `2026-11-07 20`


def _usual(shape: re.Pattern[str], cells: Sequence[str]) -> list[str] | None:
    """The cells, if all of them are empty or of this shape, without the tabs behind them."""
    text = "\n".join(cells) + "\n"
    if shape.fullmatch(text) is None:
        return None
    found = text.replace("\t", "").split("\n")
    found.pop()
    # A line break inside a cell makes two of it.
    return found if len(found) == len(cells) else None


def usual_numbers(cells: Sequence[str]) -> list[str | None] | None:
    """What these cells mean, if each is empty or a number of the usual shape; else None."""
    found = _usual(_NUMBERS, cells)
    return [cell or None for cell in found] if found is not None else None


class _Hours(dict[str, str]):
    """`2026-11-07 20` in China's time -> in UTC, as far as the hour. Raises CellError where there is no such hour."""

    def __init__(self, read: Read) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, hour: str) -> str:
        found = self[hour] = self._read(f"{hour}:00:00")[:_HOUR]
        return found


class UsualMoments:
    """Reads columns of `2026-11-07 20:03:17` or `2026-11-07 20:03` in China's time.

    China keeps one whole-hour offset: minutes and seconds stay, days and hours repeat and are read once each.
    """

    def __init__(self, read: Read) -> None:
        self._hours = _Hours(read)

    def __call__(self, cells: Sequence[str]) -> list[str | None] | None:
        hours = self._hours
        try:
            if (found := _usual(_SECONDS, cells)) is not None:
                return [hours[cell[:_HOUR]] + cell[_HOUR:] if cell else None for cell in found]
            if (found := _usual(_MINUTES, cells)) is not None:
                return [f"{hours[cell[:_HOUR]]}{cell[_HOUR:]}:00" if cell else None for cell in found]
        except CellError:
            pass
        return None


def first_faults(columns: Sequence[Column], values: Sequence[Sequence[Any]]) -> dict[int, tuple[Column, CellError]]:
    """Place of a row -> the first of the columns that cannot be read there, with its fault."""
    found: dict[int, tuple[Column, CellError]] = {}
    for column, read in zip(columns, values, strict=True):
        if column.memo.has_faults:
            for place, value in enumerate(read):
                if isinstance(value, CellError):
                    found.setdefault(place, (column, value))
    return found
