"""The jobs of an import: check the file, write it, screen what it brought."""

from __future__ import annotations

from typing import Any

from casemgr.kit import jobs
from orders.actions import imports
from orders.models import ImportRun


def _run(running: jobs.Running) -> ImportRun:
    return ImportRun.objects.select_related("store__merchant", "store__platform", "requested_by").get(
        code=running.payload["run"]
    )


@jobs.handles(imports.CHECK)
def check(running: jobs.Running) -> dict[str, Any]:
    run = _run(running)
    imports.stage(run=run, progress=lambda done: running.progress(done))
    return {"rows": run.rows, "refused": run.refused}


@jobs.handles(imports.WRITE)
def write(running: jobs.Running) -> dict[str, Any]:
    run = _run(running)
    imports.write(run=run, fence=lambda done: running.progress(done, run.stored))
    return {"rows": run.stored, **run.counts.get("done", {})}


@jobs.handles(imports.SCREEN)
def screen(running: jobs.Running) -> dict[str, Any]:
    """Look at what the import brought; running it again finds the same and doubles nothing."""
    run = _run(running)
    found = imports.screen(run=run, by=run.requested_by)
    return {"opened": found.opened, "updated": found.updated}
