"""What was done to a thing, folded up: `{% load history %}{% history case %}`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import template
from django.db.models import Model

from casemgr.kit import history as telling

register = template.Library()


@register.inclusion_tag("ui/history.html")
def history(*things: Model | Sequence[Model] | None, without: str = "") -> dict[str, Any]:
    """The history of things, or lists of them, that the page has found in scope (None is skipped), in three queries.

    `without` leaves an action out. The newest fifty; the admin's history has them all.
    """
    found: list[Model] = []
    for thing in things:
        found += [thing] if isinstance(thing, Model) else thing or []
    rows = telling.rows(*found)
    if without:
        rows = rows.exclude(action=without)
    entries = telling.entries(rows[: telling.SHOWN + 1])
    return {"entries": entries[: telling.SHOWN], "has_more": len(entries) > telling.SHOWN, "shown": telling.SHOWN}
