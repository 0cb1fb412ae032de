"""Contacts with buyers about orders of a case: within the limits, in allowed words, with what was offered and answered."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from appeals import contact_rules
from appeals.actions import cases
from appeals.enums import BuyerChannel, BuyerReply, OfferKind, OfferResult
from appeals.models import BuyerContact, Case
from casemgr.kit import audit
from casemgr.kit.privacy import scrub
from casemgr.kit.workflow import Refused, Stale
from orders.models import Order
from stores.models import User


@dataclass(frozen=True)
class Reply:
    """What came back. `offer_result` and `at` (when the buyer said so) only where something was offered."""

    reply: str
    words: str = ""
    offer_result: str = ""
    at: dt.datetime | None = None
    # "Agreeing to a refund can close the appeal": the person read it and has told the merchant.
    refund_is_understood: bool = False


@dataclass(frozen=True)
class Said:
    """One contact as a person wrote it down: our words, what was offered, and what came back."""

    channel: str
    contacted_at: dt.datetime
    text: str
    back: Reply
    offer: str = OfferKind.NONE
    amount: Decimal | None = None
    ship_by: dt.datetime | None = None


@transaction.atomic
def record(*, by: User, case: Case, order: Order, said: Said) -> BuyerContact:
    """Keep one contact with the buyer of an order of this case; phone numbers in the texts are masked.

    Raises Refused for what the limits do not allow (nobody may set them aside), for forbidden words, and for an offer
    that lacks its amount or date. A buyer's agreement changes the verdict of the order at once.
    """
    if not by.is_agency:
        raise Refused(_("The agency speaks with buyers here."))
    if case.status == "closed":
        raise Refused(_("The case is closed."))
    if not case.verdicts.filter(violation_order__order=order).exists():
        raise Refused(_("This order does not belong to the case."))
    Order.objects.select_for_update().get(pk=order.pk)  # two calls at once are counted one after the other
    _check(order, said)
    result = (said.back.offer_result or OfferResult.OPEN) if said.offer != OfferKind.NONE else ""
    contact = BuyerContact.objects.create(
        case=case,
        order=order,
        channel=said.channel,
        contacted_at=said.contacted_at,
        text=scrub(said.text.strip()),
        reply=said.back.reply,
        reply_text=scrub(said.back.words.strip()),
        offer=said.offer,
        offer_amount=said.amount if said.offer in (OfferKind.REFUND, OfferKind.COMPENSATION) else None,
        offer_ship_by=said.ship_by if said.offer == OfferKind.LATER_DATE else None,
        offer_result=result,
        result_at=said.back.at if result in (OfferResult.ACCEPTED, OfferResult.DECLINED) else None,
        recorded_by=by,
    )
    audit.record(by=by, action="buyer.contact", of=contact, after=_shown(contact))
    _judge(by, contact)
    return contact


@transaction.atomic
def answered(*, by: User, contact: BuyerContact, back: Reply) -> None:
    """Write down what came back later: the buyer's words, and whether the offer was taken.

    Raises Stale when somebody wrote the same answer down first, Refused when it is settled already.
    """
    if not by.is_agency:
        raise Refused(_("The agency speaks with buyers here."))
    if contact.offer_result != OfferResult.OPEN and contact.reply != BuyerReply.WAITING:
        raise Refused(_("The buyer’s answer is written down already."))
    _check_result(contact.offer, contact.contacted_at, back)
    before = {"reply": contact.reply, "offer_result": contact.offer_result}
    result = (back.offer_result or contact.offer_result) if contact.offer != OfferKind.NONE else ""
    values = {
        "reply": back.reply,
        "reply_text": scrub(back.words.strip()) or contact.reply_text,
        "offer_result": result,
        "result_at": back.at if result in (OfferResult.ACCEPTED, OfferResult.DECLINED) else None,
    }
    if not BuyerContact.objects.filter(pk=contact.pk, **before).update(**values):
        raise Stale(_("Somebody wrote the buyer’s answer down just now. Nothing was overwritten: look again."))
    contact.refresh_from_db()
    audit.record(by=by, action="buyer.answer", of=contact, before=before, after=_shown(contact))
    _judge(by, contact)


def _shown(contact: BuyerContact) -> dict[str, object]:
    shown: dict[str, object] = {"order": contact.order.order_no, "channel": contact.channel, "reply": contact.reply}
    if contact.offer != OfferKind.NONE:
        shown |= {"offer": contact.offer, "amount": contact.offer_amount, "ship_by": contact.offer_ship_by}
        shown |= {"offer_result": contact.offer_result}
    return shown


def _judge(by: User, contact: BuyerContact) -> None:
    if contact.offer == OfferKind.LATER_DATE and contact.offer_result == OfferResult.ACCEPTED:
        cases.judge(by=by, case=contact.case)


def _check(order: Order, said: Said) -> None:
    """Raise Refused for a contact that could not have been, is not allowed, or lacks something."""
    if said.contacted_at > timezone.now():
        raise Refused(_("The contact lies in the future. Please check the time."))
    if not said.text.strip():
        raise Refused(_("Please write what was said."))
    contact_rules.must_be_sayable(said.text)
    if said.channel == BuyerChannel.VIRTUAL_CALL:
        for sentence in contact_rules.call_hurdles(order, said.contacted_at):
            raise Refused(sentence)
    _check_offer(order, said)
    _check_result(said.offer, said.contacted_at, said.back)


def _check_offer(order: Order, said: Said) -> None:
    if said.offer == OfferKind.COMPENSATION and not said.amount:
        raise Refused(_("Please write the amount of the compensation."))
    if said.offer == OfferKind.REFUND and said.amount and order.amount_paid and said.amount > order.amount_paid:
        raise Refused(_("The refund is more than the buyer paid."))
    if said.offer == OfferKind.LATER_DATE:
        if said.ship_by is None:
            raise Refused(_("A later date needs the date: without one it proves nothing."))
        if said.ship_by <= (order.ship_by or said.contacted_at):
            raise Refused(_("The new date does not lie after the old limit."))
    if said.offer == OfferKind.REFUND:
        _check_refund(said.back)


def _check_refund(back: Reply) -> None:
    if not back.refund_is_understood:
        raise Refused(_("Agreeing to a refund can close the appeal. Tell the merchant first, then confirm it here."))


def _check_result(offer: str, contacted_at: dt.datetime, back: Reply) -> None:
    if offer == OfferKind.NONE or back.offer_result not in (OfferResult.ACCEPTED, OfferResult.DECLINED):
        return
    if back.at is None:
        raise Refused(_("Please write when the buyer said so."))
    if not contacted_at <= back.at <= timezone.now():
        raise Refused(_("The buyer’s answer lies before the offer or in the future. Please check the time."))
    if offer == OfferKind.REFUND and back.offer_result == OfferResult.ACCEPTED:
        _check_refund(back)
