"""Parting and joining cases: a violation moves to another case of its shop, a whole case goes into another.

Nothing filed moves (rule 4): a violation goes only while no frozen pack stands for it. Its orders, verdicts, attempts and
penalties go with it; evidence, talk and texts stay where they were made.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from appeals import intake, rules
from appeals.actions import cases, deadlines, moves
from appeals.enums import Outcome
from appeals.models import Appeal, Case, CaseViolation, Deadline, Verdict
from casemgr.kit import audit
from casemgr.kit.workflow import Hurdle, Refused, Stale
from stores.models import User

# Later the text in review, the pack or the answer stands for just these violations.
PARTABLE = ("intake", "diagnosing", "preparing")


def hurdles(case: Case, matters: Sequence[CaseViolation], *, to: Case | None) -> Iterator[Hurdle]:
    """What forbids these violations to leave `case` for `to` (None: a new case), in words."""
    for one in (case, to):
        if one is not None and one.status not in PARTABLE:
            yield Hurdle(_("%(code)s is past its preparation: violations no longer move.") % {"code": one.code})
    if to is not None and (to.store_id != case.store_id or to.pk == case.pk):
        yield Hurdle(_("Name another open case of the same shop."))
    if to is not None and (draft := rules.open_filing(to)) and draft.is_supplement:
        yield Hurdle(_("%(code)s prepares a supplement: nothing can be added to that.") % {"code": to.code})
    for matter in matters:
        if matter.appeals.filter(filings__frozen_at__isnull=False).exists():
            yield Hurdle(_("%(no)s is part of a frozen pack and stays.") % {"no": matter.violation})


@transaction.atomic
def move(*, by: User, matter: CaseViolation, to: Case | None = None) -> Case:
    """Move one violation to an open case of the same shop, or to a new one (`to` None). Returns where it went.

    Raises Refused for what `hurdles` says and for the only violation of a case (that case is joined as a whole);
    Stale when somebody moved one of the two cases on meanwhile.
    """
    case = matter.case
    _agency_only(by)
    if case.matters.count() < 2:
        raise Refused(_("This is the only violation of the case: join the whole case to the other one."))
    _check(case, [matter], to)
    if to is None:
        to = Case.objects.create(store=case.store, owner=case.owner, opened_by=by, opened_at=timezone.now())
        audit.record(by=by, action="case.open", of=to, after={"violations": [matter.violation], "owner": to.owner})
    dues = _dues_of(case, matter)
    _carry(by, matter, to)
    _open_dues(by, to, dues)
    _let_go(by, case, dues)
    _count_again(case, to)
    return to


@transaction.atomic
def merge(*, by: User, case: Case, into: Case) -> None:
    """Put all violations of `case` into `into` and close it as a duplicate of that. Raises as `move` does."""
    _agency_only(by)
    matters = list(case.matters.select_related("violation"))
    _check(case, matters, into)
    dues = list(case.deadlines.filter(met_at=None, missed_at=None, superseded_at=None))
    for matter in matters:
        matter.case = case
        _carry(by, matter, into)
    _open_dues(by, into, dues)
    if case.is_overdue and not into.is_overdue:
        Case.objects.filter(pk=into.pk).update(is_overdue=True)
        into.is_overdue = True
    moves.close(by=by, case=case, outcome=Outcome.DUPLICATE, duplicate_of=into, is_merged=True)
    _count_again(case, into)
    audit.record(by=by, action="case.merge_out", of=case, after={"into": into, "violations": len(matters)})
    audit.record(by=by, action="case.merge_in", of=into, after={"from": case, "violations": len(matters)})


def _agency_only(by: User) -> None:
    if not by.is_agency:
        raise Refused(_("The agency parts and joins cases."))


def _check(case: Case, matters: Sequence[CaseViolation], to: Case | None) -> None:
    """Hold both cases in the state that was looked at, then ask the guards: who moved one on meanwhile was faster."""
    for one in sorted((one for one in (case, to) if one is not None), key=lambda one: one.pk):
        if not Case.objects.filter(pk=one.pk, status=one.status).update(updated_at=timezone.now()):
            raise Stale(audit.who_was_faster(one))
    found = list(hurdles(case, matters, to=to))
    if found:
        raise Refused(found[0].text, found)


def _carry(by: User, matter: CaseViolation, to: Case) -> None:
    """The violation with its verdicts, alerts and drafted attempt; both histories say so."""
    case, violation = matter.case, matter.violation
    drafts = matter.appeals.filter(status="draft")
    for draft in drafts:
        draft.filings.clear()
    drafts.delete()
    if not CaseViolation.objects.filter(pk=matter.pk, case=case).update(case=to):
        raise Stale(audit.who_was_faster(matter))
    Verdict.objects.filter(case=case, violation_order__violation=violation).update(case=to)
    to.alerts.add(*case.alerts.filter(orders__violation_orders__violation=violation).distinct())
    if (filing := rules.open_filing(to)) is not None:
        number = (matter.appeals.aggregate(n=Max("number"))["n"] or 0) + 1
        filing.appeals.add(Appeal.objects.create(matter=matter, number=number))
    audit.record(by=by, action="case.violation_out", of=case, after={"violation": violation, "to": to})
    audit.record(by=by, action="case.violation_in", of=to, after={"violation": violation, "from": case})
    matter.case = to


def _dues_of(case: Case, matter: CaseViolation) -> list[Deadline]:
    """The open deadlines that the violation takes along: those its own notice names, else all. None is ever lost."""
    rows = list(case.deadlines.filter(met_at=None, missed_at=None, superseded_at=None))
    stated = _stated(matter)
    return [row for row in rows if (row.kind, row.due_at) in stated] or rows


def _stated(matter: CaseViolation) -> set[tuple[str, object]]:
    return {(due.kind, due.due_at) for due in intake.read_dues(matter.violation.parsed)}


def _open_dues(by: User, case: Case, rows: Sequence[Deadline]) -> None:
    """The same deadlines at another case, with who confirmed them; what that case knows already is not doubled."""
    known = set(case.deadlines.filter(met_at=None, missed_at=None, superseded_at=None).values_list("kind", "due_at"))
    for row in rows:
        if (row.kind, row.due_at) in known:
            continue
        due = deadlines.Due(row.kind, row.due_at, row.source, row.source_text, row.is_estimated)
        made = deadlines.open_all(by=by, case=case, dues=[due])[0]
        confirmed = {"confirmed_by": row.confirmed_by, "confirmed_at": row.confirmed_at}
        Deadline.objects.filter(pk=made.pk).update(**confirmed, warned_at=row.warned_at)


def _let_go(by: User, case: Case, rows: Sequence[Deadline]) -> None:
    """Deadlines that every remaining notice contradicts by naming its own no longer stand at the case left behind."""
    remaining = [_stated(matter) for matter in case.matters.select_related("violation")]
    if not all(remaining):
        return  # a violation without words of its own may live by any of them
    for row in rows:
        if not any((row.kind, row.due_at) in stated for stated in remaining):
            Deadline.objects.filter(pk=row.pk).update(superseded_at=timezone.now())
            audit.record(by=by, action="deadline.superseded", of=row, after={"superseded_at": timezone.now()})


def _count_again(*both: Case) -> None:
    for case in both:
        cases.keep_counts(case)
        if case.status != "closed":
            deadlines.keep_next_due(case)
