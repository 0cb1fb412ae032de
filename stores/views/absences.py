"""When somebody of the agency is away: everybody enters their own, leads those of all."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from stores.absence_form import AbsenceForm
from stores.absences import not_over
from stores.access import agency_page
from stores.actions import absences
from stores.models import User
from stores.views.people import either, person_to_arrange
from stores.views.shop_forms import filled_in


@agency_page
@either
def own(request: HttpRequest) -> HttpResponse:
    """One's own days away."""
    user: Any = request.user
    return _page(request, user)


@agency_page
@either
def of_person(request: HttpRequest, code: str) -> HttpResponse:
    """Somebody's days away, for leads."""
    person = person_to_arrange(request.user, code)
    if not person.is_agency:
        raise Http404
    return _page(request, person)


def _page(request: HttpRequest, person: User) -> HttpResponse:
    """The days that are on or to come; POST enters more, or with `end` takes what is left of one away."""
    by: Any = request.user
    if request.POST.get("end"):
        _end(by, person, request.POST["end"])
        messages.success(request, _("Saved."))
        return redirect(request.path)
    form = AbsenceForm(request.POST or None, person=person)
    if filled_in(request, form, lambda: absences.add(by=by, user=person, **form.cleaned_data)):
        messages.success(request, _("Entered. New cases go to others on these days."))
        return redirect(request.path)
    rows = not_over(person)
    context = {"person": person, "is_own": person == by, "rows": rows, "form": form, "today": timezone.localdate()}
    return render(request, "people/absences.html", context)


def _end(by: User, person: User, number: str) -> None:
    absence = next((row for row in not_over(person) if str(row.pk) == number), None)
    if absence is None:
        raise Http404
    absences.end(by=by, absence=absence)
