"""The list of cases and the case page."""

from __future__ import annotations

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from appeals import case_page, exports, show
from appeals.access import case_for
from appeals.actions import talk
from appeals.forms import case as forms
from appeals.workflow import CASE
from casemgr.kit import exporting
from casemgr.kit.paging import Pages
from stores.access import PersonRequest, agency_page

PAGE = 50


@agency_page
@require_safe
def case_list(request: PersonRequest) -> HttpResponseBase:
    """Cases by their next deadline, filtered by the address; `export=csv|xlsx` gives what it shows as a file."""
    if request.GET.get("export") in exporting.FORMATS:
        return exporting.answer(request, exports.CASES, request.GET["export"])
    filtered = exports.case_filter(request.user, request.GET)
    page = Pages(filtered.qs.order_by(*exports.BY_URGENCY), PAGE).get_page(request.GET.get("page"))
    shown = [
        {
            "case": case,
            "state": CASE.state(case.status),
            "deadline": show.case_deadline(case),
            "kinds": list(dict.fromkeys(m.violation.violation_type.name for m in case.matters.all())),
            "seals": [
                show.seals(m, is_preparing=case.status in ("preparing", "reviewing")) for m in case.matters.all()
            ][:1],
        }
        for case in page
    ]
    context = {"page": page, "rows": shown, "filter": filtered, "chips": filtered.chips(), "views": filtered.views()}
    return render(request, "appeals/cases/list.html", context)


@agency_page
@require_safe
def case(request: PersonRequest, code: str) -> HttpResponse:
    found, may_edit = case_for(request.user, code)
    kind = request.GET.get("verdict", "")
    context = case_page.context(found, user=request.user, may_edit=may_edit, kind=kind, show_all="all" in request.GET)
    initial = {
        "root_cause": found.root_cause,
        "line_of_defence": found.line_of_defence,
        "cost_estimate": found.cost_estimate,
    }
    context |= {
        "diagnosis_form": forms.DiagnosisForm(initial=initial),
        "deadline_form": forms.DeadlineForm(),
        "answer_form": forms.AnswerForm(auto_id="answer_%s"),
        "close_form": forms.CloseForm(
            initial={"outcome": found.outcome or context["proposed_outcome"]}, auto_id="close_%s"
        ),
        "plan_form": forms.PlanForm(auto_id="plan_%s"),
        "message_form": forms.MessageForm(auto_id="message_%s"),
        "attempts_form": forms.AttemptsForm(auto_id="attempts_%s"),
    }
    talk.mark_read(by=request.user, case=found)
    return render(request, "appeals/cases/case.html", context)
