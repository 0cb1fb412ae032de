"""Statements put together once and asked again with other values: for lists, where that takes longer than the answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q

from appeals.models import CaseLook, SavedView
from casemgr.kit.models import AuditEvent

Statement = tuple[str, Sequence[Any]]
# Stand in a kept statement for the person and the page asked about, and for the keys of up to fifty rows.
PERSON, PAGE, KEYS = -7_777_777, "\x00page", tuple(range(-51, -1))


def _ask(statement: Statement, values: Mapping[Any, Any]) -> list[tuple[Any, ...]]:
    sql, parameters = statement
    with connection.cursor() as cursor:
        cursor.execute(sql, [values.get(one, one) for one in parameters])
        return cursor.fetchall()


def cases_with_news(person: int, cases: Sequence[int]) -> set[int]:
    """Which of these cases (keys) somebody else did something in since this person looked at them."""
    found: set[int] = set()
    for start in range(0, len(cases), len(KEYS)):
        asked = dict.fromkeys(KEYS, 0) | dict(zip(KEYS, cases[start : start + len(KEYS)], strict=False))
        found |= {key for (key,) in _ask(_news(), {**asked, PERSON: person})}
    return found


def views_for(person: int, page: str) -> list[tuple[Any, ...]]:
    """(code, name, query, is_shared, is_default, owner, name of the owner) of one's own views of a list and shared ones."""
    return _ask(_views(), {PERSON: person, PAGE: page})


@cache
def _news() -> Statement:
    later = AuditEvent.objects.filter(thread=OuterRef("case__code"), at__gt=OuterRef("seen_at"))
    looks = CaseLook.objects.filter(Exists(later.exclude(actor=PERSON)), user=PERSON, case__in=KEYS)
    return looks.values_list("case_id").query.sql_with_params()


@cache
def _views() -> Statement:
    rows = SavedView.objects.filter(Q(owner=PERSON) | Q(is_shared=True, owner__is_active=True), page=PAGE)
    columns = ("code", "name", "query", "is_shared", "is_default", "owner_id", "owner__name")
    return rows.order_by("name").values_list(*columns).query.sql_with_params()
