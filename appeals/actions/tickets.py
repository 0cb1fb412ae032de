"""Tickets and warnings: answered in the platform's console within hours; no attempt is spent, no pack is made."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from appeals.actions import contacts, deadlines, waking
from appeals.enums import DeadlineKind, PlatformChannel, WaitingFor
from appeals.models import Case, PlatformContact
from casemgr.kit import audit
from casemgr.kit.workflow import Refused
from stores.models import User


@transaction.atomic
def answer(*, by: User, case: Case, answered_at: dt.datetime, words: str, ticket_no: str = "") -> PlatformContact:
    """Record that a ticket was answered in the console: when it says, and with which words (phones in them masked).

    Meets the open reply deadlines; one that lay before `answered_at` counts as missed. The case then waits for the
    platform. Raises Refused where no reply is open, and for a time in the future or empty words (appeals.actions.contacts).
    """
    replies = case.deadlines.filter(kind=DeadlineKind.TICKET_REPLY, met_at=None, superseded_at=None)
    if not replies.exists():
        raise Refused(_("No ticket of this case waits for an answer."))
    if case.platform_contacts.filter(channel=PlatformChannel.TICKET, contacted_at=answered_at).exists():
        raise Refused(_("This answer is written down already."))
    # The watch counted it as missed before anybody wrote the answer down: the console's time decides.
    replies.filter(missed_at__isnull=False, due_at__gte=answered_at).update(missed_at=None)
    told = contacts.Told(PlatformChannel.TICKET, answered_at, words, ticket_no=ticket_no)
    contact = contacts.add(by=by, case=case, told=told)
    deadlines.meet(by=by, case=case, at=answered_at, kinds=[DeadlineKind.TICKET_REPLY])
    _alarm_off(case)
    Case.objects.filter(pk=case.pk).update(waiting_for=WaitingFor.PLATFORM)
    case.waiting_for = WaitingFor.PLATFORM
    waking.happened(case)
    audit.record(by=by, action="ticket.answer", of=case, after={"answered_at": answered_at, "ticket_no": ticket_no})
    return contact


def _alarm_off(case: Case) -> None:
    """An alarm that came before somebody wrote the answer down: a deadline met in time was never missed."""
    if case.deadlines.filter(missed_at__isnull=False, met_at=None, superseded_at=None).exists():
        return
    Case.objects.filter(pk=case.pk, is_overdue=True).update(is_overdue=False)
    case.is_overdue = False
