"""The order timeline of a case as a page: what happened to each order, when, and how we know."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from appeals.access import case_for
from appeals.evidence import timeline
from stores.access import PersonRequest, agency_page


@agency_page
@require_safe
def page(request: PersonRequest, code: str) -> HttpResponse:
    case, _may_edit = case_for(request.user, code)
    rows = Paginator(timeline.rows(case), 50).get_page(request.GET.get("page"))
    return render(request, "appeals/cases/timeline.html", {"case": case, "page": rows})
