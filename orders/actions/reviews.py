"""Checking single orders by chat or call, along the call script: contacts with coded answers, then a verdict.

One strong hint alone is never malicious; no answer is not malicious either (call script, verdicts).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from casemgr.kit import audit
from casemgr.kit.privacy import scrub
from casemgr.kit.workflow import Hurdle, Refused
from orders.actions import holds
from orders.models import Hold, Order, OrderReview, ReviewContact, RiskAlert
from orders.workflow import REVIEW
from stores import reference

CALLS_MOST = 2
CALLS_FROM, CALLS_TO = dt.time(8, 30), dt.time(20, 30)
APART = dt.timedelta(hours=1)
STRONG_HINTS_NEEDED = 2
UNANSWERED = (ReviewContact.Result.NO_ANSWER, ReviewContact.Result.DECLINED)


def questions() -> list[dict[str, Any]]:
    """The questions of the call script with their coded answers."""
    return reference.call_script()["questions"]


def strong_hints(review: OrderReview) -> list[str]:
    """Keys of the questions whose answers are strong hints of malice; each question counts once."""
    strong = {(one["key"], answer["code"]) for one in questions() for answer in one["answers"] if answer["is_strong"]}
    given = [contact.answers for contact in review.contacts.all()]
    return sorted({key for answers in given for key, code in answers.items() if (key, code) in strong})


@transaction.atomic
def record_contact(
    *,
    by: Any,
    order: Order,
    alert: RiskAlert | None,
    at: dt.datetime,
    channel: str,
    result: str,
    answers: Mapping[str, str] | None = None,
    note: str = "",
) -> OrderReview:
    """Keep one contact with the buyer of `order`: when, by chat or call, what came of it, coded answers (question ->
    answer). Phone numbers in the note are masked. The first contact opens the check.

    Raises Refused for a contact in the future, a third call, a call outside 08:30-20:30, answers the script does not
    know, and for a check that is finished.
    """
    review, _is_new = OrderReview.objects.get_or_create(order=order, defaults={"alert": alert})
    coded = {key: code for key, code in (answers or {}).items() if code}
    _check_contact(review, at, channel, coded)
    if review.status == "waiting":
        REVIEW.go(review, "contacted", by=by, changes={"alert": review.alert or alert})
    contact = ReviewContact.objects.create(
        review=review,
        at=at,
        channel=channel,
        result=result,
        answers=coded if result == ReviewContact.Result.ANSWERED else {},
        note=scrub(note.strip())[:300],
        by=by,
    )
    after = {"order": order.order_no, "at": at, "channel": channel, "result": result, "answers": contact.answers}
    audit.record(by=by, action="order_review.contact", of=review, after=after, note=contact.note)
    return review


def _check_contact(review: OrderReview, at: dt.datetime, channel: str, answers: Mapping[str, str]) -> None:
    """Raise Refused for a contact the rules of the call script do not allow, or that cannot have been."""
    if review.status not in ("waiting", "contacted"):
        raise Refused(_("This check is finished: %(state)s.") % {"state": REVIEW.state(review.status).label})
    if at > timezone.now():
        raise Refused(_("The contact lies in the future. Please check the time."))
    known = {(one["key"], answer["code"]) for one in questions() for answer in one["answers"]}
    if not set(answers.items()) <= known:
        raise Refused(_("An answer is not one of the call script. Please choose again."))
    if channel == ReviewContact.Channel.CALL:
        if not CALLS_FROM <= timezone.localtime(at).time() <= CALLS_TO:
            raise Refused(_("Buyers are called between 08:30 and 20:30 only. Use the platform chat at other times."))
        if review.contacts.filter(channel=channel).count() >= CALLS_MOST:
            raise Refused(_("An order is called about twice at most. Use the platform chat."))


def decide_hurdles(review: OrderReview, verdict: str, *, by: Any) -> list[Hurdle]:
    """What stands between a check and a verdict for this person; empty where nothing does. A lead may always decide."""
    contacts = list(review.contacts.all())
    if by.is_lead or verdict == "lapsed":
        return []
    if verdict == "malicious":
        hints = len(strong_hints(review))
        if hints < STRONG_HINTS_NEEDED or review.alert is None:
            text = _(
                "Malicious needs two strong hints and an alert: there are %(n)s. "
                "One strong hint alone is never malicious; a lead can decide."
            )
            return [Hurdle(text % {"n": hints})]
    if verdict == "genuine" and not any(one.result == ReviewContact.Result.ANSWERED for one in contacts):
        return [Hurdle(_("Nobody has answered yet: genuine needs an answer of the buyer."))]
    if verdict == "unreachable" and not _was_tried_enough(contacts):
        text = _(
            "Unreachable needs one chat and two calls without an answer, an hour or more apart. "
            "No answer is not malicious."
        )
        return [Hurdle(text)]
    return []


def _was_tried_enough(contacts: list[ReviewContact]) -> bool:
    """One chat and two calls unanswered, each an hour or more after the one before; or the buyer declined to talk."""
    if any(one.result == ReviewContact.Result.DECLINED for one in contacts):
        return True
    silent = sorted((one for one in contacts if one.result in UNANSWERED), key=lambda one: one.at)
    chats = sum(one.channel == ReviewContact.Channel.CHAT for one in silent)
    calls = [one.at for one in silent if one.channel == ReviewContact.Channel.CALL]
    is_apart = all(later - earlier >= APART for earlier, later in pairwise(calls))
    return chats >= 1 and len(calls) >= CALLS_MOST and is_apart


@transaction.atomic
def decide(*, by: Any, review: OrderReview, verdict: str, note: str = "") -> None:
    """End a check as genuine, malicious, unreachable or lapsed.

    A genuine order leaves its holds, so that it ships in time. Raises Refused with what is missing, or Stale.
    """
    hurdles = decide_hurdles(review, verdict, by=by)
    if hurdles:
        raise Refused(hurdles[0].text, hurdles)
    changes = {"decided_by": by, "decided_at": timezone.now(), "note": scrub(note.strip())[:300]}
    REVIEW.go(review, verdict, by=by, changes=changes, note=note)
    if verdict == "genuine":
        for hold in Hold.objects.filter(orders=review.order, status__in=holds.ACTIVE):
            holds.release(by=by, hold=hold, note=_("The buyer's order is genuine."), orders=[review.order])
