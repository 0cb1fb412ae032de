"""Open a file as a table: what it is, which row names the columns, and its rows as clean text."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from operator import itemgetter
from pathlib import Path
from typing import Literal

from casemgr.kit.tabular.cells import clean_header, clean_row
from casemgr.kit.tabular.delimited import Record, Whole, sniff, wholes
from casemgr.kit.tabular.errors import TableError
from casemgr.kit.tabular.headers import SCANNED_ROWS, Known, find_header
from casemgr.kit.tabular.sniff import kind_of
from casemgr.kit.tabular.workbook import load_sheet, open_workbook, sheet_names, sheet_records

Source = Callable[[], Iterator[Whole]]
Picked = tuple[int, tuple[str, ...] | None, str | list[str]]


@dataclass(frozen=True)
class Table:
    """A table of text. `header_line` and the numbers of `rows` count as a person sees them: file lines, sheet rows."""

    kind: Literal["csv", "xlsx"]
    encoding: str | None
    delimiter: str | None
    headers: list[str]
    raw_headers: list[str]
    header_line: int
    sheet: str | None = None
    sheets: list[str] = field(default_factory=list)
    source: Source = field(repr=False, kw_only=True)

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """(line, cells) of every row under the header that is not blank, streamed; may be called again.

        Cells are clean and at least as many as `headers`; a longer row keeps its surplus, for the caller to refuse.
        Raises TableError when the file turns out to be broken further down.
        """
        for line, whole in self.source():
            if line > self.header_line:
                cells = self.cells_of(whole)
                if any(cells):
                    yield line, cells

    def cells_of(self, whole: str | list[str]) -> list[str]:
        """The clean cells of a record as the source or `picked` gives it, as many as `headers` or more."""
        cells = clean_row(whole.split(self.delimiter) if isinstance(whole, str) else whole)
        return cells if len(cells) == len(self.headers) else _fitted(cells, len(self.headers))

    def picked(self, places: Sequence[int]) -> Iterator[Picked]:
        """(line, the cells at these places as they stand in the file, the whole record) of the same rows, for who cleans
        a column at once (`clean_cell`) and needs few of the cells.

        None instead of the cells where a row has more of them than `headers`. Rows that are blank when cleaned come too.
        """
        width, delimiter, header_line = len(self.headers), self.delimiter, self.header_line
        pick = itemgetter(*places) if len(places) > 1 else lambda cells: (cells[places[0]],)
        for line, whole in self.source():
            cells = whole.split(delimiter) if isinstance(whole, str) else whole
            if line <= header_line or not any(cells):
                continue
            if len(cells) < width:
                cells = cells + [""] * (width - len(cells))
            is_wide = len(cells) > width and len(self.cells_of(whole)) > width
            yield line, None if is_wide else pick(cells), whole


def _fitted(cells: list[str], width: int) -> list[str]:
    if len(cells) < width:
        return cells + [""] * (width - len(cells))
    while len(cells) > width and not cells[-1]:
        cells = cells[:-1]
    return cells


def _table(source: Source, known: Known | None, **facts: object) -> Table:
    """The table of this source; TableError when it has no header or nothing under it."""
    split = facts["delimiter"]
    records = ((line, one.split(split) if isinstance(one, str) else one) for line, one in source())  # type: ignore[arg-type]
    top: list[Record] = list(islice((record for record in records if any(clean_row(record[1]))), SCANNED_ROWS))
    found = find_header(top, known)
    if found is None:
        raise TableError("no_header" if top else "empty")
    line, raw = top[found[0]]
    headers = [clean_header(cell) for cell in raw]
    while headers and not headers[-1]:
        headers.pop()
    table = Table(headers=headers, raw_headers=raw[: len(headers)], header_line=line, source=source, **facts)  # type: ignore[arg-type]
    if next(table.rows(), None) is None:
        raise TableError("only_header")
    return table


def _of_workbook(path: Path, sheet: str | None, known: Known | None) -> Table:
    book = open_workbook(path)
    sheets = sheet_names(book)
    if sheet is not None and sheet not in sheets:
        raise TableError("no_sheet", sheet=sheet)
    first: Table | None = None
    fault: TableError | None = None
    for name in sheets if sheet is None else [sheet]:
        source = partial(sheet_records, load_sheet(book, name))
        try:
            table = _table(source, known, kind="xlsx", encoding=None, delimiter=None, sheet=name, sheets=sheets)
        except TableError as found:
            fault = fault or found
            continue
        if known is None or known(table.headers) > 0:
            return table
        first = first or table
    if first is None:
        raise fault or TableError("empty")
    return first


def open_table(
    path: Path | str, *, sheet: str | None = None, known: Known | None = None, proven: str | None = None
) -> Table:
    """Read a CSV, TSV, TXT or XLSX file as a table of text, by its content and never by its name.

    `sheet`: name of a worksheet; without it the first visible one that `known` recognises, else the first with rows.
    `known`: how many of these cleaned column names are recognised; decides between header rows and sheets.
    `proven`: the encoding of a text file that was opened before and has not changed since; it is not proven again.
    Memory is constant for text files and bounded for workbooks. Encodings: UTF-8, UTF-16 with a mark, GB18030.
    Raises TableError(code, message) for whatever is not such a table; OSError only when the path cannot be read.
    """
    path = Path(path)
    if kind_of(path) == "zip":
        return _of_workbook(path, sheet, known)
    encoding, delimiter = sniff(path, known, proven)
    source = partial(wholes, path, encoding, delimiter)
    return _table(source, known, kind="csv", encoding=encoding, delimiter=delimiter)
