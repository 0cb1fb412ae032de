"""How far open cases are against the plan of their next filing: read for many cases at once, nothing is written."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Q

from appeals.deadline_plan import Hours, Moment, Office, backward, done_count, safe_until
from appeals.enums import FILING_DEADLINES
from appeals.models import Case, Deadline, EvidenceItem, EvidenceWaiver, Filing
from appeals.rules import OPEN_FILING
from stores.enums import NeedLevel
from stores.models import EvidenceNeed
from stores.queries import working_days

OPEN = Q(met_at=None, missed_at=None, superseded_at=None)


@dataclass(frozen=True)
class Pace:
    """The plan of one case's next filing deadline and how many of its steps are done."""

    deadline: Deadline
    moments: list[Moment]
    done: int

    @property
    def safe_until(self) -> dt.datetime | None:
        return safe_until(self.moments, self.done)


def office() -> Office:
    """The agency's hours from the settings, with its days off and make-up days where it keeps them."""
    opens, closes = (dt.time.fromisoformat(text) for text in settings.OFFICE_HOURS)
    return Office(opens, closes, working_days() if settings.OFFICE_KEEPS_HOLIDAYS else None)


def of(cases: Sequence[Case]) -> dict[int, Pace]:
    """Case key -> its pace, for the open ones that have a filing deadline ahead of them. A fixed number of queries."""
    by_key = {case.pk: case for case in cases if case.status not in ("closed", "rectifying")}
    deadlines = _next_deadlines(by_key)
    if not deadlines:
        return {}
    filings = dict(Filing.objects.filter(case__in=deadlines, status__in=OPEN_FILING).values_list("case_id", "status"))
    complete = _with_evidence([case for key, case in by_key.items() if key in deadlines and case.status == "preparing"])
    hours, there = Hours(**settings.CASE_PLAN_HOURS), office()
    found = {}
    for key, deadline in deadlines.items():
        assert deadline.due_at is not None
        moments = backward(deadline.due_at, since=deadline.created_at, office=there, hours=hours)
        done = done_count(by_key[key].status, filing=filings.get(key, ""), has_evidence=key in complete)
        found[key] = Pace(deadline, moments, done)
    return found


def _next_deadlines(cases: Iterable[int]) -> dict[int, Deadline]:
    """The earliest open filing deadline of each case."""
    rows = Deadline.objects.filter(OPEN, case__in=list(cases), kind__in=FILING_DEADLINES, due_at__isnull=False)
    found: dict[int, Deadline] = {}
    for row in rows.order_by("due_at", "pk"):
        found.setdefault(row.case_id, row)
    return found


def _with_evidence(cases: list[Case]) -> set[int]:
    """Those of the cases whose required evidence is all there or waived (appeals.checklist, for many at once)."""
    if not cases:
        return set()
    needs: dict[str, list[EvidenceNeed]] = defaultdict(list)
    lines = {case.line_of_defence for case in cases}
    for need in EvidenceNeed.objects.filter(line_of_defence__in=lines).exclude(level=NeedLevel.NOT_USED):
        needs[need.line_of_defence].append(need)
    there: dict[int, set[int]] = defaultdict(set)
    items = EvidenceItem.objects.filter(case__in=cases, withdrawn_at=None, replaced_by=None)
    waivers = EvidenceWaiver.objects.filter(case__in=cases)
    for case, requirement in (
        *items.values_list("case_id", "requirement_id"),
        *waivers.values_list("case_id", "requirement_id"),
    ):
        there[case].add(requirement)
    return {case.pk for case in cases if _is_complete(needs[case.line_of_defence], there[case.pk])}


def _is_complete(needs: list[EvidenceNeed], there: set[int]) -> bool:
    groups = {need.group for need in needs if need.group and need.requirement_id in there}
    required = (need for need in needs if need.level in (NeedLevel.REQUIRED, NeedLevel.REQUIRED_ONE_OF))
    return all(need.requirement_id in there or need.group in groups for need in required)
