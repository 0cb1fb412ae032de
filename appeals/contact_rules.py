"""Limits on speaking with buyers, and what may not be said to them: each with its source and how sure it is.

The limits of ours (D) are enforced by the actions for everybody, leads too. A platform's own limits are shown, never
enforced: what its console takes, its console says.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from appeals.enums import BuyerChannel, BuyerReply, OfferKind
from appeals.models import BuyerContact
from casemgr.kit.workflow import Refused, Text
from orders.actions.reviews import CALLS_FROM, CALLS_MOST, CALLS_TO
from orders.models import Order, ReviewContact
from stores import reference
from stores.enums import Confidence
from stores.models.platform import in_language

OWN_RULE = _("our own rule")


@dataclass(frozen=True)
class Limit:
    """One limit as a page shows it."""

    sentence: Text
    source: Text = OWN_RULE
    confidence: str = Confidence.D


LIMITS = (
    Limit(_("The platform’s chat comes first: a call only after a message there.")),
    Limit(_("At most two calls an order, between 08:30 and 20:30.")),
    Limit(_("Calls go through the platform’s virtual number only; never use a private number.")),
    Limit(_("A buyer who does not want to talk is not called again.")),
)


@dataclass(frozen=True)
class Negotiation:
    """A platform's own way to ask a buyer for a later date (延迟发货协商). None is unknown."""

    requests: int | None = None
    hours_before: int | None = None
    source: Text = ""
    confidence: str = ""


NEGOTIATIONS = {
    "wechat": Negotiation(3, 4, _("official developer documents of the platform"), Confidence.A),
}
NOT_KNOWN = Negotiation()


def negotiation(platform: str) -> Negotiation:
    """The limits of the platform's delay negotiation; all unknown where nobody found any."""
    return NEGOTIATIONS.get(platform, NOT_KNOWN)


def contacts_of(order: Order) -> list[BuyerContact]:
    """Every contact with the buyer of this order about a penalty, whatever the case, newest first."""
    return list(BuyerContact.objects.filter(order=order).select_related("case", "recorded_by"))


def calls_made(order: Order) -> int:
    """Calls about this order, those of the check by call (核单) counted in."""
    checked = ReviewContact.objects.filter(review__order=order, channel=ReviewContact.Channel.CALL)
    return BuyerContact.objects.filter(order=order, channel=BuyerChannel.VIRTUAL_CALL).count() + checked.count()


def call_hurdles(order: Order, at: dt.datetime) -> Iterator[Text]:
    """Why the buyer of this order may not be called at that moment; nothing when they may."""
    if not CALLS_FROM <= timezone.localtime(at).time() <= CALLS_TO:
        yield _("Buyers are called between 08:30 and 20:30 only. Use the platform chat at other times.")
    if calls_made(order) >= CALLS_MOST:
        yield _("An order is called about twice at most. Use the platform chat.")
    before = BuyerContact.objects.filter(order=order, contacted_at__lte=at)
    checked = ReviewContact.objects.filter(review__order=order, at__lte=at)
    chats = before.filter(channel=BuyerChannel.PLATFORM_CHAT), checked.filter(channel=ReviewContact.Channel.CHAT)
    if not any(rows.exists() for rows in chats):
        yield _("Write in the platform’s chat first; call only if nothing comes back.")
    declined = checked.filter(result=ReviewContact.Result.DECLINED)
    if before.filter(reply=BuyerReply.REFUSED).exists() or declined.exists():
        yield _("The buyer does not want to talk: no more calls.")


@dataclass(frozen=True)
class NegotiationLeft:
    """How much of the platform's delay negotiation is left for one order; None is unknown."""

    rule: Negotiation
    used: int
    until: dt.datetime | None
    is_over: bool


def negotiation_left(order: Order, platform: str, contacts: list[BuyerContact]) -> NegotiationLeft:
    """From the offers of a later date on record; what the console itself counted is not known here."""
    rule = negotiation(platform)
    used = sum(contact.offer == OfferKind.LATER_DATE for contact in contacts)
    until = order.ship_by - dt.timedelta(hours=rule.hours_before) if order.ship_by and rule.hours_before else None
    is_spent = rule.requests is not None and used >= rule.requests
    is_late = until is not None and until <= timezone.now()
    is_shipped = rule.requests is not None and order.shipped_at is not None
    return NegotiationLeft(rule, used, until, is_spent or is_late or is_shipped)


# What may not be said

INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff"))


@dataclass(frozen=True)
class Forbidden:
    """A phrase that was stopped: what kind it is, why, and the words that were found."""

    kind: str
    reason: str
    words: str


def forbidden_in(text: str, *, audience: str = "buyer") -> list[Forbidden]:
    """What in a text may not be said to them; blanks and full-width letters hide nothing."""
    plain = "".join(unicodedata.normalize("NFKC", text).translate(INVISIBLE).split())
    found = []
    for row in reference.forbidden():
        if row["audience"] == audience and (hit := re.search(row["pattern"], plain, re.IGNORECASE)):
            kind = in_language(row["kind_zh"], row["kind_en"])
            found.append(Forbidden(kind, in_language(row["reason_zh"], row["reason_en"]), hit.group()))
    return found


def must_be_sayable(text: str) -> None:
    """Raises Refused with kind and reason when a text may not be said to a buyer."""
    if found := forbidden_in(text):
        values = {"kind": found[0].kind, "words": found[0].words, "reason": found[0].reason}
        raise Refused(_("Not to be said to a buyer (%(kind)s, “%(words)s”): %(reason)s.") % values)
