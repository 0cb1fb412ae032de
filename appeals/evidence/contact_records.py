"""Checks of the claimed orders and contacts with their buyers, one row a contact; 无记录 where nobody was contacted."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from appeals.evidence import subject, timeline, words
from appeals.evidence.document import Column, Document, Sheet
from appeals.evidence.timeline import OrderTimeline
from appeals.models import BuyerContact, Case
from casemgr.kit.workflow import Refused
from orders.models import Order
from stores import reference

REVIEW, CASE = "①", "②"
COLUMNS = [
    Column("序", align="right"),
    Column("订单号"),
    Column("联系时间"),
    Column("方式"),
    Column("结果"),
    Column("买家答复", 3),
    Column("协商", 1.6),
    Column("核单结论", 1),
]


@dataclass(frozen=True)
class Line:
    """One contact as the document shows it."""

    at: dt.datetime
    mark: str
    channel: str
    result: str
    answer: str = ""
    offer: str = ""


def sheet(case: Case) -> Sheet:
    """The contacts on record for the claimed orders. Raises Refused when there is none at all."""
    rows = timeline.rows(case, only_claimed=True)
    ours = _of_case(case)
    lines = [(row, sorted([*_of_review(row.order), *ours.get(_pk(row), [])], key=lambda line: line.at)) for row in rows]
    reached = sum(1 for _row, found in lines if found)
    if not reached:
        raise Refused(_("No contact with a buyer of a claimed order is on record."))
    cells = [cell for number, (row, found) in enumerate(lines, 1) for cell in _cells(number, row, found)]
    count = sum(len(found) for _row, found in lines)
    facts = [*subject.facts(case, len(rows)), ("有联系记录", f"{reached}笔，共{count}次")]
    notes = [
        f"来源：{REVIEW}{words.SOURCES['order_review']}　{CASE}本案买家联系记录；均由经办人在联系时登记，原始聊天截图另附。",
        f"“{words.NO_RECORD}”指没有登记，不作推断。时间均为北京时间。",
    ]
    return Sheet("买家核实与联系记录", facts, COLUMNS, cells, notes, table_size=7.2)


def _pk(row: OrderTimeline) -> int:
    return row.order.pk if row.order else 0


def _of_review(order: Order | None) -> list[Line]:
    review = getattr(order, "review", None)
    if review is None:
        return []
    return [
        Line(
            contact.at,
            REVIEW,
            words.CHANNELS[contact.channel],
            words.CONTACT_RESULTS[contact.result],
            _answers(contact.answers),
        )
        for contact in review.contacts.all()
    ]


def _answers(given: dict[str, str]) -> str:
    """The coded answers in the words of the call script; a code it does not know stays as it is."""
    told = []
    for question in reference.call_script()["questions"]:
        code = given.get(question["key"])
        if code:
            known = {answer["code"]: answer["zh"] for answer in question["answers"]}
            told.append(f"{question['ask_zh']}{known.get(code, code)}")
    return "；".join(told)


def _of_case(case: Case) -> dict[int, list[Line]]:
    """Contacts recorded in this case, by order of this shop."""
    found: dict[int, list[Line]] = defaultdict(list)
    for row in BuyerContact.objects.filter(case=case, order__store=case.store_id):
        channel, reply = words.BUYER_CHANNELS[row.channel], words.BUYER_REPLIES[row.reply]
        found[row.order_id].append(Line(row.contacted_at, CASE, channel, reply, row.reply_text.strip(), _offer(row)))
    return found


def _offer(row: BuyerContact) -> str:
    if row.offer == "none":
        return ""
    what = words.OFFERS[row.offer]
    if row.offer_amount is not None:
        what += words.money(row.offer_amount)
    if row.offer_ship_by is not None:
        what += f"至{words.stamp(row.offer_ship_by)}"
    return f"{what}，{words.OFFER_RESULTS[row.offer_result]}"


def _cells(number: int, row: OrderTimeline, found: list[Line]) -> list[list[str]]:
    review = getattr(row.order, "review", None)
    verdict = words.REVIEWS.get(review.status, words.NO_RECORD) if review else words.NO_RECORD
    if not found:
        return [[str(number), row.order_no, *[words.NO_RECORD] * 5, verdict]]
    return [
        [
            str(number),
            row.order_no,
            f"{words.stamp(line.at)}{line.mark}",
            line.channel,
            line.result,
            line.answer or words.NO_RECORD,
            line.offer or "无",
            verdict,
        ]
        for line in found
    ]


DOCUMENT = Document(
    "contact_records",
    gettext_lazy("Checks and contacts with buyers"),
    "chat_log",
    "本店核单与联系记录",
    sheet,
    is_supporting=True,
)
