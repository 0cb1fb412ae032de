"""What ends when its time is over: rules that every floor adds its own to. The command and the daily job run them all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import QuerySet

from casemgr.kit.models import Notification


@dataclass(frozen=True)
class Rule:
    """One kind of thing. `due` counts what is over at a moment and writes nothing; `end` ends it and says how many.

    `end` may run again at any time, and be killed at any time: what is left is found by the next run.
    """

    name: str
    due: Callable[[dt.datetime], int]
    end: Callable[[dt.datetime], int]


def years(count: int) -> dt.timedelta:
    """So many years, leap days among them."""
    return dt.timedelta(days=round(365.25 * count))


def _sessions(at: dt.datetime) -> int:
    return Session.objects.filter(expire_date__lt=at).count()


def _end_sessions(at: dt.datetime) -> int:
    return Session.objects.filter(expire_date__lt=at).delete()[0]


def _notifications(at: dt.datetime) -> QuerySet[Notification]:
    return Notification.objects.filter(created_at__lt=at - dt.timedelta(days=settings.NOTIFICATION_DAYS))


RULES = [
    Rule("sessions", _sessions, _end_sessions),
    Rule(
        "notifications",
        lambda at: _notifications(at).count(),
        lambda at: _notifications(at).delete()[1].get("kit.Notification", 0),
    ),
]


def run(rules: Iterable[Rule], *, at: dt.datetime, dry_run: bool = False) -> dict[str, int]:
    """Name -> how many ended, or would end, at this moment."""
    return {rule.name: (rule.due if dry_run else rule.end)(at) for rule in rules}
