"""Who did what to what. Rows are only ever added, in the transaction of the change they tell of."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from decimal import Decimal
from typing import Any

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from casemgr.kit.models import DIGEST_MARK, AuditEvent, AuditText

# Where the change comes from: page, admin, api, task or command. Set once at the door, read by record().
origin: ContextVar[str] = ContextVar("audit_origin", default="command")
address: ContextVar[str | None] = ContextVar("audit_address", default=None)

# Names under which actions hand over what somebody wrote, where the thing itself has no such column.
FREE_TEXTS = frozenset({"text", "note", "reason", "answer", "proof", "value", "question"})
# A column of this length without choices is one that people write sentences into.
SENTENCE = 200


@contextmanager
def coming_from(name: str, ip: str | None = None) -> Iterator[None]:
    """Everything recorded inside the block is marked as coming from `name` (page, admin, api, task, command)."""
    token, ip_token = origin.set(name), address.set(ip)
    try:
        yield
    finally:
        origin.reset(token)
        address.reset(ip_token)


def plain(value: Any) -> Any:
    """A value as JSON can hold it: times in ISO with offset, decimals as text, rows by their code or key."""
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, models.Model):
        return getattr(value, "code", None) or value.pk
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    return value if isinstance(value, str | int | float | bool | type(None)) else str(value)


def record(
    *,
    by: Any,
    action: str,
    of: models.Model,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    note: str = "",
) -> AuditEvent:
    """Add one row. `by` is a user or None for the system; `of` the thing; `before` and `after` the changed fields.

    `of.audit_thread` (a code), when present, groups the rows of everything that belongs to one bigger thing, such as a
    case; `of.audit_store_id` scopes the row to a shop. The note and whatever people write freely (text columns, and
    values named as in FREE_TEXTS) is kept in AuditText, its digest in the row: it can be erased, the row stays.
    Bulk work writes one row with counts and a digest of what it was (`digest`).
    """
    return _write(
        by,
        {
            "action": action,
            "object_kind": of._meta.model_name or "",
            "object_code": str(getattr(of, "code", None) or of.pk),
            "thread": str(getattr(of, "audit_thread", "") or getattr(of, "code", "") or ""),
            "store_ref": getattr(of, "audit_store_id", None) or getattr(of, "store_id", None),
        },
        {"before": (before or {}, of), "after": (after or {}, of)},
        note,
    )


@transaction.atomic
def erase_texts(*, by: Any, thread: str) -> int:
    """Erase every free text of the audit rows of a thread (the code of a case, an alert, …); for retention only.

    The rows, their digests and the chain of seals stay as they are; that it was done is a row of its own. Returns how
    many texts went; a second run finds none and writes nothing.
    """
    texts = AuditText._base_manager.filter(event__thread=thread, erased_at=None)
    count = texts.update(text="", salt="", erased_at=timezone.now())
    if count:
        names = {"action": "audit.texts_erased", "object_kind": "thread", "object_code": thread, "thread": thread}
        _write(by, names, {"after": ({"texts": count}, None)}, "")
    return count


def digest(values: Any) -> str:
    """One hash over what a bulk change was made of, in the order given; for the row that stands for all of it."""
    hashed = hashlib.sha256()
    for value in values:
        hashed.update(f"{value}\n".encode())
    return hashed.hexdigest()


def text_digest(salt: str, text: str) -> str:
    """What stands in an audit row for a text; the salt keeps a short one from being guessed once it is erased."""
    return hashlib.sha256(f"{salt}{text}".encode()).hexdigest()


def _write(by: Any, names: dict[str, Any], sides: dict[str, tuple[Mapping[str, Any], Any]], note: str) -> AuditEvent:
    texts: list[AuditText] = []

    def apart(place: str, text: str) -> str:
        salt = secrets.token_hex(16)
        texts.append(AuditText(place=place, text=text, salt=salt))
        return text_digest(salt, text)

    values: dict[str, Any] = {}
    for side, (given, of) in sides.items():
        values[side] = plain(given)
        for name, value in values[side].items():
            if value and isinstance(value, str) and _is_free(of, name):
                values[side][name] = DIGEST_MARK + apart(f"{side}.{name}", value)
    # The row and its texts stand or fall together, also where a caller forgot its transaction.
    with transaction.atomic(savepoint=False):
        event = AuditEvent.objects.create(
            at=timezone.now(),
            actor_id=getattr(by, "pk", None),
            actor_name=str(getattr(by, "name", "") or ""),
            origin=origin.get(),
            address=address.get(),
            note_digest=apart("note", note) if note else "",
            **names,
            **values,
        )
        for text in texts:
            text.event = event
        AuditText.objects.bulk_create(texts)
    return event


def _is_free(of: models.Model | None, name: str) -> bool:
    """Whether people write sentences under this name: text columns, long ones without choices, paths aside."""
    field = None if of is None else next((one for one in of._meta.concrete_fields if one.attname == name), None)
    if field is None:
        return name in FREE_TEXTS
    is_long = isinstance(field, models.CharField) and (field.max_length or 0) >= SENTENCE and not field.choices
    return isinstance(field, models.TextField) or (is_long and not name.endswith(("file", "_sha256", "path")))


def who_was_faster(thing: models.Model) -> str:
    """The sentence for the one who came second: who changed the thing last, and when."""
    last = (
        AuditEvent.objects.filter(
            object_kind=thing._meta.model_name, object_code=str(getattr(thing, "code", None) or thing.pk)
        )
        .order_by("-pk")
        .first()
    )
    if last is None:
        return _("Somebody else changed this meanwhile. Nothing of yours was saved; please look again.")
    return _("%(name)s was faster: changed at %(time)s. Nothing of yours was saved; please look again.") % {
        "name": last.actor_name or _("The system"),
        "time": timezone.localtime(last.at).strftime("%H:%M:%S"),
    }
