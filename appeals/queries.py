"""Questions the appeal floor's pages ask, each in a fixed number of queries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Max, Q, QuerySet

from appeals.models import Case, EvidenceRequest
from casemgr.kit.models import AuditEvent, Job, Notification
from orders.models import Hold, ImportRun, RiskAlert
from stores.models import User


def cases_for_list(user: User) -> QuerySet[Case]:
    """Cases this person may see, with what a list row shows."""
    related = Case.objects.visible_to(user).select_related("store__platform", "store__merchant", "owner")
    return related.prefetch_related("matters__violation__violation_type__platform")


def history(case: Case, *, for_merchant: bool = False) -> QuerySet[AuditEvent]:
    """What was done about a case and everything that belongs to it, newest first."""
    events = AuditEvent.objects.filter(thread=case.code).order_by("-pk")
    shown = [
        "case.open",
        "case.diagnosing",
        "case.preparing",
        "case.reviewing",
        "case.filed",
        "case.rectifying",
        "case.closed",
    ]
    return events.filter(action__in=shown) if for_merchant else events


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
    """The badges of the side bar: what waits for this person now. Three queries."""
    mine = Q(owner=user)
    open_cases = Case.objects.visible_to(user).exclude(status="closed")
    cases = open_cases.aggregate(
        mine=Count("pk", filter=mine & Q(waiting_for="us")),
        overdue=Count("pk", filter=mine & Q(is_overdue=True)),
        review=Count("pk", filter=Q(status="reviewing")),
    )
    return {
        **cases,
        "alerts": RiskAlert.objects.visible_to(user).filter(status="open").count(),
        "imports": ImportRun.objects.visible_to(user)
        .filter(status__in=["mapping", "staged"], requested_by=user)
        .count(),
        "jobs": Job.objects.filter(state__in=["failed", "parked"], requested_by=user).count(),
    }


def unread(user: User) -> int:
    return Notification.objects.filter(recipient=user, read_at=None).count()


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
