"""Workbooks: what their cells become, which sheet is read, and what is refused before it is parsed."""

import datetime as dt
import struct
import time
import zipfile
from pathlib import Path

import openpyxl
import pytest

from casemgr.kit.tabular import TableError, open_table
from tests.kit.workbooks import cell, workbook

HEADER_ROW = '<row r="1">' + cell("A1", "订单号") + cell("B1", "金额") + "</row>"


def saved(tmp_path: Path, *rows: list[object], name: str = "orders.xlsx", merge: str | None = None) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    if merge:
        book.active.merge_cells(merge)
    book.save(tmp_path / name)
    return tmp_path / name


def moment(day: int, hour: int = 0, minute: int = 0, second: int = 0) -> dt.datetime:
    """A moment of May 2026 as workbooks keep them: without a zone."""
    return dt.datetime(2026, 5, day, hour, minute, second)  # noqa: DTZ001


def refusal(path: Path) -> str:
    with pytest.raises(TableError) as caught:
        list(open_table(path).rows())
    return caught.value.code


def test_cells_of_a_workbook_become_the_text_a_person_sees(tmp_path):
    written = ["330437561145218077", 2, 12.5, 123456789012345, 3304375611452180770, moment(27, 22, 17, 38), True]
    path = saved(
        tmp_path, ["订单号", "件数", "金额", "原号", "大号", "付款", "是", "承诺"], [*written, dt.date(2026, 6, 9)]
    )
    table = open_table(path)
    assert (table.kind, table.encoding, table.sheet, table.sheets) == ("xlsx", None, "Sheet", ["Sheet"])
    read = ["330437561145218077", "2", "12.5", "123456789012345", "3.30438E+18", "2026-05-27 22:17:38", "TRUE"]
    assert list(table.rows()) == [(2, [*read, "2026-06-09"])]


def test_midnight_in_a_column_of_moments_stays_a_moment(tmp_path):
    path = saved(tmp_path, ["订单号", "承诺发货"], ["1", moment(9)], ["2", moment(9, 18)])
    assert [cells[1] for _line, cells in open_table(path).rows()] == ["2026-05-09 00:00:00", "2026-05-09 18:00:00"]


def test_rows_carry_the_row_number_of_the_sheet(tmp_path):
    rows = '<row r="3">' + cell("B3", "订单号") + cell("C3", "备注") + '</row><row r="9">' + cell("B9", "P1") + "</row>"
    table = open_table(workbook(tmp_path / "a.xlsx", rows))
    assert (table.header_line, table.headers, list(table.rows())) == (3, ["订单号", "备注"], [(9, ["P1", ""])])


def test_merged_cells_stand_for_each_row_they_span(tmp_path):
    path = saved(
        tmp_path, ["订单号", "商品"], ["P1", "衬衫"], [None, "裤子"], [None, "帽子"], ["P2", "鞋"], merge="A2:A4"
    )
    assert [cells for _line, cells in open_table(path).rows()] == [
        ["P1", "衬衫"],
        ["P1", "裤子"],
        ["P1", "帽子"],
        ["P2", "鞋"],
    ]


def test_sheet_is_the_named_one_or_the_first_that_is_known(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["说明", "内容"])
    book.active.append(["导出", "全部"])
    orders = book.create_sheet("销售订单明细")
    orders.append(["订单号", "金额"])
    orders.append(["P1", 1])
    book.create_sheet("空")
    book.save(tmp_path / "a.xlsx")
    path = tmp_path / "a.xlsx"
    assert open_table(path).sheet == "Sheet"
    assert open_table(path, known=lambda names: names.count("订单号")).sheet == "销售订单明细"
    assert open_table(path, sheet="销售订单明细").headers == ["订单号", "金额"]
    with pytest.raises(TableError) as caught:
        open_table(path, sheet="没有")
    assert caught.value.code == "no_sheet"


