"""Sums of money in which some amounts are unknown. Unknown is said, never counted as 0."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import ngettext

_SIGNS = {"CNY": "¥", "USD": "US$", "HKD": "HK$", "EUR": "€", "GBP": "£"}


def money_text(amount: Decimal | None, currency: str = "CNY") -> str:
    """`¥1,234.00`, `-¥5.00`; an en dash for None."""
    if amount is None:
        return "–"
    sign = _SIGNS.get(currency, f"{currency} ")
    return f"{'-' if amount < 0 else ''}{sign}{abs(amount):,.2f}"


@dataclass(frozen=True)
class Sum:
    """What is known of a sum, and of how many orders the amount is not known."""

    known: Decimal
    unknown_count: int = 0

    def __add__(self, other: "Sum") -> "Sum":
        return Sum(self.known + other.known, self.unknown_count + other.unknown_count)

    def words(self, currency: str = "CNY") -> str:
        """`¥120.00`, `¥120.00 and 3 orders with unknown amount`, or `amount unknown (3 orders)`, translated."""
        if not self.unknown_count:
            return money_text(self.known, currency)
        if not self.known:
            text = ngettext("amount unknown (%(count)s order)", "amount unknown (%(count)s orders)", self.unknown_count)
        else:
            text = ngettext(
                "%(known)s and %(count)s order with unknown amount",
                "%(known)s and %(count)s orders with unknown amount",
                self.unknown_count,
            )
        return text % {"known": money_text(self.known, currency), "count": self.unknown_count}


def total(amounts: Iterable[Decimal | None]) -> Sum:
    """The sum of the known amounts and the number of unknown ones (None)."""
    known, unknown = Decimal("0.00"), 0
    for amount in amounts:
        if amount is None:
            unknown += 1
        else:
            known += amount
    return Sum(known, unknown)
