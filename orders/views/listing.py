"""What the lists of this floor share: pages of fifty, filters in the address, forms that keep what was typed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from casemgr.kit.exporting import FORMATS
from casemgr.kit.workflow import Refused

PER_PAGE = 50


def page_of(request: HttpRequest, rows: QuerySet) -> Page:
    """The page asked for, fifty rows each; the nearest one for a number that is not there."""
    return Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))


def address(request: HttpRequest, **changes: Any) -> str:
    """This list's address with some filters changed (None takes one out), back on its first page."""
    query = request.GET.copy()
    query.pop("page", None)
    for name, value in changes.items():
        query.pop(name, None)
        if value not in (None, ""):
            query[name] = str(value)
    return f"?{query.urlencode()}"


def chip(request: HttpRequest, label: Any, **changes: Any) -> dict[str, Any]:
    """A filter that is on, with the address without it."""
    return {"label": label, "url": address(request, **changes)}


def offer(request: HttpRequest, label: Any, count: int | None, **changes: Any) -> dict[str, Any]:
    """A filter to choose, with how many rows it leaves."""
    is_current = all(request.GET.get(name, "") == str(value) for name, value in changes.items())
    return {"label": label, "count": count, "url": address(request, **changes), "current": is_current}


def format_asked(request: HttpRequest) -> str:
    """csv or xlsx when the list is asked for as a file, else empty."""
    form = request.GET.get("format", "")
    return form if form in FORMATS else ""


def form_page(
    request: HttpRequest, form: Form, act: Callable[[dict[str, Any]], str], *, back: str, template: str, **context: Any
) -> HttpResponse:
    """A form on a page of its own. `act` takes the cleaned data and returns what to say; a refusal keeps what was typed."""
    if request.method == "POST" and form.is_valid():
        try:
            said = act(form.cleaned_data)
        except Refused as refused:
            for text in [hurdle.text for hurdle in refused.hurdles] or [refused.sentence]:
                form.add_error(None, str(text))
        else:
            messages.success(request, said)
            return HttpResponseRedirect(back)
    return render(request, template, {"form": form, "back": back, **context})
