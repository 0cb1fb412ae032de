"""Jobs that kill their process, hang, fail or count, and one that tells which process it ran in."""

from __future__ import annotations

import datetime as dt
import os
import signal
import time

from django.db import transaction
from django.utils import timezone

from casemgr.kit import jobs
from casemgr.kit.models import Heartbeat, Job


@jobs.handles("test.suicide")
def kill_myself(run: jobs.Running) -> dict:
    os.kill(os.getpid(), signal.SIGKILL)
    return {}


@jobs.handles("test.innocent")
def tell_process(run: jobs.Running) -> dict:
    return {"process": os.getpid()}


@jobs.handles("test.slow")
def take_a_while(run: jobs.Running) -> dict:
    for tenth in range(15):
        time.sleep(0.1)
        run.progress(tenth, 15)
    return {}


@jobs.handles("test.hang", limit=dt.timedelta(seconds=4))
def hang(run: jobs.Running) -> dict:
    time.sleep(60)
    return {}


@jobs.handles("test.fails")
def fail(run: jobs.Running) -> dict:
    raise ValueError("always")


@jobs.handles("test.count_up")
def count_up(run: jobs.Running) -> dict:
    """Adds one to its own count in small steps, each fenced: what is done stays done, whatever dies in between."""
    while (done := Job.objects.get(pk=run.job.pk).progress_done) < 10:
        with transaction.atomic():
            run.progress(done + 1, 10)
            Heartbeat.objects.create(name=f"{run.job.key} {done + 1}", beat_at=timezone.now())
        time.sleep(0.05)
    return {"steps": done}


@jobs.handles("test.count_blindly")
def count_blindly(run: jobs.Running) -> dict:
    """Begins anew whenever it is run again: what a handler must not do."""
    for step in range(10):
        Heartbeat.objects.create(name=f"{run.job.key} {run.job.tries}-{step}", beat_at=timezone.now())
        time.sleep(0.2)
    return {}
