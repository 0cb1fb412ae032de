"""Files that come in: the list, a new one, its columns, its check, its result."""

from __future__ import annotations

import tempfile
from itertools import chain
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRefresh

from casemgr.kit.models import Job
from casemgr.kit.tabular import TableError, write_csv
from casemgr.kit.workflow import Refused
from orders.actions import import_files
from orders.actions import imports as actions
from orders.enums import ImportKind
from orders.forms.imports import MappingForm, NewImportForm, mapping_initial
from orders.imports import files, originals, pages
from orders.imports.fields import propose
from orders.imports.runs import check_key, table_of, write_key
from orders.imports.samples import samples
from orders.models import ImportRefusal, ImportRun
from orders.views.listing import PER_PAGE, address, offer, page_of
from orders.workflow import IMPORT
from stores.access import agency_page, visible
from stores.models import Store

_HEAVY = ("preview", "warnings", "headers", "mapping", "options", "totals")
_TEMPLATES = {"staging": "working", "publishing": "working", "staged": "review", "published": "result"}


def _runs(request: HttpRequest) -> QuerySet[ImportRun]:
    rows = ImportRun.objects.visible_to(request.user).select_related("store__platform", "requested_by")
    if request.GET.get("shop"):
        rows = rows.filter(store__code=request.GET["shop"])
    if request.GET.get("state"):
        rows = rows.filter(status=request.GET["state"])
    return rows


@agency_page
@require_GET
def import_list(request: HttpRequest) -> HttpResponse:
    """Every import of the shops this person may see, newest first."""
    page = page_of(request, _runs(request).defer(*_HEAVY).order_by("-pk"))
    states = [offer(request, state.label, None, state=state.key) for state in IMPORT.states if state.key != "received"]
    shops = Store.objects.visible_to(request.user).filter(code=request.GET.get("shop", ""))
    context = {
        "page": page,
        "rows": [{"run": run, "pill": pages.pill(run)} for run in page],
        "on": [{"label": shop.name, "url": address(request, shop=None)} for shop in shops],
        "states": states,
    }
    return render(request, "orders/imports/list.html", context)


