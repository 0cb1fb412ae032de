"""Work to be done later, as rows. The row is the truth; a message only wakes a worker that looks for what is due.

Every step is one compare-and-set UPDATE, so that of two workers one wins, a killed worker's job is taken again when its
lease has run out, and a lost, doubled or late message changes nothing. Handlers may run again at any time: they are
written so that a second run adds nothing. Figures and the trials behind the numbers below: docs/adr/0004.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
import uuid
from collections.abc import Mapping
from typing import Any

from celery import current_app
from django.conf import settings
from django.db import transaction
from django.db.models import Case, F, Q, QuerySet, When
from django.utils import timezone

from casemgr.kit import audit, job_runs
from casemgr.kit.heartbeats import WORKER, beat
from casemgr.kit.job_kinds import Handler, Kind, handles, kind_of, kinds
from casemgr.kit.job_runs import ENDED_BADLY, MAX_TRIES, Failed, Lost, Overtime, Running, execute, fresh_connection
from casemgr.kit.models import Job

__all__ = [
    "ENDED_BADLY",
    "MAX_TRIES",
    "WORKER",
    "Failed",
    "Handler",
    "Kind",
    "Lost",
    "Overtime",
    "Running",
    "beat",
    "execute",
    "fresh_connection",
    "handles",
    "kind_of",
    "kinds",
]

log = logging.getLogger(__name__)

# Jobs one process works on at once. The worker has more threads: the clock's own tasks never wait for an import.
_SLOTS = threading.BoundedSemaphore(2)


class Slot:
    """The right to work on jobs in this process. Given back once, by whoever comes first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.is_held = False

    def take(self) -> bool:
        """Whether there was one free."""
        self.is_held = _SLOTS.acquire(blocking=False)
        return self.is_held

    def give_back(self) -> None:
        """Free it for others. Nothing happens when it is free already: a run that hung had its slot taken away."""
        with self._lock:
            if self.is_held:
                self.is_held = False
                _SLOTS.release()


def enqueue(
    kind: str,
    *,
    key: str,
    payload: Mapping[str, Any] | None = None,
    by: Any = None,
    store_id: int | None = None,
    after: dt.timedelta | None = None,
    again: bool = False,
) -> Job:
    """The one job with this `key`, made if there is none; a worker is woken when the surrounding transaction commits.

    `after` delays the first try. `again` puts one that has ended back to waiting, with the new payload; one that waits
    or runs stays as it is, so work that must see a change made meanwhile takes a key of its own.
    Raises LookupError when no app handles `kind`.
    """
    return ask(kind, key=key, payload=payload, by=by, store_id=store_id, after=after, again=again)[0]


def ask(
    kind: str,
    *,
    key: str,
    payload: Mapping[str, Any] | None = None,
    by: Any = None,
    store_id: int | None = None,
    after: dt.timedelta | None = None,
    again: bool = False,
) -> tuple[Job, bool]:
    """Like `enqueue`; says too whether this call made it wait (and not an earlier one, or somebody who was faster)."""
    kind_of(kind)
    fresh = {
        "payload": dict(payload or {}),
        "due_at": timezone.now() + (after or dt.timedelta()),
        "sent_at": None if after else timezone.now(),
    }
    job, is_new = Job.objects.get_or_create(
        key=key, defaults={**fresh, "kind": kind, "requested_by": by, "store_ref": store_id}
    )
    if not is_new and again and _requeue(job, [*_ENDED], requested_by=by, **fresh):
        job.refresh_from_db()
        is_new = True
    if is_new and not after:
        transaction.on_commit(lambda: _start(job))
    return job, is_new


_ENDED = (Job.State.DONE, Job.State.FAILED, Job.State.PARKED, Job.State.DROPPED)


@transaction.atomic
def retry(job: Job, *, by: Any) -> bool:
    """Put a failed or parked job back to waiting with five new tries, by a person's wish. False if it is neither."""
    if not _requeue(job, ENDED_BADLY, due_at=timezone.now(), sent_at=timezone.now()):
        return False
    audit.record(by=by, action="job.retry", of=job, before={"state": job.state}, after={"state": Job.State.QUEUED})
    transaction.on_commit(lambda: _start(job))
    return True


@transaction.atomic
def give_up(job: Job, *, by: Any) -> bool:
    """Let a failed or parked job rest, by a person's wish: nobody is reminded of it again. False if it is neither."""
    waits = Job.objects.filter(pk=job.pk, state__in=ENDED_BADLY)
    if not waits.update(state=Job.State.DROPPED):
        return False
    audit.record(by=by, action="job.give_up", of=job, before={"state": job.state}, after={"state": Job.State.DROPPED})
    return True


def _requeue(job: Job, states: Any, **fresh: Any) -> int:
    ended = Job.objects.filter(pk=job.pk, state__in=states)
    blank = {"tries": 0, "lapses": 0, "token": "", "error": "", "result": {}, "started_at": None, "finished_at": None}
    return ended.update(state=Job.State.QUEUED, progress_done=0, progress_total=None, **blank, **fresh)


def _start(job: Job) -> None:
    if getattr(settings, "CASEMGR_JOBS_INLINE", False):
        run_now(job)
    else:
        wake()


def wake(expires: float | None = None) -> bool:
    """Send one message that makes a worker look for due jobs. False, and a warning, when the broker is away."""
    try:
        current_app.send_task("casemgr.kit.tasks.work", retry=False, expires=expires)
    except Exception as error:  # whatever a broker's client raises: the row is there, the sweeper tries again
        log.warning("the broker could not be reached, the sweeper will try again: %s", error)
        return False
    return True


def due(now: dt.datetime) -> QuerySet[Job]:
    """Jobs that may be claimed at `now`: waiting and due, or running on a lease that ran out; oldest first."""
    lapsed = Q(state=Job.State.RUNNING, lease_until__lt=now)
    waiting = Q(state=Job.State.QUEUED)
    return Job.objects.filter(waiting | lapsed, due_at__lte=now, tries__lt=MAX_TRIES).order_by("due_at", "pk")


def claim(pk: int) -> Job | None:
    """The job, held by this process until its lease runs out, or None when it is not due or another was faster."""
    now, token = timezone.now(), str(uuid.uuid4())
    won = (
        due(now)
        .order_by()
        .filter(pk=pk)
        .update(
            state=Job.State.RUNNING,
            token=token,
            worker=WORKER,
            tries=F("tries") + 1,
            lapses=F("lapses") + Case(When(state=Job.State.RUNNING, then=1), default=0),
            lease_until=now + job_runs.LEASE,
            started_at=now,
        )
    )
    return Job.objects.filter(pk=pk, token=token).first() if won else None


def take() -> Job | None:
    """Claim the job that has been due longest; None when nothing is due."""
    while candidates := list(due(timezone.now()).values_list("pk", flat=True)[:5]):
        for pk in candidates:
            if job := claim(pk):
                return job
    return None


def run_now(job: Job) -> Job:
    """Run this job in this process if it is not held elsewhere, due or not. Returns it as it stands afterwards."""
    Job.objects.filter(pk=job.pk, state=Job.State.QUEUED).update(due_at=timezone.now())
    if claimed := claim(job.pk):
        execute(claimed)
    return Job.objects.get(pk=job.pk)


def run_due() -> list[Job]:
    """Run everything that is due, and what that makes due, in this process. Returns those jobs as they stand then."""
    ran: list[int] = []
    while job := take():
        execute(job)
        ran.append(job.pk)
    return list(Job.objects.filter(pk__in=ran).order_by("pk"))
