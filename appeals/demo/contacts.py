"""Talks in the demo: the platform's people, two buyers of the burst, what was agreed with the client, settled penalties."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils import timezone

from appeals.actions import buyers, contacts, engagements, evidence, penalties
from appeals.actions.buyers import Reply, Said
from appeals.actions.contacts import Told
from appeals.contact_page import ready_texts
from appeals.demo import clock, files
from appeals.demo.clock import MINUTE
from appeals.models import Case
from stores.models import EvidenceRequirement

if TYPE_CHECKING:
    from appeals.demo.chapters import Chapters

FEE = dict.fromkeys(engagements.FIELDS)


def tell(story: Chapters) -> None:
    """After the cases stand: the burst is asked about, one buyer answers; two cases have their client's terms."""
    burst, carrier = Case.objects.get(status="preparing"), Case.objects.get(status="diagnosing")
    _platform(story, burst)
    _buyers(story, burst)
    _engagements(story, burst, carrier)
    with clock.at(story.now - 6 * MINUTE):
        for case in Case.objects.filter(outcome__in=["won", "partly_won"]):
            penalties.confirm_proposed(by=story.cast.lin, case=case)


def _platform(story: Chapters, case: Case) -> None:
    """Two contacts: a promise that has come due by now, and the one before it, asked again already."""
    lin, at = story.cast.lin, story.day(1, "14:20")
    with clock.at(at + 5 * MINUTE):
        first = contacts.add(
            by=lin, case=case,
            told=Told(
                "chat", at, "恶意订单举报已收到，专员会核实，核实期间不影响您提交违规申诉。", agent="小二 0231",
                ticket_no="GD20260007731", promise="今天16点前给出举报的处理进度", follow_up_at=at + dt.timedelta(hours=2),
            ),
        )  # fmt: skip
    later = story.day(1, "16:30")
    with clock.at(later + 4 * MINUTE):
        told = Told(
            "phone", later, "举报还在核实，31笔订单已标记，结果会发站内信。", agent="小二 1108",
            ticket_no="GD20260007731", promise="核实结果出来后电话回复", follow_up_at=story.now - 40 * MINUTE,
        )  # fmt: skip
        contacts.add(by=lin, case=case, told=told, follows=first)


def _buyers(story: Chapters, case: Case) -> None:
    """One buyer answers neither in the chat nor by telephone; another says in their own words that they did not order."""
    lin, at = story.cast.lin, story.day(1, "17:05")
    rows = case.verdicts.select_related("violation_order__order").order_by("violation_order__order_no")[:2]
    silent, answers = (row.violation_order.order for row in rows)
    assert silent is not None
    assert answers is not None
    for minutes, order in enumerate((silent, answers), 2):
        text = next(one.text for one in ready_texts(case, order) if one.key == "statement")
        with clock.at(at + minutes * MINUTE):
            made = buyers.record(by=lin, case=case, order=order, said=Said("platform_chat", at, text, Reply("waiting")))
    with clock.at(at + 50 * MINUTE):
        buyers.answered(by=lin, contact=made, back=Reply("answered", "不是我买的，朋友让帮忙拍的，说拍下不用收货"))
    with clock.at(at + 70 * MINUTE):
        call = Said("virtual_call", timezone.now() - 3 * MINUTE, "平台虚拟号去电核对订单。", Reply("no_answer"))
        buyers.record(by=lin, case=case, order=silent, said=call)


def _engagements(story: Chapters, burst: Case, carrier: Case) -> None:
    """The case of the story has the client's letter of authorisation; the other is covered by the monthly fee."""
    cast, kind = story.cast, EvidenceRequirement.objects.get(key="id_doc")
    today = clock.local(story.now).date()
    with clock.at(story.now - 150 * MINUTE):
        shot = files.picture("授权委托书", (f"店铺：{carrier.store.name}", "本图为演示生成"), name="授权委托书.png")
        evidence.add(by=cast.owner, case=carrier, requirement=kind, uploads=[shot], declared_true=True)
    with clock.at(story.now - 145 * MINUTE):
        fields = {
            "fee_basis": "share", "agreed_percent": Decimal(15), "agreed_on": today - dt.timedelta(days=1),
            "terms": "按追回金额的15%，撤销处罚后三日内结算；不成功不收费",
        }  # fmt: skip
        engagements.save(by=cast.lead, case=burst, values={**FEE, **fields})
        fields = {
            "authorisation": carrier.evidence.get(requirement=kind), "authorised_on": today - dt.timedelta(days=27),
            "authorised_until": today + dt.timedelta(days=3), "fee_basis": "retainer",
        }  # fmt: skip
        engagements.save(by=cast.lead, case=carrier, values={**FEE, **fields})
