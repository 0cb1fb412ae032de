"""Rows of the case list: just the columns that are shown, in one query. Whole cases with all that hangs on them cost
several times as much."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import QuerySet

from appeals.kept_statements import cases_with_news
from appeals.models import Case
from stores.models import User
from stores.models.platform import in_language

_COLUMNS = (
    "pk", "code", "status", "outcome", "waiting_for", "is_overdue", "next_due_at", "next_due_kind", "next_due_source",
    "opened_at", "stake_amount", "stake_unknown_count", "order_count", "store__name", "store__platform__name_zh",
    "store__platform__name_en", "store__platform__short_zh", "owner__name", "snoozed_until",
)  # fmt: skip
# Of each violation of the case: a row of its own in the answer, put together here.
_MATTER = (
    "matters__attempts_used", "matters__attempts_allowed",
    "matters__violation__violation_type__name_zh", "matters__violation__violation_type__name_en",
)  # fmt: skip


@dataclass(slots=True)
class CaseRow:
    """What the list shows of one case. `attempts` are (used, allowed) of its first violation."""

    pk: int
    code: str
    status: str
    outcome: str
    waiting_for: str
    is_overdue: bool
    next_due_at: dt.datetime | None
    next_due_kind: str
    next_due_source: str
    opened_at: dt.datetime
    stake_amount: Decimal | None
    stake_unknown_count: int
    order_count: int
    shop: str
    platform_zh: str
    platform_en: str
    platform_mark: str
    owner: str | None
    snoozed_until: dt.datetime | None
    attempts: tuple[int, int | None] | None = None
    is_new: bool = False  # somebody else did something since the reader looked
    kinds: dict[str, None] = field(default_factory=dict)  # names of the kinds of its violations, in their order


def fetch(cases: QuerySet[Case], *, user: User | None = None) -> list[CaseRow]:
    """These cases as rows, in one query and one more for what is new to the reader; in no order of their own."""
    rows: dict[int, CaseRow] = {}
    found = cases.order_by("matters__pk").values_list(*_COLUMNS, *_MATTER)
    for values in found:
        used, allowed, zh, en = values[len(_COLUMNS) :]
        row = rows.get(values[0])
        if row is None:
            row = rows[values[0]] = CaseRow(*values[: len(_COLUMNS)])
            row.attempts = None if used is None else (used, allowed)
        if used is not None:
            row.kinds[in_language(zh, en)] = None
    for key in cases_with_news(user.pk, list(rows)) if user and rows else ():
        rows[key].is_new = True
    return list(rows.values())
