"""What a notice costs: per order, in all, and whether that is stated, computed or unknown (domain rule 10)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from orders.notices.labels import Field, of
from orders.notices.measures import MONEY_KINDS, Measure
from orders.notices.numbers import Money, money_text, sums
from orders.notices.order_numbers import Mention
from orders.notices.reading import Reading, sentence_around

UNKNOWN_VALUE = re.compile(r"\s*(?:-|—|--|/|无|暂无|N/A|待定)\s*(?:\Z|[\s，。；])")
# The words before a sum in an order's line that make it the penalty; 实付, 成交 and the like are not.
PENALTY_OF_ORDER = re.compile(r"(?:赔付|扣款|违约金|处罚|罚款|扣除|赔偿|扣罚|补偿)(?:金额|金)?(?:为|是)?[：: ]*\Z")
THREAT = re.compile(
    r"(?:如|若|逾期|超时)[^。；\n]{0,30}(?:未|不|将)[^。；\n]{0,60}\Z|将[^。；\n]{0,60}\Z|拟[^。；\n]{0,30}\Z"
)


@dataclass
class Cost:
    """The money of a notice; None is unknown, never 0."""

    per_order: Decimal | None = None
    total: Decimal | None = None
    basis: str = "unknown"
    total_before: Decimal | None = None
    by_order: dict[str, Decimal] = field(default_factory=dict)
    is_conditional: bool = False

    def as_result(self) -> dict[str, Any]:
        """The `amounts` of the result."""
        return {
            "per_order": money_text(self.per_order) if self.per_order is not None else None,
            "total": money_text(self.total) if self.total is not None else None,
            "total_basis": self.basis,
            "currency": "CNY",
            "conditional": self.is_conditional,
        }


def cost_of(
    reading: Reading, measures: list[Measure], orders: list[Mention], *, claimed: int | None, stage: str | None
) -> Cost:
    """
    The money of a notice.

    A stated total is taken as it stands; without one it is computed from an amount per order and the count that the
    notice claims, or from the orders' own amounts where every order has one. A warning's amount is not multiplied:
    nobody knows yet how many orders will be late.
    """
    cost = Cost(by_order=_by_order(reading, orders))
    said, basis = _said(reading, measures, cost)
    cost.per_order = _per_order(reading, measures, cost)
    names = {mention.number for mention in orders}
    if said is not None:
        cost.total, cost.basis = said, basis
    elif cost.by_order and set(cost.by_order) == names and claimed in (None, len(names)):
        cost.total, cost.basis = sum(cost.by_order.values(), Decimal(0)), "computed"
    elif cost.per_order is not None and claimed and stage != "warning":
        cost.total, cost.basis = cost.per_order * claimed, "computed"
    if cost.per_order is None and reading.cells is not None and len(names) == 1:
        # A row of a list is about its one order.
        cost.per_order = cost.total
    is_known = cost.per_order is not None or cost.total is not None
    money = [measure for measure in measures if measure.kind in MONEY_KINDS]
    is_announced = bool(money) and all(is_threat(reading, measure) for measure in money)
    cost.is_conditional = is_known and (stage in ("proposed", "warning") or is_announced)
    return cost


def _said(reading: Reading, measures: list[Measure], cost: Cost) -> tuple[Decimal | None, str]:
    """The total that the notice itself gives. Two different ones for one thing give none: a person has to look."""
    final, labelled = _labelled(reading, "amount_final"), _labelled(reading, "amount")
    if final:
        cost.total_before = labelled[0].amount if labelled else None
        return _only(reading, final), "stated"
    money = [measure for measure in measures if measure.kind in MONEY_KINDS]
    said = [stated for measure in money if (stated := measure.stated())]
    if labelled:
        amount = _only(reading, labelled)
        differ = len(said) == 1 and amount != said[0].amount
        return (None if differ else amount), "stated"
    if not said:
        return _sum_in_prose(reading), "stated"
    if len({item.amount for item in said}) == 1 and len({measure.kind for measure in money}) == 1:
        return _only(reading, said), "stated"
    # A fine and a compensation add up; two sums of one kind may be one thing told twice.
    is_sum = len(said) == len(money) == len({measure.kind for measure in money})
    return (sum((item.amount for item in said), Decimal(0)), "computed") if is_sum else (None, "unknown")


def _labelled(reading: Reading, name: str) -> list[Money]:
    found = []
    for item in of(reading.fields, name):
        value = _value(reading, item)
        if value and value.role != "per_order":
            found.append(value)
    return found


def _only(reading: Reading, values: list[Money]) -> Decimal | None:
    if len({value.amount for value in values}) != 1:
        return None
    reading.mark("amounts", values[0].start, values[0].end)
    return values[0].amount


def _value(reading: Reading, item: Field) -> Money | None:
    """The sum at the start of a labelled value; - is unknown."""
    start, end = item.line(reading.page)
    if UNKNOWN_VALUE.match(reading.text, start, end):
        return None
    found = sums(reading.text, start, end, unit_needed=False)
    return found[0] if found and found[0].start - start <= 8 else None


def _sum_in_prose(reading: Reading) -> Decimal | None:
    """赔付合计87.60元 in a sentence that names no measure of its own."""
    totals = [item for item in sums(reading.text) if item.role == "total"]
    return _only(reading, totals) if totals else None


def _per_order(reading: Reading, measures: list[Measure], cost: Cost) -> Decimal | None:
    if cost.by_order:
        values = set(cost.by_order.values())
        return values.pop() if len(values) == 1 else None
    labelled = [value for item in of(reading.fields, "amount_per_order") if (value := _value(reading, item))]
    labelled += [
        value for item in of(reading.fields, "amount") if (value := _value(reading, item)) and value.role == "per_order"
    ]
    money = [measure for measure in measures if measure.kind in MONEY_KINDS]
    said = [item for measure in money for item in measure.sums if item.role == "per_order"]
    # 涉及2单，每单5元 without the name of a measure.
    bare = [] if money else [item for item in sums(reading.text) if item.role == "per_order"]
    found = labelled or said or bare
    if len({item.amount for item in found}) != 1:
        return None
    reading.mark("amounts", found[0].start, found[0].end)
    return found[0].amount


def _by_order(reading: Reading, orders: list[Mention]) -> dict[str, Decimal]:
    """The penalty that stands beside each order, up to the next order or the end of its line."""
    found = _by_row(reading)
    for place, order in enumerate(orders):
        following = orders[place + 1].start if place + 1 < len(orders) else len(reading.text)
        end = min(reading.page.line_end(order.end), following)
        for item in sums(reading.text, order.end, end):
            left = reading.text[max(order.end, item.start - 12) : item.start]
            if item.role == "plain" and PENALTY_OF_ORDER.search(left):
                found.setdefault(order.number, item.amount)
    # One of many is a slip of reading (a total behind the last order), not a list.
    return found if len(found) > 1 or len({order.number for order in orders}) == 1 else {}


def _by_row(reading: Reading) -> dict[str, Decimal]:
    """The amounts of a table of orders (货款扣款明细): a row without one leaves the order without one."""
    found: dict[str, Decimal] = {}
    for row in reading.table.rows if reading.table else ():
        if "order_no" in row and "amount" in row:
            values = sums(row["amount"].text, unit_needed=False)
            if values:
                found[row["order_no"].text] = values[0].amount
    return found


def is_threat(reading: Reading, measure: Measure) -> bool:
    """Whether a measure is only announced (逾期未…将…); what is listed under 处罚措施 or 已 done is not."""
    if measure.is_listed:
        return False
    match = THREAT.search(reading.text, sentence_around(reading.text, measure.start, measure.end)[0], measure.end)
    return match is not None and not re.search(r"已(?!成团)", reading.text[match.start() : measure.end])
