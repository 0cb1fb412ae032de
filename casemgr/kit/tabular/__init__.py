"""Tables in and out: CSV, TSV, TXT and XLSX as rows of text. See `open_table`, `write_csv`, `write_xlsx`."""

from casemgr.kit.tabular.cells import clean_cell, clean_column, clean_header, clean_row
from casemgr.kit.tabular.encoding import ENCODINGS
from casemgr.kit.tabular.errors import TableError
from casemgr.kit.tabular.headers import find_header
from casemgr.kit.tabular.reading import Table, open_table
from casemgr.kit.tabular.writing import safe_cell, write_csv, write_xlsx

__all__ = [
    "ENCODINGS",
    "Table",
    "TableError",
    "clean_cell",
    "clean_column",
    "clean_header",
    "clean_row",
    "find_header",
    "open_table",
    "safe_cell",
    "write_csv",
    "write_xlsx",
]
