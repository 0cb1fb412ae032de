"""CSV, TSV and their kin: delimiter by the header row, records with the line a person sees, constant memory."""

import csv
import io
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from casemgr.kit.tabular.cells import clean_header
from casemgr.kit.tabular.encoding import encoding_of, sample_of
from casemgr.kit.tabular.errors import TableError
from casemgr.kit.tabular.headers import Known, find_header

DELIMITERS = ",\t;|"
_SNIFFED_RECORDS = 40
_ALIKE = 0.9
_LONG = 100_000  # characters: within csv.field_size_limit(), whatever the cells
_SEP_LINE = re.compile(r'^"?sep=([,\t;|])"?\r?\n?$', re.IGNORECASE)
_WEB_PAGE = re.compile(r"\s*<(?:!doctype html|html|head|meta|style|table|body|div)\b", re.IGNORECASE)
_XML = re.compile(r"\s*<\?xml\b|\s*<(?:\w+:)?workbook\b", re.IGNORECASE)

Record = tuple[int, list[str]]
# A record as it stands in the file: a line to be split at the delimiters, or cells where quotation marks were in it.
Whole = tuple[int, str | list[str]]


def _wholes(lines: Iterator[str], delimiter: str) -> Iterator[Whole]:
    """(line where the record starts, record). A quotation mark that stays open to the end is refused, not swallowed.

    A line without a quotation mark is one record and splits at its delimiters; the others are left to csv, which takes
    four times as long.
    """
    start = 1
    for line in lines:
        if '"' in line or len(line) > _LONG:
            cells, taken = _quoted(line, lines, delimiter, start)
            yield start, cells
            start += taken
        else:
            yield start, line.rstrip("\r\n")
            start += 1


def _records(lines: Iterator[str], delimiter: str) -> Iterator[Record]:
    """The same with all records as cells."""
    for start, whole in _wholes(lines, delimiter):
        yield start, whole.split(delimiter) if isinstance(whole, str) else whole


def _quoted(line: str, lines: Iterator[str], delimiter: str, start: int) -> tuple[list[str], int]:
    """(cells, lines taken) of the record that begins with `line` and may go on in the next ones."""
    taken = 0

    def fed() -> Iterator[str]:
        nonlocal taken
        for one in chain((line,), lines):
            taken += 1
            yield one
        raise TableError("quote_open", line=start)

    try:
        return next(csv.reader(fed(), delimiter=delimiter)), taken
    except csv.Error as fault:  # a cell beyond csv.field_size_limit()
        raise TableError("quote_open", line=start) from fault


def wholes(path: Path, encoding: str, delimiter: str) -> Iterator[Whole]:
    """All records of the file as they stand in it, streamed."""
    with path.open("r", encoding=encoding, newline="") as file:
        yield from _wholes(iter(file), delimiter)


def _top_rows(lines: list[str], delimiter: str) -> list[Record]:
    rows: list[Record] = []
    try:
        for record in _records(iter(lines), delimiter):
            if any(record[1]):
                rows.append(record)
            if len(rows) == _SNIFFED_RECORDS:
                break
    except TableError:  # the sample may end inside a quoted cell; the whole file is judged when it is read
        pass
    return rows


def _fit(lines: list[str], delimiter: str, known: Known | None) -> tuple[int, float, float]:
    """How well this delimiter explains the file, to compare: known names, then a header whose rows are as wide as it.

    Of two that do, the one whose header comes first: signs inside data (`颜色:红;尺码:M`) begin below the real header.
    """
    rows = _top_rows(lines, delimiter)
    found = find_header(rows, known)
    if found is None or len(rows[found[0]][1]) < 2:
        return 0, 0.0, 0.0
    index, score = found
    header, below = rows[index][1], rows[index + 1 :]
    if known is not None and known([clean_header(cell) for cell in header]) > 0:
        return 3, score, 0.0
    alike = sum(1 for _line, cells in below if len(cells) == len(header)) / len(below) if below else 0.0
    return (2, -index, score) if alike >= _ALIKE else (1, score * (1 + alike), 0.0)


def sniff(path: Path, known: Known | None, proven: str | None = None) -> tuple[str, str]:
    """(encoding, delimiter). Web pages and XML tables under a table's name are refused as such."""
    encoding, sample = (proven, sample_of(path, proven)) if proven else encoding_of(path)
    sample = sample.lstrip("\ufeff")
    if _WEB_PAGE.match(sample) or sample.lstrip()[:13].lower() == "mime-version:":
        raise TableError("html")
    if _XML.match(sample):
        raise TableError("html" if re.search(r"<html\b", sample, re.IGNORECASE) else "xml_sheet")
    lines = list(io.StringIO(sample, newline=""))  # the same line ends as records() sees
    said = _SEP_LINE.match(lines[0])
    if said:
        return encoding, said[1]
    return encoding, max(DELIMITERS, key=lambda delimiter: _fit(lines, delimiter, known))
