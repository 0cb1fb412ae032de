"""How jobs look on their pages: pills, progress, what was kept, what to do next. No writes."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from casemgr.kit import exporting, jobs
from casemgr.kit.models import Job
from stores.models import Store, User

TONE = {
    Job.State.QUEUED: "neutral",
    Job.State.RUNNING: "info",
    Job.State.DONE: "ok",
    Job.State.FAILED: "danger",
    Job.State.PARKED: "warn",
    Job.State.DROPPED: "neutral",
}
# The views of the list: their states and their names.
VIEWS: dict[str, tuple[tuple[str, ...], Any]] = {
    "": (tuple(Job.State.values), gettext_lazy("All")),
    "active": ((Job.State.QUEUED, Job.State.RUNNING), gettext_lazy("Under way")),
    "stopped": (jobs.ENDED_BADLY, gettext_lazy("Stopped, waiting for you")),
    "done": ((Job.State.DONE,), gettext_lazy("Done")),
    "dropped": ((Job.State.DROPPED,), gettext_lazy("Given up")),
}
# What a job is about, by the name in its payload: the page's address, and what it is called.
SUBJECTS = {
    "run": ("import", gettext_lazy("Import")),
    "store": ("shop", gettext_lazy("Shop")),
    "filing": ("filing", gettext_lazy("Filing")),
}
LISTS = {"orders": gettext_lazy("Orders"), "alerts": gettext_lazy("Alerts"), "cases": gettext_lazy("Cases")}


def kind_label(name: str) -> str:
    """What a kind of job does; the bare name of one that no app knows any more."""
    known = jobs.kinds().get(name)
    return capfirst(str(known.label)) if known else name


def pill(job: Job) -> dict[str, str]:
    """State as a word and a tone; one that waits after a bad try says so."""
    if job.state == Job.State.QUEUED and job.tries:
        return {"tone": "warn", "label": _("tries again by itself")}
    return {"tone": TONE[Job.State(job.state)], "label": str(Job.State(job.state).label)}


def progress(job: Job) -> dict[str, Any] | None:
    """Done, total (None: unknown) and an estimate of the time left, while the job runs; None when it has nothing to tell."""
    if job.state != Job.State.RUNNING:
        return None
    done, total = job.progress_done, job.progress_total
    left = None
    if total and done and job.started_at:
        left = (timezone.now() - job.started_at) * max(0.0, (total - done) / done)
    percent = min(100, done * 100 // total) if total else None
    return {"done": done, "total": total, "percent": percent, "left": left, "is_soon": _is_soon(left)}


def _is_soon(left: dt.timedelta | None) -> bool:
    return left is not None and left < dt.timedelta(minutes=1)


def row(job: Job, shops: dict[int, Store]) -> dict[str, Any]:
    """One line of the list."""
    return {
        "job": job,
        "kind": kind_label(job.kind),
        "pill": pill(job),
        "shop": shops.get(job.store_ref or 0),
        "progress": progress(job),
        "error": _(job.error) if job.error else "",
    }


def page(job: Job, user: User, shop: Store | None) -> dict[str, Any]:
    """What the page of one job shows."""
    kind = jobs.kinds().get(job.kind)
    return {
        "job": job,
        "kind": kind_label(job.kind),
        "pill": pill(job),
        "shop": shop,
        "subject": subject(job),
        "progress": progress(job),
        "ahead": jobs.due(job.due_at).filter(pk__lt=job.pk).count() if job.state == Job.State.QUEUED else 0,
        "is_running": job.state in VIEWS["active"][0],
        "is_stopped": job.state in jobs.ENDED_BADLY,
        "error": _(job.error) if job.error else "",
        "fault": job.result.get("fault", ""),
        "kept": kind.kept if kind else "",
        "next_step": kind.next_step if kind else "",
        "limit": kind.limit if kind else None,
        "results": _results(job, kind),
        "most_tries": jobs.MAX_TRIES,
        **_file(job, user),
    }


def subject(job: Job) -> dict[str, str] | None:
    """The page of what the job is about: the import, the shop, the filing, the list."""
    if job.kind == exporting.EXPORT:
        name, query = job.payload["list"], job.payload["query"]
        label = str(LISTS.get(name, name))
        return {"what": _("List"), "label": label, "url": reverse(name) + (f"?{query}" if query else "")}
    for key, (address, what) in SUBJECTS.items():
        if code := job.payload.get(key):
            return {"what": str(what), "label": code, "url": reverse(address, args=[code])}
    return None


def _results(job: Job, kind: jobs.Kind | None) -> list[tuple[str, Any]]:
    if kind is None or job.state != Job.State.DONE:
        return []
    return [(str(label), job.result[name]) for name, label in kind.results.items() if name in job.result]


def _file(job: Job, user: User) -> dict[str, Any]:
    """The file to download, for whoever asked for it; the others read whose it is."""
    is_gone = bool(job.filename) and not (job.file and default_storage.exists(job.file))
    facts: dict[str, Any] = {"file": None, "file_is_gone": is_gone, "file_of": None}
    if not job.filename or is_gone:
        return facts
    if job.requested_by_id != user.pk:
        return {**facts, "file_of": job.requested_by}
    expires = (job.finished_at or timezone.now()) + exporting.KEPT
    return {**facts, "file": {"name": job.filename, "size": default_storage.size(job.file), "expires": expires}}
