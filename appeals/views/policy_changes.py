"""The open cases that a corrected rule touches, and applying it to those that a lead confirms."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from appeals.actions import policy_changes
from appeals.models import Case
from appeals.policy_touch import Difference, Touched, touched
from casemgr.kit.templatetags.ui import money, when
from casemgr.kit.workflow import Text
from stores.access import PersonRequest, agency_page
from stores.models import ViolationType
from stores.views.doors import must_lead, rule_for

LABELS: dict[str, Text] = {
    "due_at": gettext_lazy("Appeal deadline"),
    "attempts": gettext_lazy("Attempts allowed"),
    "ship_by_hours": gettext_lazy("Ship within"),
    "first_scan_hours": gettext_lazy("First scan within"),
    "penalty": gettext_lazy("Expected penalty"),
}


@agency_page
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: PersonRequest, platform: str, key: str) -> HttpResponse:
    """Each touched case with old and new values; POST applies the rule to the cases that are ticked."""
    rule = rule_for(platform, key)
    if request.method == "POST":
        return _apply(request, rule)
    found = touched(rule, Case.objects.visible_to(request.user))
    context = {
        "rule": rule,
        "rows": [_row(one) for one in found],
        "may_apply": request.user.is_lead,
        "seen_version": policy_changes.latest_version(rule),
    }
    return render(request, "appeals/plans/touched_cases.html", context)


def _apply(request: PersonRequest, rule: ViolationType) -> HttpResponse:
    must_lead(request.user)
    seen = request.POST.get("seen_version", "")
    count = policy_changes.apply(
        by=request.user,
        rule=rule,
        codes=request.POST.getlist("case"),
        seen_version=int(seen) if seen.isdecimal() else 0,
    )
    text = ngettext("The rule was applied to %(n)s case.", "The rule was applied to %(n)s cases.", count)
    messages.success(request, text % {"n": count})
    return redirect("policy-cases", rule.platform.code, rule.key)


def _row(one: Touched) -> dict[str, Any]:
    versions = dict.fromkeys((_version(m.old_procedure), _version(m.procedure)) for m in one.matters)
    conduct = dict.fromkeys((_version(m.old_conduct), _version(m.conduct)) for m in one.matters)
    return {
        "case": one.case,
        "procedure": [pair for pair in versions if pair[0] != pair[1]],
        "conduct": [pair for pair in conduct if pair[0] != pair[1]],
        "lines": [{"label": LABELS[line.key], "old": _words(line, line.old), "new": _words(line, line.new)}
                  for line in one.differences],
    }  # fmt: skip


def _version(policy: Any) -> str:
    return f"v{policy.version}" if policy else "–"


def _words(line: Difference, value: Any) -> str:
    if value is None:
        return _("unknown")
    if line.key == "due_at":
        return str(when(value))
    if line.key == "penalty":
        return str(money(value))
    return _("%(n)s h") % {"n": value} if line.key.endswith("hours") else str(value)
