"""A snoozed case comes back when something happens in it. Called in the transaction of what happened."""

from __future__ import annotations

import datetime as dt
from typing import Any

from appeals.models import Case

AWAKE: dict[str, Any] = {"snoozed_until": None, "snooze_reason": ""}


def happened(case: Case) -> None:
    """An answer, an upload, a message, a passed deadline: what the case was laid aside for may be over."""
    _wake(case, snoozed_until__isnull=False)


def keep_in_time(case: Case) -> None:
    """A next step that is nearer than before ends a snooze that reaches beyond it."""
    limit = next_step_at(case)
    if limit is not None:
        _wake(case, snoozed_until__gt=limit)


def next_step_at(case: Case) -> dt.datetime | None:
    """When the next step of the case must be begun at the latest; None while no deadline is known."""
    return min((at for at in (case.safe_until, case.next_due_at) if at is not None), default=None)


def _wake(case: Case, **still: Any) -> None:
    if Case.objects.filter(pk=case.pk, **still).update(**AWAKE):
        case.snoozed_until, case.snooze_reason = None, ""
