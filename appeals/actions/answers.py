"""The platform's answer, and attempts: what came back, what it leaves, what the next round must add."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from appeals.actions import deadlines, waking
from appeals.enums import AppealResult, DeadlineKind, DeadlineSource, Outcome, WaitingFor
from appeals.models import Appeal, Case, CaseViolation
from appeals.workflow import APPEAL
from casemgr.kit import audit
from casemgr.kit.notify import tell
from casemgr.kit.workflow import Refused
from stores.models import User
from stores.queries import merchant_people


@dataclass
class Answer:
    """What the platform said, as a person read it. Counts are None where it does not say."""

    result: str
    text: str
    answered_at: dt.datetime
    code: str = ""
    revoked_order_nos: Iterable[str] = field(default_factory=tuple)
    accepted_count: int | None = None
    upheld_count: int | None = None
    attempts_left: int | None = None
    due_at: dt.datetime | None = None
    due_text: str = ""
    proof: str = ""


@transaction.atomic
def record(*, by: User, appeal: Appeal, answer: Answer) -> None:
    """Record one answer of the platform on a filed appeal; the next deadline opens with it, the case stays with a person.

    A void answer (the pack itself was refused) gives the attempt back, by a lead with proof.
    """
    case = appeal.matter.case
    if answer.result == AppealResult.VOID and not by.is_lead:
        raise Refused(_("A lead gives an attempt back, with proof."))
    changes = {
        "answer_result": answer.result,
        "answer_code": answer.code,
        "answer_text": answer.text.strip(),
        "answered_at": answer.answered_at,
        "answer_by": by,
        "accepted_count": answer.accepted_count,
        "upheld_count": answer.upheld_count,
    }
    APPEAL.go(appeal, answer.result, by=by, changes=changes, proof=answer.proof)
    _mark_orders(appeal, answer)
    _settle_attempts(by, appeal, answer)
    _open_next_deadline(by, case, appeal, answer)
    Case.objects.filter(pk=case.pk).update(waiting_for=WaitingFor.US)
    case.waiting_for = WaitingFor.US
    waking.happened(case)
    text = gettext_noop("%(shop)s: the platform has answered.")
    tell(
        merchant_people(case.store),
        event="answer",
        key=f"appeal:{appeal.pk}:{appeal.status}",
        text=text,
        values={"shop": case.store.name},
        url=f"/m/cases/{case.code}/",
    )


def _mark_orders(appeal: Appeal, answer: Answer) -> None:
    """Note per order whether its penalty was revoked; an order the answer does not name stays undecided."""
    orders = appeal.matter.case.verdicts.filter(violation_order__violation=appeal.matter.violation_id)
    if answer.result == AppealResult.ACCEPTED:
        orders.update(is_revoked=True)
    elif answer.result == AppealResult.REJECTED:
        orders.exclude(is_revoked=True).update(is_revoked=False)
    elif answer.result == AppealResult.PARTLY_ACCEPTED:
        named = set(answer.revoked_order_nos)
        orders.exclude(is_revoked=True).update(is_revoked=None)  # an earlier refusal no longer stands as it was
        revoked = orders.filter(violation_order__order_no__in=named)
        if named and revoked.count() != len(named):
            raise Refused(_("Some of the order numbers do not belong to this violation."))
        revoked.update(is_revoked=True)
        if named and answer.accepted_count in (None, len(named)):
            orders.exclude(violation_order__order_no__in=named).exclude(is_revoked=True).update(is_revoked=False)


def _settle_attempts(by: User, appeal: Appeal, answer: Answer) -> None:
    matter = appeal.matter
    if answer.result == AppealResult.VOID:
        CaseViolation.objects.filter(pk=matter.pk, attempts_used__gt=0).update(attempts_used=F("attempts_used") - 1)
        audit.record(by=by, action="attempt.give_back", of=matter, note=answer.proof)
    if answer.attempts_left is not None:
        matter.refresh_from_db()
        _write_allowed(by, matter, matter.attempts_used + answer.attempts_left, _("written in the platform's answer"))


def _open_next_deadline(by: User, case: Case, appeal: Appeal, answer: Answer) -> None:
    """A refusal or a request opens the next deadline: the answer's own, else what the policy gives, as an estimate."""
    if answer.result == AppealResult.ACCEPTED:
        return
    kind = DeadlineKind.SUPPLEMENT if answer.result == AppealResult.MORE_WANTED else DeadlineKind.NEXT_ROUND
    if answer.due_at is not None:
        deadlines.open_all(
            by=by, case=case, dues=[deadlines.Due(kind, answer.due_at, DeadlineSource.ANSWER, answer.due_text)]
        )
        return
    if appeal.matter.attempts_left == 0:
        return
    due = deadlines.from_policy(
        appeal.matter.violation, round_number=appeal.number + 1, counted_from=answer.answered_at
    ) or deadlines.from_policy(appeal.matter.violation, counted_from=answer.answered_at)
    if due is not None:
        deadlines.open_all(by=by, case=case, dues=[deadlines.Due(kind, due.due_at, due.source, due.source_text, True)])


@transaction.atomic
def set_allowed(*, by: User, matter: CaseViolation, allowed: int, proof: str) -> None:
    """A lead says how many attempts there are, with what proves it. Raises Refused below what is used already."""
    if not by.is_lead:
        raise Refused(_("A lead sets the number of attempts."))
    if not proof.strip():
        raise Refused(_("Please say where the number stands (notice, console, answer)."))
    _write_allowed(by, matter, allowed, proof)


def _write_allowed(by: User, matter: CaseViolation, allowed: int, proof: str) -> None:
    fits = Q(attempts_used__lte=allowed)
    if not CaseViolation.objects.filter(fits, pk=matter.pk).update(attempts_allowed=allowed):
        raise Refused(_("More attempts are used than that."))
    before, matter.attempts_allowed = matter.attempts_allowed, allowed
    audit.record(
        by=by,
        action="attempt.allow",
        of=matter,
        before={"attempts_allowed": before},
        after={"attempts_allowed": allowed},
        note=proof,
    )


@transaction.atomic
def record_alone(*, by: User, matter: CaseViolation, note: str) -> None:
    """The merchant filed once without us: that attempt counts too."""
    if not note.strip():
        raise Refused(_("Please write when it was filed and what came back."))
    has_room = Q(attempts_allowed__isnull=True) | Q(attempts_used__lt=F("attempts_allowed"))
    counted = CaseViolation.objects.filter(has_room, pk=matter.pk).update(
        attempts_used=F("attempts_used") + 1, attempts_alone=F("attempts_alone") + 1
    )
    if not counted:
        raise Refused(_("No attempt is left."))
    audit.record(by=by, action="attempt.alone", of=matter, note=note)


def proposed_outcome(case: Case) -> str:
    """The outcome the answers give, for a person to confirm; empty while something is undecided."""
    verdicts = case.verdicts.values_list("is_revoked", flat=True)
    statuses = {appeal.status for matter in case.matters.all() for appeal in matter.appeals.order_by("-number")[:1]}
    if not statuses or statuses - {"accepted", "partly_accepted", "rejected"}:
        return ""
    if statuses == {"accepted"}:
        return Outcome.WON
    won_some = "accepted" in statuses or "partly_accepted" in statuses or any(verdicts)
    return Outcome.PARTLY_WON if won_some else Outcome.LOST
