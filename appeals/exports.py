"""The list of cases as a file, as a person sees it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict

from appeals import queries
from appeals.filters import CaseFilter
from appeals.models import Case
from casemgr.kit.exporting import Listing, offer
from casemgr.kit.sql import OrNever

# Open cases by their next deadline, those without one after them, closed ones last.
BY_URGENCY = (OrNever("closed_at").desc(), OrNever("next_due_at").asc(), "pk")
HEAD = ["case", "shop", "platform", "status", "outcome", "waiting_for", "due_at", "orders", "stake", "owner"]


class _Asker:
    """What the filter asks of a request: whose list it is."""

    def __init__(self, user: Any) -> None:
        self.user = user


def case_filter(user: Any, data: QueryDict) -> CaseFilter:
    """The filter of the case list for this person and query string."""
    return CaseFilter(data, queryset=queries.cases_for_list(user), request=_Asker(user))


def cases(user: Any, data: QueryDict) -> QuerySet[Case]:
    """The cases that a person sees under this query string, the most urgent first."""
    return case_filter(user, data).qs.order_by(*BY_URGENCY)


def _table(rows: QuerySet[Case]) -> Iterator[list[object]]:
    yield [*HEAD]
    for case in rows.iterator(chunk_size=500):
        yield [
            case.code,
            case.store.name,
            case.store.platform.code,
            case.status,
            case.outcome,
            case.waiting_for,
            case.next_due_at,
            case.order_count,
            case.stake_amount,
            case.owner.name if case.owner else "",
        ]


CASES = offer(Listing("cases", cases, _table))
