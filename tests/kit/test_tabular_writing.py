"""Exports: nothing live in a spreadsheet, everything re-importable."""

import csv
import datetime as dt
import io
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from casemgr.kit.tabular import open_table, safe_cell, write_csv, write_xlsx

LIVE = [
    "=1+1",
    "+1+1",
    "@SUM(A1)",
    "-1+1",
    "\t=1",
    "\r=1",
    "  =1+1",
    "＝1+1",
    "'kept",
    "-",
    '=HYPERLINK("x")',
    "+8613800138000",
]
CALM = ["-12.50", "-1,234.00", "12", "张**", "3304375611452180770", "00123", "a=b"]


def exported(tmp_path: Path, write, rows: list[list[object]]) -> Path:
    path = tmp_path / f"{write.__name__}.xlsx"
    with path.open("wb") as file:
        assert write(rows, file) == len(rows)
    return path


@pytest.mark.parametrize("text", LIVE)
def test_cell_that_a_spreadsheet_would_run_starts_with_an_apostrophe(text):
    assert safe_cell(text) == "'" + text


@pytest.mark.parametrize("text", CALM)
def test_harmless_cell_stays_as_it_is(text):
    assert safe_cell(text) == text


@pytest.mark.parametrize("write", [write_csv, write_xlsx])
def test_export_gives_back_the_originals(tmp_path, write):
    rows = [["编号", "值"], *[[f"P{n}", text] for n, text in enumerate(LIVE + CALM)]]
    back = [cells[1] for _line, cells in open_table(exported(tmp_path, write, rows)).rows()]
    expected = LIVE + CALM
    if write is write_xlsx:  # XML knows one line end
        expected = [text.replace("\r", "\n") for text in expected]
    assert back == expected


def test_csv_starts_with_a_mark_and_shows_moments_of_shanghai():
    out = io.BytesIO()
    write_csv(
        [["时间", "金额", "空"], [dt.datetime(2026, 5, 27, 14, 17, 38, tzinfo=dt.UTC), Decimal("-1.50"), None]], out
    )
    assert out.getvalue() == "\ufeff时间,金额,空\r\n2026-05-27 22:17:38,-1.50,\r\n".encode()


def test_xlsx_keeps_ids_as_text_and_money_as_numbers(tmp_path):
    path = exported(tmp_path, write_xlsx, [["订单号", "号", "金额"], ["00123", 3304375611452180770, Decimal("12.50")]])
    row = list(openpyxl.load_workbook(path).active.values)[1]
    assert row == ("00123", "3304375611452180770", 12.5)


@pytest.mark.parametrize("text", ["#N/A", "_x000D_", "a\x0b\ud800\uffffb", "长" * 40_000])
def test_xlsx_survives_awkward_texts(tmp_path, text):
    path = exported(tmp_path, write_xlsx, [["编号", "值"], ["P1", text]])
    expected = "ab" if text.startswith("a") else text[:32_767]
    assert [cells[1] for _line, cells in open_table(path).rows()] == [expected]


def test_long_ids_survive_both_formats(tmp_path):
    numbers = [str(10**17 + n) for n in range(3)] + [str(9 * 10**19 + n) for n in range(3)]
    for write in (write_csv, write_xlsx):
        path = exported(tmp_path, write, [["订单号", "备注"], *[[number, "x"] for number in numbers]])
        assert [cells[0] for _line, cells in open_table(path).rows()] == numbers


def test_csv_has_no_live_cell_after_parsing(tmp_path):
    path = exported(tmp_path, write_csv, [["a", "b"], *[[text, text] for text in LIVE]])
    with path.open(encoding="utf-8-sig", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert [cell for cell in cells if cell[:1] in "=+-@\t\r"] == []
