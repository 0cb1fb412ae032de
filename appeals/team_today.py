"""What the page of the day says about people: what is new in one's cases, and whose deadlines nobody watches."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import F, OuterRef, Q, Subquery
from django.utils import timezone

from appeals.models import Case, CaseLook
from casemgr.kit.history import action_words
from casemgr.kit.models import AuditEvent
from stores.absences import away_on
from stores.models import User

CHANGED_SHOWN, AWAY_SHOWN = 6, 12


def changed(user: User) -> list[dict[str, Any]]:
    """Open cases in which somebody else did something since this person looked, the latest first, with what. Two queries."""
    later = AuditEvent.objects.filter(thread=OuterRef("case__code"), at__gt=OuterRef("seen_at")).exclude(actor=user)
    looks = CaseLook.objects.visible_to(user).filter(user=user).exclude(case__status="closed")
    found = looks.annotate(last=Subquery(later.order_by("-pk").values("pk")[:1])).filter(last__isnull=False)
    rows = list(found.select_related("case__store").order_by("-last")[:CHANGED_SHOWN])
    events = AuditEvent.objects.in_bulk([row.last for row in rows]) if rows else {}
    return [
        {"case": row.case, "at": event.at, "who": event.actor_name, "words": action_words(event.action) or ""}
        for row in rows
        if (event := events.get(row.last))
    ]


def of_absent(user: User) -> list[dict[str, Any]]:
    """For leads: the cases of people who are away today whose next deadline falls into the absence, by person; two
    queries, one where nobody is away."""
    away = away_on() if user.is_lead else {}
    if not away:
        return []
    within = Q()
    for person, absence in away.items():
        end = timezone.make_aware(dt.datetime.combine(absence.to_on + dt.timedelta(days=1), dt.time.min))
        within |= Q(owner=person, next_due_at__lt=end)
    cases = Case.objects.visible_to(user).filter(within).exclude(status="closed").select_related("store")
    due = list(cases.order_by(F("next_due_at").asc(nulls_last=True), "pk")[:AWAY_SHOWN])
    return [
        {"absence": absence, "cases": [case for case in due if case.owner_id == person]}
        for person, absence in away.items()
    ]
