"""The measures a notice announces, one line each: fine, compensation, points (consoles, section 10, step 8)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from orders.notices import dates
from orders.notices.labels import INSIDE_MEASURES, Field, of
from orders.notices.numbers import COUNT, Money, count_of, money_text, sums
from orders.notices.reading import CLAUSE_END, SENTENCE, Reading
from orders.notices.vocabulary import Hit, vocabulary

MONEY_KINDS = ("fine", "compensation", "deposit_deduction")
MARKER = r"(?:[（(]?[0-9]{1,2}[)）、]|[0-9]{1,2}\.(?![0-9])|[一二三四五六七八九十]、)"
ROUND_MARKER = r"(?:[①-⑳][、.]?|[（(][0-9]{1,2}[)）])"
FIRST_MARKER = re.compile(rf"\s*(?:{MARKER}|{ROUND_MARKER})[ ]*")
ITEM = re.compile(rf"(?<=[\s；;。，,：])[ ]*{MARKER}[ ]*|{ROUND_MARKER}[ ]*|[；;。\n]")
BULLET = re.compile(r"[ ]*[-•·*]")
PLAIN_ITEM_LINE = re.compile(r"[-•·* ]*(?:[（(]?[0-9]{1,2}[)）、.]|[①-⑳]|[一二三四五六七八九十]、)")
ITEM_LINE = re.compile(rf"(?:{PLAIN_ITEM_LINE.pattern}|{BULLET.pattern})")
# What may follow a measure after a comma and still belong to it: sums, and that it has been taken.
SAME_MEASURE = re.compile(r"\s*(?:合计|共|共计|总计|累计|每|按|已|计|其中|从|为期|期限)")
PAYEE = re.compile(r"\s*(?:以|并以)[^，。；\n]{0,12}(?:发放|补偿|赔付|支付)")
LEAD_IN = re.compile(
    r"\s*(?:并|且|同时|另外?|现|故)?(?:按(?:照)?(?:平台)?(?:规则|规定)|依规"
    r"|依据规则)?(?:对(?:贵店|您的?店铺|您))?(?:将|拟)?(?:被)?(?:予以|给予)?"
)
# A coming effect still says 逾期将; only a bare lead-in is cut off.
SUBJECT = re.compile(r"[^，。；\n]*(?:的|者)\Z")
TAIL = re.compile(r"的?(?:处罚|处理|措施)\Z")
PART_END = re.compile(r"[、，,]")
DAYS = re.compile(rf"(?P<days>{COUNT})[ ]?(?:个)?(?:自然日|天|日)(?![内前期后])")
PERIOD = re.compile(r"[（(][^（()）]*[)）]")
POINTS = re.compile(
    rf"(?:积分|扣分|[扣记计]|体验分|信用分|分值|分数)[^0-9，。；\n]{{0,8}}?(?P<points>{COUNT})[ ]?(?:分|点)(?!钟)"
    rf"|(?:扣分|积分)[：:]?[ ]?(?P<bare>[0-9]{{1,3}})(?![0-9.元天%小])"
)
REASONS = ("reason", "rule", "complaint", "suggestion", "platform_answer")
AFTER_VALUE = re.compile(r"[，,；;](?![0-9])|\s+(?=[^\s0-9])")
# Sentences that only mention a penalty: what buyers ask for, what other orders say, what is taken back.
NO_MEASURE = re.compile(
    r"诉求|要求|撤销|退回|返还|解除|恢复|规则请见|不可报名|凭证|请在超时前|(?<!未)申诉(?!不成立)|有疑问|更新为"
)


@dataclass
class Measure:
    """One measure: where it stands and what it says."""

    kind: str
    text: str
    start: int
    end: int
    sums: list[Money]
    days: int | None
    points: int | None
    starts_at: datetime | None
    ends_at: datetime | None
    is_listed: bool

    def stated(self) -> Money | None:
        """The sum this measure states: 合计 before a bare sum; what is said per order is no sum."""
        by_role = {item.role: item for item in reversed(self.sums)}
        return by_role.get("total") or by_role.get("plain")

    def as_result(self, amount: Decimal | None, starts_at: datetime | None) -> dict[str, Any]:
        """The line of the result."""
        return {
            "kind": self.kind,
            "text": self.text,
            "amount": money_text(amount) if amount is not None else None,
            "points": self.points,
            "days": self.days,
            "starts_at": dates.written(self.starts_at or starts_at),
            "ends_at": dates.written(self.ends_at),
        }


def measures_of(reading: Reading) -> list[Measure]:
    """Every measure of the notice: those of its labelled list, then those that its sentences announce."""
    listed: list[Measure] = []
    taken: list[tuple[int, int]] = []
    for item in of(reading.fields, "measures"):
        start, end = region(reading, item)
        if vocabulary().measures.find(reading.text, start, end):
            taken.append((item.start, end))
            for piece_start, piece_end in _items(reading.text, start, end):
                listed.extend(_measures_in(reading, piece_start, piece_end, is_listed=True))
    return listed + _announced(reading, taken)


def region(reading: Reading, item: Field) -> tuple[int, int]:
    """Where the list behind 处罚措施 ends: at the next label, or at the first line that is no item of it."""
    if item.separator == "cell":
        return item.value, item.end
    end = next(
        (other.start for other in reading.fields if other.start >= item.value and other.name not in INSIDE_MEASURES),
        len(reading.text),
    )
    text, stop = reading.text, reading.page.line_end(item.value)
    # Where every line has a bullet, a bullet begins no item.
    next_item = PLAIN_ITEM_LINE if BULLET.match(text, reading.page.line_start(item.start)) else ITEM_LINE
    while stop < end:
        goes_on = text[max(item.value, stop - 4) : stop].rstrip().endswith(("；", ";", "、"))
        if not goes_on and not next_item.match(text, stop + 1):
            break
        stop = reading.page.line_end(stop + 1)
    return item.value, min(stop, end)


def _items(text: str, start: int, end: int) -> list[tuple[int, int]]:
    first = FIRST_MARKER.match(text, start, end)
    pieces, last = [], first.end() if first else start
    for match in ITEM.finditer(text, last, end):
        pieces.append((last, match.start()))
        last = match.end()
    pieces.append((last, end))
    return [(left, right) for left, right in pieces if text[left:right].strip(" \t\n-—、，")]


def _announced(reading: Reading, taken: list[tuple[int, int]]) -> list[Measure]:
    """Measures in sentences outside the list: 平台将按3元/单赔付消费者."""
    blocked = [*taken, *([(reading.table.start, reading.table.end)] if reading.table else [])]
    found = []
    for match in SENTENCE.finditer(reading.text):
        for start, end in _prose(reading, match.start(), match.end()):
            if not any(left <= start < right for left, right in blocked):
                found.extend(_measures_in(reading, start, end, is_listed=False))
    return found


def _prose(reading: Reading, start: int, end: int) -> list[tuple[int, int]]:
    """
    The parts of a sentence that are no labelled values: 赔付类型：延迟发货赔付 announces nothing.

    A value ends with its next comma or blank; that of a reason ends with the sentence.
    """
    inside = [item for item in reading.fields if start <= item.start < end]
    pieces = []
    for item in inside:
        pieces.append((start, item.start))
        stop = None if item.name in REASONS else AFTER_VALUE.search(reading.text, item.value + 1, end)
        start = stop.end() if stop else end
    return [(left, right) for left, right in [*pieces, (start, end)] if left < right]


def _measures_in(reading: Reading, start: int, end: int, *, is_listed: bool) -> list[Measure]:
    """The measures of one item or sentence: a clause with a word of another kind begins a new one."""
    text = reading.text
    found: list[tuple[int, int, Hit | None]] = []
    for left, right in _clauses(text, start, end):
        hit = _first(text, left, right)
        is_payee = PAYEE.match(text, left, right) is not None
        follows = bool(found) and found[-1][1] == left - 1 and bool(SAME_MEASURE.match(text, left, right))
        is_same = hit is None or (follows and found[-1][2] is not None and found[-1][2].word.kind == hit.word.kind)
        if is_payee or hit is None or is_same:
            if follows and not is_payee:
                found[-1] = (found[-1][0], right, found[-1][2])
        elif is_listed or _is_announcement(reading, left, right, hit):
            found.append((_begin(text, start, left, hit.start, is_listed), right, hit))
    if not found and is_listed:
        found = [(start, end, None)]
    return [_measure(reading, left, right, hit, is_listed) for left, right, hit in found]


def _is_announcement(reading: Reading, left: int, right: int, hit: Hit) -> bool:
    """Whether a clause with a measure word says that the measure is taken, and not only that there are such."""
    text = reading.text
    if any(left <= number.start < right for number in reading.numbers) or _stands_in_row(reading, left, right):
        return False
    if NO_MEASURE.search(text[left : hit.start] + text[hit.end : right]):
        return False
    return not hit.word.generic or bool(sums(text, left, right))


def _stands_in_row(reading: Reading, left: int, right: int) -> bool:
    """A clause of a line that lists one order's figures (订单号…，实付…，赔付18.90元) is no measure."""
    orders = [number for number in reading.numbers if number.kind in ("order", "unknown")]
    if len({number.number for number in orders}) < 2:
        return False
    line = reading.page.line_start(left)
    before = [number for number in orders if line <= number.start < left]
    is_sentence = bool(before) and re.search(r"[。；;]", reading.text[before[-1].end : left])
    found = sums(reading.text, left, right)
    return bool(before) and not is_sentence and bool(found) and all(item.role == "plain" for item in found)


