"""What next, and what stands in its way: the one box on top of a case, drawn from the flow tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from appeals import contact_page, rules
from appeals.actions.moves import can_next_round
from appeals.enums import BEFORE_FILING, DeadlineKind
from appeals.models import Case, Filing
from appeals.workflow import CASE, FILING
from casemgr.kit.workflow import Hurdle, Refused
from stores.models import User


@dataclass
class Button:
    """One button of the box: a POST to `url`, or a link when `is_link`. `blocked` says why it cannot be pressed now."""

    label: str
    url: str
    is_primary: bool = True
    is_link: bool = False
    blocked: str = ""


@dataclass
class NextStep:
    title: str
    sentence: str = ""
    hurdles: list[Hurdle] = field(default_factory=list)
    buttons: list[Button] = field(default_factory=list)


def of(case: Case, *, by: User, filing: Filing | None) -> NextStep:
    """The next step of `case` for this person."""
    build = {
        "intake": _take_in,
        "diagnosing": _diagnose,
        "preparing": _prepare,
        "reviewing": _review,
        "filed": _await,
        "rectifying": _rectify,
        "closed": _closed,
    }[case.status]
    step = build(case, by, filing)
    if case.status != "closed":
        step.hurdles = [*step.hurdles, *contact_page.reminders(case)]  # beside what blocks: these only remind
    return _overdue(case, step, by) if case.is_overdue and case.status in BEFORE_FILING else step


def _overdue(case: Case, step: NextStep, by: User) -> NextStep:
    """A passed deadline comes before anything else: the console decides, then a person; the system closes nothing."""
    step.sentence = _(
        "Look in the console first. If it still takes the appeal, enter the new deadline and go on; if not, a lead"
        " closes the case as expired and says why."
    )
    step.title = _("The deadline has passed")
    for button in step.buttons:
        button.is_primary = False
    closing = Button(_("Close as expired"), "#outcome", is_primary=False, is_link=True)
    step.buttons = [*step.buttons, *([closing] if by.is_lead else [])]
    return step


def _ticket(case: Case) -> NextStep | None:
    """A warning or ticket is answered in the console; only a penalty that follows is worked on as an appeal."""
    replies = case.deadlines.filter(kind=DeadlineKind.TICKET_REPLY, superseded_at=None)
    if case.status != "intake" or not (kept := list(replies.values_list("met_at", flat=True))):
        return None
    if None in kept:
        title, sentence = (
            _("Answer the ticket in the console"),
            _("Write down when and with which words; no attempt is spent."),
        )
        first = Button(_("To the reply"), "#ticket", is_link=True)
    else:
        title, sentence = (
            _("The ticket is answered"),
            _("If no penalty follows, close the case; if one does, take it in."),
        )
        first = Button(_("To closing"), "#ticket", is_link=True)
    taking_in = Button(_("Take in"), reverse("case-take-in", args=[case.code]), is_primary=False)
    return NextStep(title, sentence, [], [first, taking_in])


def _hurdles(case: Case, target: str, by: User, **facts: Any) -> list[Hurdle]:
    try:
        return CASE.hurdles(case, target, by=by, **facts)
    except Refused as refusal:
        return [Hurdle(refusal.sentence)]


def _button(case: Case, label: str, name: str, hurdles: list[Hurdle], *, is_primary: bool = True) -> Button:
    blocked = _("%(n)s to go") % {"n": len(hurdles)} if hurdles else ""
    return Button(label, reverse(name, args=[case.code]), is_primary, blocked=blocked)


def _take_in(case: Case, by: User, filing: Filing | None) -> NextStep:
    hurdles = _hurdles(case, "diagnosing", by)
    return NextStep(
        _("Look at the notice and take the case in"),
        _("Confirm the deadline in the console; the verdicts are computed when you take it in."),
        hurdles,
        [_button(case, _("Take in"), "case-take-in", hurdles)],
    )


def _diagnose(case: Case, by: User, filing: Filing | None) -> NextStep:
    hurdles = _hurdles(case, "preparing", by)
    title = _("Choose root cause and line of defence") if hurdles else _("Start preparing the appeal")
    return NextStep(
        title,
        _("%(n)s of %(all)s orders can be claimed on the chosen line.")
        % {"n": case.claimable_count, "all": case.order_count},
        hurdles,
        [_button(case, _("Start preparing"), "case-prepare", hurdles)],
    )


def _prepare(case: Case, by: User, filing: Filing | None) -> NextStep:
    hurdles = _hurdles(case, "reviewing", by)
    title = _("Complete %(n)s things, then send to review") % {"n": len(hurdles)} if hurdles else _("Send to review")
    buttons = [_button(case, _("Send to review"), "case-review", hurdles)]
    if hurdles:
        buttons.insert(0, Button(_("Begin with the first"), hurdles[0].href, is_link=True))
    return NextStep(title, "", hurdles, buttons)


def _review(case: Case, by: User, filing: Filing | None) -> NextStep:
    if filing is None:
        return NextStep(_("No filing is open"))
    page = reverse("filing", args=[filing.code])
    if filing.status == "in_review":
        hurdles = list(rules.reviewed_by_another(filing, by=by, second_look="yes"))
        return NextStep(
            _("Review the text and the evidence"),
            _("Sent by %(name)s.") % {"name": filing.sent_by.name if filing.sent_by else "–"},
            hurdles,
            [Button(_("Review"), page, is_link=True)],
        )
    if filing.status == "approved":
        hurdles = FILING.hurdles(filing, "filing", by=by)
        return NextStep(
            _("File it in the platform’s console"),
            _("One person claims the submission; the pack is frozen then."),
            hurdles,
            [Button(_("To the filing page"), page, is_link=True)],
        )
    holder = filing.claimed_by.name if filing.claimed_by else "–"
    return NextStep(
        _("%(name)s is filing it") % {"name": holder},
        _("When the console has taken it, record time and receipt."),
        [],
        [Button(_("To the filing page"), page, is_link=True)],
    )


def _await(case: Case, by: User, filing: Filing | None) -> NextStep:
    waiting = [appeal for appeal in rules.latest_appeals(case) if appeal.status == "filed"]
    if waiting:
        return NextStep(
            _("The platform decides"),
            _("Record the answer as soon as the console shows it."),
            [],
            [Button(_("Record the answer"), "#answer", is_link=True)],
        )
    buttons = []
    if can_next_round(case):
        buttons.append(Button(_("Prepare the next round"), reverse("case-next-round", args=[case.code])))
    buttons.append(Button(_("Set the outcome"), "#outcome", is_primary=not buttons, is_link=True))
    return NextStep(_("The platform has answered: decide how it goes on"), "", [], buttons)


def _rectify(case: Case, by: User, filing: Filing | None) -> NextStep:
    if not case.plan.exists():
        hurdle = Hurdle(
            _("No plan yet: what will be done so that it does not happen again?"), "#plan", _("make a plan")
        )
        return NextStep(
            _("Make the rectification plan"), "", [hurdle], [Button(_("Close the case"), "#outcome", False, True)]
        )
    hurdles = list(rules.plan_is_settled(case, by=by))
    return NextStep(
        _("Carry out the plan") if hurdles else _("Close the case"),
        "",
        hurdles,
        [Button(_("Close the case"), "#outcome", not hurdles, True)],
    )


def _closed(case: Case, by: User, filing: Filing | None) -> NextStep:
    return NextStep(_("Closed: %(outcome)s") % {"outcome": case.get_outcome_display()}, case.closing_note)
