"""What became of the measures of a violation: they stand, were reduced or revoked, and what they come to now."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from appeals import penalties, rules
from appeals.models import Case, CaseViolation
from casemgr.kit import audit
from casemgr.kit.privacy import scrub
from casemgr.kit.workflow import Refused, Stale
from orders.enums import PenaltyState
from orders.models import Penalty
from stores.models import User


@transaction.atomic
def settle(
    *,
    by: User,
    matter: CaseViolation,
    penalty: Penalty,
    state: str,
    amount: Decimal | None = None,
    at: dt.datetime | None = None,
    note: str = "",
) -> None:
    """Write down what became of a measure: `amount` is what it comes to now, in yuan, `at` when the platform said so.

    Raises Refused for an amount that is lacking or more than before, a time in the future, and another violation's
    measure; Stale when somebody changed the same one since it was read.
    """
    if not by.is_agency:
        raise Refused(_("The agency writes down what became of a penalty."))
    if penalty.violation_id != matter.violation_id:
        raise Refused(_("This penalty belongs to another violation."))
    moment = at or timezone.now()
    if moment > timezone.now():
        raise Refused(_("This lies in the future. Please check the time."))
    now = _amount(penalty, state, amount)
    before = {"state": penalty.state, "settled_amount": penalty.settled_amount}
    stands = state == PenaltyState.STANDING
    values = {
        "settled_amount": now,
        "settled_at": None if stands else moment,
        "settled_by": None if stands else by,
        "settled_note": "" if stands else scrub(note.strip())[:300],
    }
    if not Penalty.objects.filter(pk=penalty.pk, **before).update(state=state, **values):
        raise Stale(_("Somebody changed this penalty just now. Nothing was overwritten: look again."))
    penalty.refresh_from_db()
    after = {"penalty": str(penalty), "state": state, "settled_amount": now, "at": moment}
    audit.record(by=by, action="penalty.settle", of=matter, before=before, after=after, note=scrub(note.strip()))


def _amount(penalty: Penalty, state: str, amount: Decimal | None) -> Decimal | None:
    """What the measure comes to now: nothing of its money when revoked; unknown stays unknown (rule 10)."""
    has_money = penalty.kind in penalties.MONEY or penalty.amount is not None
    if state == PenaltyState.STANDING:
        return None
    if state == PenaltyState.REVOKED:
        return Decimal(0) if has_money else None
    if amount is None and penalty.amount is not None:
        raise Refused(_("Please write the amount it was reduced to."))
    if amount is not None and penalty.amount is not None and amount >= penalty.amount:
        raise Refused(_("A reduced amount is less than the one before."))
    return amount if has_money else None


@transaction.atomic
def confirm_proposed(*, by: User, case: Case) -> int:
    """Settle every measure as the platform's answers propose, where the amount is known; how many."""
    matters = list(case.matters.select_related("violation").prefetch_related("violation__penalties"))
    proposed = penalties.proposals(case, matters, rules.latest_appeals(case))
    answered = {appeal.matter_id: appeal.answered_at for appeal in rules.latest_appeals(case)}
    done = 0
    for matter in matters:
        for penalty in matter.violation.penalties.all():
            one = proposed.get(penalty.pk)
            if one is None or not one.is_complete:
                continue
            note = _("from the platform’s answer")
            at = answered.get(matter.pk)
            settle(by=by, matter=matter, penalty=penalty, state=one.state, amount=one.amount, at=at, note=note)
            done += 1
    if not done:
        raise Refused(_("There is nothing to confirm: enter what became of each penalty."))
    return done


def wipe_texts(case: Case) -> None:
    """What people wrote about the penalties of a case that retention ends; states and amounts stay."""
    Penalty.objects.filter(violation__in=case.violations.all()).update(settled_note="")
