"""Incidents: their own page, opening one from a case or an alert, joining, leaving, using evidence of another case."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from appeals import incident_page
from appeals.actions import evidence
from appeals.actions import grounds as legal
from appeals.actions import incidents as joining
from appeals.forms.case import UploadForm
from appeals.models import Case, EvidenceItem
from appeals.views.steps import step, valid
from appeals.workflow import CASE
from casemgr.kit.workflow import Refused
from orders.actions import incidents
from orders.models import Incident, RiskAlert
from stores.access import PersonRequest, agency_page, visible


@agency_page
@require_safe
def page(request: PersonRequest, code: str) -> HttpResponse:
    incident = visible(Incident, request.user, code=code)
    cases = [
        {"case": one, "state": CASE.state(one.status)} for one in incident_page.cases_of(incident.pk, request.user)
    ]
    context = {"incident": incident, "cases": cases, "alerts": incident_page.alerts_of(incident, request.user)}
    return render(request, "appeals/incidents/incident.html", context)


@step("#incident")
def of_case(request: PersonRequest, case: Case) -> None:
    """Join the incident that was chosen, or open a new one."""
    code = request.POST.get("incident", "")
    if code:
        joining.join(by=request.user, case=case, incident=visible(Incident, request.user, code=code))
        return
    made = joining.open_for(by=request.user, case=case, title=request.POST.get("title", ""))
    messages.success(request, _("Incident %(code)s is open.") % {"code": made.code})


@step("#incident")
def leave(request: PersonRequest, case: Case) -> None:
    joining.leave(by=request.user, case=case)


@step("#letter")
def grounds(request: PersonRequest, case: Case) -> None:
    """Which verified grounds of law the text of this case uses."""
    legal.choose(by=request.user, case=case, keys=request.POST.getlist("ground"))
    messages.success(request, _("Saved. Fill the text from the facts again to take it over."))


@step("#evidence")
def replace(request: PersonRequest, case: Case, item: str) -> None:
    """A new version of an item; the one before stays as history."""
    row = case.evidence.filter(code=item).select_related("requirement").first()
    upload = request.FILES.get("file")
    if row is None:
        raise Http404
    if upload is None:
        raise Refused(_("Please choose at least one photo or file."))
    made = evidence.replace(by=request.user, item=row, upload=upload, **valid(UploadForm(request.POST)))
    messages.success(request, _("“%(title)s” is version %(n)s now.") % {"title": made.title, "n": made.version})


@step("#evidence")
def share(request: PersonRequest, case: Case, item: str) -> None:
    """Take an item of another case of the incident into this one."""
    row = EvidenceItem.objects.visible_to(request.user).filter(code=item).select_related("case__store").first()
    if row is None:
        raise Http404
    made = joining.share(by=request.user, item=row, to=case)
    messages.success(request, _("“%(title)s” is in this case now too.") % {"title": made.title})


@agency_page
@require_POST
def of_alert(request: PersonRequest, code: str) -> HttpResponse:
    """Open an incident from an alert, or put the alert under one."""
    alert = visible(RiskAlert, request.user, code=code)
    chosen = request.POST.get("incident", "")
    if chosen:
        incident = visible(Incident, request.user, code=chosen)
    else:
        title = request.POST.get("title", "")
        incident = incidents.create(by=request.user, merchant=alert.store.merchant, title=title)
    incidents.add_alert(by=request.user, incident=incident, alert=alert)
    return redirect("incident", incident.code)
