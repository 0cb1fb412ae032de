"""What this floor's audit rows say in words (casemgr.kit.history)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from appeals.workflow import APPEAL, CASE, FILING, PLAN
from casemgr.kit.workflow import Flow, Text

ACTIONS: dict[str, Text] = {
    "attempt.allow": _("Number of attempts set"),
    "attempt.alone": _("Attempt the merchant made alone"),
    "attempt.give_back": _("Attempt given back"),
    "case.assign": _("Owner changed"),
    "case.consent": _("Agreed not to fight"),
    "case.declare": _("The merchant’s declaration"),
    "case.diagnose": _("Cause and line of defence chosen"),
    "case.erased": _("Files and texts of the case erased"),
    "case.judge": _("Verdicts computed"),
    "case.open": _("Case opened"),
    "cases.export": _("List of cases taken as a file"),
    "deadline.confirm": _("Deadline confirmed"),
    "deadline.met": _("Deadline met"),
    "deadline.missed": _("Deadline missed"),
    "deadline.open": _("Deadline opened"),
    "deadline.superseded": _("Deadline replaced"),
    "evidence.add": _("Evidence added"),
    "evidence.generate": _("Document made from our data"),
    "evidence.replace": _("Evidence replaced"),
    "evidence.unwaive": _("Waiver taken back"),
    "evidence.waive": _("Evidence waived"),
    "evidence.withdraw": _("Evidence withdrawn"),
    "fact.record": _("Fact recorded"),
    "fact.waive": _("Fact waived"),
    "filing.redraft": _("Text filled from the facts"),
    "filing.start": _("New draft"),
    "filing.text": _("Text saved"),
    "message.note": _("Internal note"),
    "message.say": _("Message"),
    "plan.add": _("Plan action added"),
    "plan.hand_on": _("Plan action lives on"),
    "request.answered": _("The merchant answered a request"),
    "request.ask": _("Merchant asked"),
    "request.none": _("Merchant: there is none"),
    "request.withdraw": _("Request withdrawn"),
    "verdict.overrule": _("Verdict overruled"),
}
FIELDS: dict[str, Text] = {
    "attempts_allowed": _("attempts allowed"),
    "claimed_by": _("held by"),
    "due_at": _("due"),
    "filed_at": _("filed at (console's time)"),
    "kind": pgettext_lazy("in the history", "kind"),
    "item": "",
    "note": _("note"),
    "pack": "",
    "receipt_no": _("number of the receipt"),
    "requirement": "",
    "round": pgettext_lazy("of appeals", "round"),
}
FLOWS: list[tuple[Flow, Text]] = [
    (CASE, _("Case")),
    (FILING, _("Filing")),
    (APPEAL, _("Attempt")),
    (PLAN, _("Plan action")),
]
