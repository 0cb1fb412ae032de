"""Making a pasted text even, without losing where each character came from."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache

from orders.notices.vocabulary import CJK, vocabulary

LINE_ENDS = frozenset("\r\x0b\x0c\x85\u2028\u2029\n")
DASHES = frozenset("–—−‐‑‒﹣－")
COLONS = frozenset("：∶︰﹕")
# Full-width signs that stand inside numbers; other Chinese punctuation is kept as it was written.
NUMBER_SIGNS = frozenset("－．／％＋＃＿￥＊＠＆")
LETTER_SPACED = re.compile(rf"(?<![{CJK}])[{CJK}](?:[ ]{{1,2}}[{CJK}]){{2,}}(?![{CJK}])")
# Spellings of one word; same length, so that positions stay.
SPELLINGS = (
    ("申述", "申诉"),
    ("申訴", "申诉"),
    ("截至时间", "截止时间"),
    ("截至日期", "截止日期"),
    ("截止至", "截至到"),
    ("帐户", "账户"),
)
UNIT_AT_START = re.compile(rf"(?:元|单|笔|天|小时|分|次|个工作日|日内)(?=[^{CJK}]|\Z|内|前)")
DATE_CUT = re.compile(r"(?:20[0-9]{2}[-/.](?:[0-9]{1,2}[-/.])?|[0-9]{1,2}:)\Z")
NUMBER_AT_END = re.compile(r"[0-9A-Za-z-]*[0-9-]\Z")
NUMBER_AT_START = re.compile(r"[0-9]+(?![-/:.年月][0-9])")
LABEL_NUMBER = re.compile(r"(?:编号|单号|编码)[：:][ ]*[A-Z]{0,4}(?P<digits>[0-9]{4,})\Z")
DIGITS_ALONE = re.compile(r"(?P<digits>[0-9]{1,16})(?:[ ]{2,}|[ ]*\Z)")
WHOLE_ORDER_NO = re.compile(r"[0-9]{18,19}|[0-9]{6}-[0-9]{15}|P[0-9]{18}|PO-[0-9]{3}-[0-9]{10,}")
WHOLE_SHORT_ORDER_NO = re.compile(r"[0-9]{12}")


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
    chars = _numbers_even(chars)
    chars, index = _keep(chars, index, _broken_lines(chars))
    # A second time: a break may have stood between a digit and its colon.
    chars = _numbers_even(chars)
    plain = chars
    for written, meant in SPELLINGS:
        plain = plain.replace(written, meant)
    return Page(original=original, text=chars, plain=plain, index=tuple(index))


def _even_characters(original: str) -> tuple[str, list[int]]:
    chars: list[str] = []
    index: list[int] = []
    for place, char in enumerate(original):
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


def _broken_lines(chars: str) -> Iterable[tuple[int, int]]:
    """Line breaks (with the blanks around them) that stand inside a number, a date, an amount or a known word."""
    above, before = "", ""
    place = 0
    for line in chars.split("\n"):
        start = place
        place += len(line) + 1
        if start and before.strip() and line.strip() and _is_one_line(above, before.rstrip(), line.lstrip()):
            left = len(before) - len(before.rstrip())
            right = len(line) - len(line.lstrip())
            yield (start - 1 - left, start + right)
            before = before.rstrip()[-60:] + line.lstrip()
        else:
            above, before = before, line


def _is_one_line(above: str, left: str, right: str) -> bool:
    if right[0].isdigit():
        return bool(DATE_CUT.search(left)) or _is_cut_number(left, right) or _is_cut_label_number(above, left, right)
    if left[-1].isdigit():
        run = re.search(r"[0-9]+\Z", left)
        return bool(UNIT_AT_START.match(right)) and run is not None and len(run.group()) < 8
    return _is_cut_word(left, right)


def _is_cut_number(left: str, right: str) -> bool:
    """Whether two runs of digits are the halves of one order number."""
    first, second = NUMBER_AT_END.search(left), NUMBER_AT_START.match(right)
    if first is None or second is None:
        return False
    # Two lines of one bare number each are two values (a number and a count), not halves of one.
    if first.group() == left.strip() and second.group() == right.strip() and "-" not in first.group():
        return False
    whole = first.group() + second.group()
    if WHOLE_ORDER_NO.fullmatch(whole):
        return not WHOLE_ORDER_NO.fullmatch(first.group())
    if WHOLE_SHORT_ORDER_NO.fullmatch(whole) and len(first.group()) < 10:
        return "订单" in left[-40:]
    return False


def _is_cut_label_number(above: str, left: str, right: str) -> bool:
    """Whether the number behind a label (违规编号：) goes on in a line that holds nothing but digits."""
    first = LABEL_NUMBER.search(left) or (LABEL_NUMBER.search(above.rstrip() + left) if left.isdigit() else None)
    rest = DIGITS_ALONE.match(right)
    return bool(first and rest and len(first["digits"] + rest["digits"]) <= 24)


@lru_cache(maxsize=1)
def _halves() -> dict[str, tuple[str, ...]]:
    """First half of a known word -> its possible second halves."""
    halves: dict[str, list[str]] = {}
    for word in vocabulary().all_texts():
        for cut in range(1, len(word)):
            halves.setdefault(word[:cut], []).append(word[cut:])
    return {first: tuple(seconds) for first, seconds in halves.items()}


def _is_cut_word(left: str, right: str) -> bool:
    """Whether a known word runs over the break. A line that begins with a label of its own stays a line."""
    label = vocabulary().labels.find(right, 0, 14)
    if label and label[0].start == 0 and right[label[0].end : label[0].end + 2].lstrip()[:1] in ("：", ":", "\t"):
        return False
    halves = _halves()
    for length in range(1, min(10, len(left)) + 1):
        if any(right.startswith(second) for second in halves.get(left[-length:], ())):
            return True
    return False
