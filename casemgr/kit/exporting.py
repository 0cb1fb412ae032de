"""Lists to take away as files: small ones at once, large ones as a job whose file waits privately for who asked."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from casemgr.kit import audit, jobs
from casemgr.kit.models import Job
from casemgr.kit.tabular import write_csv, write_xlsx

EXPORT = "kit.export"
AT_ONCE = 2_000  # rows; a longer list would keep the browser waiting
KEPT = dt.timedelta(days=7)
FORMATS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_FOLDER = "exports"
_SAME_WISH = 600  # seconds in which asking again for the same list gives the same job
_LOOK = 0.5  # seconds between two reports of progress
_ORPHANED = dt.timedelta(days=1)

Rows = Iterable[Sequence[object]]


@dataclass(frozen=True)
class Listing:
    """A list that can be taken away. `name` is also its address and the file's name.

    `rows` gives what a person sees under a query string; `table` the header and a sequence of cells per row.
    """

    name: str
    rows: Callable[[Any, QueryDict], QuerySet]
    table: Callable[[Any], Rows]


_listings: dict[str, Listing] = {}


def offer(listing: Listing) -> Listing:
    """Make a list known to the job that writes large ones. To be done where the app's tasks.py sees it."""
    _listings[listing.name] = listing
    return listing


def answer(request: HttpRequest, listing: Listing, form: str) -> FileResponse | HttpResponseRedirect:
    """The list as `form` (csv or xlsx): at once up to 2,000 rows, beyond that by way of a job's page."""
    user: Any = request.user
    rows = listing.rows(user, request.GET)
    if rows.order_by()[: AT_ONCE + 1].count() <= AT_ONCE:
        return stream(listing.table(rows), name=listing.name, form=form, by=user)
    return HttpResponseRedirect(reverse("job", args=[ask(by=user, listing=listing, query=request.GET, form=form).code]))


def stream(table: Rows, *, name: str, form: str, by: Any) -> FileResponse:
    """The table as a file to save; who took how many rows of what is kept in the audit trail."""
    file = tempfile.SpooledTemporaryFile(max_size=8 * 1024 * 1024)  # noqa: SIM115  FileResponse closes it
    rows = _write(table, file, form)  # type: ignore[arg-type]
    _note(by, name, rows, form)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=_filename(name, form), content_type=FORMATS[form])


def ask(*, by: Any, listing: Listing, query: QueryDict, form: str) -> Job:
    """The job that writes this list for this person; the same one for the same wish within ten minutes."""
    wish = f"{query.urlencode()}|{form}|{int(time.time() // _SAME_WISH)}"
    key = f"export:{by.pk}:{listing.name}:{hashlib.sha256(wish.encode()).hexdigest()[:24]}"
    payload = {"list": listing.name, "query": query.urlencode(), "form": form}
    return jobs.enqueue(EXPORT, key=key, payload=payload, by=by)


@jobs.handles(
    EXPORT,
    label=gettext_lazy("export a list"),
    kept=gettext_lazy("No file was made; the list itself is untouched."),
    next_step=gettext_lazy("Try again, or narrow the list by a filter first."),
    results={"rows": gettext_lazy("rows")},
    limit=dt.timedelta(hours=1),
)
def run(running: jobs.Running) -> dict[str, Any]:
    """Write the file as the person who asked sees the list now. A second run finds the file of the first."""
    job, payload = running.job, running.payload
    if job.file:
        return {"rows": job.progress_done}
    by = job.requested_by
    if by is None or not by.is_active:
        raise jobs.Failed(_("Whoever asked for this list may not see it any more."))
    listing, form = _listings[payload["list"]], payload["form"]
    rows = listing.rows(by, QueryDict(payload["query"]))
    total = rows.order_by().count()
    with tempfile.TemporaryFile() as file:
        count = _write(_counted(listing.table(rows), running, total), file, form)
        file.seek(0)
        stored = default_storage.save(f"{_FOLDER}/{secrets.token_hex(16)}.{form}", File(file))
    try:
        with transaction.atomic():
            running.progress(count, count)
            told = Job.objects.filter(pk=job.pk, file="").update(file=stored, filename=_filename(listing.name, form))
            if told:
                _note(by, listing.name, count, form)
    except BaseException:
        default_storage.delete(stored)
        raise
    if not told:  # another run of the same job was faster: its file is the one
        default_storage.delete(stored)
    return {"rows": count}


def _counted(table: Rows, running: jobs.Running, total: int) -> Iterator[Sequence[object]]:
    told = time.monotonic()
    for done, row in enumerate(table):  # the header is row 0
        if time.monotonic() - told > _LOOK:
            running.progress(min(done, total), total)
            told = time.monotonic()
        yield row


def _write(table: Rows, file: BinaryIO, form: str) -> int:
    """Rows written, the header not counted. No cell is live in a spreadsheet (casemgr.kit.tabular)."""
    return (write_csv(table, file) if form == "csv" else write_xlsx(table, file)) - 1


def _note(by: Any, name: str, rows: int, form: str) -> None:
    audit.record(by=by, action=f"{name}.export", of=by, after={"rows": rows, "format": form})


def _filename(name: str, form: str) -> str:
    return f"{name}-{timezone.localtime():%Y%m%d-%H%M}.{form}"


def forget_old(now: dt.datetime) -> int:
    """Delete files older than seven days, and those that no job knows any more. Returns how many."""
    count = 0
    for job in Job.objects.filter(finished_at__lt=now - KEPT).exclude(file=""):
        default_storage.delete(job.file)
        count += Job.objects.filter(pk=job.pk, file=job.file).update(file="")
    if not default_storage.exists(_FOLDER):
        return count
    known = set(Job.objects.exclude(file="").values_list("file", flat=True))
    for name in (f"{_FOLDER}/{one}" for one in default_storage.listdir(_FOLDER)[1]):
        if name not in known and default_storage.get_modified_time(name) < now - _ORPHANED:
            default_storage.delete(name)
            count += 1
    return count
