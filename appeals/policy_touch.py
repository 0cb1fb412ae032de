"""Which open cases a corrected rule touches, and what it would change in each. Reads only.

A version may be written afterwards for a time in which cases were judged by an older one. Conduct follows the version at
the clock start of the orders, procedure the one when the notice came (stores.models.Policy); what the notice says wins.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Min, Prefetch, QuerySet
from django.db.models.functions import Coalesce

from appeals.actions.deadlines import Due, from_policy
from appeals.enums import FILING_DEADLINES, DeadlineKind, DeadlineSource
from appeals.models import Appeal, Case, CaseViolation, Deadline
from appeals.pace import OPEN
from stores.enums import PenaltyBasis
from stores.models import Policy, ViolationType
from stores.queries import pick, versions_of, working_days


@dataclass(frozen=True)
class Difference:
    """One value that a case would have instead of another; None: not known."""

    key: str
    old: Any
    new: Any


@dataclass
class Matter:
    """A violation of a touched case with the versions it was judged by, and those that hold now."""

    row: CaseViolation
    old_procedure: Policy | None
    procedure: Policy | None
    old_conduct: Policy | None
    conduct: Policy | None

    @property
    def is_touched(self) -> bool:
        return (self.old_procedure, self.old_conduct) != (self.procedure, self.conduct)


@dataclass
class Touched:
    """One open case that the correction touches."""

    case: Case
    matters: list[Matter]
    # Open deadlines that a policy or an estimate gave and nobody confirmed, and what takes their place.
    replaced: list[Deadline] = field(default_factory=list)
    dues: list[Due] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)


def touched(rule: ViolationType, cases: QuerySet[Case]) -> list[Touched]:
    """The open ones among `cases` that lean on another version of `rule` than the one that holds for their time now."""
    versions = versions_of(rule)
    by_key = {policy.pk: policy for policy in versions}
    found: dict[int, Touched] = {}
    for row in _rows(rule, cases):
        matter = _matter(row, versions, by_key)
        if matter.is_touched:
            found.setdefault(row.case_id, Touched(row.case, [])).matters.append(matter)
    _add_deadlines(found)
    for one in found.values():
        one.differences = _differences(one)
    return sorted(found.values(), key=lambda one: (one.case.next_due_at is None, one.case.next_due_at, one.case.pk))


def _rows(rule: ViolationType, cases: QuerySet[Case]) -> QuerySet[CaseViolation]:
    order = "violation__named_orders__order"
    start = Min(Coalesce(f"{order}__paid_at", f"{order}__placed_at"))
    rows = CaseViolation.objects.filter(case__in=cases.exclude(status="closed"), violation__violation_type=rule)
    related = ("case__store__platform", "case__owner", "violation__violation_type__platform")
    return rows.annotate(clock_start=start).select_related(*related).order_by("pk")


def _matter(row: Any, versions: Sequence[Policy], by_key: dict[int, Policy]) -> Matter:
    """Where no version holds for its time, the one it was judged by stays."""
    violation = row.violation
    procedure, conduct = by_key.get(violation.procedure_policy_id), by_key.get(violation.conduct_policy_id)
    noticed, start = violation.noticed_at, row.clock_start or violation.noticed_at
    return Matter(
        row,
        procedure,
        (pick(versions, noticed) if noticed else None) or procedure,
        conduct,
        (pick(versions, start) if start else None) or conduct,
    )


def _add_deadlines(found: dict[int, Touched]) -> None:
    """What takes the place of unconfirmed deadlines from policy or estimate; those of notice and answer stay."""
    sources = (DeadlineSource.POLICY, DeadlineSource.ESTIMATED)
    rows = Deadline.objects.filter(OPEN, case__in=found, source__in=sources, confirmed_at=None)
    of_case: dict[int, list[Deadline]] = defaultdict(list)
    for row in rows.filter(kind__in=FILING_DEADLINES):
        of_case[row.case_id].append(row)
    matters, days = _all_matters(of_case), working_days()
    for key, replaced in of_case.items():
        new = {matter.row.pk: matter.procedure for matter in found[key].matters}
        kinds = {row.kind for row in replaced}
        dues = [due for kind in kinds for row in matters[key] if (due := _due(row, kind, new.get(row.pk), days))]
        if dues and {(due.kind, due.due_at) for due in dues} != {(row.kind, row.due_at) for row in replaced}:
            found[key].replaced, found[key].dues = replaced, dues


def _all_matters(cases: dict[int, list[Deadline]]) -> dict[int, list[CaseViolation]]:
    """Every violation of these cases, also of other rules: a deadline belongs to the case."""
    answered = Appeal.objects.exclude(answered_at=None).order_by("-number")
    rows = CaseViolation.objects.filter(case__in=cases).select_related(
        "violation__procedure_policy__violation_type__platform"
    )
    rows = rows.prefetch_related("violation__procedure_policy__rounds", Prefetch("appeals", answered, to_attr="said"))
    found: dict[int, list[CaseViolation]] = defaultdict(list)
    for row in rows.order_by("pk"):
        found[row.case_id].append(row)
    return found


def _due(row: Any, kind: str, policy: Policy | None, days: Mapping[dt.date, bool]) -> Due | None:
    """The deadline of this kind that the policy gives for one violation, as it was computed when it was opened."""
    if kind == DeadlineKind.APPEAL:
        return from_policy(row.violation, policy=policy, days=days)
    last = next(iter(row.said), None)
    if last is None:
        return None
    given = {"counted_from": last.answered_at, "policy": policy, "days": days}
    due = from_policy(row.violation, round_number=last.number + 1, **given) or from_policy(row.violation, **given)
    return Due(kind, due.due_at, due.source, due.source_text, is_estimated=True) if due else None


def attempts(matter: Matter) -> tuple[int | None, int | None]:
    """(allowed now, allowed by the new version): the same where the notice, an answer or a lead said a number."""
    row = matter.row
    now, was = row.attempts_allowed, _dependable_attempts(matter.old_procedure)
    stated = row.violation.attempts_stated is not None or row.violation.parsed.get("attempts_left") is not None
    new = _dependable_attempts(matter.procedure)
    if stated or now != was or (new is not None and new < row.attempts_used):
        return now, now
    return now, new


def _dependable_attempts(policy: Policy | None) -> int | None:
    """The first round's attempts, where the rule is of confidence A or B; as when a case is opened."""
    first = next((one for one in policy.rounds.all() if one.number == 1), None) if policy else None
    return first.attempts if first and first.confidence in ("A", "B") else None


