"""Contacts with the platform's people: what they said and promised, and asking again."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from appeals.models import Case, PlatformContact
from casemgr.kit import audit
from casemgr.kit.privacy import scrub
from casemgr.kit.workflow import Refused, Stale
from stores.models import User


@dataclass(frozen=True)
class Told:
    """One contact as a person wrote it down. `follow_up_at` is when to ask again, if that is needed."""

    channel: str
    contacted_at: dt.datetime
    words: str
    agent: str = ""
    ticket_no: str = ""
    promise: str = ""
    follow_up_at: dt.datetime | None = None


@transaction.atomic
def add(*, by: User, case: Case, told: Told, follows: PlatformContact | None = None) -> PlatformContact:
    """Keep a contact with the platform, phone numbers in it masked; one that it follows up is done with that.

    Raises Refused for a closed case, a contact in the future, empty words, and asking again before it took place.
    """
    if not by.is_agency:
        raise Refused(_("The agency speaks with the platform."))
    if case.status == "closed":
        raise Refused(_("The case is closed."))
    if told.contacted_at > timezone.now():
        raise Refused(_("The contact lies in the future. Please check the time."))
    if not told.words.strip():
        raise Refused(_("Please write what they said, word for word."))
    if told.follow_up_at is not None and told.follow_up_at <= told.contacted_at:
        raise Refused(_("Asking again comes after the contact. Please check the time."))
    contact = PlatformContact.objects.create(
        case=case,
        channel=told.channel,
        agent=scrub(told.agent.strip())[:60],
        ticket_no=told.ticket_no.strip()[:64],
        contacted_at=told.contacted_at,
        words=scrub(told.words.strip()),
        promise=scrub(told.promise.strip())[:300],
        follow_up_at=told.follow_up_at,
        recorded_by=by,
    )
    after = {"channel": contact.channel, "at": contact.contacted_at, "ticket_no": contact.ticket_no}
    after |= {"promise": contact.promise, "follow_up_at": contact.follow_up_at}
    audit.record(by=by, action="contact.platform", of=contact, after=after)
    if follows is not None and follows.follow_up_at is not None and follows.followed_up_at is None:
        follow_up(by=by, contact=follows)
    return contact


@transaction.atomic
def follow_up(*, by: User, contact: PlatformContact) -> None:
    """Mark that the platform was asked again. Raises Stale when somebody marked it before."""
    now = timezone.now()
    waiting = PlatformContact.objects.filter(pk=contact.pk, follow_up_at__isnull=False, followed_up_at=None)
    if not waiting.update(followed_up_at=now, followed_up_by=by):
        contact.refresh_from_db()
        if contact.followed_up_by is None:
            raise Refused(_("Nothing is to be asked again here."))
        raise Stale(_("%(name)s has asked again already.") % {"name": contact.followed_up_by.name})
    contact.followed_up_at, contact.followed_up_by = now, by
    audit.record(by=by, action="contact.followed_up", of=contact, after={"ticket_no": contact.ticket_no})


def wipe_texts(case: Case) -> None:
    """What people wrote about contacts of a case that retention ends; times and states stay."""
    case.platform_contacts.update(words="", promise="", agent="")
    case.buyer_contacts.update(text="", reply_text="")