@agency_page
@require_http_methods(["GET", "POST"])
def import_new(request: HttpRequest) -> HttpResponse:
    """Take in a file. A refusal stands at the file field and what was chosen beside it stays chosen."""
    user: Any = request.user
    shops = Store.objects.visible_to(user).select_related("platform")
    initial = {"store": request.GET.get("shop"), "kind": request.GET.get("kind", "")}
    form = NewImportForm(request.POST or None, request.FILES or None, shops=shops, initial=initial)
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data
        file = chosen["file"]
        try:
            run = actions.receive(
                by=user, store=chosen["store"], kind=chosen["kind"], upload=file, filename=file.name or _("file")
            )
        except Refused as refused:
            form.add_error("file", str(refused.sentence))
        else:
            return redirect("import", run.code)
    limit = settings.IMPORT_MAX_BYTES
    context = {"form": form, "has_shops": shops.exists(), "max_bytes": limit, "megabytes": limit // (1024 * 1024)}
    return render(request, "orders/imports/new.html", context)


@agency_page
@require_GET
def import_page(request: HttpRequest, code: str) -> HttpResponse:
    """Where a file stands: being checked, to be looked at, being imported, or what came of it."""
    run = visible(ImportRun, request.user, code=code)
    if run.status in ("received", "mapping"):
        return redirect("import-mapping", code)
    is_polling = request.headers.get("HX-Request") == "true"
    template = _TEMPLATES.get(run.status, "ended")
    if is_polling and template != "working":
        return HttpResponseClientRefresh()
    context = _head(run)
    if template == "working":
        key = check_key(run) if run.status == "staging" else write_key(run)
        # scope: the job is named by the run, which was found in scope
        context["progress"] = pages.progress(run, Job.objects.filter(key=key).first())
    elif template == "review":
        context |= {"preview": pages.preview_rows(run), "problems": pages.problems(run)}
    elif template == "result":
        context |= _result(request, run)
    name = "orders/imports/_progress.html" if is_polling else f"orders/imports/{template}.html"
    return render(request, name, context)


def _head(run: ImportRun) -> dict[str, Any]:
    used, columns = pages.used_columns(run)
    return {
        "run": run,
        "pill": pages.pill(run),
        "steps": pages.steps(run),
        "source": pages.source_label(run),
        "format": pages.format_label(run),
        "mapped": pages.mapped(run),
        "used": used,
        "columns": columns,
        "warnings": pages.warnings(run),
    }


def _result(request: HttpRequest, run: ImportRun) -> dict[str, Any]:
    refused = ImportRefusal.objects.visible_to(request.user).filter(run=run).order_by("line", "pk")
    page = Paginator(refused, PER_PAGE).get_page(request.GET.get("page"))
    nothing = {"new": 0, "changed": 0, "unchanged": 0}
    return {
        "done": {**nothing, **run.counts.get("done", {})},
        "alerts": run.counts.get("alerts"),
        "page": page,
        "refused": pages.refusal_rows(page),
        "is_orders": run.kind == ImportKind.ORDERS,
        "is_original_kept": originals.is_kept(run),
    }


@agency_page
@require_http_methods(["GET", "POST"])
def import_mapping(request: HttpRequest, code: str) -> HttpResponse:
    """Say which column means what; the file is checked again that way."""
    user: Any = request.user
    run = visible(ImportRun, user, code=code)
    if run.status not in ("mapping", "staged"):
        return redirect("import", code)
    kind = request.POST.get("kind") or request.GET.get("kind") or run.kind
    kind = kind if kind in ImportKind.values else run.kind
    form = MappingForm(request.POST or None, run=run, kind=kind, initial=_initial(run, kind))
    if request.method == "POST" and form.is_valid():
        try:
            actions.map_columns(
                by=user,
                run=run,
                kind=kind,
                mapping=form.mapping(),
                options=form.options(),
                remember=form.cleaned_data["remember"],
            )
        except Refused as refused:
            form.add_error(None, str(refused.sentence))
        else:
            return redirect("import", code)
    found = _samples(run)
    context = {**_head(run), "form": form, "kind": kind, "kinds": ImportKind.choices, "samples": found}
    context["groups"] = form.groups({one["name"]: one["values"] for one in found})
    return render(request, "orders/imports/mapping.html", context)


def _initial(run: ImportRun, kind: str) -> dict[str, Any]:
    """What was mapped; for another kind, or a file of a source, what the column names propose."""
    same = run.mapping if kind == run.kind else {}
    mapping = {**propose(kind, run.headers), **same}
    return mapping_initial(mapping, run.options, run.headers)


def _samples(run: ImportRun) -> list[dict[str, Any]]:
    """The columns of the file with a few of their values, masked."""
    try:
        with table_of(run) as table:
            found = samples(table, run.headers)
    except (TableError, FileNotFoundError):
        found = {}
    return [{"name": name, "values": found.get(name, [])} for name in run.headers if name]


@agency_page
@require_POST
def import_publish(request: HttpRequest, code: str) -> HttpResponse:
    user: Any = request.user
    run = visible(ImportRun, user, code=code)
    actions.publish(by=user, run=run)
    return redirect("import", code)


@agency_page
@require_POST
def import_cancel(request: HttpRequest, code: str) -> HttpResponse:
    user: Any = request.user
    run = visible(ImportRun, user, code=code)
    actions.cancel(by=user, run=run)
    messages.success(request, _("Cancelled. The file is deleted and nothing of it was imported."))
    return redirect("imports")


@agency_page
@require_GET
def import_refused(request: HttpRequest, code: str) -> Any:
    """The refused rows as a file: as the original has them with the reason; line, column, value and reason without it."""
    user: Any = request.user
    run = visible(ImportRun, user, code=code)
    file = tempfile.TemporaryFile()  # noqa: SIM115  FileResponse closes it when the last byte is sent
    try:
        write_csv(originals.refused_rows(run), file)
    except FileNotFoundError:
        file.truncate(0)
        file.seek(0)
        refused = ImportRefusal.objects.visible_to(user).filter(run=run).order_by("line", "pk")
        head = (_("line"), _("column"), _("value"), _("reason"))
        write_csv(chain([head], pages.refusal_table(refused.iterator())), file)
    file.seek(0)
    import_files.refused_taken(by=user, run=run)
    return _taken_away(file, f"refused-{run.code}.csv", "text/csv; charset=utf-8")


@agency_page
@require_GET
def import_original(request: HttpRequest, code: str) -> Any:
    """The file as it came in, while it is kept."""
    user: Any = request.user
    run = visible(ImportRun, user, code=code)
    try:
        file = files.opened(run.file or run.sealed_file)
    except FileNotFoundError as gone:
        sentence = _("The file is not kept any more. Its counts, hash and refused rows are on this page still.")
        raise Refused(sentence) from gone
    import_files.original_taken(by=user, run=run)
    return _taken_away(file, run.filename, "application/octet-stream")


def _taken_away(file: Any, name: str, content_type: str) -> FileResponse:
    response = FileResponse(file, as_attachment=True, filename=name, content_type=content_type)
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
