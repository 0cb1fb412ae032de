"""The violations of a case for its page: what each is, where it could go, and whether a ticket waits for its answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from appeals.actions.splitting import PARTABLE
from appeals.enums import DeadlineKind
from appeals.models import Case, Deadline
from stores.models import User

CHOICES_SHOWN = 50


def context(case: Case, user: User, deadlines: Sequence[Deadline]) -> dict[str, Any]:
    """What templates/appeals/cases/_violations.html needs beside `matters`; one query, however many violations."""
    may_part = case.status in PARTABLE
    others = Case.objects.visible_to(user).filter(store=case.store_id, status__in=PARTABLE).exclude(pk=case.pk)
    replies = [row for row in deadlines if row.kind == DeadlineKind.TICKET_REPLY]
    waiting = [row for row in replies if row.met_at is None]
    return {
        "may_part": may_part,
        "other_cases": list(others.order_by("-pk").only("code", "status")[:CHOICES_SHOWN]) if may_part else [],
        "waiting_ticket": waiting[0] if waiting and case.status != "closed" else None,
        "is_answered_ticket": bool(replies) and not waiting and case.status in ("intake", "diagnosing"),
    }
