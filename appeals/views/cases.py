"""The list of cases and the case page."""

from __future__ import annotations

from functools import partial

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from appeals import board, case_cells, case_page, case_rows, exports, team_page
from appeals.access import case_for
from appeals.actions import talk
from appeals.forms import case as forms
from appeals.forms.matters import TicketAnswerForm
from appeals.forms.plans import plan_forms
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
    pages = Pages(filtered.qs.order_by(*exports.BY_URGENCY), PAGE, fetch=partial(case_rows.fetch, user=request.user))
    page = pages.get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": case_cells.table_rows(list(page)),
        "filter": filtered,
        "chips": filtered.chips(),
        "views": filtered.views(),
    }
    return render(request, "appeals/cases/list.html", context)


@agency_page
@require_safe
def case_board(request: PersonRequest) -> HttpResponse:
    """The open cases that fit the filters of the address, by state."""
    filtered = exports.case_filter(request.user, request.GET)
    context = {"columns": board.columns(filtered.qs, user=request.user), "views": filtered.views()}
    return render(request, "appeals/team/board.html", context)


@agency_page
@require_safe
def case(request: PersonRequest, code: str) -> HttpResponse:
    found, may_edit = case_for(request.user, code)
    context = case_page.context(
        found,
        user=request.user,
        may_edit=may_edit,
        kind=request.GET.get("verdict", ""),
        whole=request.GET,
    )
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
        **plan_forms(),
        "message_form": forms.MessageForm(auto_id="message_%s"),
        "attempts_form": forms.AttemptsForm(auto_id="attempts_%s"),
        "ticket_form": TicketAnswerForm(auto_id="ticket_%s"),
    }
    context |= team_page.of_page(request, found)
    talk.mark_read(by=request.user, case=found)
    return render(request, "appeals/cases/case.html", context)
