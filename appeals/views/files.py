"""Private files, one by one, to whoever may see them. Never by path: a code, then the row, then its bytes."""

from __future__ import annotations

from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from appeals.enums import EvidenceSource
from appeals.evidence import files
from appeals.evidence.intake import SUFFIXES
from appeals.evidence.pack import safe_name
from appeals.models import Case, EvidenceItem, Filing
from casemgr.kit.privacy.sealing import Erased, destroyed_at
from stores.access import PersonRequest, any_person_page, visible

CONTENT_TYPES = {
    "json": "application/json",
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "zip": "application/zip",
}
# Pictures may stand in a page; everything else is only ever downloaded.
SHOWN_INLINE = frozenset({"image/png", "image/jpeg"})


@any_person_page
@require_safe
def evidence(request: PersonRequest, code: str) -> HttpResponseBase:
    """The shown version of one piece of evidence; the sealed original is never served."""
    item = visible(EvidenceItem, request.user, code=code)
    shown_name = f"{safe_name(item.title)}{SUFFIXES.get(item.content_type, '')}"
    return _send(request, item.case, item.shown_file, shown_name, item.content_type)


@any_person_page
@require_safe
def evidence_page(request: PersonRequest, code: str, number: int) -> HttpResponseBase:
    """One picture of a generated document, counted from 1."""
    item = visible(EvidenceItem, request.user, code=code, source=EvidenceSource.GENERATED)
    if item.case.erased_at:
        return _erased(request, item.case)
    pages = files.pages_of(item.shown_file)
    if not 1 <= number <= len(pages):
        raise Http404
    return _send(request, item.case, pages[number - 1], f"{safe_name(item.title)}_{number}.png", "image/png")


@any_person_page
@require_safe
def pack(request: PersonRequest, code: str, position: int) -> HttpResponseBase:
    """One file of a frozen pack. The merchant sees a pack once it was filed, not while it is being prepared."""
    filing = visible(Filing, request.user, code=code, frozen_at__isnull=False)
    if not request.user.is_agency and filing.status != "filed":
        raise Http404
    row = filing.pack_files.filter(position=position).first()
    if row is None:
        raise Http404
    return _send(request, filing.case, row.file, row.name, CONTENT_TYPES[row.file.rpartition(".")[2]])


@any_person_page
@require_safe
def receipt(request: PersonRequest, code: str) -> HttpResponseBase:
    """The screenshot of the console's confirmation of one filing."""
    filing = visible(Filing, request.user, code=code)
    if not filing.receipt_file:
        raise Http404
    suffix = filing.receipt_file.rpartition(".")[2]
    return _send(request, filing.case, filing.receipt_file, f"{filing.code}.{suffix}", CONTENT_TYPES[suffix])


def _erased(request: PersonRequest, case: Case) -> HttpResponse:
    """410 with the sentence when the files were erased and what remains."""
    erased_at = case.erased_at or destroyed_at(files.key_name(case))
    return render(request, "appeals/erased.html", {"erased_at": erased_at}, status=410)


def _send(request: PersonRequest, case: Case, name: str, shown_name: str, content_type: str) -> HttpResponseBase:
    """Stream a stored file so that a browser can do nothing with it but show a picture or save it."""
    if case.erased_at:
        return _erased(request, case)
    try:
        stored = files.opened(name)
    except Erased:
        return _erased(request, case)
    except FileNotFoundError as gone:
        raise Http404 from gone
    is_download = "download" in request.GET or content_type not in SHOWN_INLINE
    response = FileResponse(stored, as_attachment=is_download, filename=shown_name, content_type=content_type)
    response["Content-Security-Policy"] = "sandbox; default-src 'none'; frame-ancestors 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "private, no-store"
    return response
