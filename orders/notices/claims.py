"""How many orders a notice claims. A count and a list that differ stay two figures; two counts that differ, none."""

from __future__ import annotations

import re
from dataclasses import dataclass

from orders.notices.labels import of
from orders.notices.numbers import COUNT, count_of
from orders.notices.reading import Reading

COUNTED = re.compile(rf"(?<![0-9.,/第每])(?P<count>{COUNT})[ ]?(?:余|多)?(?P<unit>个|笔|单|条|件)(?!价)")
AT_START = re.compile(rf"[ ]*(?P<count>{COUNT})[ ]?(?:个|笔|单|条|件|\Z|\s|[，。；（(])")
# Counts of something else: parts of the whole, other times, limits.
OTHER = re.compile(
    r"(?:每|任[一何]|最早|最晚|首|上|前|其中|其余|剩余|余下|另有|另外|近[0-9]*[天日月]|累计|历史|日均|平均|超过|不足"
    r"|满|限购|还有|已发|最多)[^，。；\n]{0,5}\Z"
)
STRONG = re.compile(
    r"(?:涉及|违规|涉案|判定|订单|等)(?:[^，。；\n0-9]{0,6}?(?:共计?|合计|总计|等|为|有))?[：:\s]*(?:订单|交易)?[ ]?\Z"
)
WEAK = re.compile(r"(?:共计?|合计|总计|有|计)[ ]?\Z")
ORDERS_AFTER = re.compile(r"[^，。；\n0-9]{0,6}(?:订单|交易)(?![^，。；\n]{0,2}中)")
PART_OF = re.compile(r"(?:订单)?中(?!转)")
AT_FIRST = re.compile(rf"(?P<count>{COUNT})[ ]?(?:笔|单|个)(?:违规)?(?:订单)?中(?!转)")


@dataclass(frozen=True)
class Claim:
    """A count of orders: rank 3 labelled, 2 beside 涉及, 违规, 等, 1 beside 共, 有."""

    count: int
    rank: int
    start: int
    end: int


def claimed_orders(reading: Reading) -> int | None:
    """The number of orders the notice claims, None where it says none or says two."""
    claims = [*_labelled(reading), *_in_prose(reading.text)]
    for rank in (3, 2, 1):
        values = {claim.count for claim in claims if claim.rank == rank}
        if not values:
            continue
        against = {claim.count for claim in claims if claim.rank == 2} if rank == 3 else set()
        if len(values) > 1 or (against and not values & against):
            return None
        claim = next(claim for claim in claims if claim.rank == rank)
        reading.mark("orders", claim.start, claim.end)
        return claim.count
    return None


def claimed_at_first(text: str) -> int | None:
    """31 of 31笔订单中24笔…: the count before the platform took some back."""
    match = AT_FIRST.search(text)
    return count_of(match["count"]) if match else None


def _labelled(reading: Reading) -> list[Claim]:
    found = []
    for item in of(reading.fields, "order_count", "order_no"):
        match = AT_START.match(reading.text, *item.line(reading.page))
        if match is None or (item.name == "order_no" and not re.search(r"[笔单个]", match.group())):
            continue
        count = count_of(match["count"])
        if count is not None:
            found.append(Claim(count, 3, match.start("count"), match.end("count")))
    return found


def _in_prose(text: str) -> list[Claim]:
    found = []
    for match in COUNTED.finditer(text):
        left = text[max(0, match.start() - 14) : match.start()]
        rank = _rank(left, text, match)
        count = count_of(match["count"]) if rank else None
        if count is not None:
            found.append(Claim(count, rank, match.start("count"), match.end("count")))
    return found


def _rank(left: str, text: str, match: re.Match[str]) -> int:
    is_bare_one = match["count"] == "一"
    orders_follow = bool(ORDERS_AFTER.match(text, match.end()))
    if OTHER.search(left) or PART_OF.match(text, match.end()):
        return 0
    if match["unit"] in ("条", "件", "个") and not orders_follow and not left.endswith(("订单", "订单共")):
        return 0
    if STRONG.search(left):
        return 2
    if WEAK.search(left) or (orders_follow and not is_bare_one):
        return 1
    return 0
