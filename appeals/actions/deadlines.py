"""When things must be done. Every deadline says where it comes from; an estimate says so until a person confirms it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from django.db import transaction
from django.db.models import Max, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from appeals import pace
from appeals.actions import waking
from appeals.enums import BEFORE_FILING, FILING_DEADLINES, DeadlineKind, DeadlineSource
from appeals.models import Case, Deadline
from casemgr.kit import audit
from casemgr.kit.clock import WindowUnit, add_window
from casemgr.kit.notify import tell
from casemgr.kit.workflow import Refused, Stale
from orders.models import Violation
from stores.models import Policy, User
from stores.queries import leads, working_days

CHUNK = 500
# What owner and lead are told when this step should have been done by now.
LATE = {
    "asked": gettext_noop("%(code)s: by now the cause should be found and the evidence asked for, or time gets short."),
    "evidence": gettext_noop("%(code)s: by now the evidence should be there, or time gets short."),
    "text": gettext_noop("%(code)s: by now the text should be ready for review, or time gets short."),
    "review": gettext_noop("%(code)s: by now the review should be done, or time gets short."),
    "filing": gettext_noop("%(code)s: by now somebody should be filing it, or time gets short."),
    "alarm": gettext_noop("%(code)s: it is being filed, but the console has not confirmed it. Time is nearly up."),
}


@dataclass(frozen=True)
class Due:
    """One deadline as a notice, an answer or a person states it."""

    kind: str
    due_at: dt.datetime | None
    source: str
    source_text: str = ""
    is_estimated: bool = False


def from_policy(
    violation: Violation,
    *,
    round_number: int = 1,
    counted_from: dt.datetime | None = None,
    policy: Policy | None = None,
    days: Mapping[dt.date, bool] | None = None,
) -> Due | None:
    """The appeal deadline that the policy in force (or `policy`) gives, always an estimate: a rule is no notice (rule 3).

    `days` are the calendar's (stores.queries.working_days), for whoever asks often. None when the policy, its window or
    the moment it counts from is unknown.
    """
    start = counted_from or violation.noticed_at
    policy = policy or violation.procedure_policy
    rule = next((one for one in policy.rounds.all() if one.number == round_number), None) if policy else None
    if rule is None or rule.window is None or start is None:
        return None
    window = add_window(
        start,
        rule.window,
        cast(WindowUnit, rule.unit),
        counts_first_day=rule.counts_first_day,
        working_days=working_days() if days is None else days,
    )
    kind = DeadlineKind.APPEAL if round_number == 1 else DeadlineKind.NEXT_ROUND
    text = f"{rule.window} {rule.get_unit_display()}, {policy}"
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
    if due_at != before["due_at"]:
        changes["escalated_at"] = None  # another time, another plan: being late against it is told anew
        Deadline.objects.filter(pk=deadline.pk).update(escalated_at=None)
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
    keep_safe(case)


def keep_safe(case: Case) -> None:
    """Write the latest safe moment of the next step (appeals.pace). Called in the transaction of every change of the
    case's deadlines, state or evidence; kept for lists, as next_due_at is."""
    found = pace.of([case]).get(case.pk)
    case.safe_until = found.safe_until if found else None
    Case.objects.filter(pk=case.pk).update(safe_until=case.safe_until)
    waking.keep_in_time(case)


def keep_all_safe() -> int:
    """The same for every open case, a few hundred at a time: what the calendar or the settings moved. Returns how many
    were written. May run any number of times."""
    open_cases = Case.objects.exclude(status="closed").filter(
        Q(next_due_at__isnull=False) | Q(safe_until__isnull=False)
    )
    columns = ("pk", "status", "line_of_defence", "safe_until", "next_due_at", "snoozed_until")
    last, written = 0, 0
    while cases := list(open_cases.filter(pk__gt=last).order_by("pk").only(*columns)[:CHUNK]):
        last, paces = cases[-1].pk, pace.of(cases)
        for case in cases:
            found = paces.get(case.pk)
            moment = found.safe_until if found else None
            if moment == case.safe_until:
                continue
            # Whoever moves the case meanwhile writes it anew.
            if Case.objects.filter(pk=case.pk, status=case.status, safe_until=case.safe_until).update(
                safe_until=moment
            ):
                case.safe_until, written = moment, written + 1
                waking.keep_in_time(case)
    return written


