"""One notice put together from its readers; the shape is that of every notice the product reads."""

from __future__ import annotations

import re
from typing import Any

from orders.notices import dates, facts
from orders.notices.amounts import Cost, cost_of, is_threat
from orders.notices.answers import answer_in, decided_at
from orders.notices.claims import claimed_at_first, claimed_orders
from orders.notices.deadlines import deadlines_of
from orders.notices.due import Deadline, Notice, policy_deadline
from orders.notices.kinds import is_accusation, violation_type
from orders.notices.labels import of
from orders.notices.measures import MONEY_KINDS, Measure, measures_of
from orders.notices.numbers import money_text, sums
from orders.notices.order_numbers import Named, is_list_elsewhere, list_facts, named_orders
from orders.notices.reading import Reading, sentence_around
from orders.notices.stages import appeal_is_closed, is_ticket, stage_of, ticket_kind

Result = dict[str, Any]
POINTS_VALUE = re.compile(r"[ ]*-?(?P<n>[0-9]{1,4})[ ]?分?(?![0-9.])")
# What the next step after an answer is called where a notice would say appeal.
NEXT_STEP = {"more_wanted": "supplement", "rejected": "next_round", "partly_accepted": "next_round"}


def accuses(reading: Reading) -> bool:
    """Whether the text is a notice against this shop at all."""
    numbers = facts.numbers_of_violation(reading)
    named = named_orders(reading.numbers, reading.platform, without=set(numbers))
    claimed = claimed_orders(reading)
    return is_accusation(
        reading, has_number=bool(numbers), has_orders=bool(named.mentions), has_claim=claimed is not None
    )


def violation_in(reading: Reading) -> Result:
    """The violation that a notice (or one row of a table) describes; what it does not say is null."""
    numbers = facts.numbers_of_violation(reading)
    named = named_orders(reading.numbers, reading.platform, without=set(numbers))
    ticket = is_ticket(reading, has_violation_no=bool(of(reading.fields, "violation_no")))
    measures = [] if ticket else measures_of(reading)
    stage = stage_of(
        reading, is_ticket=ticket, has_measures=any(not is_threat(reading, measure) for measure in measures)
    )
    is_row = reading.cells is not None
    claimed = len(named.numbers) or None if is_row else claimed_orders(reading)
    if claimed is None and ticket and len(named.numbers) == 1:
        claimed = 1
    notice = Notice(facts.noticed(reading, is_ticket=ticket), stage, ticket, claimed)
    deadlines = deadlines_of(reading, notice)
    cost = Cost() if ticket else cost_of(reading, measures, list(named.mentions), claimed=claimed, stage=stage)
    stated, left = facts.attempts(reading)
    mark_orders(reading, named)
    result: Result = {
        "platform": reading.platform.code,
        "type": violation_type(reading),
        "stage": stage,
        "violation_no": numbers[0] if len(numbers) == 1 else None,
        "shop_name": facts.shop_name(reading),
        "noticed_at": dates.written(notice.noticed_at),
        "deadlines": [item.as_result() for item in deadlines] + _policy(reading, notice, deadlines),
        "orders": orders_result(reading, named, claimed, cost),
        "amounts": cost.as_result(),
        "points": points_of(reading, measures),
        "measures": _measure_lines(reading, measures, cost, deadlines),
        "attempts_stated": stated,
    }
    return result | _rare(reading, named, left, is_ticket=ticket)


def _rare(reading: Reading, named: Named, left: int | None, *, is_ticket: bool) -> Result:
    """Keys that only some notices have."""
    rare: Result = {}
    if left is not None:
        rare["attempts_left"] = left
    if named.waybills:
        rare["waybills"] = list(dict.fromkeys(mention.number for mention in named.waybills))
    as_of = facts.counted_at(reading)
    if as_of:
        rare["as_of"] = as_of
    if is_ticket:
        rare["ticket_kind"] = ticket_kind(reading)
    return rare


