"""The list of cases and the case page."""

from __future__ import annotations

from typing import BinaryIO, cast

from django.core.paginator import Paginator
from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import render

from appeals import case_page, queries, show
from appeals.access import case_for
from appeals.actions import talk
from appeals.filters import CaseFilter
from appeals.forms import case as forms
from appeals.workflow import CASE
from casemgr.kit.tabular import write_csv, write_xlsx
from stores.access import PersonRequest, agency_page

PAGE = 50
# Open cases by their next deadline, those without one after them, closed ones last.
BY_URGENCY = (F("closed_at").desc(nulls_first=True), F("next_due_at").asc(nulls_last=True), "pk")


@agency_page
def case_list(request: PersonRequest) -> HttpResponse:
    """Cases by their next deadline, filtered by the address; `export=csv|xlsx` gives what it shows as a file."""
    filtered = CaseFilter(request.GET, queryset=queries.cases_for_list(request.user), request=request)
    rows = filtered.qs.order_by(*BY_URGENCY)
    if request.GET.get("export") in ("csv", "xlsx"):
        return _export(rows, request.GET["export"])
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
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


def _export(rows, kind: str) -> HttpResponse:  # type: ignore[no-untyped-def]
    head = ["case", "shop", "platform", "status", "outcome", "waiting_for", "due_at", "orders", "stake", "owner"]
    table = (
        [
            case.code,
            case.store.name,
            case.store.platform.code,
            case.status,
            case.outcome,
            case.waiting_for,
            case.next_due_at.isoformat() if case.next_due_at else "",
            case.order_count,
            case.stake_amount,
            case.owner.name if case.owner else "",
        ]
        for case in rows.iterator(chunk_size=500)
    )
    types = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
    response = HttpResponse(content_type=types[kind])
    response["Content-Disposition"] = f'attachment; filename="cases.{kind}"'
    (write_csv if kind == "csv" else write_xlsx)([head, *table], cast(BinaryIO, response))
    return response


@agency_page
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
