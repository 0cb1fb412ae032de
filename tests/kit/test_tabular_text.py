"""Text tables: encodings, delimiters, header rows, line numbers and the wrappers that exports put around values."""

import csv
import io
import tracemalloc
from pathlib import Path

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from casemgr.kit.tabular import Table, TableError, clean_cell, clean_column, clean_header, open_table
from casemgr.kit.tabular.cells import BLANKS
from casemgr.kit.tabular.delimited import _records

HEADER = "订单编号,买家会员名,收货人姓名,收货地址,订单创建时间"
ROW = "3304375611452180770,tb昂,张**,浙江省 杭州市 余杭区,2026-05-27 22:17:38"


def written(tmp_path: Path, content: str | bytes, encoding: str = "utf-8", name: str = "orders.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def refusal(path: Path) -> str:
    with pytest.raises(TableError) as caught:
        list(open_table(path).rows())
    return caught.value.code


@pytest.mark.parametrize(
    ("encoding", "read_as"),
    [
        ("utf-8", "utf-8-sig"),
        ("utf-8-sig", "utf-8-sig"),
        ("gb18030", "gb18030"),
        ("gbk", "gb18030"),
        ("utf-16", "utf-16"),
    ],
)
def test_table_reads_the_encodings_of_exports(tmp_path, encoding, read_as):
    table = open_table(written(tmp_path, f"{HEADER}\n{ROW}\n", encoding))
    assert (table.kind, table.encoding, table.delimiter, table.header_line) == ("csv", read_as, ",", 1)
    assert table.headers == HEADER.split(",")
    assert list(table.rows()) == [(2, ROW.split(","))]


@pytest.mark.parametrize("delimiter", list(",\t;|"))
def test_table_finds_the_delimiter_by_its_header(tmp_path, delimiter):
    rows = [["订单号", "商品", "备注"], ["P1", "衬衫, 白; 大|小", "a,b"], ["P2", "裤子", ""]]
    if delimiter != "\t":
        rows[1] = ["P1", "衬衫", "好"]
    table = open_table(written(tmp_path, "\n".join(delimiter.join(row) for row in rows), name="orders.txt"))
    assert table.delimiter == delimiter
    assert [cells for _line, cells in table.rows()] == rows[1:]


def test_signs_inside_the_data_are_no_delimiter(tmp_path):
    rows = ["订单号,属性", *[f"P{n},颜色:红;尺码:M;款式:长;面料:棉" for n in range(5)]]
    table = open_table(written(tmp_path, "\n".join(rows)))
    assert (table.delimiter, table.headers) == (",", ["订单号", "属性"])


def test_table_honours_the_delimiter_a_file_declares(tmp_path):
    table = open_table(written(tmp_path, "sep=;\n订单号;金额\nP1;1,50\n"))
    assert (table.delimiter, table.header_line, list(table.rows())) == (";", 2, [(3, ["P1", "1,50"])])


def test_header_is_found_below_titles_and_blank_lines(tmp_path):
    text = "店铺订单导出,,\n导出时间,2026-06-01 10:00:00,\n\n订单号,订单状态,快递单号\n1,已发货,YT1\n"
    table = open_table(written(tmp_path, text))
    assert (table.header_line, table.headers) == (4, ["订单号", "订单状态", "快递单号"])
    assert list(table.rows()) == [(5, ["1", "已发货", "YT1"])]


def test_header_that_is_known_wins_over_a_wordier_row(tmp_path):
    path = written(tmp_path, "说明,请勿修改,本表,由系统,导出\n订单号,数量,,,\n1,2,,,\n")
    assert open_table(path).header_line == 1
    known = open_table(path, known=lambda names: names.count("订单号"))
    assert (known.header_line, known.headers) == (2, ["订单号", "数量"])


def test_headers_are_cleaned_and_kept_as_written(tmp_path):
    table = open_table(written(tmp_path, "\ufeff商品ID\t,\u3000收货地址 ,金额（元）,\u200b备注\xa0\n1,杭州,2,x\n"))
    assert table.headers == ["商品ID", "收货地址", "金额(元)", "备注"]
    assert table.raw_headers == ["商品ID\t", "\u3000收货地址 ", "金额（元）", "\u200b备注\xa0"]
    assert clean_header("收货\n地址") == "收货地址"
    assert clean_header("Order\nnumber") == "Order number"


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ('="3304375611452180770"', "3304375611452180770"),
        ("'13800138000", "13800138000"),
        ("\t6922\t", "6922"),
        (" 晚交货", "晚交货"),
        ("\u3000\ufeff杭州\u200b", "杭州"),
        ("'=1+1", "=1+1"),
        ("''quoted", "'quoted"),
        ("=SUM(A1)", "=SUM(A1)"),
        ('=""', ""),
    ],
)
def test_cell_loses_what_exports_wrap_around_it(tmp_path, raw, clean):
    assert clean_cell(raw) == clean
    quoted = '"' + raw.replace('"', '""') + '"'
    table = open_table(written(tmp_path, f"订单号,备注\nP1,{quoted}\n"))
    assert list(table.rows()) == [(2, ["P1", clean])]


def test_rows_carry_the_line_of_the_file_they_start_in(tmp_path):
    table = open_table(written(tmp_path, '订单号,备注\n1,"两\n行"\n\n,\n2,好\n'))
    assert list(table.rows()) == [(2, ["1", "两\n行"]), (6, ["2", "好"])]


