"""Questions the appeal floor's pages ask, each in a fixed number of queries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import Max, Prefetch, Q, QuerySet

from appeals.models import Case, CaseViolation, EvidenceRequest
from casemgr.kit.jobs import ENDED_BADLY
from casemgr.kit.models import AuditEvent, Job, Notification
from casemgr.kit.sql import RowsOf
from orders.models import Hold, ImportRun, RiskAlert
from stores.models import User


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


def nav_counts(user: User) -> dict[str, Any]:
    """The badges of the frame around an agency person's pages: what waits for them now. One query."""
    open_cases = Case.objects.visible_to(user).exclude(status="closed")
    waiting = ImportRun.objects.visible_to(user).filter(status__in=["mapping", "staged"], requested_by=user)
    return _sizes(
        user,
        mine=open_cases.filter(owner=user, waiting_for="us"),
        overdue=open_cases.filter(owner=user, is_overdue=True),
        review=Case.objects.visible_to(user).filter(status="reviewing"),
        alerts=RiskAlert.objects.visible_to(user).filter(status="open"),
        imports=waiting,
        jobs=jobs_of(user).filter(state__in=ENDED_BADLY),
        unread=_unread(user),
    )


def merchant_counts(user: User) -> dict[str, Any]:
    """The badges of the frame around a merchant's pages: what waits for them, and what is unread. One query."""
    sizes = _sizes(user, unread=_unread(user), **merchant_todo(user))
    unread = sizes.pop("unread")
    return {"todo": sum(sizes.values()), "unread": unread}


def _sizes(user: User, **rows: QuerySet) -> dict[str, int]:
    """How many rows each of these has, in one statement."""
    counted = {name: RowsOf(one.order_by().values("pk")) for name, one in rows.items()}
    sizes: Any = User.objects.filter(pk=user.pk).values(**counted).get()
    return dict(sizes)


def jobs_of(user: User) -> QuerySet[Job]:
    """Jobs that this person asked for, and those that nobody asked for in their shops; all of them for leads."""
    rows = Job.objects.select_related("requested_by")
    if user.is_lead:
        return rows
    return rows.filter(Q(requested_by=user) | Q(store_ref__in=user.shops().values("pk"), requested_by__isnull=True))


def _unread(user: User) -> QuerySet[Notification]:
    return Notification.objects.filter(recipient=user, read_at=None)


def merchant_todo(user: User) -> dict[str, Any]:
    """What waits for a merchant's person: uploads asked for, holds to acknowledge, declarations and consents to give."""
    return {
        "requests": EvidenceRequest.objects.visible_to(user)
        .filter(state="open")
        .exclude(case__status="closed")
        .select_related("case__store", "requirement")
        .order_by("due_at", "pk"),
        "holds": Hold.objects.visible_to(user)
        .filter(status="asked")
        .select_related("store", "alert")
        .prefetch_related("orders"),
        "declarations": Case.objects.visible_to(user).filter(
            line_of_defence="malicious_order", declared_at=None, status__in=["preparing", "diagnosing"]
        ),
        "consents": Case.objects.visible_to(user)
        .filter(status__in=["diagnosing", "preparing"], consent_at=None)
        .exclude(cost_estimate=""),
    }