def update_in(reading: Reading) -> list[Result]:
    """The platform's answer about violations that are known already: one entry for each number in the text."""
    numbers = facts.numbers_of_violation(reading)
    named = named_orders(reading.numbers, reading.platform, without=set(numbers))
    answer = answer_in(reading)
    claimed = claimed_orders(reading)
    notice = Notice(facts.Noticed(), None, False, claimed)
    step = NEXT_STEP.get(answer["result"] or "")
    deadlines = deadlines_of(reading, notice) if step else []
    for item in deadlines:
        item.kind = step if step and item.kind == "appeal" else item.kind
    cost = cost_of(reading, [], [], claimed=None, stage="in_force")
    mark_orders(reading, named)
    result: Result = {
        "platform": reading.platform.code,
        "type": violation_type(reading),
        "stage": "revoked" if answer["result"] == "accepted" and "撤销" in reading.text else None,
        "shop_name": facts.shop_name(reading),
        "noticed_at": None,
        "deadlines": [item.as_result() for item in deadlines],
        "orders": orders_result(reading, named, claimed, cost)
        | {
            "claimed_at_first": claimed_at_first(reading.text),
            "revoked": answer["orders_accepted"],
            "upheld": answer["orders_upheld"],
        },
        "amounts": cost.as_result() | {"total_before": _total_before(reading, cost)},
        "points": None,
        "measures": [],
        "attempts_stated": None,
        "answer": {"result": answer["result"], "code": answer["code"], "decided_at": decided_at(reading)},
    }
    if answer["attempts_left"] is not None:
        result["attempts_left"] = answer["attempts_left"]
    return [result | {"violation_no": number} for number in numbers] or [result | {"violation_no": None}]


def _total_before(reading: Reading, cost: Cost) -> str | None:
    """3000.00 of 处罚金额由3000.00元更新为700.00元; null where the text gives only the new sum."""
    for item in of(reading.fields, "amount"):
        before = sums(item.before, unit_needed=False) if item.before else []
        if before:
            return money_text(before[0].amount)
    return money_text(cost.total_before) if cost.total_before is not None else None


def orders_result(reading: Reading, named: Named, claimed: int | None, cost: Cost) -> Result:
    """The `orders` of the result: claimed and named stay two figures."""
    numbers = named.numbers
    result: Result = {
        "claimed": claimed,
        "named": len(numbers),
        "order_nos": numbers,
        "list_elsewhere": is_list_elsewhere(reading.text, named, claimed),
        **list_facts(reading.text, named),
    }
    if len(cost.by_order) > 1:
        result["amounts"] = {number: money_text(amount) for number, amount in cost.by_order.items()}
    return result


def mark_orders(reading: Reading, named: Named) -> None:
    """Remember where each order number stands."""
    for mention in named.mentions:
        reading.mark("orders", mention.start, mention.end)


def _policy(reading: Reading, notice: Notice, deadlines: list[Deadline]) -> list[Result]:
    """Our default window, where an appeal is possible and the notice does not say until when."""
    is_open = notice.stage in ("proposed", "in_force", None) and not notice.is_ticket and not appeal_is_closed(reading)
    has_appeal = any(item.kind in ("appeal", "supplement", "next_round") for item in deadlines)
    if has_appeal or not is_open:
        return []
    return [policy_deadline(notice, reading.times.pasted_at or reading.times.captured_at)]


def points_of(reading: Reading, measures: list[Measure]) -> int | None:
    """Points taken: of the measures, else beside their label; two different figures give none."""
    found = {measure.points for measure in measures if measure.points is not None}
    if not found:
        for item in of(reading.fields, "points"):
            match = POINTS_VALUE.match(reading.text, *item.line(reading.page))
            if match:
                reading.mark("points", *match.span("n"))
                found.add(int(match["n"]))
    return found.pop() if len(found) == 1 else None


def _measure_lines(reading: Reading, measures: list[Measure], cost: Cost, deadlines: list[Deadline]) -> list[Result]:
    """The measures with their sums: a total that is known otherwise goes to the only measure of money."""
    effect = next((item for item in deadlines if item.kind == "penalty_starts" and item.is_from_effect), None)
    money = [measure for measure in measures if measure.kind in MONEY_KINDS]
    lines = []
    for measure in measures:
        stated = measure.stated()
        amount = stated.amount if stated else None
        if amount is None and len(money) == 1 and measure is money[0]:
            amount = cost.total
        left, right = sentence_around(reading.text, measure.start, measure.end)
        is_meant = effect is not None and (measure.is_listed or left <= effect.start < right)
        lines.append(measure.as_result(amount, effect.due_at if effect and is_meant else None))
    return lines
