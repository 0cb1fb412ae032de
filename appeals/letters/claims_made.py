"""What an appeal text states in figures, in denials and by its date, held against what is stored."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from decimal import Decimal

from django.db.models import Count, Sum
from django.utils import timezone

from appeals.evidence import timeline, words
from appeals.letters import draft
from appeals.letters.facts import collect
from appeals.models import Case, Filing
from casemgr.kit.workflow import Refused

COUNT = re.compile(r"(?<![\d.,])(\d{1,6})笔")
AMOUNT = re.compile(r"(?<![\d.,])(\d[\d,]*(?:\.\d{1,2})?)元")
FULL_TIME = re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}")
SHORT_TIME = re.compile(r"\d{2}月\d{2}日\d{2}:\d{2}")
CLAUSE = re.compile(r"[，。；：\n]")
DATED = re.compile(r"　(\d{4})年(\d{2})月(\d{2})日\s*$")
# What a text may deny -> the step of the timeline that would show it.
DENIALS = (
    (re.compile(r"(?:从未|均未|并未|未|没有)(?:上传|填写|传)(?:过)?(?:任何)?(?:运)?单号"), "uploaded"),
    (re.compile(r"(?:从未|均未|并未|未|没有|无)(?:任何)?(?:揽收扫描|揽收记录|被揽收|揽收)"), "first_scan"),
    (re.compile(r"(?:从未|均未|并未|未|没有)(?:被)?签收"), "delivered"),
    (re.compile(r"(?:从未|均未|并未|未|没有)(?:申请过?|提出)退款"), "refund_asked"),
    (re.compile(r"(?:从未|均未|并未|未|没有)(?:办理|完成)?退款(?!申请)"), "refunded"),
    (re.compile(r"(?:从未|均未|并未|未|没有)(?:与买家)?联系(?:过)?(?:买家)?(?!上|到)"), "contact"),
    (re.compile(r"(?:从未|均未|并未|未|没有)(?:向平台)?(?:报备|举报)"), "report"),
    (re.compile(r"(?:从未|均未|并未|未|没有)(?:被)?催(?:促)?发货"), "urged"),
)


def unfounded(filing: Filing) -> list[str]:
    """Figures of the text, as written, that neither the facts nor the orders give; each once, in order."""
    text = f"{filing.box_text}\n{filing.letter_text}"
    stated = list(_figures(text))
    if not stated:
        return []
    known = _known(filing)
    return list(dict.fromkeys(written for written, figure in stated if figure not in known))


def denials(text: str, claimed: int) -> Iterator[tuple[str, str]]:
    """The words that deny something for all claimed orders, and the step that would show it; each step once.

    A clause about fewer orders (其中3笔未退款) denies nothing of the others: its count is checked as a figure.
    """
    for pattern, key in DENIALS:
        for found in pattern.finditer(text):
            counts = [int(n) for n in COUNT.findall(CLAUSE.split(text[: found.start()])[-1])]
            if not counts or counts[-1] >= claimed:
                yield found[0], key
                break


def dated(letter: str) -> dt.date | None:
    """The day in the signature of a letter; None where none stands there (or none that exists)."""
    found = DATED.search(letter.rstrip())
    try:
        return dt.date(int(found[1]), int(found[2]), int(found[3])) if found else None
    except ValueError:
        return None


def _figures(text: str) -> Iterator[tuple[str, object]]:
    """(as written, comparable) for each count of orders, amount and moment."""
    for found in COUNT.finditer(text):
        yield found[0], int(found[1])
    for found in AMOUNT.finditer(text):
        yield found[0], Decimal(found[1].replace(",", "")).quantize(Decimal("0.01"))
    for pattern in (FULL_TIME, SHORT_TIME):
        for found in pattern.finditer(text):
            yield found[0], found[0]


def _known(filing: Filing) -> set[object]:
    """Every figure that stored data give: the text as the facts would fill it now, facts, orders, notices, evidence."""
    case = filing.case
    told = [fact.value for fact in collect(case).facts.values()]
    told += case.facts.values_list("value", flat=True)
    told += list(case.plan.values_list("title", flat=True))
    try:
        made = draft.draft(filing)
        told += [made.box_text, made.letter_text]
    except Refused:
        pass  # no line of defence: the facts alone are compared with
    return (
        {figure for text in told for _written, figure in _figures(text)} | _counts(case) | _amounts(case) | _times(case)
    )


def _counts(case: Case) -> set[object]:
    """Orders named, claimed, by verdict, and how many of the claimed ones have each step on record."""
    rows = timeline.rows(case, only_claimed=True)
    keys = {step.key for row in rows for step in row.steps if step.at}
    having = {sum(1 for row in rows if row.first(key)) for key in keys}
    kinds = set(case.verdicts.values("kind").annotate(n=Count("pk")).order_by().values_list("n", flat=True))
    notices = case.matters.values_list("violation__claimed_count", "violation__named_count")
    stated = {number for pair in notices for number in pair if number is not None}
    return {len(rows), case.order_count, *having, *(len(rows) - n for n in having), *kinds, *stated}


def _amounts(case: Case) -> set[object]:
    """Amounts of the notice, its measures, the orders and their sums."""
    named = case.verdicts.values_list("violation_order__amount", "violation_order__order__amount_paid")
    found = {amount for pair in named for amount in pair}
    found |= set(case.matters.values_list("violation__penalties__amount", flat=True))
    totals = case.matters.aggregate(total=Sum("violation__amount_total"), each=Sum("violation__amount_per_order"))
    found |= {*totals.values(), *(amount for pair in _sums(case) for amount in pair)}
    found |= set(case.buyer_contacts.values_list("offer_amount", flat=True))
    return {Decimal(amount).quantize(Decimal("0.01")) for amount in found if amount is not None}


def _sums(case: Case) -> list[tuple[Decimal | None, Decimal | None]]:
    sums = case.verdicts.aggregate(
        named=Sum("violation_order__amount"), paid=Sum("violation_order__order__amount_paid")
    )
    return [(sums["named"], sums["paid"])]


def _times(case: Case) -> set[object]:
    """Every stored moment of orders, notices, deadlines and evidence, in both ways a text writes one."""
    moments = [step.at for row in timeline.rows(case) for step in row.steps]
    moments += case.matters.values_list("violation__noticed_at", flat=True)
    moments += case.deadlines.values_list("due_at", flat=True)
    for uploaded_at, captured_at in case.evidence.values_list("uploaded_at", "captured_at"):
        moments += [uploaded_at, captured_at]
    moments += case.facts.values_list("observed_at", flat=True)
    known = [timezone.localtime(at) for at in moments if at]
    return {told for at in known for told in (words.stamp(at), words.moment(at))}
