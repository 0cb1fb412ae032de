"""Which rows of one order (parcel, waybill) stand: the row rules of design 5, "Rows"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from orders.imports.scratch import Row


@dataclass(frozen=True)
class Standing:
    """Rows that stand, in order of the file; copies of them (line, line it equals); replaced ones (row, line that won)."""

    rows: list[Row]
    copies: list[tuple[int, int]]
    replaced: list[tuple[Row, int]]

    @property
    def size(self) -> int:
        """How many rows of the file are stored with these: copies are, replaced ones are refused."""
        return len(self.rows) + len(self.copies)


def standing(rows: Sequence[Row]) -> Standing:
    """Rows equal in every cell stand once, the first of them. Of rows with one identity and different contents the last
    stands. Rows without an identity are told apart by their contents alone."""
    if len(rows) == 1:
        return Standing(list(rows), [], [])
    last = {row.identity: row for row in rows if row.identity is not None}
    kept: list[Row] = []
    copies: list[tuple[int, int]] = []
    replaced: list[tuple[Row, int]] = []
    seen: dict[bytes, int] = {}
    for row in rows:
        winner = last.get(row.identity) if row.identity is not None else None
        if winner is not None and row.digest != winner.digest:
            replaced.append((row, winner.line))
        elif row.digest in seen:
            copies.append((row.line, seen[row.digest]))
        else:
            seen[row.digest] = row.line
            kept.append(row)
    return Standing(kept, copies, replaced)
