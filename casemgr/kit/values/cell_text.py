"""Why a cell cannot be read, and what every reader of cells needs first: plain text, empty words, ruined numbers."""

import re
import unicodedata
from functools import lru_cache

from django.utils.translation import gettext_lazy as _

SENTENCES = {
    "amount_broken": _("Not an amount. Expected something like 1,234.00 or 12.50元."),
    "amount_too_large": _("Too large for an amount. Check whether a number of an order stands in this column."),
    "ruined_number": _(
        "The number was ruined by Excel (its last digits are lost). Export again and do not save the file in Excel."
    ),
    "date_broken": _("Not a date. Expected something like 2026-05-27 22:17:38."),
    "date_ambiguous": _("The date can be read in two ways (day or month first). Say which order the file uses."),
    "date_implausible": _("The date lies outside the years 2000 to 2100."),
    "quantity_broken": _("Not a quantity. Expected a whole number like 2."),
}
# What exports write for "nothing".
EMPTY_WORDS = frozenset({"", "-", "--", "—", "——", "/", "null", "none", "nan", "n/a", "无", "空"})
CACHED = 65_536  # distinct texts kept per reader


class CellError(ValueError):
    """A cell that cannot be read. `reason_code` is one of SENTENCES; `sentence` is translated when it is read."""

    def __init__(self, reason_code: str) -> None:
        super().__init__(reason_code)
        self.reason_code = reason_code

    @property
    def sentence(self) -> str:
        """The reason for the person who imports, in the active language. Never repeats the value: it may be private."""
        return str(SENTENCES[self.reason_code])

    def __str__(self) -> str:
        return self.sentence


class AmbiguousDate(CellError):
    """03/04/2026 without a date order: asked for, never guessed."""

    def __init__(self) -> None:
        super().__init__("date_ambiguous")


def plain(text: str) -> str:
    """NFKC and stripped: full-width digits, commas and colons become the ordinary ones."""
    return text.strip() if text.isascii() else unicodedata.normalize("NFKC", text).strip()


@lru_cache(4_096)
def is_empty(text: str) -> bool:
    """Does the cell say "nothing" (`-`, `--`, `null`, `无`)?"""
    return plain(text).lower() in EMPTY_WORDS


_RUINED = re.compile(r"[+-]?\d(?:[.,]\d+)?E\+?\d{1,3}", re.IGNORECASE)


def is_ruined_number(text: str) -> bool:
    """True for `3.30438E+18`: Excel kept six digits of an identifier, the others are lost."""
    text = plain(text)
    return "+" in text and _RUINED.fullmatch(text) is not None


def may_be_rounded(text: str) -> bool:
    """True for more than 15 digits that are all zero after the fifteenth: perhaps rounded by Excel. Only a warning."""
    text = plain(text)
    return len(text) > 15 and text.isdecimal() and not text[15:].strip("0")


def parse_identifier(text: str) -> str | None:
    """An order number, waybill or code as text; None for an empty cell. CellError: ruined_number."""
    text = plain(text)
    if text.lower() in EMPTY_WORDS:
        return None
    if is_ruined_number(text):
        raise CellError("ruined_number")
    return text[:-2] if text.endswith(".0") and text[:-2].isdecimal() else text
