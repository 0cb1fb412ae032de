"""Steps of a case from one state to the next. Each asks the flow table; nothing else writes a case's status."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from appeals import rules
from appeals.actions import cases, deadlines, filings
from appeals.enums import FILING_DEADLINES, Outcome, WaitingFor
from appeals.models import Case
from appeals.workflow import CASE
from casemgr.kit import audit
from casemgr.kit.workflow import Refused, Stale
from stores.enums import LineOfDefence, RootCause
from stores.models import User


@transaction.atomic
def take_over(*, by: User, case: Case, owner: User) -> None:
    """Give the case to `owner`. Raises Stale when somebody else was given it meanwhile."""
    if not owner.is_agency or not Case.objects.visible_to(owner).filter(pk=case.pk).exists():
        raise Refused(_("%(name)s does not look after this shop.") % {"name": owner.name})
    before = case.owner
    if not Case.objects.filter(pk=case.pk, owner=before).update(owner=owner, updated_at=timezone.now()):
        raise Stale(audit.who_was_faster(case))
    case.owner = owner
    audit.record(by=by, action="case.assign", of=case, before={"owner": before}, after={"owner": owner})


@transaction.atomic
def take_in(*, by: User, case: Case) -> None:
    """intake -> diagnosing: the owner starts to look for the cause; verdicts are computed from what is known now."""
    CASE.go(case, "diagnosing", by=by)
    cases.judge(by=by, case=case)
    deadlines.keep_safe(case)


@transaction.atomic
def diagnose(*, by: User, case: Case, root_cause: str, line_of_defence: str, cost_estimate: str = "") -> None:
    """Choose root cause and line of defence while the cause is sought or the appeal is prepared.

    Raises Refused for real brushing with anything but leniency (rule 11).
    """
    if case.status not in ("diagnosing", "preparing"):
        raise Refused(_("The cause is chosen while it is sought or the appeal is prepared."))
    if root_cause == RootCause.REAL_BRUSHING and line_of_defence not in ("", LineOfDefence.LENIENCY):
        raise Refused(_("Real brushing is not defended: choose leniency, or do not fight and rectify."))
    before = {
        "root_cause": case.root_cause,
        "line_of_defence": case.line_of_defence,
        "cost_estimate": case.cost_estimate,
    }
    after = {"root_cause": root_cause, "line_of_defence": line_of_defence, "cost_estimate": cost_estimate.strip()}
    if not Case.objects.filter(pk=case.pk, status=case.status).update(**after, updated_at=timezone.now()):
        raise Stale(audit.who_was_faster(case))
    for name, value in after.items():
        setattr(case, name, value)
    audit.record(by=by, action="case.diagnose", of=case, before=before, after=after)
    cases.keep_counts(case)
    deadlines.keep_safe(case)


@transaction.atomic
def consent(*, by: User, case: Case) -> None:
    """A lead or the merchant agrees not to fight. Needs the cost estimate first; both are recorded."""
    if not (by.is_lead or "merchant" in by.roles):
        raise Refused(_("A lead or the merchant agrees to that."))
    if not case.cost_estimate:
        raise Refused(_("Write what it will cost not to fight."))
    now = timezone.now()
    if not Case.objects.filter(pk=case.pk, consent_at=None).update(consent_by=by, consent_at=now, updated_at=now):
        raise Stale(audit.who_was_faster(case))
    case.consent_by, case.consent_at = by, now
    audit.record(by=by, action="case.consent", of=case, after={"consent_by": by, "cost_estimate": case.cost_estimate})


@transaction.atomic
def declare(*, by: User, case: Case, text: str) -> None:
    """The merchant's word about the orders of the case, kept as given; asked before malicious orders are claimed."""
    if "merchant" not in by.roles:
        raise Refused(_("Only the merchant can declare this."))
    now = timezone.now()
    if not Case.objects.filter(pk=case.pk, declared_at=None).update(declared_by=by, declared_at=now, declaration=text):
        raise Stale(audit.who_was_faster(case))
    case.declared_by, case.declared_at, case.declaration = by, now, text
    audit.record(by=by, action="case.declare", of=case, after={"declared_by": by, "declaration": text})


@transaction.atomic
def start_preparing(*, by: User, case: Case) -> None:
    """diagnosing -> preparing, with a draft filing and a draft appeal for each violation."""
    CASE.go(case, "preparing", by=by, changes={"waiting_for": WaitingFor.US})
    filings.start_round(by=by, case=case)
    deadlines.keep_safe(case)


@transaction.atomic
def do_not_fight(*, by: User, case: Case) -> None:
    """diagnosing or preparing -> rectifying, outcome accepted. A draft filing is dropped."""
    CASE.go(case, "rectifying", by=by, changes={"outcome": Outcome.ACCEPTED, "waiting_for": WaitingFor.MERCHANT})
    filings.drop_open(by=by, case=case, note=_("not fought"))
    deadlines.supersede(by=by, case=case, kinds=FILING_DEADLINES)


@transaction.atomic
def next_round(*, by: User, case: Case) -> None:
    """filed -> preparing: a new draft that begins with the last text, and the next attempt of each open violation."""
    CASE.go(case, "preparing", by=by, changes={"waiting_for": WaitingFor.US})
    filings.start_round(by=by, case=case)
    deadlines.keep_next_due(case)


@transaction.atomic
def rectify(*, by: User, case: Case, outcome: str) -> None:
    """filed -> rectifying with the outcome the platform's answers give."""
    CASE.go(
        case, "rectifying", by=by, changes={"outcome": outcome, "waiting_for": WaitingFor.MERCHANT}, outcome=outcome
    )
    deadlines.supersede(by=by, case=case, kinds=FILING_DEADLINES)


@transaction.atomic
def close(
    *,
    by: User,
    case: Case,
    outcome: str,
    note: str = "",
    duplicate_of: Case | None = None,
    is_merged: bool = False,
) -> None:
    """Close a case for good. What it needs depends on the outcome (appeals.rules.may_close); only a person closes.

    `is_merged`: all it held went into `duplicate_of` (appeals.actions.splitting), so that it may be past its intake.
    """
    changes = {
        "outcome": outcome,
        "closing_note": note.strip(),
        "closed_at": timezone.now(),
        "waiting_for": WaitingFor.NOBODY,
        "duplicate_of": duplicate_of,
    }
    facts: dict[str, Any] = {"outcome": outcome, "duplicate_of": duplicate_of, "is_merged": is_merged}
    CASE.go(case, "closed", by=by, changes=changes, note=note, **facts)
    filings.drop_open(by=by, case=case, note=_("case closed"))
    case.deadlines.filter(met_at=None, missed_at=None, superseded_at=None).update(superseded_at=timezone.now())
    Case.objects.filter(pk=case.pk).update(next_due_at=None, next_due_kind="", next_due_source="", safe_until=None)
    case.requests.filter(state="open").update(state="withdrawn")


@transaction.atomic
def reopen(*, by: User, case: Case, note: str) -> None:
    """closed -> preparing, by a lead with a reason."""
    changes = {"outcome": "", "closed_at": None, "waiting_for": WaitingFor.US}
    CASE.go(case, "preparing", by=by, changes=changes, note=note)
    if rules.open_filing(case) is None:
        filings.start_round(by=by, case=case)
    deadlines.keep_next_due(case)


def can_next_round(case: Case) -> bool:
    """Whether the platform left a way on: more wanted, or refused with a round left."""
    return case.status == "filed" and not list(rules.platform_wants_more(case, by=None))
