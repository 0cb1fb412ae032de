"""Conversation with the merchant, and notes among ourselves."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from appeals import mentions
from appeals.actions import waking
from appeals.models import Case, Message
from casemgr.kit import audit
from casemgr.kit.notify import tell
from casemgr.kit.privacy import scrub
from casemgr.kit.workflow import Refused
from stores.models import User
from stores.queries import agency_people_of, merchant_people


@transaction.atomic
def say(*, by: User, case: Case, text: str, is_internal: bool = False, to: User | None = None) -> Message:
    """A message to the other side, or an internal note that no merchant ever sees. Phone numbers in it are masked.

    A note tells the colleagues it names ("@" and the name); `to` is one more to name, which makes it a note.
    """
    if not text.strip():
        raise Refused(_("Please write something."))
    internal = (is_internal or to is not None) and by.is_agency
    words = mentions.naming(text.strip(), to) if internal else text.strip()
    message = Message.objects.create(case=case, author=by, text=scrub(words), is_internal=internal)
    audit.record(
        by=by, action="message.note" if internal else "message.say", of=message, after={"is_internal": internal}
    )
    if by.pk != case.owner_id:
        waking.happened(case)
    if internal:
        _tell_named(message)
    else:
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


def _tell_named(message: Message) -> None:
    """Those whom an internal note names, as far as they may see the shop; nobody is told of their own note."""
    case = message.case
    people = mentions.named(message.text, agency_people_of(case.store)) if "@" in message.text else []
    tell(
        [person for person in people if person != message.author],
        event="mention",
        key=f"mention:{message.pk}",
        text=gettext_noop("%(name)s named you in a note on %(code)s."),
        values={"name": message.author.name, "code": case.code},
        url=f"/cases/{case.code}/#talk",
    )


def mark_read(*, by: User, case: Case) -> int:
    """Mark what the other side wrote as read."""
    theirs = case.messages.filter(read_at=None, is_internal=False).exclude(author=by)
    theirs = theirs.filter(author__agency_role="") if by.is_agency else theirs.exclude(author__agency_role="")
    return theirs.update(read_at=timezone.now())
