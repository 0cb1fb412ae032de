"""The broom: what a lost message, a dead worker or a poisonous job left behind, and what is old enough to go."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone

from casemgr.kit import heartbeats, job_runs, jobs
from casemgr.kit.models import Job, Notification

# Messages a sweep sends at most: each makes a worker work off everything that is due, so a few are enough.
MESSAGES = 4
PERIOD = 2.0  # seconds, as in the beat schedule of the settings
# How long rows stay whose work is over. What failed stays until a person has dealt with it.
JOBS_KEPT = dt.timedelta(days=30)
READ_KEPT, UNREAD_KEPT = dt.timedelta(days=90), dt.timedelta(days=365)


def sweep() -> dict[str, int]:
    """Park jobs whose last allowed try died, and send wake-up messages when something is due.

    Returns {"given_up": jobs parked, "sent": messages sent}. Safe to run any number of times at once.
    """
    now = timezone.now()
    dead = Job.objects.filter(state=Job.State.RUNNING, lease_until__lt=now, tries__gte=jobs.MAX_TRIES)
    given_up = sum(_park(job, now) for job in dead.select_related("requested_by"))
    waiting = list(jobs.due(now).values_list("pk", flat=True)[:MESSAGES])
    sent = 0
    for _message in waiting:
        if not jobs.wake(expires=2 * PERIOD):
            break
        sent += 1
    Job.objects.filter(pk__in=waiting[:sent], state=Job.State.QUEUED).update(sent_at=now)
    return {"given_up": given_up, "sent": sent}


@transaction.atomic
def _park(job: Job, now: dt.datetime) -> int:
    parked = job_runs.held(job).filter(lease_until__lt=now)
    done = parked.update(
        state=Job.State.PARKED, lease_until=None, finished_at=now, error=job.error or job_runs.WORKER_DIED
    )
    if done:
        job_runs.tell_end(job, Job.State.PARKED)
    return done


def free(worker: str) -> int:
    """End the leases of a worker that is known to be dead, and wake the next one. Returns how many jobs it held."""
    past = timezone.now() - dt.timedelta(seconds=1)
    freed = Job.objects.filter(state=Job.State.RUNNING, worker=worker).update(lease_until=past)
    heartbeats.forget(worker)
    if freed:
        jobs.wake()
    return freed


def tidy(now: dt.datetime) -> dict[str, int]:
    """Delete jobs that are done or given up for 30 days, and old notifications. Returns how many of each.

    A job that still has a file keeps its row until the file is gone (casemgr.kit.exporting.forget_old).
    """
    over = Job.objects.filter(state__in=[Job.State.DONE, Job.State.DROPPED], finished_at__lt=now - JOBS_KEPT, file="")
    read = Notification.objects.filter(read_at__lt=now - READ_KEPT)
    unread = Notification.objects.filter(read_at=None, created_at__lt=now - UNREAD_KEPT)
    return {"jobs": over.delete()[0], "notifications": read.delete()[0] + unread.delete()[0]}
