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
ITEM_LINE = re.compile(r"\s*(?:[（(]?[0-9]{1,2}[)）、.]|[①-⑳]|[一二三四五六七八九十]、|[-•·])")
# What may follow a measure after a comma and still belong to it: sums, and that it has been taken.
SAME_MEASURE = re.compile(r"\s*(?:合计|共|共计|总计|累计|每|按|已|计|其中|从|为期|期限)")
PAYEE = re.compile(r"\s*(?:以|并以)[^，。；\n]{0,12}(?:发放|补偿|赔付|支付)")
LEAD_IN = re.compile(
    r"\s*(?:并|且|同时|另外?|现|故)?(?:按(?:照)?(?:平台)?(?:规则|规定)|依规"
    r"|依据规则)?(?:对(?:贵店|您的?店铺|您))?(?:将|拟)?(?:予以)?"
)
# A coming effect still says 逾期将; only a bare lead-in is cut off.
SUBJECT = re.compile(r"[^，。；\n]*(?:的|者)\Z")
PART_END = re.compile(r"[、，,]")
DAYS = re.compile(rf"(?P<days>{COUNT})[ ]?(?:个)?(?:自然日|天|日)(?![内前期后])")
PERIOD = re.compile(r"[（(][^（()）]*[)）]")
POINTS = re.compile(
    rf"(?:积分|扣分|[扣记计]|体验分|信用分|分值|分数)[^0-9，。；\n]{{0,8}}?(?P<points>{COUNT})[ ]?(?:分|点)(?!钟)"
    rf"|(?:扣分|积分)[：:]?[ ]?(?P<bare>[0-9]{{1,3}})(?![0-9.元天%小])"
)
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
        totals = [item for item in self.sums if item.role == "total"] or [
            item for item in self.sums if item.role == "plain"
        ]
        return totals[0] if totals else None

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
    stop = reading.page.line_end(item.value)
    while stop < end:
        line_end = reading.page.line_end(stop + 1)
        if not ITEM_LINE.match(reading.text, stop + 1, line_end) and reading.text[:stop].rstrip()[-1:] not in (
            "；",
            ";",
            "、",
        ):
            break
        stop = line_end
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
    found = []
    values = {item.start: item for item in reading.fields}
    blocked = [*taken, *([(reading.table.start, reading.table.end)] if reading.table else [])]
    for match in SENTENCE.finditer(reading.text):
        start, end = match.span()
        inside = [item for place, item in values.items() if start <= place < end]
        if inside:
            # The words of labelled values (赔付类型：延迟发货赔付) announce nothing; a last label's line may go on.
            last = inside[-1]
            start = _prose_after(reading, last, end)
        if any(left <= start < right for left, right in blocked) or start >= end:
            continue
        found.extend(_measures_in(reading, start, end, is_listed=False))
    return found


def _prose_after(reading: Reading, item: Field, end: int) -> int:
    """Where prose begins behind a labelled value: after its next comma or blank. Reasons announce nothing."""
    if item.name in ("reason", "rule", "complaint", "suggestion", "platform_answer", "order_no"):
        return end
    stop = AFTER_VALUE.search(reading.text, item.value + 1, end)
    return stop.end() if stop else end


def _measures_in(reading: Reading, start: int, end: int, *, is_listed: bool) -> list[Measure]:
    """The measures of one item or sentence: a clause with a word of another kind begins a new one."""
    text = reading.text
    found: list[tuple[int, int, Hit | None]] = []
    for left, right in _clauses(text, start, end):
        hit = _first(text, left, right)
        names_order = any(left <= number.start < right for number in reading.numbers)
        if hit is None or PAYEE.match(text, left, right):
            if (
                found
                and found[-1][1] == left - 1
                and SAME_MEASURE.match(text, left, right)
                and not PAYEE.match(text, left, right)
            ):
                found[-1] = (found[-1][0], right, found[-1][2])
            continue
        around = text[left : hit.start] + text[hit.end : right]
        if not is_listed and (
            names_order or NO_MEASURE.search(around) or (hit.word.generic and not sums(text, left, right))
        ):
            continue
        if not is_listed and _stands_in_row(reading, left, right):
            continue
        if (
            found
            and found[-1][1] == left - 1
            and found[-1][2]
            and found[-1][2].word.kind == hit.word.kind
            and SAME_MEASURE.match(text, left, right)
        ):
            found[-1] = (found[-1][0], right, found[-1][2])
        else:
            found.append((_begin(text, start, left, hit.start, is_listed), right, hit))
    if not found and is_listed:
        found = [(start, end, None)]
    return [_measure(reading, left, right, hit, is_listed) for left, right, hit in found]


def _stands_in_row(reading: Reading, left: int, right: int) -> bool:
    """A clause of a line that lists one order's figures (订单号…，实付…，赔付18.90元) is no measure."""
    line = reading.page.line_start(left)
    before = [
        number for number in reading.numbers if line <= number.start < left and number.kind in ("order", "unknown")
    ]
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
            is_comma = bool(
                _first(text, last, place) and _first(text, place + 1, following.start() if following else end)
            )
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
    period = dates.moments(text, start, end)
    shown = reading.page.text[start:end]
    if len(period) >= 2:
        shown = PERIOD.sub("", shown) if PERIOD.search(shown) else shown
    days = DAYS.search(text, start, end)
    points = points_in(text, start, end)
    reading.mark("measure", start, end)
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
