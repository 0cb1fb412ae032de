"""What pages show of contacts, engagement and penalties of a case; a fixed number of queries each."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from appeals import contact_rules, penalties, rules, wording
from appeals.enums import BuyerChannel, OfferKind
from appeals.models import BuyerContact, Case, CaseViolation, Engagement, PlatformContact
from casemgr.kit.page_memo import once_a_page
from casemgr.kit.templatetags.ui import when
from casemgr.kit.workflow import Hurdle
from orders.enums import PenaltyState
from orders.models import Order, Penalty
from stores import reference
from stores.models import Store, User
from stores.models.platform import in_language

SOON = dt.timedelta(days=7)
SHOWN_TODAY = 8


def context(case: Case, matters: list[CaseViolation]) -> dict[str, Any]:
    """The part of the case page's context that is about contacts, engagement and penalties."""
    return {
        "platform_contacts": platform_contacts(case),
        "buyer_rows": _buyer_rows(case),
        "engagement": engagement(case),
        "authorisation": authorisation(case),
        "authorisation_request": wording.request_text("id_doc", case),
        **_penalties(case, matters),
    }


# The platform


@once_a_page
def platform_contacts(case: Case) -> list[PlatformContact]:
    """Every contact with the platform, newest first."""
    rows, now = list(case.platform_contacts.select_related("recorded_by", "followed_up_by")), timezone.now()
    for row in rows:
        row.is_due = is_due(row, now)  # type: ignore[attr-defined]
    return rows


def is_due(contact: PlatformContact, now: dt.datetime) -> bool:
    """Whether the platform is to be asked again by now."""
    return contact.follow_up_at is not None and contact.followed_up_at is None and contact.follow_up_at <= now


def reminders(case: Case) -> list[Hurdle]:
    """What the next-step box says besides: to ask the platform again, and an authorisation that ended. Neither blocks."""
    out = []
    for contact in platform_contacts(case):
        if contact.is_due:  # type: ignore[attr-defined]
            what = contact.promise or contact.ticket_no or contact.get_channel_display()
            text = _("Ask the platform again (due %(at)s): %(what)s") % {"at": when(contact.follow_up_at), "what": what}
            out.append(Hurdle(text, f"#contact-{contact.code}", _("look")))
    note = authorisation(case)
    if note.state in ("over", "ahead"):
        out.append(Hurdle(note.sentence, "#engagement", _("look")))
    return out


def due_for(user: User, *, team: bool) -> QuerySet[PlatformContact]:
    """Contacts to follow up by now in the person's open cases (all that they see for `team`), the longest due first."""
    due = PlatformContact.objects.visible_to(user).filter(follow_up_at__lte=timezone.now(), followed_up_at=None)
    due = due.exclude(case__status="closed").select_related("case__store").order_by("follow_up_at")
    return (due if team else due.filter(case__owner=user))[:SHOWN_TODAY]


# Buyers


def _buyer_rows(case: Case) -> list[dict[str, Any]]:
    """One row for each order whose buyer was spoken to: how often, the last contact, the last offer."""
    rows: dict[int, dict[str, Any]] = {}
    for contact in case.buyer_contacts.select_related("order"):  # newest first
        row = rows.setdefault(
            contact.order_id, {"order": contact.order, "last": contact, "n": 0, "calls": 0, "offer": None}
        )
        row["n"] += 1
        row["calls"] += contact.channel == BuyerChannel.VIRTUAL_CALL
        if row["offer"] is None and contact.offer != OfferKind.NONE:
            row["offer"] = contact
    return list(rows.values())


@dataclass(frozen=True)
class ReadyText:
    """A text to paste into the platform's own chat."""

    key: str
    title: str
    text: str


def ready_texts(case: Case, order: Order) -> list[ReadyText]:
    """Opening, question about a later date, buyer's own statement, closing; nothing that may not be said is among them.

    Always Chinese: the buyer reads it. There is no link in any of them: a chat text works on every platform.
    """
    script = reference.call_script()
    values = {
        "shop_name": case.store.name,
        "platform_name": case.store.platform.name_zh,
        "order_tail4": order.order_no[-4:],
    }
    later = next(row["ask_zh"] for row in script["questions"] if row["key"] == "q5")
    texts = [
        ReadyText("opening", _("Opening"), script["opening"][0]["zh"]),
        ReadyText("later", _("Ask for a later date"), later),
        ReadyText("statement", _("Ask whether the order is real"), script["buyer_statement"]["chat_zh"]),
        ReadyText("closing", _("Closing"), "".join(line["zh"] for line in script["closing"])),
    ]
    filled = [ReadyText(one.key, one.title, wording.fill(one.text, values)) for one in texts]
    return [one for one in filled if not contact_rules.forbidden_in(one.text)]


