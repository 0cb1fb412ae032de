"""Steps of people among themselves: whose case it is, laying it aside, who has it open."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from appeals import team_page
from appeals.access import case_for
from appeals.actions import team
from appeals.models import Case, CaseLook
from appeals.views.steps import step
from casemgr.kit.workflow import Refused
from stores.access import PersonRequest, agency_page
from stores.queries import agency_people_of


@step()
def assign(request: PersonRequest, case: Case) -> None:
    person = agency_people_of(case.store).filter(code=request.POST.get("owner", "")).first()
    if person is None:
        raise Refused(_("Choose a colleague who looks after this shop."))
    team.hand_over(by=request.user, case=case, to=person, had=request.POST.get("had"))
    messages.success(request, _("%(name)s has the case now.") % {"name": person.name})


@step()
def take(request: PersonRequest, case: Case) -> None:
    team.take(by=request.user, case=case, had=request.POST.get("had", ""))
    messages.success(request, _("The case is yours now."))


@step()
def snooze(request: PersonRequest, case: Case) -> None:
    team.snooze(by=request.user, case=case, until=moment(request), reason=request.POST.get("reason", ""))
    messages.success(request, _("Laid aside. It comes back by itself, and at once when something happens."))


@step()
def wake(request: PersonRequest, case: Case) -> None:
    team.wake(by=request.user, case=case)


def moment(request: PersonRequest) -> dt.datetime:
    """The moment that was typed, in local time; Refused where it is none."""
    try:
        typed = parse_datetime(request.POST.get("until", ""))
    except ValueError:
        typed = None
    if typed is None:
        raise Refused(_("Please say until when."))
    return typed if timezone.is_aware(typed) else timezone.make_aware(typed)


@agency_page
@require_POST
def here(request: PersonRequest, code: str) -> HttpResponse:
    """The open page was heard of; what it shows about others comes back."""
    case, may_edit = case_for(request.user, code)
    if not may_edit:
        raise Http404
    team.here(by=request.user, case=case)
    seen = CaseLook.objects.visible_to(request.user).filter(case=case, user=request.user).first()
    shown = team_page.presence(case, user=request.user, seen=seen)
    return render(request, "appeals/team/_presence.html", {"case": case, "is_poll": True, **shown})