def next_due_of(case: Case) -> dict[str, Any]:
    """The kept columns of the earliest open deadline, from the deadlines themselves.

    While nothing was filed and nothing else is ahead, the passed one stays: lists show it as passed, and first.
    """
    standing = Deadline.objects.filter(case=case, met_at=None, superseded_at=None, due_at__isnull=False)
    ahead = standing.filter(missed_at=None).exclude(kind=DeadlineKind.PENALTY_STARTS)
    first = ahead.order_by("due_at").first()
    if first is None and case.status in BEFORE_FILING:
        filed_at = case.filings.filter(status="filed").aggregate(at=Max("filed_at"))["at"]
        passed = standing.filter(kind__in=FILING_DEADLINES, missed_at__isnull=False)
        first = (passed.filter(due_at__gt=filed_at) if filed_at else passed).order_by("due_at").last()
    return {
        "next_due_at": first.due_at if first else None,
        "next_due_kind": first.kind if first else "",
        "next_due_source": ("estimated" if first.is_estimated else first.source) if first else "",
    }


@transaction.atomic
def watch(*, now: dt.datetime | None = None) -> dict[str, int]:
    """Find passed and near deadlines: mark cases overdue and tell owner and leads. Closes nothing (rule 3).

    May run any number of times: each deadline alarms once as near (24 h before) and once as passed. The second of the
    deadline itself is not yet past, as in casemgr.kit.clock.ladder. A case whose present step is late against the plan of
    its next filing (appeals.deadline_plan) is told once, and again only when that deadline is another.
    """
    now = now or timezone.now()
    open_rows = Deadline.objects.filter(met_at=None, missed_at=None, superseded_at=None).exclude(case__status="closed")
    counts = {"missed": 0, "near": 0, "late": 0}
    for row in open_rows.filter(due_at__lt=now).select_related("case__owner", "case__store"):
        if row.kind in FILING_DEADLINES:
            counts["missed"] += _pass(row, now)
    near = open_rows.filter(due_at__gte=now, due_at__lte=now + dt.timedelta(hours=24), warned_at=None)
    for row in near.filter(kind__in=FILING_DEADLINES).select_related("case__owner", "case__store"):
        counts["near"] += _warn(row, now)
    late = open_rows.filter(due_at__gte=now, escalated_at=None, kind__in=FILING_DEADLINES, case__safe_until__lt=now)
    first = Deadline.objects.filter(pace.OPEN, case=OuterRef("case"), kind__in=FILING_DEADLINES, due_at__isnull=False)
    late = late.filter(pk=Subquery(first.order_by("due_at", "pk").values("pk")[:1]))
    for row in late.select_related("case__owner", "case__store"):
        counts["late"] += _escalate(row, now)
    return counts


def _pass(row: Deadline, now: dt.datetime) -> int:
    if row.case.status == "filed" or not Deadline.objects.filter(pk=row.pk, missed_at=None, met_at=None).update(
        missed_at=now
    ):
        return 0
    Case.objects.filter(pk=row.case_id).update(is_overdue=True)
    waking.happened(row.case)
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


def _escalate(row: Deadline, now: dt.datetime) -> int:
    found = pace.of([row.case]).get(row.case_id)
    if found is None or found.safe_until is None or found.safe_until >= now:
        return 0  # somebody took the step meanwhile
    if not Deadline.objects.filter(pk=row.pk, escalated_at=None, due_at=row.due_at).update(escalated_at=now):
        return 0
    step = found.moments[found.done].step
    audit.record(by=None, action="deadline.late", of=row, after={"step": step, "due_at": row.due_at})
    _alarm(row, f"deadline:{row.pk}:late:{row.due_at:%Y%m%d%H%M%S}", LATE[step])
    return 1


def _alarm(row: Deadline, key: str, text: str) -> None:
    people = {person for person in [row.case.owner, *leads()] if person is not None}
    tell(people, event="deadline", key=key, text=text, values={"code": row.case.code}, url=f"/cases/{row.case.code}/")
