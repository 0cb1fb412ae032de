"""Amounts of money and quantities in cells."""

import re
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Literal

from casemgr.kit.values.cell_text import CACHED, EMPTY_WORDS, CellError, is_ruined_number, plain

MAX_AMOUNT = Decimal("9999999999.99")
MAX_QUANTITY = 2_147_483_647
_CENT = Decimal("0.01")
_PLAIN_NUMBER = re.compile(r"-?[0-9]{1,10}(?:\.[0-9]+)?")
_MARKS = {
    "CNY": r"人民币|RMB|CNY|¥|[元圆]整?",
    "USD": r"US\$|USD|\$",
    "HKD": r"HK\$|HKD|\$",
    "EUR": r"EUR|€",
    "GBP": r"GBP|£",
}
# sign, mark, sign again (`¥-12`), number, scale, mark: a mark within the number (`12元5`) makes it broken
_AMOUNT = {
    currency: re.compile(
        rf"([+-]?)\s*(?:{mark})?\s*([+-]?)\s*(\d[\d.,]*|\.\d+)\s*([万亿]?)\s*(?:{mark})?", re.IGNORECASE
    )
    for currency, mark in _MARKS.items()
}
_SCALES = {"": Decimal(1), "万": Decimal(10_000), "亿": Decimal(100_000_000)}
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d*)?")
_THOUSANDS_DOT = re.compile(r"\d{1,3}(?:\.\d{3})+(?:,\d*)?")
_DIGITS = re.compile(r"\d+(?:\.\d*)?|\.\d+")


def _decimal_text(digits: str, decimal_comma: bool | Literal["auto"]) -> str | None:
    """`1,234.00` -> `1234.00`, `1052,75` -> `1052.75`; None if the separators make no number."""
    if decimal_comma is True:
        digits = (digits.replace(".", "") if _THOUSANDS_DOT.fullmatch(digits) else digits).replace(",", ".")
    elif "," in digits:
        whole, _comma, rest = digits.partition(",")
        if _THOUSANDS.fullmatch(digits):
            digits = digits.replace(",", "")
        elif decimal_comma == "auto" and _THOUSANDS_DOT.fullmatch(digits):
            digits = digits.replace(".", "").replace(",", ".")
        elif decimal_comma == "auto" and len(rest) == 2 and whole.isdecimal() and rest.isdecimal():
            # exactly two digits after a single comma and no dot: seen in real delivery files (`1052,75元`)
            digits = f"{whole}.{rest}"
    return digits if _DIGITS.fullmatch(digits) else None


@lru_cache(CACHED)
def _amount(text: str, decimal_comma: bool | Literal["auto"], currency: str) -> Decimal | None:
    text = plain(text).replace("−", "-")
    if text.lower() in EMPTY_WORDS:
        return None
    if is_ruined_number(text):
        raise CellError("ruined_number")
    negative = text.startswith("(") and text.endswith(")")
    match = _AMOUNT[currency].fullmatch(text[1:-1].strip() if negative else text)
    digits = match and _decimal_text(match[3], decimal_comma)
    if match is None or digits is None:
        raise CellError("amount_broken")
    if len(digits) > 40:
        raise CellError("amount_too_large")
    number = Decimal(digits) * _SCALES[match[4]]
    if number > MAX_AMOUNT:
        raise CellError("amount_too_large")
    number = number.quantize(_CENT, ROUND_HALF_UP)
    return -number if number and (negative or "-" in (match[1], match[2])) else number


def parse_amount(text: str, *, decimal_comma: bool | Literal["auto"] = "auto", currency: str = "CNY") -> Decimal | None:
    """Money in a cell, with two places (half up); None for an empty cell.

    Takes 元, ¥, RMB, 万 and 亿, full-width signs, `(12.50)` and `-12.50`, thousands `1,234.00`. `decimal_comma`: "auto"
    reads exactly two digits after a single comma as cents; True and False decide for the whole file. Marks of another
    currency than `currency` are an error: an amount is never silently taken for yuan.
    Raises CellError: amount_broken, amount_too_large (over 10 digits before the point), ruined_number.
    """
    if len(text) <= 13 and _PLAIN_NUMBER.fullmatch(text) and decimal_comma is not True:
        return Decimal(text).quantize(_CENT, ROUND_HALF_UP) + 0
    return _amount(text, decimal_comma, currency)


_QUANTITY = re.compile(
    r"[x×*]?\s*(-?)(\d+|\d{1,3}(?:,\d{3})+)(?:\.0*)?\s*[件个只条套双瓶盒包袋箱台本张份x×]?", re.IGNORECASE
)


@lru_cache(4_096)
def parse_quantity(text: str) -> int | None:
    """A whole number of pieces (`2`, `2.0`, `2件`, `x2`, `-3`); None for an empty cell. CellError: quantity_broken."""
    text = plain(text)
    if text.lower() in EMPTY_WORDS:
        return None
    match = _QUANTITY.fullmatch(text)
    number = int(match[2].replace(",", "")) if match and len(match[2]) <= 14 else MAX_QUANTITY + 1
    if match is None or number > MAX_QUANTITY:
        raise CellError("ruined_number" if is_ruined_number(text) else "quantity_broken")
    return -number if match[1] else number
