"""Waybill numbers and carriers as files write them: several in one cell, number and carrier in one cell, many names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from casemgr.kit.privacy import scrub
from orders.actions.reference import load_carriers
from orders.imports.reasons import Unfit
from orders.models import Carrier

_SEPARATORS = re.compile(r"[,，;；、|\s]+")
_INVISIBLE = re.compile(r"[\s\u200b-\u200d\u2060\ufeff]+")
# A number among words: `圆通速递 YT5555508965056`, `中通快递:7312…`. Shorter runs are dates or pieces.
_NUMBER = re.compile(r"[A-Za-z]{0,4}[0-9][A-Za-z0-9-]{7,39}", re.ASCII)
_CARRIER_WORD = re.compile(r"[^\W\d_]{2,20}(?:&[^\W\d_]+)?")
LONGEST = 128
_REMEMBERED = 50_000


def waybill(text: str) -> str:
    """One spelling of a waybill number: no blanks, capital letters. Dashes stay: carriers number parts with them."""
    return _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).upper()


def numbers_in(cell: str) -> tuple[str, ...]:
    """The waybill numbers of a cell that holds nothing else, in their order. Unfit: number_too_long."""
    if cell.isalnum() and cell.isascii() and len(cell) <= LONGEST:
        return (cell.upper(),)
    found = tuple(dict.fromkeys(waybill(part) for part in _SEPARATORS.split(cell) if part))
    if any(len(number) > LONGEST for number in found):
        raise Unfit("number_too_long")
    return found


@lru_cache(4_096)
def parcels_in(cell: str) -> tuple[tuple[str, str], ...]:
    """(number, carrier's name) pairs of a cell that packs both, such as 快递信息; () where it holds no number."""
    numbers = [(match[0], match.start()) for match in _NUMBER.finditer(cell)]
    names = [
        (match[0], match.start()) for match in _CARRIER_WORD.finditer(_NUMBER.sub(lambda m: " " * len(m[0]), cell))
    ]
    pairs = []
    for place, (number, _start) in enumerate(numbers):
        name = names[min(place, len(names) - 1)][0] if names else ""
        pairs.append((waybill(number), scrub(name)[:40]))
    return tuple(dict.fromkeys(pairs))


class Carriers:
    """The carriers the product knows, found by name, alias or the shape of a number."""

    def __init__(self, carriers: Iterable[Carrier]) -> None:
        self._by_word: dict[str, int] = {}
        self._strong: list[tuple[re.Pattern[str], int]] = []
        self._medium: list[tuple[re.Pattern[str], int]] = []
        for one in carriers:
            for word in (one.code, one.name_zh, one.name_en, *one.aliases):
                self._by_word.setdefault(_word(word), one.pk)
            for rule in one.patterns:
                known = self._strong if rule.get("strength") == "strong" else self._medium
                known.append((re.compile(rule["pattern"]), one.pk))
        self._named: dict[str, int] = {}  # 0: the word names no carrier

    @classmethod
    def known(cls) -> Carriers:
        """The carriers in the table, after those that come with the product were added where they are missing."""
        load_carriers()
        return cls(Carrier.objects.all())

    def find(self, word: str, number: str) -> int | None:
        """The carrier's key by the name the file gives, else by its number; None where neither tells one carrier."""
        named = self._named.get(word)
        if named is None:
            if len(self._named) > _REMEMBERED:
                self._named.clear()
            named = self._named[word] = self._by_word.get(_word(word), 0) if word else 0
        return named or self._by_number(number)

    def _by_number(self, number: str) -> int | None:
        plain = number.replace("-", "")
        for pattern, pk in self._strong:
            if pattern.match(plain):
                return pk
        # A weaker shape tells only where no other carrier shares it.
        fitting = {pk for pattern, pk in self._medium if pattern.match(plain)}
        return fitting.pop() if len(fitting) == 1 else None


def _word(text: str) -> str:
    plain = re.sub(r"[\s()（）]+", "", unicodedata.normalize("NFKC", text)).casefold()
    return re.sub(r"(?:有限公司|速递|快递|物流|快运|express)+$", "", plain) or plain
