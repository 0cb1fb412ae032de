"""Any bytes at all give a Table or a TableError, never anything else."""

import io
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casemgr.kit.tabular import Table, TableError, clean_cell, open_table, safe_cell, write_csv, write_xlsx
from casemgr.kit.tabular.cells import BLANKS

CELLS = st.text(max_size=30) | st.sampled_from(["=1+1", "'x", '="1"', "\t1", "订单号", "3.30438E+18", "", "-", '"'])
ROWS = st.lists(st.lists(CELLS, max_size=6), max_size=8)
ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "gb18030", "cp950", "shift_jis"])


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("fuzz")


def judged(path: Path) -> str:
    """Read the file to its end: a table, or the sentence it was refused with."""
    try:
        table = open_table(path)
        assert isinstance(table, Table)
        for line, cells in table.rows():
            assert line > table.header_line
            assert len(cells) >= len(table.headers)
            assert all("\x00" not in cell for cell in cells)
    except TableError as refused:
        return refused.message
    return "a table"


@settings(max_examples=300, deadline=None)
@given(content=st.binary(max_size=2_000))
def test_any_bytes_are_a_table_or_refused(folder, content):
    (folder / "any").write_bytes(content)
    assert judged(folder / "any")


@settings(max_examples=300, deadline=None)
@given(rows=ROWS, delimiter=st.sampled_from(",\t;|"), encoding=ENCODINGS, ends=st.sampled_from(["\n", "\r\n", "\r"]))
def test_any_text_is_a_table_or_refused(folder, rows, delimiter, encoding, ends):
    text = ends.join(delimiter.join(row) for row in rows)
    (folder / "text").write_bytes(text.encode(encoding, "replace"))
    assert judged(folder / "text")


def _sample_workbook() -> bytes:
    book = openpyxl.Workbook()
    for row in (["订单号", "金额", "时间"], ["P1", 12.5, "2026-05-27"], ["P2", None, "x"]):
        book.active.append(row)
    book.active.merge_cells("A2:A3")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


SAMPLE = _sample_workbook()


@settings(max_examples=300, deadline=None)
@given(cuts=st.lists(st.tuples(st.integers(0, len(SAMPLE) - 1), st.binary(min_size=1, max_size=8)), max_size=6))
def test_any_damage_to_a_workbook_is_a_table_or_refused(folder, cuts):
    content = bytearray(SAMPLE)
    for at, put in cuts:
        content[at : at + len(put)] = put
    (folder / "workbook").write_bytes(bytes(content))
    assert judged(folder / "workbook")


def read_back(path: Path) -> list[list[str]]:
    table = open_table(path)
    width = len(table.headers)
    return [cells[:width] for _line, cells in table.rows()]


WRITABLE = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\t\n"), min_size=1, max_size=20)


@settings(max_examples=200, deadline=None)
@given(texts=st.lists(WRITABLE, min_size=1, max_size=5))
@pytest.mark.parametrize("write", [write_csv, write_xlsx])
def test_whatever_is_exported_is_read_back_and_not_live(folder, write, texts):
    path = folder / write.__name__
    with path.open("wb") as file:
        write([["订单号", "备注"], *([f"P{n}", text] for n, text in enumerate(texts))], file)
    assert read_back(path) == [[f"P{n}", clean_cell(safe_cell(text))] for n, text in enumerate(texts)]
    assert all(clean_cell(safe_cell(text)) in (text, text.strip(BLANKS)) for text in texts)
