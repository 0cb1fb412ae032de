"""A backup a day into the folder that CASEMGR_BACKUP_DIR names; the newest fourteen stay."""

from __future__ import annotations

import datetime as dt
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from casemgr.kit import jobs
from casemgr.kit.backup.writing import replace
from casemgr.kit.workflow import Refused

KEPT = 14
KIND = "kit.backup"
LEFT_OVER = 24 * 3600  # seconds: an unfinished file older than this belongs to a process that died


def ask(now: dt.datetime | None = None) -> bool:
    """Ask for the backup of today (in Shanghai), once however often it is called. False when no folder is set."""
    if not settings.BACKUP_DIR:
        return False
    day = timezone.localdate(now or timezone.now()).isoformat()
    jobs.enqueue(KIND, key=f"backup {day}", payload={"day": day})
    return True


@jobs.handles(
    KIND,
    label=gettext_lazy("Nightly backup"),
    kept=gettext_lazy("The backups made before are all there."),
    results={"rows": gettext_lazy("rows"), "files": gettext_lazy("files")},
    limit=dt.timedelta(hours=4),
)
def run(running: jobs.Running) -> dict[str, Any]:
    """Write the backup of the job's day, in place of one of the same day, and take away those that are too many."""
    folder = Path(settings.BACKUP_DIR)
    if not folder.is_dir():
        # Not made here: a missing mount must not turn into a full system disk.
        raise Refused(_("The folder %(path)s does not exist. Make it, then try again.") % {"path": folder})
    made = replace(folder / f"casemgr-{running.payload['day']}.zip")
    return {"rows": made.rows, "files": made.files, "bytes": made.bytes, "taken_away": rotate(folder)}


def rotate(folder: Path) -> int:
    """Delete nightly backups beyond the newest fourteen, and what unfinished ones left. Returns how many backups went.

    Only names of nightly backups count: what somebody put there by hand stays.
    """
    for part in folder.glob(".casemgr-*.part"):
        if part.stat().st_mtime < time.time() - LEFT_OVER:
            part.unlink(missing_ok=True)
    nightly = sorted(folder.glob("casemgr-[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9].zip"))
    for old in nightly[:-KEPT]:
        old.unlink(missing_ok=True)
    return len(nightly[:-KEPT])
