"""A job that may kill its process runs in a process of its own (`manage.py work_one`)."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys

from django.conf import settings

from casemgr.kit.models import Job


class ChildDied(Exception):
    """The process that ran a job ended without writing what came of it."""


class TookTooLong(Exception):
    """The process that ran a job was killed at its time limit."""


def run_in_child(job: Job, limit: dt.timedelta) -> None:
    """Run a claimed job in a child that writes the outcome itself; the caller keeps the lease meanwhile.

    Raises ChildDied, with the signal or exit code, when the child ended without an outcome; TookTooLong after `limit`,
    when it has been killed.
    """
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "work_one", str(job.pk), job.token]
    environment = {**os.environ, "WORKER_BOOT": job.worker}
    try:
        child = subprocess.run(
            command, stdin=subprocess.DEVNULL, env=environment, check=False, timeout=limit.total_seconds()
        )
    except subprocess.TimeoutExpired:  # subprocess.run has killed and collected it
        raise TookTooLong(job.code) from None
    if child.returncode < 0:
        raise ChildDied(f"signal {-child.returncode}")
    if child.returncode:
        raise ChildDied(f"exit code {child.returncode}")
