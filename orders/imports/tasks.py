"""The jobs of an import: check the file, write it, screen what it brought."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext_lazy as _

from casemgr.kit import jobs
from orders.actions import imports
from orders.models import ImportRun

# A million rows take minutes on a small machine; a slow disk may take ten times as long.
LIMIT = dt.timedelta(hours=2)


def _run(running: jobs.Running) -> ImportRun:
    return ImportRun.objects.select_related("store__merchant", "store__platform", "requested_by").get(
        code=running.payload["run"]
    )


@jobs.handles(
    imports.CHECK,
    label=_("check a file"),
    kept=_("The file is kept as it came; nothing of it was imported."),
    next_step=_("Try again, or cancel the import and choose the file again."),
    results={"rows": _("rows read"), "refused": _("rows refused")},
    limit=LIMIT,
)
def check(running: jobs.Running) -> dict[str, Any]:
    run = _run(running)
    imports.stage(run=run, progress=lambda done: running.progress(done))
    return {"rows": run.rows, "refused": run.refused}


@jobs.handles(
    imports.WRITE,
    label=_("import a file"),
    kept=_("The file and the rows written so far are kept."),
    next_step=_("Try again: it goes on from where it stopped and doubles nothing."),
    results={
        "rows": _("rows stored"),
        "new": _("new"),
        "changed": _("changed"),
        "unchanged": _("the same as before"),
    },
    limit=LIMIT,
    tells_itself=True,
)
def write(running: jobs.Running) -> dict[str, Any]:
    run = _run(running)
    imports.write(run=run, fence=lambda done: running.progress(done, run.stored))
    return {"rows": run.stored, **run.counts.get("done", {})}


@jobs.handles(
    imports.SCREEN,
    label=_("screen what a file brought"),
    kept=_("The imported rows stand. Alerts found so far are kept."),
    next_step=_("Try again, or screen the whole shop from its page: nothing is reported twice."),
    results={"opened": _("new alerts"), "updated": _("alerts with more in them")},
    limit=LIMIT,
    tells_itself=True,
)
def screen(running: jobs.Running) -> dict[str, Any]:
    """Look at what the import brought; running it again finds the same and doubles nothing."""
    run = _run(running)
    found = imports.screen(run=run, by=run.requested_by)
    return {"opened": found.opened, "updated": found.updated}
