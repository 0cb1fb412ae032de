"""The broom: what a lost message, a dead worker or a poisonous job left behind is found here."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone
from django.utils.translation import gettext_noop

from casemgr.kit import jobs
from casemgr.kit.models import Job

# Messages a sweep sends at most: each makes a worker work off everything that is due, so a few are enough.
MESSAGES = 4
PERIOD = 2.0  # seconds, as in the beat schedule of the settings
# Stored in English and translated where it is shown, since nobody's language is known here.
WORKER_DIED = gettext_noop("The worker died during every one of its tries.")


def sweep() -> dict[str, int]:
    """Fail jobs whose last allowed try died, and send wake-up messages when something is due.

    Returns {"given_up": jobs failed, "sent": messages sent}. Safe to run any number of times at once.
    """
    now = timezone.now()
    given_up = Job.objects.filter(state=Job.State.RUNNING, lease_until__lt=now, tries__gte=jobs.MAX_TRIES).update(
        state=Job.State.FAILED,
        lease_until=None,
        finished_at=now,
        error=WORKER_DIED,
    )
    waiting = list(jobs.due(now).values_list("pk", flat=True)[:MESSAGES])
    sent = 0
    for _message in waiting:
        if not jobs.wake(expires=2 * PERIOD):
            break
        sent += 1
    Job.objects.filter(pk__in=waiting[:sent], state=Job.State.QUEUED).update(sent_at=now)
    return {"given_up": given_up, "sent": sent}


def free(worker: str) -> int:
    """End the leases of a worker that is known to be dead, and wake the next one. Returns how many jobs it held."""
    past = timezone.now() - dt.timedelta(seconds=1)
    freed = Job.objects.filter(state=Job.State.RUNNING, worker=worker).update(lease_until=past)
    if freed:
        jobs.wake()
    return freed
