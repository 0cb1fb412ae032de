"""The guards of the flows: each yields what is missing, in words, with the place where it can be mended."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from appeals import checklist, contradictions
from appeals.enums import Outcome
from appeals.letters import draft as letters
from appeals.models import Appeal, Case, CaseViolation, Filing
from casemgr.kit.page_memo import once_a_page
from casemgr.kit.workflow import Hurdle
from stores.enums import LineOfDefence, RootCause
from stores.models import User

Hurdles = Iterator[Hurdle]

OPEN_FILING = ["draft", "in_review", "approved", "filing"]
DECIDED = ["accepted", "partly_accepted", "rejected"]


def _name(person: User | None) -> str:
    return person.name if person else "–"


@once_a_page
def open_filing(case: Case) -> Filing | None:
    """The one filing of the case that is neither filed nor dropped."""
    return case.filings.filter(status__in=OPEN_FILING).first()


@once_a_page
def latest_appeals(case: Case) -> list[Appeal]:
    """The latest appeal of each violation of the case."""
    newest: dict[int, Appeal] = {}
    for appeal in Appeal.objects.filter(matter__case=case).exclude(status="draft").order_by("matter_id", "number"):
        newest[appeal.matter_id] = appeal
    return list(newest.values())


def is_last_known_attempt(case: Case) -> bool:
    return any(matter.attempts_left == 1 for matter in case.matters.all())


def says_why(thing: Any, *, by: Any, note: str = "", **facts: Any) -> Hurdles:
    if not note.strip():
        yield Hurdle(_("Please write the reason."))


def not_erased(case: Case, *, by: Any, **facts: Any) -> Hurdles:
    """What retention erased does not come back (rule 4)."""
    if case.erased_at:
        yield Hurdle(_("The files of this case were erased when the time for keeping them was over. Open a new case."))


def has_proof(thing: Any, *, by: Any, proof: str = "", **facts: Any) -> Hurdles:
    """An attempt comes back only with proof that the platform never took it in."""
    if not proof.strip():
        yield Hurdle(_("Please say what proves that the platform did not take it in (screenshot, ticket number)."))


# Case


def has_owner(case: Case, *, by: Any, **facts: Any) -> Hurdles:
    if case.owner_id is None:
        yield Hurdle(_("Nobody owns the case yet."), "#owner", _("take it"))


def deadline_looked_at(case: Case, *, by: Any, **facts: Any) -> Hurdles:
    """An estimate never blocks filing, but a person must have looked at it before work starts (rule 3)."""
    unseen = [d for d in case.deadlines.all() if d.is_open and d.is_estimated and d.confirmed_at is None]
    if unseen:
        yield Hurdle(
            _("The deadline is only an estimate: please look in the console and confirm it."),
            "#deadlines",
            _("confirm"),
        )


def is_diagnosed(case: Case, *, by: Any, **facts: Any) -> Hurdles:
    if not case.root_cause:
        yield Hurdle(_("No root cause chosen."), "#diagnosis", _("choose"))
    if not case.line_of_defence:
        yield Hurdle(_("No line of defence chosen."), "#diagnosis", _("choose"))


def may_be_fought(case: Case, *, by: Any, **facts: Any) -> Hurdles:
    """Real brushing is put right, never defended; an order that was our fault is never claimed (rule 11)."""
    if case.line_of_defence == LineOfDefence.LENIENCY:
        return
    if case.root_cause == RootCause.REAL_BRUSHING:
        yield Hurdle(
            _("Real brushing is not defended: choose leniency, or do not fight and rectify."), "#diagnosis", _("change")
        )
    elif case.order_count and not case.claimable_count:
        yield Hurdle(
            _("No order of this case can be claimed: every verdict is our fault or open."), "#orders", _("see verdicts")
        )


def is_accepted_with_consent(case: Case, *, by: Any, **facts: Any) -> Hurdles:
    if not case.cost_estimate:
        yield Hurdle(_("Write what it will cost not to fight."), "#diagnosis", _("write"))
    if case.consent_at is None:
        yield Hurdle(_("Not fighting needs the consent of a lead or of the merchant."), "#diagnosis", _("ask"))


def has_evidence(case: Case, *, by: Any, **facts: Any) -> Hurdles:
    for row in checklist.of(case).missing:
        yield Hurdle(_("Missing: %(name)s") % {"name": row.requirement.name}, f"#need-{row.requirement.key}", _("add"))


def text_is_complete(case: Case, *, by: Any, **facts: Any) -> Hurdles:
    filing = open_filing(case)
    if filing is None or not filing.box_text.strip():
        yield Hurdle(_("The appeal text is not written yet."), "#letter", _("write"))
    elif filing.gaps:
        yield Hurdle(_("The text still lacks facts: %(n)s missing.") % {"n": len(filing.gaps)}, "#letter", _("fill in"))
    elif letters.is_renumbered(filing):
        yield Hurdle(
            _("The evidence changed after the text was written: its numbers moved."), "#letter", _("fill again")
        )
    elif over := letters.over_by(case, filing.box_text):
        yield Hurdle(_("The text is %(n)s characters too long for the console.") % {"n": over}, "#letter", _("shorten"))
    yield from may_be_fought(case, by=by)


def has_no_contradiction(case: Case, *, by: Any, **facts: Any) -> Hurdles:
    for found in contradictions.of(case):
        yield Hurdle(found.sentence, found.href, _("look"))


def has_attempt_left(case: Case, *, by: Any, **facts: Any) -> Hurdles:
    filing = open_filing(case)
    if filing is not None and filing.is_supplement:
        return  # a supplement spends no attempt
    if all(matter.attempts_left == 0 for matter in case.matters.all()):
        yield Hurdle(_("No attempt is left."), "#attempts")


def filing_is_recorded(case: Case, *, by: Any, filing: Filing | None = None, **facts: Any) -> Hurdles:
    if filing is None or filing.status != "filed" or filing.case_id != case.pk:
        yield Hurdle(_("A case counts as filed only through a recorded filing."))


def platform_wants_more(case: Case, *, by: Any, **facts: Any) -> Hurdles:
    """Back to preparing: the platform wants more, or it refused (wholly or in part) and a round may be left."""
    for appeal in latest_appeals(case):
        left = appeal.matter.attempts_left
        if appeal.status in ("more_wanted", "void") or (appeal.status in ("rejected", "partly_accepted") and left != 0):
            return
    yield Hurdle(_("There is no next round: nothing was refused, or no attempt is left."))


def is_decided(case: Case, *, by: Any, outcome: str = "", **facts: Any) -> Hurdles:
    """An outcome may be set once every violation of the case has an answer that decides."""
    if outcome not in (Outcome.WON, Outcome.PARTLY_WON, Outcome.LOST):
        yield Hurdle(_("Choose the outcome: won, won in part or lost."))
    if any(appeal.status not in DECIDED for appeal in latest_appeals(case)) or not latest_appeals(case):
        yield Hurdle(_("The platform has not decided yet."), "#appeals", _("record the answer"))


def plan_is_settled(case: Case, *, by: Any, **facts: Any) -> Hurdles:
    open_actions = [a for a in case.plan.all() if a.status in ("planned", "doing") and not a.is_handed_on]
    if open_actions:
        yield Hurdle(
            _("%(n)s actions of the plan are neither done, waived nor handed on.") % {"n": len(open_actions)},
            "#plan",
            _("settle"),
        )


def may_close(case: Case, *, by: Any, outcome: str = "", note: str = "", **facts: Any) -> Hurdles:
    """What closing needs depends on the outcome. The system never closes: `by` is always a person (rule 3)."""
    if by is None:
        yield Hurdle(_("Only a person closes a case."))
    if outcome not in Outcome.values:
        yield Hurdle(_("Choose the outcome."))
    elif outcome == Outcome.DUPLICATE:
        yield from _closes_as_duplicate(case, **facts)
    elif outcome == Outcome.WITHDRAWN:
        yield from says_why(case, by=by, note=note)
    elif outcome == Outcome.EXPIRED:
        yield from _closes_as_expired(case, by=by, note=note)
    elif outcome == Outcome.ACCEPTED:
        yield from _closes_as_accepted(case, by=by)
    else:
        yield from _closes_as_decided(case, by=by, outcome=outcome, note=note)


def _closes_as_duplicate(
    case: Case, *, duplicate_of: Case | None = None, is_merged: bool = False, **facts: Any
) -> Hurdles:
    if case.status != "intake" and not is_merged:
        yield Hurdle(_("Only a case that was not taken in yet can be a duplicate."))
    if duplicate_of is None or duplicate_of.store_id != case.store_id or duplicate_of.pk == case.pk:
        yield Hurdle(_("Name the case of the same shop that this one repeats."))


def _closes_as_expired(case: Case, *, by: Any, note: str) -> Hurdles:
    if by is not None and not by.is_lead:
        yield Hurdle(_("A lead closes a case as expired."))
    if not case.is_overdue:
        yield Hurdle(_("No deadline of this case has passed."))
    if not note.strip():
        yield Hurdle(_("Write the cause, and who looked in the console."))


def _closes_as_accepted(case: Case, *, by: Any) -> Hurdles:
    if case.status == "rectifying" and case.outcome == Outcome.ACCEPTED:
        yield from plan_is_settled(case, by=by)
    elif case.status == "diagnosing":
        yield from is_accepted_with_consent(case, by=by)
    else:
        yield Hurdle(_("Not fighting is decided while the cause is being found."))


def _closes_as_decided(case: Case, *, by: Any, outcome: str, note: str) -> Hurdles:
    if case.status not in ("filed", "rectifying"):
        yield Hurdle(_("This outcome needs an answer of the platform."))
        return
    yield from is_decided(case, by=by, outcome=outcome)
    if case.plan.all():
        yield from plan_is_settled(case, by=by)
    elif not note.strip():
        yield Hurdle(_("There is no plan: write why none is needed."), "#plan", _("make a plan"))


# Filing


def reviewed_by_another(filing: Filing, *, by: Any, second_look: str = "", **facts: Any) -> Hurdles:
    """The last known attempt (and every one, where the setting says so) is approved by another person; in an agency of
    one the author approves after a written second look."""
    if by is None or by.pk != filing.sent_by_id:
        return
    has_colleague = User.objects.filter(is_active=True).exclude(agency_role="").exclude(pk=by.pk).exists()
    if has_colleague and (settings.REVIEW_ALWAYS_BY_ANOTHER or is_last_known_attempt(filing.case)):
        yield Hurdle(_("This is the last known attempt: another person must approve it."))
    elif not second_look.strip():
        yield Hurdle(_("You wrote this yourself: write what you looked at a second time."))


def attempt_can_be_spent(filing: Filing, *, by: Any, was_not_submitted: bool = False, **facts: Any) -> Hurdles:
    if filing.lapsed_from_id and not was_not_submitted:
        yield Hurdle(
            _("%(name)s held the submission before. Say first whether it was submitted.")
            % {"name": _name(filing.lapsed_from)}
        )
    if not filing.is_supplement and all(
        m.attempts_left == 0 for m in CaseViolation.objects.filter(case=filing.case_id)
    ):
        yield Hurdle(_("No attempt is left."))


def gives_back(filing: Filing, *, by: Any, has_lapsed: bool = False, **facts: Any) -> Hurdles:
    """The holder gives the claim back, a lead takes it, or it lapses by itself after two hours."""
    if not has_lapsed and by is not None and by.pk != filing.claimed_by_id and not by.is_lead:
        yield Hurdle(_("%(name)s holds the submission.") % {"name": _name(filing.claimed_by)})


def holds_the_claim(filing: Filing, *, by: Any, **facts: Any) -> Hurdles:
    if by is None or by.pk != filing.claimed_by_id:
        yield Hurdle(_("%(name)s holds the submission.") % {"name": _name(filing.claimed_by)})


def has_console_time(filing: Filing, *, by: Any, filed_at: Any = None, now: Any = None, **facts: Any) -> Hurdles:
    if filed_at is None:
        yield Hurdle(_("Enter the time the console shows."))
    elif now is not None and filed_at > now:
        yield Hurdle(_("The console's time lies in the future."))
    elif filing.frozen_at and filed_at < filing.frozen_at.replace(second=0, microsecond=0):
        yield Hurdle(_("The console's time lies before the pack was frozen."))
