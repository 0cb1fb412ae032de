"""Cell texts as values: what is read, what is empty, what is asked for and what is refused."""

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import translation

from casemgr.kit.clock import SHANGHAI
from casemgr.kit.values import (
    AmbiguousDate,
    CellError,
    is_ruined_number,
    may_be_rounded,
    parse_amount,
    parse_identifier,
    parse_quantity,
    parse_when,
)

EMPTY = ["", "-", "--", " ", "null", "无", "－"]


def reason(read, *args, **options) -> str:
    with pytest.raises(CellError) as caught:
        read(*args, **options)
    return caught.value.reason_code


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("12", "12.00"),
        ("12.5", "12.50"),
        (" 54.90\t", "54.90"),
        ("1,234.00", "1234.00"),
        ("1,234", "1234.00"),
        ("1,234,567.8", "1234567.80"),
        ("1052,75元", "1052.75"),
        ("11,50万元", "115000.00"),
        ("5万", "50000.00"),
        ("1.234,56", "1234.56"),
        ("¥12.00", "12.00"),
        ("￥1，234.00元", "1234.00"),
        ("１２．５０元", "12.50"),
        ("RMB 12", "12.00"),
        ("-5.00", "-5.00"),
        ("¥-5", "-5.00"),
        ("(12.50)", "-12.50"),
        ("+3", "3.00"),
        ("-0", "0.00"),
        ("12.345", "12.35"),
        ("9999999999.99", "9999999999.99"),
    ],
)
def test_amount_is_read_with_two_places(text, amount):
    read = parse_amount(text)
    assert (read, str(read)) == (Decimal(amount), amount)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("abc", "amount_broken"),
        ("12元5", "amount_broken"),
        ("1,23,4.00", "amount_broken"),
        ("1,5", "amount_broken"),
        ("12%", "amount_broken"),
        ("$12", "amount_broken"),
        ("1.2.3", "amount_broken"),
        ("NaN12", "amount_broken"),
        ("3304375611452180770", "amount_too_large"),
        ("3.30438E+18", "ruined_number"),
    ],
)
def test_amount_that_cannot_be_read_is_refused_with_a_reason(text, code):
    assert reason(parse_amount, text) == code


def test_comma_means_what_the_file_is_said_to_mean():
    assert parse_amount("1,234", decimal_comma=True) == Decimal("1.23")
    assert parse_amount("1.234,5", decimal_comma=True) == Decimal("1234.50")
    assert parse_amount("1,234", decimal_comma=False) == Decimal("1234.00")
    assert reason(parse_amount, "1052,75", decimal_comma=False) == "amount_broken"


def test_amount_in_the_currency_of_the_shop_is_read():
    assert parse_amount("US$1,234.50", currency="USD") == Decimal("1234.50")
    assert reason(parse_amount, "¥12", currency="USD") == "amount_broken"


@pytest.mark.parametrize("read", [parse_amount, parse_when, parse_quantity, parse_identifier])
@pytest.mark.parametrize("text", EMPTY)
def test_empty_cell_is_unknown_and_no_error(read, text):
    assert read(text) is None


def at(*parts: int) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-05-27 22:17:38", at(2026, 5, 27, 22, 17, 38)),
        ("2016-7-30", at(2016, 7, 30)),
        ("2016/5/23 22:02", at(2016, 5, 23, 22, 2)),
        ("2026.05.27", at(2026, 5, 27)),
        ("2026年5月27日", at(2026, 5, 27)),
        ("2026年5月27日 22时17分", at(2026, 5, 27, 22, 17)),
        ("2026年11月25日 周三 18:05", at(2026, 11, 25, 18, 5)),
        ("２０２６－０５－２７　２２：１７", at(2026, 5, 27, 22, 17)),
        ("2026/5/23 下午 10:02", at(2026, 5, 23, 22, 2)),
        ("5/23/2026 10:02 PM", at(2026, 5, 23, 22, 2)),
        ("2026/5/23 12:05 AM", at(2026, 5, 23, 0, 5)),
        ("26-05-27 22:17", at(2026, 5, 27, 22, 17)),
        ("13/04/2026", at(2026, 4, 13)),
        ("04/13/2026", at(2026, 4, 13)),
        ("2026-05-27T14:17:38Z", at(2026, 5, 27, 22, 17, 38)),
        ("2026-05-27T22:17:38.250+08:00", at(2026, 5, 27, 22, 17, 38)),
        ("2026-05-27 10:17:38 -0400", at(2026, 5, 27, 22, 17, 38)),
        ("2026-05-27 24:00:00", at(2026, 5, 28)),
        ("20260527", at(2026, 5, 27)),
        ("20260527221738", at(2026, 5, 27, 22, 17, 38)),
        ("46169", at(2026, 5, 27)),
        ("46169.928912037", at(2026, 5, 27, 22, 17, 38)),
        ("1779891458", at(2026, 5, 27, 22, 17, 38)),
        ("1779891458999", at(2026, 5, 27, 22, 17, 38)),
    ],
)
def test_moment_is_read_in_the_forms_exports_use(text, moment):
    read = parse_when(text)
    assert (read, read.tzinfo) == (moment, dt.UTC)


