"""Line breaks that a phone, a chat or a narrow column put inside a sentence, a number or a word."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from orders.notices.vocabulary import CJK, vocabulary

UNIT_AT_START = re.compile(rf"(?:元|单|笔|天|小时|分|次|个工作日|日内)(?=[^{CJK}]|\Z|内|前)")
DATE_CUT = re.compile(
    r"(?:20[0-9]{2}[-/.](?:[0-9]{1,2}[-/.])?|20[0-9]{2}年(?:[0-9]|[0-9]{1,2}月[0-9]?)?|[0-9]{1,2}:)\Z|20[0-9]{2}[-/.][0-9]{2}[-/.][0-9]\Z"
    r"|20[0-9]{2}[-/.][0-9]{1,2}[-/.][0-9]{1,2} (?:[0-9]|[0-9]{1,2}:[0-9]|[0-9]{1,2}:[0-9]{2}:[0-9])\Z"
)
DATE_UNIT_CUT = re.compile(r"20[0-9]{2}(?:年[0-9]{1,2}(?:月[0-9]{1,2})?)?\Z")
WHOLE_DATE = re.compile(r"20[0-9]{2}[-/.][0-9]{2}[-/.][0-9]{2}\Z|[0-9]{2}-[0-9]{2}-[0-9]{2}\Z|日\Z")
DATE_AT_START = re.compile(r"20[0-9]{2}[-/.年][0-9]")
CLOCK_AT_START = re.compile(r"[0-9]{1,2}:[0-9]{2}")
SUM_CUT = re.compile(r"[0-9](?:[.,]|\.[0-9])\Z")
NUMBER_AT_END = re.compile(r"[0-9A-Za-z-]*[0-9-]\Z")
NUMBER_AT_START = re.compile(r"[0-9]+(?![0-9]|[-/:.年月][0-9])")
LABEL_NUMBER = re.compile(r"(?:编号|单号|编码)[：:][ ]*[A-Z]{0,4}(?P<digits>[0-9]{4,})\Z")
DIGITS_ALONE = re.compile(r"(?P<digits>[0-9]{1,16})(?:[ ]{2,}|[ ]*\Z)")
LAST_DIGIT = re.compile(r"[0-9][，。；,)）]")
WHOLE_ORDER_NO = re.compile(r"[0-9]{18,19}|[0-9]{6}-[0-9]{15}|P[0-9]{18}|PO-[0-9]{3}-[0-9]{10,}")
ORDER_NO_AT_END = re.compile(
    r"(?<![0-9A-Za-z-])(?:[0-9]{18,19}|[0-9]{6}-[0-9]{15}|P[0-9]{18}|PO-[0-9]{3}-[0-9]{10,}|[0-9]{12})\Z"
)
ORDER_NO_AT_START = re.compile(r"(?:[0-9]{18,19}|[0-9]{6}-[0-9]{15}|P[0-9]{18}|[0-9]{12})(?![0-9-])")
WHOLE_SHORT_ORDER_NO = re.compile(r"[0-9]{12}")
ITEM_AT_START = re.compile(r"(?:[（(]?[0-9]{1,2}[)）、]|[0-9]{1,2}\.(?![0-9])|[①-⑳]|[-•·*][ ]|【|\|)")
OPEN_BRACKET = re.compile(r"[（(《【][^）)》】]{0,40}\Z")
CLOSING_BRACKET = re.compile(r"[^（(《【]{0,40}[）)》】]")
NARROWEST, WIDEST = 8, 90


def broken_lines(chars: str) -> Iterator[tuple[int, int]]:
    """The breaks (with the blanks around them) that stand inside something; the text without them reads on."""
    lines = chars.split("\n")
    full = _full_lines(lines)
    above, before, is_full = "", "", False
    place = 0
    for number, line in enumerate(lines):
        start = place
        place += len(line) + 1
        left, right = before.rstrip(" "), line.lstrip(" ")
        if start and left and right and _is_one_line(above, left, right, is_full):
            # Blanks at the edge of a full line are the text's own.
            kept = (0, 0) if is_full else (len(before) - len(left), len(line) - len(right))
            yield (start - 1 - kept[0], start + kept[1])
            before = left[-80:] + (before[len(left) :] + line if is_full else right)
        else:
            above, before = before, line
        is_full = number in full


def _full_lines(lines: list[str]) -> set[int]:
    """
    The lines that were broken for width: in a text cut at a fixed width they are all as long as the longest.

    Measured in characters and in columns (a Chinese character takes two). Tables and lists of equal lines are cut
    nowhere: the rules of _is_one_line leave their breaks alone.
    """
    filled = [number for number, line in enumerate(lines) if line.strip()]
    best: set[int] = set()
    for measure, slack in ((len, 0), (_columns, 1)):
        sizes = {number: measure(lines[number]) for number in filled}
        widest = max(sizes.values(), default=0)
        full = {number for number, size in sizes.items() if size >= widest - slack}
        is_narrow = NARROWEST <= widest <= WIDEST
        if is_narrow and len(full) >= 2 and len(full) * 3 >= len(filled) and len(full) > len(best):
            best = full
    return best


def _columns(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in line)


def _is_one_line(above: str, left: str, right: str, is_full: bool) -> bool:
    if left[-1] in "：:。；！？!?":
        return bool(DATE_CUT.search(left)) and right[0].isdigit()
    if _are_rows(left, right):
        return not right[0].isdigit() and not _begins_with_label(left, right) and _crossing_word(left, right) > 0
    is_number = left[-1].isdigit() and right[0].isdigit()
    if _begins_with_label(left, right) or (ITEM_AT_START.match(right) and not is_number):
        return False
    if OPEN_BRACKET.search(left) and CLOSING_BRACKET.match(right):
        return True
    if right[0].isdigit():
        return _is_cut_before_digit(above, left, right, is_full)
    if is_full or (DATE_UNIT_CUT.search(left) and right[0] in "年月日"):
        return True
    if left[-1].isdigit():
        run = re.search(r"[0-9]+\Z", left)
        return bool(UNIT_AT_START.match(right)) and run is not None and len(run.group()) < 8
    return _crossing_word(left, right) > 0


def _are_rows(left: str, right: str) -> bool:
    """Rows of a table, by tabs, bars or wide gaps: numbers at their ends are cells."""
    if "\t" in left or "\t" in right:
        return True
    return any(left.count(gap) == right.count(gap) >= 3 for gap in ("|", "  "))


def _is_cut_before_digit(above: str, left: str, right: str, is_full: bool) -> bool:
    is_new_date = left[-1].isdigit() and DATE_AT_START.match(right) and not DATE_CUT.search(left)
    if is_new_date or (WHOLE_DATE.search(left) and CLOCK_AT_START.match(right)):
        return False
    if DATE_CUT.search(left) or SUM_CUT.search(left) or _is_cut_number(left, right):
        return True
    if _is_cut_label_number(above, left, right):
        return True
    are_both_whole = ORDER_NO_AT_END.search(left) and ORDER_NO_AT_START.match(right)
    are_both_alone = left.strip().isalnum() and right.strip().isalnum() and not re.search(rf"[{CJK}]", left + right)
    return is_full and not are_both_whole and not are_both_alone


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
        is_whole = bool(WHOLE_ORDER_NO.fullmatch(first.group()))
        # 18 digits may be a number without its last; a lone digit before a comma is no list marker and no count.
        return not is_whole or bool(LAST_DIGIT.match(right))
    if WHOLE_SHORT_ORDER_NO.fullmatch(whole) and len(first.group()) < 10:
        return "订单" in left[-40:]
    return False


def _is_cut_label_number(above: str, left: str, right: str) -> bool:
    """Whether the number behind a label (违规编号：) goes on in a line that holds nothing but digits."""
    first = LABEL_NUMBER.search(left) or (LABEL_NUMBER.search(above.rstrip() + left) if left.isdigit() else None)
    rest = DIGITS_ALONE.match(right)
    return bool(first and rest and len(first["digits"] + rest["digits"]) <= 24)


def _begins_with_label(left: str, right: str) -> bool:
    """Whether the next line begins with a label of its own, and not with the rest of a longer one (剩余 | 申诉次数：)."""
    hits = vocabulary().labels.find(right, 0, 16)
    if not hits or hits[0].start != 0:
        return False
    follows = right[hits[0].end : hits[0].end + 3].lstrip(" ")[:1]
    is_label = follows in ("：", ":", "\t", "") or (follows.isdigit() and hits[0].word.field.endswith("_no"))
    return is_label and _crossing_word(left, right) < len(hits[0].word.text)


@lru_cache(maxsize=1)
def _halves() -> dict[str, tuple[str, ...]]:
    """First half of a known word -> its possible second halves."""
    halves: dict[str, list[str]] = {}
    for word in vocabulary().all_texts():
        for cut in range(1, len(word)):
            halves.setdefault(word[:cut], []).append(word[cut:])
    return {first: tuple(seconds) for first, seconds in halves.items()}


def _crossing_word(left: str, right: str) -> int:
    """How much of a known word that runs over the break stands in the next line; 0 where none does."""
    halves = _halves()
    rests = (
        len(second)
        for length in range(1, min(10, len(left)) + 1)
        for second in halves.get(left[-length:], ())
        if right.startswith(second)
    )
    return max(rests, default=0)
