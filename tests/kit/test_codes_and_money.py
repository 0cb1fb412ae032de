"""Short codes and sums of partly unknown amounts."""

from decimal import Decimal

import pytest
from django.utils import translation

from casemgr.kit.codes import ALPHABET, is_code, new_code
from casemgr.kit.money import Sum, money_text, total


def test_code_is_random_readable_and_recognised():
    codes = {new_code("C") for _time in range(500)}
    assert len(codes) == 500
    assert all(is_code(code, "C") for code in codes)
    assert set("".join(codes)) - set("C-") <= set(ALPHABET)
    assert set(ALPHABET) & set("ILOU") == set()


@pytest.mark.parametrize("text", ["C-7K2M9", "C-7K2M9QQ", "c-7K2M9Q", "C-7K2M9I", "7K2M9Q", "", "C-7K2M9Q\n"])
def test_text_that_is_no_code_is_not_taken_for_one(text):
    assert not is_code(text)


def test_code_of_another_kind_is_not_taken_for_this_one():
    assert is_code("A-3QX81M", "A")
    assert not is_code("A-3QX81M", "C")
    assert is_code("INV-3QX81M7K", length=8)


@pytest.mark.parametrize(("prefix", "length"), [("", 6), ("c", 6), ("C-", 6), ("C", 0)])
def test_code_of_an_impossible_shape_is_refused(prefix, length):
    with pytest.raises(ValueError, match="a code has a prefix"):
        new_code(prefix, length)


@pytest.mark.parametrize(
    ("amounts", "sum_", "words"),
    [
        (["100", "20.00"], Sum(Decimal("120.00"), 0), "¥120.00"),
        (["120", None], Sum(Decimal("120"), 1), "¥120.00 and 1 order with unknown amount"),
        (["1200", None, None, None], Sum(Decimal("1200"), 3), "¥1,200.00 and 3 orders with unknown amount"),
        ([None], Sum(Decimal("0"), 1), "amount unknown (1 order)"),
        ([None] * 3, Sum(Decimal("0"), 3), "amount unknown (3 orders)"),
        ([], Sum(Decimal("0"), 0), "¥0.00"),
    ],
)
def test_sum_says_what_is_unknown_and_never_counts_it_as_nothing(amounts, sum_, words):
    found = total(None if amount is None else Decimal(amount) for amount in amounts)
    assert found == sum_
    with translation.override("en"):
        assert found.words() == words


def test_sums_add_up_with_their_unknowns():
    assert Sum(Decimal("1.50"), 1) + Sum(Decimal("2.50"), 2) == Sum(Decimal("4.00"), 3)


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (Decimal("1234.5"), "CNY", "¥1,234.50"),
        (Decimal("-5"), "CNY", "-¥5.00"),
        (Decimal("5"), "USD", "US$5.00"),
        (Decimal("5"), "THB", "THB 5.00"),
        (None, "CNY", "–"),
    ],
)
def test_money_is_shown_with_its_sign(amount, currency, text):
    assert money_text(amount, currency) == text
