"""XLSX as records of text, by calamine (15 times faster than openpyxl, blind to a wrong `dimension`)."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import python_calamine as calamine

from casemgr.kit.tabular.cells import workbook_text
from casemgr.kit.tabular.errors import TableError
from casemgr.kit.tabular.zipped import check_xlsx

_LOOKED_AT = 2_000

Record = tuple[int, list[str]]


@contextmanager
def _parsing() -> Iterator[None]:
    """Whatever the parser does on a broken workbook is a damaged file; its panics are no ordinary exceptions."""
    try:
        yield
    except TableError:
        raise
    except calamine.PasswordError as fault:
        raise TableError("protected") from fault
    except BaseException as fault:
        if isinstance(fault, Exception) or type(fault).__name__ == "PanicException":
            raise TableError("damaged") from fault
        raise


def open_workbook(path: Path) -> calamine.CalamineWorkbook:
    """The parsed workbook, after check_xlsx. Raises TableError."""
    check_xlsx(path)
    with _parsing():
        return calamine.load_workbook(path)


def sheet_names(book: calamine.CalamineWorkbook) -> list[str]:
    """Names of the visible worksheets in their order; of all worksheets where every one is hidden."""
    sheets = [s for s in book.sheets_metadata if s.typ == calamine.SheetTypeEnum.WorkSheet]
    visible = [s.name for s in sheets if s.visible == calamine.SheetVisibleEnum.Visible]
    return visible or [s.name for s in sheets]


def _moment_columns(sheet: calamine.CalamineSheet) -> set[int]:
    """Columns that hold moments: there a bare date is midnight to the second, not "some time that day"."""
    return {
        index
        for row in islice(sheet.iter_rows(), _LOOKED_AT)
        for index, value in enumerate(row)
        if isinstance(value, dt.datetime)
    }


class _Merged(NamedTuple):
    last: int
    left: int
    right: int
    value: Any


def _merged_rows(sheet: calamine.CalamineSheet) -> Iterator[tuple[int, list[Any]]]:
    """(row number from 1, values) with merged cells filled: one value stands for each row it spans (Qianniu orders)."""
    ranges = sorted(sheet.merged_cell_ranges or [])
    offset = sheet.start[1] if sheet.start else 0
    waiting = 0
    running: list[_Merged] = []
    for number, values in enumerate(sheet.iter_rows()):
        running = [r for r in running if r.last >= number]
        while waiting < len(ranges) and ranges[waiting][0][0] <= number:
            (top, left), (bottom, right) = ranges[waiting]
            waiting += 1
            left, right = left - offset, right - offset
            if top == number and 0 <= left < len(values):
                running.append(_Merged(bottom, left, min(right + 1, len(values)), values[left]))
        for span in running:
            values[span.left : span.right] = [span.value] * (span.right - span.left)
        yield number + 1, values


def load_sheet(book: calamine.CalamineWorkbook, name: str) -> calamine.CalamineSheet:
    """Parse one worksheet into memory. Raises TableError."""
    with _parsing():
        return book.get_sheet_by_name(name)


def sheet_records(sheet: calamine.CalamineSheet) -> Iterator[Record]:
    """(row number as the sheet shows it, cells as text) of a worksheet. Raises TableError."""
    with _parsing():
        moments = _moment_columns(sheet)
        for number, values in _merged_rows(sheet):
            if moments:
                yield number, [workbook_text(v, has_time=i in moments) for i, v in enumerate(values)]
            else:
                yield number, [workbook_text(v) for v in values]
