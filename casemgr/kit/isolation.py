"""A job that may kill its process runs in a process of its own (`manage.py work_one`)."""

from __future__ import annotations

import os
import subprocess
import sys

from django.conf import settings

from casemgr.kit.models import Job


class ChildDied(Exception):
    """The process that ran a job ended without writing what came of it."""


def run_in_child(job: Job) -> None:
    """Run a claimed job in a child that writes the outcome itself; the caller keeps the lease meanwhile.

    Raises ChildDied, with the signal or exit code, when the child ended without an outcome.
    """
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "work_one", str(job.pk), job.token]
    child = subprocess.run(
        command, stdin=subprocess.DEVNULL, env={**os.environ, "WORKER_BOOT": job.worker}, check=False
    )
    if child.returncode < 0:
        raise ChildDied(f"the process running it was ended by signal {-child.returncode}")
    if child.returncode:
        raise ChildDied(f"the process running it ended with code {child.returncode}")
