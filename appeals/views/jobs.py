"""Long work: what runs, what waits, what stopped and why, what it left to download. And whether the system works."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.http import FileResponse, Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from appeals import jobs_shown, queries
from casemgr.kit import exporting, health
from casemgr.kit import jobs as kit_jobs
from casemgr.kit.models import Job
from stores.access import PersonRequest, agency_page
from stores.models import Store, User

PER_PAGE = 50


@agency_page
@require_safe
def job_list(request: PersonRequest) -> HttpResponse:
    """Jobs by state, kind and whose: handlers see their own and those of their shops, leads all."""
    user, data = request.user, request.GET
    rows = _narrowed(queries.jobs_of(user), data, user)
    page = Paginator(rows.order_by("-pk"), PER_PAGE).get_page(data.get("page"))
    shops = Store.objects.visible_to(user).in_bulk([job.store_ref for job in page if job.store_ref])
    context = {
        "page": page,
        "rows": [jobs_shown.row(job, shops) for job in page],
        "is_filtered": any(data.get(name) for name in ("view", "kind", "whose")),
        "is_lead": user.is_lead,
        **_choices(queries.jobs_of(user), data, user),
    }
    return render(request, "appeals/jobs/list.html", context)


def _narrowed(rows: QuerySet[Job], data: QueryDict, user: User, *, view: str | None = None) -> QuerySet[Job]:
    """The rows under the filters of the address; an unknown value narrows nothing."""
    chosen = data.get("view", "") if view is None else view
    states, _label = jobs_shown.VIEWS.get(str(chosen), jobs_shown.VIEWS[""])
    rows = rows.filter(state__in=states)
    if data.get("kind") in kit_jobs.kinds():
        rows = rows.filter(kind=data["kind"])
    return rows.filter(requested_by=user) if data.get("whose") == "mine" else rows


def _choices(rows: QuerySet[Job], data: QueryDict, user: User) -> dict[str, Any]:
    """Tabs by state with counts, kinds to choose, mine or all."""
    counted = _narrowed(rows, data, user, view="").order_by().values_list("state").annotate(Count("pk"))
    by_state = dict(counted)
    tabs = [
        {
            "label": label,
            "count": sum(by_state.get(state, 0) for state in states),
            "url": _address(data, view=key),
            "current": data.get("view", "") == key,
        }
        for key, (states, label) in jobs_shown.VIEWS.items()
    ]
    names = rows.order_by().values_list("kind", flat=True).distinct()
    kinds = sorted((jobs_shown.kind_label(name), name) for name in names)
    whose = [("", _("All")), ("mine", _("Mine"))]
    return {
        "tabs": tabs,
        "kinds": [{"name": name, "label": label, "current": data.get("kind") == name} for label, name in kinds],
        "whose": [
            {"label": label, "url": _address(data, whose=key), "current": data.get("whose", "") == key}
            for key, label in whose
        ],
    }


def _address(data: QueryDict, **changes: str) -> str:
    query = data.copy()
    query.pop("page", None)
    for name, value in changes.items():
        query.pop(name, None)
        if value:
            query[name] = value
    return f"?{query.urlencode()}"


def _found(request: PersonRequest, code: str) -> Job:
    found = queries.jobs_of(request.user).filter(code=code).first()
    if found is None:
        raise Http404
    return found


@agency_page
@require_safe
def job(request: PersonRequest, code: str) -> HttpResponse:
    """One job. While it runs a part of the page asks again; when it ends the page is loaded anew, once."""
    found = _found(request, code)
    shop = Store.objects.visible_to(request.user).filter(pk=found.store_ref or 0).first()
    context = jobs_shown.page(found, request.user, shop)
    if request.headers.get("HX-Request") != "true":
        return render(request, "appeals/jobs/job.html", context)
    if not context["is_running"]:
        return HttpResponseClientRefresh()
    return render(request, "appeals/jobs/_progress.html", context)


@agency_page
@require_POST
def retry(request: PersonRequest, code: str) -> HttpResponse:
    if kit_jobs.retry(_found(request, code), by=request.user):
        messages.success(request, _("It is tried again."))
    else:
        messages.info(request, _("It is not stopped: nothing was changed."))
    return redirect("job", code)


@agency_page
@require_POST
def give_up(request: PersonRequest, code: str) -> HttpResponse:
    if kit_jobs.give_up(_found(request, code), by=request.user):
        messages.success(request, _("Given up. Nobody is reminded of it any more."))
    else:
        messages.info(request, _("It is not stopped: nothing was changed."))
    return redirect("job", code)


@agency_page
@require_safe
def file(request: PersonRequest, code: str) -> FileResponse:
    """What the job left to download, for the one person who asked for it."""
    found = _found(request, code)
    if found.requested_by_id != request.user.pk or not found.file:
        raise Http404
    try:
        stored = default_storage.open(found.file, "rb")
    except FileNotFoundError as gone:
        raise Http404 from gone
    kind = exporting.FORMATS.get(found.filename.rpartition(".")[2], "application/octet-stream")
    response = FileResponse(stored, as_attachment=True, filename=found.filename, content_type=kind)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


@agency_page
@require_safe
def status(request: PersonRequest) -> HttpResponse:
    """Whether database, broker, worker, schedule, backup and the rest are well. For leads and administrators."""
    if not request.user.is_lead:
        raise PermissionDenied
    found = health.checks()
    return render(request, "appeals/jobs/status.html", {"checks": found, "state": health.status(found)})
