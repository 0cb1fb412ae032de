"""Conversation with the merchant, and notes among ourselves."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from appeals.models import Case, Message
from casemgr.kit import audit
from casemgr.kit.notify import tell
from casemgr.kit.privacy import scrub
from casemgr.kit.workflow import Refused
from stores.models import User
from stores.queries import merchant_people


@transaction.atomic
def say(*, by: User, case: Case, text: str, is_internal: bool = False) -> Message:
    """A message to the other side, or an internal note that no merchant ever sees. Phone numbers in it are masked."""
    if not text.strip():
        raise Refused(_("Please write something."))
    internal = is_internal and by.is_agency
    message = Message.objects.create(case=case, author=by, text=scrub(text.strip()), is_internal=internal)
    audit.record(
        by=by, action="message.note" if internal else "message.say", of=message, after={"is_internal": internal}
    )
    if not internal:
        others = merchant_people(case.store) if by.is_agency else [case.owner]
        url = f"/m/cases/{case.code}/#talk" if by.is_agency else f"/cases/{case.code}/#talk"
        text_key = gettext_noop("%(name)s wrote about %(code)s.")
        people = [person for person in others if person is not None]
        tell(
            people,
            event="message",
            key=f"message:{message.pk}",
            text=text_key,
            values={"name": by.name, "code": case.code},
            url=url,
        )
    return message


def mark_read(*, by: User, case: Case) -> int:
    """Mark what the other side wrote as read."""
    theirs = case.messages.filter(read_at=None, is_internal=False).exclude(author=by)
    theirs = theirs.filter(author__agency_role="") if by.is_agency else theirs.exclude(author__agency_role="")
    return theirs.update(read_at=timezone.now())
