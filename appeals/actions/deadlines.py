"""When things must be done. Every deadline says where it comes from; an estimate says so until a person confirms it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from appeals.enums import FILING_DEADLINES, DeadlineKind, DeadlineSource
from appeals.models import Case, Deadline
from casemgr.kit import audit
from casemgr.kit.clock import WindowUnit, add_window
from casemgr.kit.notify import tell
from casemgr.kit.workflow import Refused, Stale
from orders.models import Violation
from stores.models import User
from stores.queries import leads, working_days


@dataclass(frozen=True)
class Due:
    """One deadline as a notice, an answer or a person states it."""

    kind: str
    due_at: dt.datetime | None
    source: str
    source_text: str = ""
    is_estimated: bool = False


def from_policy(violation: Violation, *, round_number: int = 1, counted_from: dt.datetime | None = None) -> Due | None:
    """The appeal deadline that the policy in force gives, always an estimate: a rule is no notice (rule 3).

    None when the policy, its window or the moment it counts from is unknown.
    """
    start = counted_from or violation.noticed_at
    rule = violation.procedure_policy.rounds.filter(number=round_number).first() if violation.procedure_policy else None
    if rule is None or rule.window is None or start is None:
        return None
    window = add_window(
        start,
        rule.window,
        cast(WindowUnit, rule.unit),
        counts_first_day=rule.counts_first_day,
        working_days=working_days(),
    )
    kind = DeadlineKind.APPEAL if round_number == 1 else DeadlineKind.NEXT_ROUND
    text = f"{rule.window} {rule.get_unit_display()}, {violation.procedure_policy}"
    return Due(kind, window.due_at, DeadlineSource.POLICY, text[:300], is_estimated=True)


@transaction.atomic
def open_all(*, by: User | None, case: Case, dues: Iterable[Due]) -> list[Deadline]:
    """Open the given deadlines of a case and keep its next one. Two of the same kind and time are one."""
    made = []
    for due in {(d.kind, d.due_at): d for d in dues}.values():
        row = Deadline.objects.create(
            case=case,
            kind=due.kind,
            due_at=due.due_at,
            source=due.source,
            source_text=due.source_text[:300],
            is_estimated=due.is_estimated,
        )
        audit.record(
            by=by, action="deadline.open", of=row, after={"kind": row.kind, "due_at": row.due_at, "source": row.source}
        )
        made.append(row)
    keep_next_due(case)
    return made


@transaction.atomic
def confirm(
    *, by: User, deadline: Deadline, due_at: dt.datetime, source: str = DeadlineSource.HAND, source_text: str = ""
) -> None:
    """A person looked in the console: the deadline stands at `due_at`. Raises Stale when it was settled meanwhile."""
    before = {"due_at": deadline.due_at, "source": deadline.source, "is_estimated": deadline.is_estimated}
    kept_source = deadline.source if due_at == deadline.due_at else source
    changes = {
        "due_at": due_at,
        "source": kept_source,
        "source_text": source_text[:300] or deadline.source_text,
        "is_estimated": False,
        "confirmed_by": by,
        "confirmed_at": timezone.now(),
    }
    moved = Deadline.objects.filter(pk=deadline.pk, met_at=None, missed_at=None, superseded_at=None).update(**changes)
    if not moved:
        raise Stale(audit.who_was_faster(deadline))
    audit.record(by=by, action="deadline.confirm", of=deadline, before=before, after=changes)
    for name, value in changes.items():
        setattr(deadline, name, value)
    keep_next_due(deadline.case)


@transaction.atomic
def add(*, by: User, case: Case, kind: str, due_at: dt.datetime, source: str, source_text: str) -> Deadline:
    """A deadline read by a person; it is confirmed by being read. One of the same kind that is still open is replaced."""
    if case.status == "closed":
        raise Refused(_("The case is closed."))
    supersede(by=by, case=case, kinds=[kind])
    made = open_all(by=by, case=case, dues=[Due(kind, due_at, source, source_text)])[0]
    Deadline.objects.filter(pk=made.pk).update(confirmed_by=by, confirmed_at=timezone.now())
    return made


def supersede(*, by: User | None, case: Case, kinds: Iterable[str]) -> int:
    """Close open deadlines of these kinds because something newer stands in their place; the rows stay as history."""
    return _settle(by, case, kinds, "superseded_at", timezone.now())


def meet(*, by: User | None, case: Case, at: dt.datetime, kinds: Iterable[str] = FILING_DEADLINES) -> int:
    """The thing was done at `at` (the console's time). A deadline before that moment counts as missed, not met."""
    late = Deadline.objects.filter(
        case=case, kind__in=kinds, due_at__lt=at, met_at=None, missed_at=None, superseded_at=None
    )
    late.update(missed_at=at)
    return _settle(by, case, kinds, "met_at", at)


def _settle(by: User | None, case: Case, kinds: Iterable[str], field: str, at: dt.datetime) -> int:
    rows = Deadline.objects.filter(case=case, kind__in=list(kinds), met_at=None, missed_at=None, superseded_at=None)
    count = 0
    for row in rows:
        count += Deadline.objects.filter(pk=row.pk, **{field: None}).update(**{field: at})
        audit.record(by=by, action=f"deadline.{field.removesuffix('_at')}", of=row, after={field: at})
    keep_next_due(case)
    return count


def keep_next_due(case: Case) -> None:
    """Write the earliest open deadline of the case into its kept columns, for lists."""
    values = next_due_of(case)
    Case.objects.filter(pk=case.pk).update(**values)
    for name, value in values.items():
        setattr(case, name, value)


def next_due_of(case: Case) -> dict[str, Any]:
    """The kept columns of the earliest open deadline, from the deadlines themselves."""
    first = (
        Deadline.objects.filter(case=case, met_at=None, missed_at=None, superseded_at=None, due_at__isnull=False)
        .exclude(kind=DeadlineKind.PENALTY_STARTS)
        .order_by("due_at")
        .first()
    )
    return {
        "next_due_at": first.due_at if first else None,
        "next_due_kind": first.kind if first else "",
        "next_due_source": ("estimated" if first.is_estimated else first.source) if first else "",
    }


@transaction.atomic
def watch(*, now: dt.datetime | None = None) -> dict[str, int]:
    """Find passed and near deadlines: mark cases overdue and tell owner and leads. Closes nothing (rule 3).

    May run any number of times: each deadline alarms once as near (24 h before) and once as passed. The second of the
    deadline itself is not yet past, as in casemgr.kit.clock.ladder.
    """
    now = now or timezone.now()
    open_rows = Deadline.objects.filter(met_at=None, missed_at=None, superseded_at=None).exclude(case__status="closed")
    counts = {"missed": 0, "near": 0}
    for row in open_rows.filter(due_at__lt=now).select_related("case__owner", "case__store"):
        if row.kind in FILING_DEADLINES:
            counts["missed"] += _pass(row, now)
    near = open_rows.filter(due_at__gte=now, due_at__lte=now + dt.timedelta(hours=24), warned_at=None)
    for row in near.filter(kind__in=FILING_DEADLINES).select_related("case__owner", "case__store"):
        counts["near"] += _warn(row, now)
    return counts


def _pass(row: Deadline, now: dt.datetime) -> int:
    if row.case.status == "filed" or not Deadline.objects.filter(pk=row.pk, missed_at=None, met_at=None).update(
        missed_at=now
    ):
        return 0
    Case.objects.filter(pk=row.case_id).update(is_overdue=True)
    audit.record(by=None, action="deadline.missed", of=row, after={"due_at": row.due_at})
    text = gettext_noop("%(code)s: the deadline has passed. Look in the console, then decide.")
    _alarm(row, f"deadline:{row.pk}:missed", text)
    keep_next_due(row.case)
    return 1


def _warn(row: Deadline, now: dt.datetime) -> int:
    if not Deadline.objects.filter(pk=row.pk, warned_at=None).update(warned_at=now):
        return 0
    _alarm(row, f"deadline:{row.pk}:near", gettext_noop("%(code)s: less than 24 hours left."))
    return 1


def _alarm(row: Deadline, key: str, text: str) -> None:
    people = {person for person in [row.case.owner, *leads()] if person is not None}
    tell(people, event="deadline", key=key, text=text, values={"code": row.case.code}, url=f"/cases/{row.case.code}/")
