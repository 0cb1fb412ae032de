"""Cells read by column, many rows at once: what stands in a column again and again is read once.

A cell that cannot be read comes out as its fault instead of a value; `first_faults` tells which row is refused for which.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from casemgr.kit.values import CellError
from orders.imports.cells import Read

_REMEMBERED = 10_000  # distinct cells of a column


class Memo(dict[str, Any]):
    """What each cell of a column means: a value, None for an empty one, a CellError for one that cannot be read."""

    def __init__(self, read: Read) -> None:
        super().__init__()
        self._read = read
        self.has_faults = False

    def __missing__(self, cell: str) -> Any:
        try:
            value = self._read(cell) if cell else None
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

    def values(self, rows: Sequence[Sequence[str]]) -> list[Any]:
        """The value (or fault) of this field in each of the rows."""
        place, memo = self.place, self.memo
        if len(memo) > _REMEMBERED:
            memo.clear()
        return [memo[cells[place]] for cells in rows]


def first_faults(columns: Sequence[Column], values: Sequence[Sequence[Any]]) -> dict[int, tuple[Column, CellError]]:
    """Place of a row -> the first of the columns that cannot be read there, with its fault."""
    found: dict[int, tuple[Column, CellError]] = {}
    for column, read in zip(columns, values, strict=True):
        if column.memo.has_faults:
            for place, value in enumerate(read):
                if isinstance(value, CellError):
                    found.setdefault(place, (column, value))
    return found
