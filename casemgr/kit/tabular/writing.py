"""Tables out: CSV with a byte order mark and XLSX, no cell live in a spreadsheet and every one re-importable."""

import csv
import datetime as dt
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import BinaryIO

from openpyxl import Workbook
from openpyxl.cell.cell import ERROR_CODES

from casemgr.kit.clock import SHANGHAI
from casemgr.kit.tabular.cells import BLANKS, SAFE_DIGITS

_FORMULA_STARTS = "=+-@＝＋－＠\t\r'"
_NEGATIVE_NUMBER = re.compile(r"-(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?")
_XML_ESCAPE = re.compile(r"_(x[0-9A-Fa-f]{4}_)")
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # no XML can carry these
_CELL_LIMIT = 32_767  # characters, by the format
_TITLE_FORBIDDEN = re.compile(r"[\[\]:*?/\\]")


def safe_cell(value: object) -> str:
    """The value as text that no spreadsheet takes for a formula: such a text gets a leading apostrophe.

    `clean_cell` takes exactly that apostrophe off again. Plain negative numbers stay numbers. None is empty,
    moments are shown in Asia/Shanghai.
    """
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        local = value.astimezone(SHANGHAI) if value.tzinfo else value
        return f"{local:%Y-%m-%d %H:%M:%S}"
    text = str(value)
    if not text:
        return text
    start = text[0] if text[0] in _FORMULA_STARTS else text.lstrip(BLANKS)[:1]
    if start and start in _FORMULA_STARTS and not _NEGATIVE_NUMBER.fullmatch(text):
        return "'" + text
    return text


class _Encoded:
    """What csv.writer writes, as UTF-8 bytes."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file

    def write(self, text: str) -> int:
        """What csv.writer calls, a row at a time."""
        return self.file.write(text.encode("utf-8", "replace"))


def write_csv(rows: Iterable[Sequence[object]], fileobj: BinaryIO) -> int:
    """Write rows (the first one the header) to a binary file as UTF-8 CSV with BOM; the number of rows written."""
    fileobj.write(b"\xef\xbb\xbf")
    writer = csv.writer(_Encoded(fileobj))
    count = 0
    for row in rows:
        writer.writerow([safe_cell(value) for value in row])
        count += 1
    return count


def _xlsx_value(value: object) -> str | int | float | Decimal | None:
    """Numbers of up to 15 digits stay numbers; everything else, ids above all, is text."""
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool) and abs(value) < 10**SAFE_DIGITS:
        return value
    if value is None or value == "":
        return None
    text = _NO_XML.sub("", safe_cell(value)).replace("\r\n", "\n").replace("\r", "\n")
    if text in ERROR_CODES:
        text = "'" + text
    return _XML_ESCAPE.sub(r"_x005F_\1", text)[:_CELL_LIMIT]


def write_xlsx(rows: Iterable[Sequence[object]], fileobj: BinaryIO, *, title: str = "Sheet1") -> int:
    """Write rows (the first one the header) to a binary file as XLSX with one sheet; the number of rows written.

    Strings stay text cells: ids of 18-20 digits survive. Texts are cut at 32,767 characters (the format's limit).
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_TITLE_FORBIDDEN.sub(" ", title)[:31] or "Sheet1")
    sheet.freeze_panes = "A2"
    count = 0
    for row in rows:
        sheet.append([_xlsx_value(value) for value in row])
        count += 1
    book.save(fileobj)
    return count