def test_short_rows_are_filled_and_surplus_cells_kept(tmp_path):
    table = open_table(written(tmp_path, "订单号,金额,备注\n1\n2,3,好,,\n4,5,好,多余\n"))
    assert [cells for _line, cells in table.rows()] == [["1", "", ""], ["2", "3", "好"], ["4", "5", "好", "多余"]]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf\r\n  \r\n", "empty"),
        ("订单号,金额\n".encode(), "only_header"),
        ("订单号,金额\n,\n \n".encode(), "only_header"),
        (b"1,2,3\n4,5,6\n", "no_header"),
        (b"%PDF-1.7\n%\xe2\xe3", "pdf"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "image"),
        (b"\x89PNG\r\n\x1a\n", "image"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image"),
        (b"\x00\x00\x00\x18ftypmp42", "media"),
        (b"Rar!\x1a\x07\x00", "archive"),
        (bytes(range(256)) * 40, "binary"),
        (b"a,b\n1,\x00\n", "binary"),
        ("<html><table><tr><td>订单号</td></tr></table></html>".encode("gbk"), "html"),
        (
            b"\xef\xbb\xbf<?xml version='1.0'?><Workbook xmlns='urn:schemas-microsoft-com:office:spreadsheet'>",
            "xml_sheet",
        ),
        ("訂單編號,訂單狀態,收件人姓名\n1,已發貨,陳小明\n2,待發貨,林美麗\n".encode("cp950"), "big5"),
        ("Größe,Käufer\nweiß, é\n".encode("latin-1"), "encoding"),
        (f"{HEADER}\n".encode() + f"{ROW}\n".encode() * 5 + b"\xe5\x8d\n", "encoding"),
        (b"a,b\n" + b"x" * 3_000_000, "line_too_long"),
        ('订单号,备注\n1,"没有结束\n2,好\n'.encode(), "quote_open"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600 + "Workbook".encode("utf-16-le"), "xls"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600 + "EncryptedPackage".encode("utf-16-le"), "protected"),
    ],
)
def test_what_is_no_table_is_refused_by_its_content(tmp_path, content, code):
    assert refusal(written(tmp_path, content, name="orders.csv")) == code
    assert refusal(written(tmp_path, content, name="orders.xls")) == code


def test_csv_under_the_name_of_a_workbook_is_read(tmp_path):
    table = open_table(written(tmp_path, f"{HEADER}\n{ROW}\n", "gb18030", name="ExportOrderList.xls"))
    assert [line for line, _cells in table.rows()] == [2]


def test_refusal_says_what_happened_what_was_kept_and_what_to_do(tmp_path):
    with pytest.raises(TableError) as caught:
        open_table(written(tmp_path, b"%PDF-1.7"))
    with translation.override("en"):
        assert caught.value.message == (
            "This is a PDF, not a table. Nothing was kept. Export the same data as XLSX or CSV."
        )


def test_refusal_names_the_damaged_line(tmp_path):
    path = written(tmp_path, f"{HEADER}\n".encode() + f"{ROW}\n".encode() * 5 + b"\xe5\x8d\n")
    with pytest.raises(TableError) as caught:
        open_table(path)
    assert (caught.value.code, caught.value.facts) == ("encoding", {"line": 7})


def test_traditional_text_in_gb18030_is_not_taken_for_another_encoding(tmp_path):
    table = open_table(written(tmp_path, "訂單編號,收件人姓名\n1,陳小明\n2,臺北市大安區\n", "gb18030"))
    assert table.headers == ["訂單編號", "收件人姓名"]


def _read_through(path: Path) -> int:
    table: Table = open_table(path)
    return sum(1 for _row in table.rows())


def test_memory_of_reading_text_does_not_grow_with_the_file(tmp_path):
    peaks = []
    for count in (40_000, 160_000):
        path = written(tmp_path, f"{HEADER}\n" + f"{ROW}\n" * count)
        tracemalloc.start()
        assert _read_through(path) == count
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0]


@settings(deadline=None)
@given(cells=st.lists(st.text(f"a1=\"'{BLANKS}", max_size=8), max_size=5))
def test_column_is_cleaned_at_once_as_its_cells_one_by_one(cells):
    assert clean_column(cells) == [clean_cell(cell) for cell in cells]


def as_csv(rows: list[list[str]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue()


records = st.lists(st.lists(st.text("ab,;\"' \t\r\n", max_size=6), min_size=1, max_size=4), min_size=1, max_size=6)


@settings(deadline=None)
@given(text=st.one_of(st.text('ab,"\r\n\t ', max_size=40), records.map(as_csv)))
def test_records_are_those_of_csv_with_and_without_quotation_marks(text):
    """Lines without a quotation mark are split at once; what comes out is what csv says, line numbers and all."""
    reader = csv.reader(iter(io.StringIO(text, newline="")))
    expected, start = [], 1
    for cells in reader:
        expected.append((start, cells))
        start = reader.line_num + 1
    try:
        found = list(_records(iter(io.StringIO(text, newline="")), ","))
    except TableError:  # a quotation mark that stays open; csv swallows the rest of the file
        found = None
    if found is None:
        with pytest.raises(csv.Error):
            list(csv.reader(io.StringIO(text, newline=""), strict=True))
        return
    assert [(line, cells if any(cells) else []) for line, cells in found] == [
        (line, cells if any(cells) else []) for line, cells in expected
    ]
