"""Violation lists pasted as a table: cells are read by shape, not by position (a stray TAB shifts a row)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from orders.notices import dates
from orders.notices.labels import Field
from orders.notices.normalise import Page
from orders.notices.numbers import sums
from orders.notices.order_numbers import Mention, long_numbers
from orders.notices.vocabulary import vocabulary
from orders.notices.windows import rest_at

SEPARATORS = ("\t", "|", "  ")
DASH = re.compile(r"-+|—+|/|无|暂无|N/A|待定", re.IGNORECASE)
NUMBER = re.compile(r"(?:[A-Za-z]{1,6}-?)?[0-9]{6,24}")
ORDERS = re.compile(
    r"(?:PO-[0-9]{3}-|P|[0-9]{6}-)?[0-9]{8,20}A?(?:[、,，;；\s]+(?:PO-[0-9]{3}-|P|[0-9]{6}-)?[0-9]{8,20}A?)*"
)
NUMBERS = ("violation_no", "notice_no", "ticket_no", "appeal_no", "aftersale_no")
SUMS = ("amount", "amount_final", "amount_per_order", "other_amount", "amount_appealable")
COUNTS = ("points", "order_count", "attempts_left", "attempts_allowed", "attempts_used")
LEAST_COLUMNS = 3


@dataclass(frozen=True)
class Cell:
    """One cell of a row: page.plain[start:end]."""

    start: int
    end: int
    text: str
    label: str = ""


@dataclass(frozen=True)
class Column:
    """One column: its field ("" where the header is none that is known) and its header."""

    name: str
    label: str


@dataclass(frozen=True)
class Table:
    """A table in a page: where it stands, and for each row the cell of each field."""

    start: int
    end: int
    columns: tuple[Column, ...]
    rows: tuple[dict[str, Cell], ...]


def table_of(page: Page) -> Table | None:
    """The first table of the page: a line of labels alone, and lines of as many values under it."""
    place = 0
    for line in page.plain.split("\n"):
        start, place = place, place + len(line) + 1
        for separator in SEPARATORS:
            columns = _columns(line, separator)
            if columns:
                rows, end = _rows(page, place, separator, columns)
                if rows:
                    return Table(start, end, columns, tuple(rows))
    return None


def _cells(line: str, separator: str, offset: int = 0) -> list[Cell]:
    pattern = r"[ ]{2,}" if separator == "  " else re.escape(separator)
    cells, last = [], 0
    for match in [*re.finditer(pattern, line), None]:
        end = match.start() if match else len(line)
        text = line[last:end]
        if text.strip():
            left = last + len(text) - len(text.lstrip())
            cells.append(Cell(offset + left, offset + left + len(text.strip()), text.strip()))
        last = match.end() if match else end
    return cells


def _columns(line: str, separator: str) -> tuple[Column, ...]:
    """The fields of a header line; other words in it are columns too, without a field."""
    if separator not in line:
        return ()
    columns = [Column(_field(cell.text), cell.text) for cell in _cells(line, separator)]
    known = [column for column in columns if column.name]
    is_header = len(known) >= LEAST_COLUMNS and len(known) * 3 >= len(columns) * 2
    return tuple(columns) if is_header else ()


def _field(text: str) -> str:
    bare = re.sub(r"[（(][^（()）]*[)）]", "", text).strip()
    hit = vocabulary().labels.longest(bare)
    return str(hit.word.field) if hit and hit.start == 0 and hit.end == len(bare) else ""


def _rows(page: Page, start: int, separator: str, columns: tuple[Column, ...]) -> tuple[list[dict[str, Cell]], int]:
    rows, end, place = [], start, start
    for line in page.plain[start:].split("\n"):
        offset, place = place, place + len(line) + 1
        if separator == "|" and not line.strip("|-: \t"):
            continue
        cells = _cells(line, separator, offset)
        if len(cells) < max(2, len(columns) // 2):
            if cells:
                break
            continue
        rows.append(_aligned(cells, columns))
        end = offset + len(line)
    return rows, end


def _aligned(cells: list[Cell], columns: tuple[Column, ...]) -> dict[str, Cell]:
    """Cells to columns, both in order, by the best sum of fits; a cell or a column may stay empty."""
    width = len(columns)
    if len(cells) == width and all(_fit(cell.text, column.name) for cell, column in zip(cells, columns, strict=True)):
        pairs = tuple((place, place) for place in range(width))
        return _named(cells, columns, pairs)
    best: list[list[tuple[float, tuple[tuple[int, int], ...]]]] = [
        [(0.0, ())] * (width + 1) for _ in range(len(cells) + 1)
    ]
    for row, cell in enumerate(cells, 1):
        for column in range(1, width + 1):
            choices = [best[row - 1][column], best[row][column - 1]]
            fit = _fit(cell.text, columns[column - 1].name)
            if fit:
                score, pairs = best[row - 1][column - 1]
                bonus = 0.1 if row == column else 0.0
                choices.append((score + fit + bonus, (*pairs, (row - 1, column - 1))))
            best[row][column] = max(choices, key=lambda choice: choice[0])
    return _named(cells, columns, best[-1][-1][1])


def _named(cells: list[Cell], columns: tuple[Column, ...], pairs: tuple[tuple[int, int], ...]) -> dict[str, Cell]:
    return {
        columns[column].name: replace(cells[row], label=columns[column].label)
        for row, column in pairs
        if columns[column].name
    }


def _fit(text: str, column: str) -> float:
    """How well a cell fits a column: 0 not at all."""
    if DASH.fullmatch(text):
        return 0.5
    is_time = bool(dates.labelled_moments(text, 0, len(text)))
    is_number = bool(NUMBER.fullmatch(text))
    if column.endswith("_at"):
        is_time = is_time or (column.endswith("due_at") and rest_at(text, 0, len(text), labelled=True) is not None)
        return 2.0 if is_time else 0.0
    if column in NUMBERS:
        return 2.0 if is_number else 0.0
    if column == "order_no":
        return 2.0 if ORDERS.fullmatch(text) else 0.0
    if column == "waybill_no":
        return 1.5 if NUMBER.fullmatch(text) else 0.0
    if column in SUMS or column in COUNTS:
        return 2.0 if sums(text, unit_needed=False) and not is_time and len(text) < 20 else 0.0
    if is_time or is_number:
        return 0.2
    words = {
        "violation_type": vocabulary().types,
        "status": vocabulary().statuses,
        "measures": vocabulary().measures,
    }.get(column)
    return 2.0 if words and words.find(text) else 1.0


def row_cells(row: dict[str, Cell], offset: int = 0) -> list[Field]:
    """The cells of a row as labelled values; a dash is unknown and no value."""
    filled = {name: cell for name, cell in row.items() if not DASH.fullmatch(cell.text)}
    cells = [
        Field(name, cell.label, cell.start - offset, cell.start - offset, cell.end - offset, "cell")
        for name, cell in filled.items()
    ]
    return sorted(cells, key=lambda item: item.start)


def cell_numbers(text: str, cells: list[Field]) -> list[Mention]:
    """The long numbers of a row: its columns say which are orders and which are waybills."""
    kinds = {"order_no": "order", "waybill_no": "waybill"}
    return [
        Mention(number.start, number.end, number.number, kinds.get(cell.name, "other"))
        for cell in cells
        for number in long_numbers(text, cell.value, cell.end)
    ]