def test_formatted_but_empty_far_cells_do_no_harm(tmp_path):
    rows = HEADER_ROW + '<row r="2">' + cell("A2", "P1") + '</row><row r="1048576"><c r="XFD1048576" s="0"/></row>'
    assert list(open_table(workbook(tmp_path / "a.xlsx", rows)).rows()) == [(2, ["P1", ""])]


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        (HEADER_ROW, "only_header"),
        ("", "empty"),
        (HEADER_ROW + '<row r="1048576">' + cell("XFD1048576", "x") + "</row>", "too_large"),
        (HEADER_ROW + "<row r='1048576'>" + cell("XFD1048576", "x").replace('"', "'") + "</row>", "too_large"),
        (HEADER_ROW + '<row r="9"><c x="/>" r="XFD1048576" y="/>"><v>1</v></c></row>', "too_large"),
        (HEADER_ROW + '<row r="9"><x:c r="xfd1048576"><v>1</v></x:c></row>', "too_large"),
        (HEADER_ROW + '<row r="9"><c><v>1</v></c></row>', "damaged"),
        (HEADER_ROW + '<row r="9"><c r="ZZZZ9"><v>1</v></c></row>', "damaged"),
        ("<row r='1'><c r='A1'><v>1</row>", "damaged"),
    ],
)
def test_sheets_that_would_hurt_the_parser_are_refused_before_it(tmp_path, rows, code):
    assert refusal(workbook(tmp_path / "a.xlsx", rows)) == code


@pytest.mark.parametrize(
    ("part", "code"),
    [
        ("xl/vbaProject.bin", "macro"),
        ("xl/workbook.bin", "xlsb"),
        ("word/document.xml", "document"),
    ],
)
def test_zip_of_another_kind_is_named(tmp_path, part, code):
    assert refusal(workbook(tmp_path / "a.xlsx", HEADER_ROW, **{part: "x"})) == code


def test_other_archives_are_named(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("orders.csv", "订单号,金额\n1,2\n")
    assert refusal(tmp_path / "a.zip") == "archive"
    with zipfile.ZipFile(tmp_path / "a.ods", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", "<x/>")
    assert refusal(tmp_path / "a.ods") == "ods"


def _bomb(tmp_path: Path) -> Path:
    return workbook(tmp_path / "bomb.xlsx", HEADER_ROW, **{"xl/media/a.xml": b" " * 40_000_000})


def _lying(tmp_path: Path) -> Path:
    """The bomb, with a directory that says it unpacks to little."""
    content = _bomb(tmp_path).read_bytes()
    (tmp_path / "lying.xlsx").write_bytes(content.replace(struct.pack("<L", 40_000_000), struct.pack("<L", 1_000)))
    return tmp_path / "lying.xlsx"


def _many(tmp_path: Path) -> Path:
    return workbook(tmp_path / "many.xlsx", HEADER_ROW, **{f"xl/media/{n}.xml": "" for n in range(3_000)})


@pytest.mark.parametrize("make", [_bomb, _lying, _many])
def test_bombs_are_refused_in_a_moment(tmp_path, make):
    path = make(tmp_path)
    began = time.perf_counter()
    assert refusal(path) == "bomb"
    assert time.perf_counter() - began < 2


def test_hostile_tags_are_scanned_in_linear_time(tmp_path):
    hostile = "<c " * 300_000 + "<c " + 'r="A1" ' * 100_000
    path = workbook(tmp_path / "a.xlsx", HEADER_ROW + hostile)
    began = time.perf_counter()
    assert refusal(path) == "damaged"
    assert time.perf_counter() - began < 2


@pytest.mark.parametrize("tail", [b"%PDF-1.7 more", b"<script>"])
def test_workbook_with_something_behind_it_is_refused(tmp_path, tail):
    path = workbook(tmp_path / "a.xlsx", HEADER_ROW)
    path.write_bytes(path.read_bytes() + tail)
    assert refusal(path) == "damaged"


def test_workbook_cut_short_is_refused(tmp_path):
    path = workbook(tmp_path / "a.xlsx", HEADER_ROW)
    path.write_bytes(path.read_bytes()[:-200])
    assert refusal(path) == "damaged"
