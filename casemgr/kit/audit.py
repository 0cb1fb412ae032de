"""Who did what to what. Rows are only ever added, in the transaction of the change they tell of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from decimal import Decimal
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

from casemgr.kit.models import AuditEvent

# Where the change comes from: page, admin, api, task or command. Set once at the door, read by record().
origin: ContextVar[str] = ContextVar("audit_origin", default="command")
address: ContextVar[str | None] = ContextVar("audit_address", default=None)


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
    case; `of.audit_store_id` scopes the row to a shop.
    """
    return AuditEvent.objects.create(
        at=timezone.now(),
        actor_id=getattr(by, "pk", None),
        actor_name=str(getattr(by, "name", "") or ""),
        origin=origin.get(),
        address=address.get(),
        action=action,
        object_kind=of._meta.model_name or "",
        object_code=str(getattr(of, "code", None) or of.pk),
        thread=str(getattr(of, "audit_thread", "") or getattr(of, "code", "") or ""),
        store_ref=getattr(of, "audit_store_id", None) or getattr(of, "store_id", None),
        before=plain(before or {}),
        after=plain(after or {}),
        note=note,
    )


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