def _clauses(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """
    Clauses between commas; a comma inside brackets or a number is none.

    、 parts measures too (扣2分、删除销量), but only where both sides name one: 商品A、B下架 is one measure.
    """
    pieces, last, depth = [], start, 0
    for place in range(start, end):
        char = text[place]
        depth += (char in "（(") - (char in "）)")
        is_comma = char in "，," and not (text[place + 1 : place + 4].isdigit() and text[place - 1 : place].isdigit())
        if char == "、" and depth <= 0:
            following = PART_END.search(text, place + 1, end)
            stop = following.start() if following else end
            is_comma = bool(_first(text, last, place) and _first(text, place + 1, stop))
        if is_comma and depth <= 0:
            pieces.append((last, place))
            last = place + 1
    return [*pieces, (last, end)]


def _first(text: str, start: int, end: int) -> Hit | None:
    """The first measure word, of words at one place the longest; a specific one before a general one (扣款)."""
    hits = vocabulary().measures.find(text, start, end)
    return next((hit for hit in hits if not hit.word.generic), hits[0] if hits else None)


def _begin(text: str, floor: int, start: int, end: int, is_listed: bool) -> int:
    """Where a measure begins: without 并按规则, 将; with the clause that is its subject (超时未发货的，)."""
    if not is_listed:
        start += len(text[start:end].rpartition("：")[0]) + 1 if "：" in text[start:end] else 0
        before = text[floor : start - 1]
        subject = SUBJECT.search(before[_last_clause(before) :]) if before else None
        if subject and start > floor:
            return start - 1 - len(subject.group())
    match = LEAD_IN.match(text, start)
    return match.end() if match else start


def _last_clause(text: str) -> int:
    ends = [match.end() for match in CLAUSE_END.finditer(text)]
    return ends[-1] if ends else 0


def _measure(reading: Reading, start: int, end: int, hit: Hit | None, is_listed: bool) -> Measure:
    text = reading.text
    while start < end and text[start] in " \t\n、，":
        start += 1
    while end > start and text[end - 1] in " \t\n、，。":
        end -= 1
    tail = None if is_listed else TAIL.search(text, start, end)
    end = tail.start() if tail else end
    period = dates.moments(text, start, end)
    shown = reading.page.text[start:end]
    if len(period) >= 2:
        shown = PERIOD.sub("", shown) if PERIOD.search(shown) else shown
    days = DAYS.search(text, start, end)
    points = points_in(text, start, end)
    reading.mark("measures", start, end)
    return Measure(
        kind=str(hit.word.kind) if hit else "other",
        text=shown,
        start=start,
        end=end,
        sums=sums(text, start, end),
        days=count_of(days["days"]) if days else None,
        points=points if hit and hit.word.kind == "points" else None,
        starts_at=_first_second(period[0]) if len(period) >= 2 else None,
        ends_at=period[1].at if len(period) >= 2 else None,
        is_listed=is_listed,
    )


def _first_second(moment: dates.Moment) -> datetime | None:
    """A period from a bare date begins with that day."""
    return moment.at if moment.has_clock or moment.at is None else moment.at.replace(hour=0, minute=0, second=0)


def points_in(text: str, start: int, end: int) -> int | None:
    """The points of 扣2分, 增加违规积分2分, 扣分：2."""
    match = POINTS.search(text, start, end)
    return count_of(match["points"] or match["bare"]) if match else None
