"""Telling people. A notification is a row written in the transaction of the change; told once per key."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from casemgr.kit.models import Notification


def tell(
    people: Iterable[Any], *, event: str, key: str, text: str, values: dict[str, Any] | None = None, url: str = ""
) -> int:
    """Write one row per person. `text` is the English source (marked with gettext_noop), `values` fill its %(name)s.

    Returns the number of people told. The same key to the same person is told once, whatever runs again.
    """
    rows = [
        Notification(recipient=person, event=event, key=key, text=text, values=values or {}, url=url)
        for person in set(people)
    ]
    Notification.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)