@pytest.mark.parametrize("text", ["2026-06-09", "2026/6/9", "2026年6月9日", "20260609", "46182"])
def test_date_without_time_is_its_last_second_for_a_deadline(text):
    assert parse_when(text, end_of_day=True) == at(2026, 6, 9, 23, 59, 59)
    assert parse_when(text) == at(2026, 6, 9)


def test_time_in_the_text_is_kept_for_a_deadline():
    assert parse_when("2026-06-09 00:00:00", end_of_day=True) == at(2026, 6, 9)


@pytest.mark.parametrize("text", ["03/04/2026", "3.4.2026 12:00", "5/6/26", "5-6-26"])
def test_date_that_reads_two_ways_is_asked_for(text):
    with pytest.raises(AmbiguousDate) as caught:
        parse_when(text)
    assert caught.value.reason_code == "date_ambiguous"


def test_date_order_settles_what_is_ambiguous():
    assert parse_when("03/04/2026", date_order="dmy") == at(2026, 4, 3)
    assert parse_when("03/04/2026", date_order="mdy") == at(2026, 3, 4)
    assert parse_when("05/06/26", date_order="ymd") == at(2005, 6, 26)
    assert parse_when("2026-03-04", date_order="dmy") == at(2026, 3, 4)
    assert parse_when("07/07/2026") == at(2026, 7, 7)


@pytest.mark.parametrize("text", ["0000-00-00 00:00:00", "1970-01-01 08:00:00", "0"])
def test_moment_never_set_is_unknown(text):
    assert parse_when(text) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("明天", "date_broken"),
        ("2026-02-30", "date_broken"),
        ("2026-05-27 25:00", "date_broken"),
        ("2026-05-27 22", "date_broken"),
        ("2026-05-27 22:17:38 and more", "date_broken"),
        ("1026-05-27", "date_implausible"),
        ("3.30438E+18", "ruined_number"),
    ],
)
def test_moment_that_cannot_be_read_is_refused_with_a_reason(text, code):
    assert reason(parse_when, text) == code


def test_moment_follows_the_zone_of_the_file():
    assert parse_when("2026-05-27 22:17:38", tz=dt.UTC) == dt.datetime(2026, 5, 27, 22, 17, 38, tzinfo=dt.UTC)


@pytest.mark.parametrize(("text", "count"), [("2", 2), ("2.0", 2), ("2件", 2), ("x2", 2), ("1,000", 1000), ("-3", -3)])
def test_quantity_is_a_whole_number(text, count):
    assert parse_quantity(text) == count


@pytest.mark.parametrize("text", ["1.5", "two", "99999999999", "2-3"])
def test_quantity_that_is_none_is_refused(text):
    assert reason(parse_quantity, text) == "quantity_broken"


@pytest.mark.parametrize(
    ("text", "ruined", "rounded"),
    [
        ("3.30438E+18", True, False),
        ("1.38E+10", True, False),
        ("3e+18", True, False),
        ("SKU12E3", False, False),
        ("12E3", False, False),
        ("3304375611452180000", False, True),
        ("3304375611452180770", False, False),
        ("100000000000000", False, False),
    ],
)
def test_number_ruined_by_a_spreadsheet_is_known_from_one_perhaps_rounded(text, ruined, rounded):
    assert (is_ruined_number(text), may_be_rounded(text)) == (ruined, rounded)


def test_identifier_is_kept_digit_by_digit_or_refused():
    assert parse_identifier(" 3304375611452180770 ") == "3304375611452180770"
    assert parse_identifier("260102-123456789012345") == "260102-123456789012345"
    assert parse_identifier("12345.0") == "12345"
    assert reason(parse_identifier, "3.30438E+18") == "ruined_number"


def test_reason_is_a_sentence_that_does_not_repeat_the_value():
    with pytest.raises(CellError) as caught:
        parse_amount("13800138000元整钱")
    with translation.override("en"):
        assert caught.value.sentence == "Not an amount. Expected something like 1,234.00 or 12.50元."