def expected_penalty(matter: Matter, policy: Policy | None) -> Decimal | None:
    """What the rule says all orders together cost; None where the notice says it itself, or no dependable rule does."""
    violation = matter.row.violation
    if violation.amount_total is not None or violation.amount_per_order is not None:
        return None
    if policy is None or not policy.counts_money or policy.penalty_basis != PenaltyBasis.FIXED:
        return None
    return (policy.penalty_value or Decimal(0)) * (violation.claimed_count or violation.named_count)


def _differences(one: Touched) -> list[Difference]:
    """What would be another value, each line once; an unchanged one is no difference."""
    lines = []
    if one.dues:
        lines.append(Difference("due_at", _earliest(one.replaced), _earliest(one.dues)))
    for matter in one.matters:
        lines.append(Difference("attempts", *attempts(matter)))
        for key in ("ship_by_hours", "first_scan_hours"):
            lines.append(Difference(key, getattr(matter.old_conduct, key, None), getattr(matter.conduct, key, None)))
        penalties = (expected_penalty(matter, policy) for policy in (matter.old_conduct, matter.conduct))
        lines.append(Difference("penalty", *penalties))
    return [line for line in dict.fromkeys(lines) if line.old != line.new]


def _earliest(rows: Sequence[Deadline | Due]) -> dt.datetime | None:
    return min((row.due_at for row in rows if row.due_at is not None), default=None)
