"""What was done, in words. `{% load history %}`."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext as _

from appeals.workflow import APPEAL, CASE, FILING, PLAN
from casemgr.kit.models import AuditEvent

register = template.Library()

FLOWS = {"case": CASE, "filing": FILING, "appeal": APPEAL, "plan": PLAN}


@register.filter
def event_words(event: AuditEvent) -> str:
    """One row of the audit as a sentence: a move of a flow by its state's label, anything else by its own words."""
    noun, _dot, verb = event.action.partition(".")
    flow = FLOWS.get(noun)
    if flow and verb in {state.key for state in flow.states}:
        names = {"case": _("Case"), "filing": _("Filing"), "appeal": _("Attempt"), "plan": _("Plan action")}
        return _("%(noun)s: %(state)s") % {"noun": names[noun], "state": flow.state(verb).label}
    return _words().get(event.action, event.action)


def _words() -> dict[str, str]:
    """The steps that are no move of a flow, in the reader's language."""
    return {
        "case.open": _("Case opened"),
        "case.assign": _("Owner changed"),
        "case.judge": _("Verdicts computed"),
        "case.diagnose": _("Cause and line of defence chosen"),
        "case.consent": _("Agreed not to fight"),
        "case.declare": _("The merchant’s declaration"),
        "verdict.overrule": _("Verdict overruled"),
        "deadline.open": _("Deadline opened"),
        "deadline.confirm": _("Deadline confirmed"),
        "deadline.met": _("Deadline met"),
        "deadline.missed": _("Deadline missed"),
        "deadline.superseded": _("Deadline replaced"),
        "filing.start": _("New draft"),
        "filing.text": _("Text saved"),
        "filing.redraft": _("Text filled from the facts"),
        "fact.record": _("Fact recorded"),
        "fact.waive": _("Fact waived"),
        "attempt.allow": _("Number of attempts set"),
        "attempt.alone": _("Attempt the merchant made alone"),
        "attempt.give_back": _("Attempt given back"),
        "message.say": _("Message"),
        "message.note": _("Internal note"),
        "plan.add": _("Plan action added"),
        "plan.hand_on": _("Plan action lives on"),
        "evidence.add": _("Evidence added"),
        "evidence.generate": _("Document made from our data"),
        "evidence.withdraw": _("Evidence withdrawn"),
        "evidence.waive": _("Evidence waived"),
        "evidence.replace": _("Evidence replaced"),
        "evidence.unwaive": _("Waiver taken back"),
        "request.ask": _("Merchant asked"),
        "request.answered": _("The merchant answered a request"),
        "request.none": _("Merchant: there is none"),
        "request.withdraw": _("Request withdrawn"),
        "violation.match": _("Orders matched"),
    }
