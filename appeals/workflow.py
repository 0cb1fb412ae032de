"""The flows of cases, filings, appeals and plan actions, as tables. Everything that is not in a table is refused."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from appeals import rules
from casemgr.kit.workflow import Flow, State, moves

CASE = Flow(
    "case",
    [
        State("intake", _("to be taken in"), _("received"), tone="neutral"),
        State("diagnosing", _("finding the cause"), _("finding the reason"), tone="info"),
        State("preparing", _("preparing the appeal"), _("preparing"), tone="info"),
        State("reviewing", _("in review"), _("internal check"), tone="info"),
        State("filed", _("with the platform"), _("the platform decides"), tone="warn"),
        State("rectifying", _("rectifying"), _("improving"), tone="info"),
        State("closed", _("closed"), _("finished"), tone="neutral", is_end=True),
    ],
    [
        *moves("intake", "diagnosing", _("Take in"), guards=(rules.has_owner, rules.deadline_looked_at)),
        *moves("diagnosing", "preparing", _("Start preparing"), guards=(rules.is_diagnosed, rules.may_be_fought)),
        *moves("diagnosing preparing", "rectifying", _("Do not fight"), guards=(rules.is_accepted_with_consent,)),
        *moves(
            "preparing",
            "reviewing",
            _("Send to review"),
            guards=(rules.has_evidence, rules.text_is_complete, rules.has_no_contradiction, rules.has_attempt_left),
        ),
        *moves("reviewing", "preparing", _("Changes wanted"), guards=(rules.says_why,)),
        *moves("reviewing", "filed", _("Filed"), guards=(rules.filing_is_recorded,)),
        *moves("filed", "preparing", _("Next round"), guards=(rules.platform_wants_more,)),
        *moves("filed", "rectifying", _("Rectify"), guards=(rules.is_decided,)),
        *moves(
            "intake diagnosing preparing reviewing filed rectifying",
            "closed",
            _("Close the case"),
            guards=(rules.may_close,),
        ),
        *moves("closed", "preparing", _("Reopen"), who="lead", guards=(rules.says_why, rules.not_erased)),
    ],
)

FILING = Flow(
    "filing",
    [
        State("draft", _("draft"), tone="neutral"),
        State("in_review", _("in review"), tone="info"),
        State("approved", _("approved"), tone="ok"),
        State("filing", _("being filed"), tone="warn"),
        State("filed", _("filed"), tone="ok", is_end=True),
        State("dropped", _("dropped"), tone="neutral", is_end=True),
    ],
    [
        *moves("draft", "in_review", _("Send to review")),
        *moves("in_review", "approved", _("Approve"), guards=(rules.reviewed_by_another,)),
        *moves("approved", "filing", _("Claim the submission"), guards=(rules.attempt_can_be_spent,)),
        *moves("filing", "approved", _("Give back"), guards=(rules.gives_back,)),
        *moves("filing", "filed", _("Record the filing"), guards=(rules.holds_the_claim, rules.has_console_time)),
        *moves("draft in_review approved", "dropped", _("Drop"), guards=(rules.says_why,)),
    ],
)

APPEAL = Flow(
    "appeal",
    [
        State("draft", _("in preparation"), tone="neutral"),
        State("filed", _("with the platform"), tone="warn"),
        State("accepted", _("accepted"), tone="ok", is_end=True),
        State("partly_accepted", _("accepted in part"), tone="ok", is_end=True),
        State("rejected", _("rejected"), tone="danger", is_end=True),
        State("more_wanted", _("more wanted"), tone="warn"),
        State("void", _("not taken in"), tone="neutral", is_end=True),
    ],
    [
        *moves("draft", "filed", _("Filed")),
        *moves("filed", "accepted", _("Accepted")),
        *moves("filed", "partly_accepted", _("Accepted in part")),
        *moves("filed", "rejected", _("Rejected")),
        *moves("filed", "more_wanted", _("More wanted")),
        *moves("filed", "void", _("Not taken in"), guards=(rules.has_proof,)),
        *moves("more_wanted", "filed", _("Supplement filed")),
    ],
)

PLAN = Flow(
    "plan",
    [
        State("planned", _("planned"), tone="neutral"),
        State("doing", _("under way"), tone="info"),
        State("done", _("done"), tone="ok"),
        State("proven", _("proven"), tone="ok", is_end=True),
        State("not_proven", _("not proven"), tone="warn", is_end=True),
        State("waived", _("waived"), tone="neutral", is_end=True),
    ],
    [
        *moves("planned", "doing", pgettext_lazy("plan", "Start")),
        *moves("doing", "done", _("Done")),
        *moves("done", "proven", _("Proven")),
        *moves("done", "not_proven", _("Not proven")),
        *moves("planned doing done proven not_proven", "waived", _("Waive"), guards=(rules.says_why,)),
    ],
)
