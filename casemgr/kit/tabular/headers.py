"""Which row holds the column names."""

import re
from collections.abc import Callable, Sequence

from casemgr.kit.tabular.cells import clean_header

SCANNED_ROWS = 10
LONGEST_NAME = 60
# A later row must name clearly more than an earlier one: a data row may be as wordy as the header above it.
CLEARLY_MORE = 0.9

Known = Callable[[list[str]], int]
_VALUE = re.compile(r"\d{4}|^[\d\s.,:/%+¥$元-]*$|[*●]{2}")


def _names(cells: Sequence[str]) -> int:
    """How many distinct cells could be column names: not empty, no number, date, id, mask or long text."""
    names = {clean_header(cell) for cell in cells}
    return sum(1 for name in names if name and len(name) <= LONGEST_NAME and not _VALUE.search(name))


def find_header(rows: Sequence[tuple[int, Sequence[str]]], known: Known | None = None) -> tuple[int, int] | None:
    """(index of the header row among the first ten of `rows`, its score), or None where no row has a name in it.

    `rows` are (line, cells); `known` scores cleaned names (0 = nothing recognised) and wins over the number of names.
    Exports put titles, dates of export and group names above the header, never more than a few rows.
    """
    rows = rows[:SCANNED_ROWS]
    if known is not None:
        scores = [known([clean_header(cell) for cell in cells]) for _line, cells in rows]
        if scores and max(scores) > 0:
            best = scores.index(max(scores))
            return best, max(scores) * 1000
    counts = [_names(cells) for _line, cells in rows]
    if not counts or max(counts) == 0:
        return None
    best = next(i for i, count in enumerate(counts) if count >= CLEARLY_MORE * max(counts))
    return best, counts[best]
