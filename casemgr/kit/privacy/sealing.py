"""Sealing under data keys: one for each case, import and merchant, wrapped under the installation's key.

Erasing is destroying such a key: no copy of what it sealed can be read then, but by a backup that still holds the key.
Keys are never kept in a process: one look-up by name, so that a destroyed key is gone everywhere at once.
"""

from __future__ import annotations

import datetime as dt
import os
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from casemgr.kit import audit
from casemgr.kit.models import DataKey
from casemgr.kit.privacy import key_ring
from casemgr.kit.privacy.key_ring import KEY_BYTES, Key, KeyRing, Unreadable

__all__ = [
    "Erased", "Key", "Unreadable", "data_key", "destroy", "destroyed_at", "discard", "existing_key", "open_text",
    "rewrap_all", "ring", "seal_text",
]  # fmt: skip

SECRETS = "installation:secrets"  # small values of the installation itself, such as second factors


class Erased(Exception):
    """What was sealed is erased: its key was destroyed at `at`, or never made."""

    def __init__(self, name: str, at: dt.datetime | None) -> None:
        super().__init__(name)
        self.name, self.at = name, at


def ring() -> KeyRing:
    """The installation's keys as the settings have them now."""
    text = settings.DATA_KEYS
    return key_ring.parsed(text) if text else key_ring.derived(settings.HASH_SECRET)


def data_key(name: str) -> Key:
    """The key called `name` (`case:C-7K2M9Q`, `import:…`, `merchant:…`), made when there is none yet. Raises Erased."""
    row = DataKey.objects.filter(name=name).first()
    if row is None:
        wrapped = ring().current.seal(os.urandom(KEY_BYTES), aad=_aad(name))
        row, _is_new = DataKey.objects.get_or_create(name=name, defaults={"wrapped": wrapped})
    return _unwrapped(row)


def existing_key(name: str) -> Key:
    """The key called `name`, to open with. Raises Erased when it was destroyed or is not there."""
    row = DataKey.objects.filter(name=name).first()
    if row is None:
        raise Erased(name, None)
    return _unwrapped(row)


def _unwrapped(row: DataKey) -> Key:
    if row.destroyed_at:
        raise Erased(row.name, row.destroyed_at)
    return Key(f"k{row.pk}", ring().open(bytes(row.wrapped), aad=_aad(row.name)))


def _aad(name: str) -> str:
    return f"data key {name}"


def destroyed_at(name: str) -> dt.datetime | None:
    """When the key called `name` was destroyed; None while what it sealed can be read."""
    return DataKey.objects.filter(name=name).values_list("destroyed_at", flat=True).first()


@transaction.atomic
def destroy(name: str, *, reason: str, by: Any) -> bool:
    """Destroy a key, and with it what it sealed. The row stays and says when and why. False when there is none to destroy."""
    row = DataKey.objects.filter(name=name, destroyed_at=None).first()
    if row is None:
        return False
    now = timezone.now()
    living = DataKey.objects.filter(pk=row.pk, destroyed_at=None)
    if not living.update(wrapped=b"", destroyed_at=now, destroyed_reason=reason[:200]):
        return False
    audit.record(by=by, action="key.destroyed", of=row, after={"key": name, "destroyed_at": now}, note=reason)
    return True


def discard(name: str) -> None:
    """Delete a key under which nothing was kept after all."""
    DataKey.objects.filter(name=name).delete()


def rewrap_all() -> dict[str, int]:
    """Wrap every data key under the current installation key. Returns {"rewrapped", "current", "destroyed"} counts.

    One row at a time, each complete in itself: killed and run again it goes on where it stopped. Raises Unreadable when
    a key was wrapped under one that is no longer in the setting; nothing is lost then, put that one back.
    """
    keys = ring()
    counts = {"rewrapped": 0, "current": 0, "destroyed": 0}
    for row in list(DataKey.objects.order_by("pk")):
        wrapped = bytes(row.wrapped)
        if row.destroyed_at:
            counts["destroyed"] += 1
        elif key_ring.key_id_of(wrapped) == keys.current.id:
            counts["current"] += 1
        else:
            fresh = keys.current.seal(keys.open(wrapped, aad=_aad(row.name)), aad=_aad(row.name))
            # A key destroyed meanwhile stays destroyed.
            counts["rewrapped"] += DataKey.objects.filter(pk=row.pk, destroyed_at=None).update(wrapped=fresh)
    return counts


def seal_text(text: str, *, aad: str) -> bytes:
    """Seal a small secret of the installation (a second factor). `aad` names where it is kept: table, row, column.

    Under a data key of its own, so that rotating the installation's key touches no such value.
    """
    return data_key(SECRETS).seal(text.encode(), aad=aad)


def open_text(sealed: bytes, *, aad: str) -> str:
    """What `seal_text` sealed for the same `aad`. Raises Unreadable when it was changed or moved, Erased without a key."""
    return existing_key(SECRETS).open(bytes(sealed), aad=aad).decode()
