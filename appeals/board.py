"""The open cases by state: how many, what is at stake, and the most urgent of each. Two queries beside the filter's."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, F, QuerySet, Sum, Window
from django.db.models.functions import RowNumber

from appeals import case_rows, show
from appeals.case_rows import CaseRow
from appeals.models import Case
from appeals.workflow import CASE
from stores.models import User

SHOWN = 5


def columns(cases: QuerySet[Case], *, user: User) -> list[dict[str, Any]]:
    """One column for each open state, in the order of the flow: its numbers and its first cases by deadline."""
    rows = cases.exclude(status="closed").order_by()
    numbers = rows.values("status").annotate(n=Count("pk"), stake=Sum("stake_amount"))
    counted: dict[str, dict[str, Any]] = {row["status"]: dict(row) for row in numbers}
    place = Window(
        RowNumber(), partition_by=F("status"), order_by=[F("next_due_at").asc(nulls_last=True), F("pk").asc()]
    )
    first = list(rows.annotate(place=place).filter(place__lte=SHOWN).values_list("pk", "place"))
    shown = {
        row.pk: row for row in case_rows.fetch(Case.objects.filter(pk__in=[pk for pk, _place in first]), user=user)
    }
    ordered = [shown[pk] for pk, _place in sorted(first, key=lambda one: one[1]) if pk in shown]
    return [
        {
            "state": state,
            "n": counted.get(state.key, {}).get("n", 0),
            "stake": counted.get(state.key, {}).get("stake"),
            "cards": [_card(row) for row in ordered if row.status == state.key],
        }
        for state in CASE.states
        if not state.is_end and state.key != "closed"
    ]


def _card(row: CaseRow) -> dict[str, Any]:
    return {"row": row, "deadline": show.case_deadline(row), "kinds": " + ".join(row.kinds)}
