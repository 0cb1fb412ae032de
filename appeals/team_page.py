"""What the case page says about the people around a case: who has it, who else looks at it, what is new to the reader."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from appeals import workload
from appeals.actions import team
from appeals.models import Case, CaseLook
from casemgr.kit.history import action_words
from casemgr.kit.models import AuditEvent
from stores.models import User

NEWS_READ, NEWS_SHOWN = 50, 4


@dataclass
class News:
    """One thing that somebody else did; `times` when they did it several times in a row. `at` is the last time."""

    at: dt.datetime
    who: str
    words: str
    times: int = 1


def context(case: Case, *, user: User) -> dict[str, Any]:
    """The part of the case page's context that is about people; a fixed number of queries."""
    now = timezone.now()
    people = workload.candidates(case.store, owner=case.owner)
    seen = CaseLook.objects.filter(case=case, user=user).first()
    away = next((one.absence for one in people if one.person.pk == case.owner_id), None)
    return {
        "candidates": people,
        "people": [one.person for one in people],
        "owner_away": away,
        "is_snoozed": case.snoozed_until is not None and case.snoozed_until > now,
        "snooze_limit": team.snooze_limit(case, now),
        "may_snooze": case.status != "closed" and team.snooze_limit(case, now) > now,
        "seen": seen,
        "as_of": last_event(case),
        **presence(case, user=user, seen=seen),
    }


def presence(case: Case, *, user: User, seen: CaseLook | None) -> dict[str, Any]:
    """Who else has the case open, and what others did since the person looked."""
    others = CaseLook.objects.filter(case=case, here_at__gte=timezone.now() - team.HERE).exclude(user=user)
    news = news_of(case, user=user, since=seen.seen_at) if seen else []
    return {
        "others_here": [row.user.name for row in others.select_related("user").order_by("user__name")],
        "news": news[:NEWS_SHOWN],
        "news_more": sum(one.times for one in news[NEWS_SHOWN:]),
    }


def news_of(case: Case, *, user: User, since: dt.datetime) -> list[News]:
    """What others did in the case after that moment, newest first, the same by the same person in a row told once."""
    events = AuditEvent.objects.filter(thread=case.code, at__gt=since).exclude(actor=user).order_by("-pk")[:NEWS_READ]
    return _told(events)


def _told(events: Iterable[AuditEvent]) -> list[News]:
    found: list[News] = []
    for event in events:
        words = action_words(event.action)
        if words is None:
            continue
        if found and (found[-1].who, found[-1].words) == (event.actor_name, words):
            found[-1].times += 1
        else:
            found.append(News(event.at, event.actor_name, words))
    return found


def last_event(case: Case) -> int:
    """The number of the last thing that was done in the case; 0 when there is none (appeals.staleness)."""
    found = AuditEvent.objects.filter(thread=case.code).order_by("-pk").values_list("pk", flat=True).first()
    return found or 0


def of_page(request: HttpRequest, case: Case) -> dict[str, Any]:
    """The context for this reader; that they saw the page is written down: not for a HEAD or a prefetch, which nobody
    sees, and at most once a minute unless there was something new on it."""
    user: Any = request.user
    shown = context(case, user=user)
    seen, now = shown["seen"], timezone.now()
    ahead = request.headers.get("Sec-Purpose", request.headers.get("Purpose", ""))
    if request.method != "GET" or "prefetch" in ahead or "prerender" in ahead:
        return shown
    if shown["news"] or seen is None or now - seen.seen_at >= team.LOOK_EVERY:
        team.look(by=user, case=case)
    elif seen.here_at is None or now - seen.here_at >= team.HERE / 2:
        team.here(by=user, case=case)
    return shown
