"""Making a pasted text even, without losing where each character came from."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache

from orders.notices.lines import broken_lines
from orders.notices.markup import shown
from orders.notices.vocabulary import CJK

LINE_ENDS = frozenset("\r\x0b\x0c\x85\u2028\u2029\n")
DASHES = frozenset("–—−‐‑‒﹣－")
COLONS = frozenset("：∶︰﹕")
# Full-width signs that stand inside numbers; other Chinese punctuation is kept as it was written.
NUMBER_SIGNS = frozenset("－．／％＋＃＿￥＊＠＆")
LETTER_SPACED = re.compile(rf"(?<![{CJK}])[{CJK}](?:[ ]{{1,2}}[{CJK}]){{2,}}(?![{CJK}])")
SINGLE_BREAK = re.compile(r"[^\n]\n[^\n]")
# Spellings of one word; same length, so that positions stay.
SPELLINGS = (
    ("申述", "申诉"),
    ("申訴", "申诉"),
    ("截至时间", "截止时间"),
    ("截至日期", "截止日期"),
    ("截止至", "截至到"),
    ("帐户", "账户"),
)
CLOCK_ON_NEXT_LINE = re.compile(r"(?<=[0-9]|日)[ ]*\n[ ]*(?=[0-9]{1,2}:[0-9]{2})")


@dataclass(frozen=True)
class Page:
    """
    A pasted text made even.

    `text` is what is shown (full-width digits made plain, broken words mended), `plain` the same length with one
    spelling for each word, `index` the place of each of its characters in `original`.
    """

    original: str
    text: str
    plain: str
    index: tuple[int, ...]

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """Where text[start:end] stands in the original; an empty range stays empty."""
        if start >= end or not self.index:
            return (0, 0)
        return (self.index[start], self.index[min(end, len(self.index)) - 1] + 1)

    @cached_property
    def _line_breaks(self) -> list[int]:
        return [place for place, char in enumerate(self.text) if char == "\n"]

    def line_end(self, place: int) -> int:
        """The end of the line that holds this place."""
        number = bisect_left(self._line_breaks, place)
        return self._line_breaks[number] if number < len(self._line_breaks) else len(self.text)

    def line_start(self, place: int) -> int:
        """The start of the line that holds this place."""
        number = bisect_left(self._line_breaks, place)
        return self._line_breaks[number - 1] + 1 if number else 0


def page_of(original: str) -> Page:
    """The page of a text as somebody pasted it. Never raises, whatever the text holds."""
    chars, index = _even_characters(original)
    chars, index = _keep(chars, index, _letter_spaces(chars))
    chars, index = _keep(chars, index, _double_spacing(chars))
    chars = _numbers_even(chars)
    chars, index = _keep(chars, index, broken_lines(chars))
    # A second time: a break may have stood between a digit and its colon.
    chars = _numbers_even(chars)
    chars = CLOCK_ON_NEXT_LINE.sub(lambda match: " " * len(match.group()), chars)
    plain = chars
    for written, meant in SPELLINGS:
        plain = plain.replace(written, meant)
    return Page(original=original, text=chars, plain=plain, index=tuple(index))


def _even_characters(original: str) -> tuple[str, list[int]]:
    chars: list[str] = []
    index: list[int] = []
    for char, place in shown(original):
        even = _even(char)
        if even == "\n" and char == "\n" and place and original[place - 1] == "\r":
            continue
        if even:
            chars.append(even)
            index.append(place)
    return "".join(chars), index


@lru_cache(maxsize=4096)
def _even(char: str) -> str:
    """One character made even: at most one character comes back, so that the index map stays simple."""
    if char in LINE_ENDS:
        return "\n"
    if char == "\t" or " " <= char <= "~":
        return char
    category = unicodedata.category(char)
    if category == "Zs":
        return " "
    if category in ("Cf", "Cc") or "\ufe00" <= char <= "\ufe0f":
        return ""
    digit = unicodedata.decimal(char, None)
    if digit is not None:
        return str(digit)
    is_plain_letter = "\uff21" <= char <= "\uff3a" or "\uff41" <= char <= "\uff5a"
    is_other_ideograph = "\u2e80" <= char <= "\u2fdf" or "\uf900" <= char <= "\ufaff"
    if is_plain_letter or is_other_ideograph or char in NUMBER_SIGNS:
        even = unicodedata.normalize("NFKC", char)
        return even if len(even) == 1 else char
    return char


def _numbers_even(chars: str) -> str:
    """Colons and dashes between digits in their plain form: a time is a time in any width."""
    out = list(chars)
    for place in range(1, len(out) - 1):
        char = out[place]
        if (char in COLONS or char in DASHES) and out[place - 1].isdigit() and out[place + 1].isdigit():
            out[place] = ":" if char in COLONS else "-"
    return "".join(out)


def _keep(chars: str, index: list[int], dropped: Iterable[tuple[int, int]]) -> tuple[str, list[int]]:
    kept_chars: list[str] = []
    kept_index: list[int] = []
    last = 0
    for start, end in dropped:
        kept_chars.append(chars[last:start])
        kept_index.extend(index[last:start])
        last = end
    kept_chars.append(chars[last:])
    kept_index.extend(index[last:])
    return "".join(kept_chars), kept_index


def _letter_spaces(chars: str) -> Iterable[tuple[int, int]]:
    """Blanks of words written with a blank after each character."""
    for match in LETTER_SPACED.finditer(chars):
        for place in range(match.start(), match.end()):
            if chars[place] == " ":
                yield (place, place + 1)


def _double_spacing(chars: str) -> Iterable[tuple[int, int]]:
    """The second break of each pair where a text has an empty line after every line: those part nothing."""
    if "\n\n" in chars and not SINGLE_BREAK.search(chars):
        yield from ((match.start() + 1, match.end()) for match in re.finditer("\n\n", chars))
