"""Questions the appeal floor's pages ask, each in a fixed number of queries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Max, Prefetch, Q, QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest

from appeals.models import Case, CaseViolation, EvidenceRequest
from casemgr.kit.jobs import ENDED_BADLY
from casemgr.kit.models import AuditEvent, Job, Notification
from casemgr.kit.sql import RowsOf
from orders.models import Hold, ImportRun, RiskAlert
from stores.models import Store, User

T = TypeVar("T")
# Laid aside for now (appeals.actions.team.snooze); the database says what now is, as statements are kept.
ASLEEP = Q(snoozed_until__gt=Now())
# What a merchant's person still owes a case: the word that the orders are not their own; a yes to not fighting.
MUST_DECLARE = Q(line_of_defence="malicious_order", declared_at=None, status__in=["preparing", "diagnosing"])
MUST_CONSENT = Q(status__in=["diagnosing", "preparing"], consent_at=None) & ~Q(cost_estimate="")


def cases_for_list(user: User) -> QuerySet[Case]:
    """Cases this person may see, with what a list row shows."""
    related = Case.objects.visible_to(user).select_related("store__platform", "store__merchant", "owner")
    # In one query with their violations and types: four more cost more than the joins.
    matters = CaseViolation.objects.select_related("violation__violation_type__platform").order_by("pk")
    return related.prefetch_related(Prefetch("matters", matters))


def reached(case: Case) -> dict[str, dt.datetime]:
    """When each state of the case was last reached."""
    return reached_by([case])[case.code]


def reached_by(cases: Sequence[Case]) -> dict[str, dict[str, dt.datetime]]:
    """The same for many cases in one query: code -> state -> when it was last reached."""
    out: dict[str, dict[str, dt.datetime]] = {case.code: {"intake": case.opened_at} for case in cases}
    rows = AuditEvent.objects.filter(thread__in=list(out), object_kind="case", action__startswith="case.")
    for code, action, at in rows.values_list("thread", "action").annotate(at=Max("at")).order_by():
        out[code][action.removeprefix("case.")] = at
    return out


def nav_counts(user: User) -> dict[str, int]:
    """The badges of the frame around an agency person's pages: what waits for them now. One query."""
    return _sizes(user, _for_agency)


def _for_agency(user: User) -> dict[str, QuerySet]:
    open_cases = Case.objects.visible_to(user).exclude(status="closed")
    return {
        "mine": open_cases.filter(owner=user, waiting_for="us").exclude(ASLEEP),
        "overdue": open_cases.filter(owner=user, is_overdue=True),
        "review": Case.objects.visible_to(user).filter(status="reviewing"),
        "alerts": RiskAlert.objects.visible_to(user).filter(status="open"),
        "imports": ImportRun.objects.visible_to(user).filter(status__in=["mapping", "staged"], requested_by=user),
        "jobs": jobs_of(user).filter(state__in=ENDED_BADLY),
        "unread": _unread(user),
    }


def merchant_counts(user: User) -> dict[str, int]:
    """How many of each kind wait for a merchant's person (merchant_todo), and `unread`. One query."""
    return _sizes(user, _for_merchant)


def _for_merchant(user: User) -> dict[str, QuerySet]:
    return {**merchant_todo(user), "unread": _unread(user)}


def once(request: HttpRequest, ask: Callable[[Any], T]) -> T:
    """What `ask` says of the person of this request, asked once: the page and the frame around it both show it."""
    kept = vars(request).setdefault("_asked", {})
    if ask not in kept:
        kept[ask] = ask(request.user)
    return kept[ask]


def known(request: HttpRequest, ask: Callable[[Any], T], answer: T) -> None:
    """The page has found out already what the frame would ask (`once`)."""
    vars(request).setdefault("_asked", {})[ask] = answer


def shops_of(user: User) -> list[Store]:
    """The shops of a person with their platforms."""
    return list(user.shops().select_related("platform"))


Rows = Callable[[User], dict[str, QuerySet]]


def _sizes(user: User, rows: Rows) -> dict[str, int]:
    """How many rows each of these has, in one statement."""
    names, statement, parameters = _statement(rows, user.agency_role)
    with connection.cursor() as cursor:
        cursor.execute(statement, [user.pk if one == _SOMEBODY else one for one in parameters])
        return dict(zip(names, cursor.fetchone(), strict=True))


# Stands for the person in a statement that is kept.
_SOMEBODY = -7_777_777


@cache
def _statement(rows: Rows, role: str) -> tuple[list[str], str, list[Any]]:
    """What counts these rows for anybody of this role: putting seven querysets together takes longer than the answer.

    Scope leans on nothing but role and key of a person (User.shops), and whoever asks is active: others have no session.
    """
    somebody = User(pk=_SOMEBODY, agency_role=role)
    counted = {name: RowsOf(one.order_by().values("pk")) for name, one in rows(somebody).items()}
    statement, parameters = User.objects.filter(pk=_SOMEBODY).values_list(*counted.values()).query.sql_with_params()
    return list(counted), statement, list(parameters)


def jobs_of(user: User) -> QuerySet[Job]:
    """Jobs that this person asked for, and those that nobody asked for in their shops; all of them for leads."""
    rows = Job.objects.select_related("requested_by")
    if user.is_lead:
        return rows
    return rows.filter(Q(requested_by=user) | Q(store_ref__in=user.shops().values("pk"), requested_by__isnull=True))


def _unread(user: User) -> QuerySet[Notification]:
    return Notification.objects.filter(recipient=user, read_at=None)


def merchant_todo(user: User) -> dict[str, QuerySet]:
    """What waits for a merchant's person: uploads asked for, holds to acknowledge, declarations and consents to give."""
    return {
        "requests": EvidenceRequest.objects.visible_to(user)
        .filter(state="open")
        .exclude(case__status="closed")
        .select_related("case__store", "requirement")
        .order_by("due_at", "pk"),
        "holds": Hold.objects.visible_to(user).filter(status="asked").select_related("store"),
        "declarations": Case.objects.visible_to(user).filter(MUST_DECLARE).select_related("store"),
        "consents": Case.objects.visible_to(user).filter(MUST_CONSENT).select_related("store"),
    }
