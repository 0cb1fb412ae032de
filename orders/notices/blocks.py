"""Cutting a pasted text into notices: rows of a violation list, or several notices one under the other."""

from __future__ import annotations

from collections import Counter

from orders.notices.facts import NUMBER
from orders.notices.labels import Field, of
from orders.notices.reading import Reading
from orders.notices.tables import Cell, cell_numbers, row_cells

NUMBER_COLUMNS = frozenset({"violation_no", "ticket_no", "notice_no"})


def readings_of(whole: Reading) -> list[Reading]:
    """One reading for each violation in the text; the text itself where it holds but one."""
    table = whole.table
    if table and NUMBER_COLUMNS & {column.name for column in table.columns}:
        rows = [row for row in table.rows if (NUMBER_COLUMNS | {"order_no"}) & set(row)]
        return [_row_reading(whole, row) for row in rows] or [whole]
    starts = _block_starts(whole)
    if len(starts) < 2:
        return [whole]
    return [whole.part(start, end) for start, end in zip(starts, [*starts[1:], len(whole.text)], strict=True)]


def _block_starts(whole: Reading) -> list[int]:
    """Where each of several notices begins: at the first label that all of them have, or the heading line above."""
    numbered = [item for item in of(whole.fields, "violation_no") if NUMBER.match(whole.text, item.value, item.end)]
    labels = Counter(item.label for item in numbered)
    label, times = labels.most_common(1)[0] if labels else ("", 0)
    same = [item for item in numbered if item.label == label]
    if times < 2 or len({_number(whole, item) for item in same}) != times:
        return []
    counts = Counter(item.label for item in whole.fields)
    before = (item for item in whole.fields if counts[item.label] == times and item.start <= same[0].start)
    leader = next(before, same[0])
    starts = [_with_heading(whole, item) for item in whole.fields if item.label == leader.label]
    return [0, *starts[1:]] if len(set(starts)) == times else []


def _number(whole: Reading, item: Field) -> str:
    match = NUMBER.match(whole.text, item.value, item.end)
    return match["number"] if match else ""


def _with_heading(whole: Reading, item: Field) -> int:
    """The start of a block: its line, and the line above where that is a heading (no label, no sentence, no list)."""
    start = whole.page.line_start(item.start)
    above = whole.page.line_start(max(0, start - 1))
    line = whole.text[above : max(above, start - 1)].strip()
    has_label = any(above <= other.start < start for other in whole.fields)
    is_heading = (
        bool(line)
        and len(line) <= 40
        and not has_label
        and line[-1] not in "。；;，,"
        and not any(char.isdigit() for char in line)
    )
    return above if is_heading else start


def _row_reading(whole: Reading, row: dict[str, Cell]) -> Reading:
    """One row as a notice of its own: its cells are its labelled values."""
    start, end = min(cell.start for cell in row.values()), max(cell.end for cell in row.values())
    part = whole.part(start, end)
    cells = row_cells(row, start)
    return Reading(part.page, whole.platform, whole.times, cells=cells, mentions=cell_numbers(part.text, cells))