def refund_warning() -> str:
    """What is to be read before a refund is agreed to."""
    row = next(row for row in reference.merchant_sentences() if row["variant"] == "refund_warning")
    return in_language(row["portal_zh"], row["en"])


def buyer_page(case: Case, order: Order) -> dict[str, Any]:
    """The context of the page about the buyer of one order."""
    contacts = contact_rules.contacts_of(order)
    script = reference.call_script()
    return {
        "order": order,
        "contacts": contacts,
        "limits": contact_rules.LIMITS,
        "script_rules": [in_language(row["zh"], row["en"]) for row in script["rules"][1:]],
        "calls_made": contact_rules.calls_made(order),
        "call_hurdles": list(contact_rules.call_hurdles(order, timezone.now())),
        "negotiation": contact_rules.negotiation_left(order, case.store.platform.code, contacts),
        "ready_texts": ready_texts(case, order),
        "refund_warning": refund_warning(),
    }


# Engagement


@once_a_page
def engagement(case: Case) -> Engagement | None:
    """What was agreed with the client about this case."""
    return Engagement.objects.filter(case=case).select_related("authorisation", "updated_by").first()


@dataclass(frozen=True)
class Authorisation:
    """Whether we are authorised now. `state`: missing, ahead, open (no end known), valid, soon, over."""

    state: str
    sentence: str
    tone: str


def authorisation(case: Case) -> Authorisation:
    """How the authorisation of this case stands today. It warns; it never blocks (the case's deadline does not wait)."""
    known, today = engagement(case), timezone.localdate()
    if known is None or known.authorisation is None:
        return Authorisation("missing", _("No authorisation is on file."), "warn")
    begins, ends = known.authorised_on, known.authorised_until
    if begins is not None and begins > today:
        return Authorisation("ahead", _("The authorisation begins on %(day)s.") % {"day": when(begins)}, "warn")
    if ends is None:
        return Authorisation("open", _("Authorised; until when is not known."), "neutral")
    if ends < today:
        return Authorisation("over", _("The authorisation ended on %(day)s.") % {"day": when(ends)}, "danger")
    words = _("Authorised until %(day)s.") % {"day": when(ends)}
    return Authorisation("soon", words, "warn") if ends - today <= SOON else Authorisation("valid", words, "ok")


# Penalties


def _penalties(case: Case, matters: list[CaseViolation]) -> dict[str, Any]:
    """Measures of the case as they stand, what they come to, and what the platform's answers propose."""
    now = timezone.now()
    proposed = penalties.proposals(case, matters, rules.latest_appeals(case))
    rows: list[dict[str, Any]] = [
        {
            "penalty": penalty,
            "matter": matter,
            "place": place,
            "restriction": penalties.restriction(penalty, now),
            "has_money": penalty.kind in penalties.MONEY or penalty.amount is not None,
            "proposal": proposed.get(penalty.pk),
        }
        for matter in matters
        for place, penalty in enumerate(matter.violation.penalties.all(), 1)
    ]
    return {
        "penalty_rows": rows,
        "penalty_states": PenaltyState.choices,
        "penalties_now": penalties.comes_to(row["penalty"] for row in rows),
        "proposals_ready": sum(bool(row["proposal"] and row["proposal"].is_complete) for row in rows),
    }


def restrictions_of_shop(store: Store, user: User) -> list[penalties.Restriction]:
    """What still holds a shop back, as this person may see it: running, ahead, or without a known end."""
    found = Penalty.objects.visible_to(user).filter(violation__store=store, kind__in=penalties.RESTRICTIONS)
    rows = found.exclude(state="revoked").select_related("violation__violation_type", "violation__matter__case")
    return penalties.restrictions_of(rows)


def contact_of_buyer(case: Case, order: Order, code: str) -> BuyerContact | None:
    """The contact of this case and order with that code."""
    return case.buyer_contacts.filter(order=order, code=code).first()
