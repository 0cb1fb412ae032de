"""Steps of the rectification plan, each one POST on the case page."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.http import Http404
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from appeals.actions import plans, trainings
from appeals.forms.plans import PlanForm, SessionForm
from appeals.models import Case, PlanAction
from appeals.views.steps import step, valid
from casemgr.kit.workflow import Refused
from stores.access import PersonRequest


def action_of(case: Case, code: str) -> PlanAction:
    """The action of this case with that code."""
    found = case.plan.filter(code=code).first()
    if found is None:
        raise Http404
    found.case = case
    return found


@step("#plan")
def propose(request: PersonRequest, case: Case) -> None:
    plans.propose(by=request.user, case=case)


@step("#plan")
def add(request: PersonRequest, case: Case) -> None:
    plans.add(by=request.user, case=case, **valid(PlanForm(request.POST)))


@step("#plan")
def move(request: PersonRequest, case: Case, action: str) -> None:
    row, to = action_of(case, action), request.POST.get("to", "")
    if to == "hand_on":
        plans.hand_on(by=request.user, action=row)
    else:
        plans.move(by=request.user, action=row, to=to, note=request.POST.get("note", "")[:300])


@step("#plan")
def measure(request: PersonRequest, case: Case, action: str) -> None:
    plans.measure(by=request.user, action=action_of(case, action))
    messages.success(request, _("Measured."))


@step("#plan")
def hold_session(request: PersonRequest, case: Case, action: str) -> None:
    row = action_of(case, action)
    trainings.record(by=request.user, action=row, **valid(SessionForm(request.POST)))
    messages.success(request, _("The training is on record. Add the signed sheet when you have it."))


@step("#plan")
def add_sheet(request: PersonRequest, case: Case, action: str) -> None:
    row = action_of(case, action)
    day = _day(request.POST.get("held_on", ""))
    session = row.sessions.filter(held_on=day).first() if day else None
    if session is None:
        raise Refused(_("Record the training of this day first, then its signed sheet."))
    session.action = row
    files = request.FILES.getlist("files")
    trainings.add_sheet(by=request.user, session=session, uploads=files, declared_true="declared_true" in request.POST)
    messages.success(request, _("The signed sheet is with the evidence."))


def _day(text: str) -> dt.date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None
