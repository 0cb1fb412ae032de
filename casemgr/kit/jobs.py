"""Work to be done later, as rows. The row is the truth; a message only wakes a worker that looks for what is due.

Every step is one compare-and-set UPDATE, so that of two workers one wins, a killed worker's job is taken again when its
lease has run out, and a lost, doubled or late message changes nothing. Handlers may run again at any time: they are
written so that a second run adds nothing. Figures and the trials behind the numbers below: docs/adr/0004.
"""

from __future__ import annotations

import datetime as dt
import logging
import os
import socket
import threading
import traceback
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from celery import current_app
from django.conf import settings
from django.db import DatabaseError, close_old_connections, connection, transaction
from django.db.models import Case, F, Q, QuerySet, When
from django.utils import timezone
from django.utils.module_loading import autodiscover_modules

from casemgr.kit import audit, isolation
from casemgr.kit.models import Heartbeat, Job
from casemgr.kit.privacy import scrub
from casemgr.kit.workflow import Refused

log = logging.getLogger(__name__)

MAX_TRIES = 5
LEASE = dt.timedelta(seconds=20)  # renewed every quarter of it; a machine that died is noticed after it
# Jobs one process works on at once. The worker has more threads: the clock's own tasks never wait for an import.
SLOTS = threading.BoundedSemaphore(2)
# `manage.py up` gives every start of a worker a name of its own, and frees the leases of that name when it dies.
WORKER = os.environ.get("WORKER_BOOT") or f"{socket.gethostname()[:40]}:{os.getpid()}"

Handler = Callable[["Running"], Mapping[str, Any] | None]
_handlers: dict[str, Handler] = {}


class Failed(Exception):
    """A failure that no further try mends. Its text is a sentence for the person who asked for the job."""


class Lost(Exception):
    """This run no longer holds its job: the lease ran out and another took it. What it was writing is rolled back."""


@dataclass(frozen=True)
class Running:
    """What a handler gets: its job, and the means to say how far it is."""

    job: Job

    @property
    def payload(self) -> dict[str, Any]:
        return self.job.payload

    def progress(self, done: int, total: int | None = None) -> None:
        """Show how far the job is, in whatever unit `total` counts (None: unknown).

        Called inside the transaction of a batch it also fences it: raises Lost, and so undoes the batch, when another
        worker holds the job by now.
        """
        if not _held(self.job).update(progress_done=done, progress_total=total, lease_until=timezone.now() + LEASE):
            raise Lost(self.job.code)
        self.job.progress_done, self.job.progress_total = done, total


def handles(kind: str) -> Callable[[Handler], Handler]:
    """Register the decorated function as what is run for jobs of `kind` ("app.verb"). Lives in an app's tasks.py."""

    def register(handler: Handler) -> Handler:
        if _handlers.setdefault(kind, handler) is not handler:
            raise ValueError(f"two handlers for jobs of kind {kind!r}")
        return handler

    return register


def handler_of(kind: str) -> Handler:
    """The function registered for `kind`. Raises LookupError when no app has one."""
    if kind not in _handlers:
        autodiscover_modules("tasks")
    if kind not in _handlers:
        raise LookupError(f"no handler for jobs of kind {kind!r}")
    return _handlers[kind]


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

    `after` delays the first try. `again` puts one that is done, failed or parked back to waiting, with the new payload;
    one that waits or runs stays as it is, so work that must see a change made meanwhile takes a key of its own.
    Raises LookupError when no app handles `kind`.
    """
    handler_of(kind)
    fresh = {
        "payload": dict(payload or {}),
        "due_at": timezone.now() + (after or dt.timedelta()),
        "sent_at": None if after else timezone.now(),
    }
    job, is_new = Job.objects.get_or_create(
        key=key, defaults={**fresh, "kind": kind, "requested_by": by, "store_ref": store_id}
    )
    if not is_new and again and _requeue(job, **fresh):
        job.refresh_from_db()
        is_new = True
    if is_new and not after:
        transaction.on_commit(lambda: _start(job))
    return job


def retry(job: Job, *, by: Any) -> bool:
    """Put a failed or parked job back to waiting with five new tries, by a person's wish. False if it is neither."""
    with transaction.atomic():
        moved = job.state != Job.State.DONE and _requeue(job, due_at=timezone.now(), sent_at=timezone.now())
        if moved:
            audit.record(
                by=by, action="job.retry", of=job, before={"state": job.state}, after={"state": Job.State.QUEUED}
            )
            transaction.on_commit(lambda: _start(job))
    return bool(moved)


def _requeue(job: Job, **fresh: Any) -> int:
    ended = Job.objects.filter(pk=job.pk, state__in=[Job.State.DONE, Job.State.FAILED, Job.State.PARKED])
    blank = {"tries": 0, "lapses": 0, "token": "", "error": "", "result": {}, "finished_at": None}
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
            lease_until=now + LEASE,
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


def execute(job: Job, *, may_fork: bool = True) -> None:
    """Run a claimed job to its end and write what came of it. Nothing escapes but a database that is gone."""
    try:
        with _lease_kept(job), audit.coming_from("task"):
            # A job whose last worker died may be what killed it: it runs apart, so that only the child dies.
            if may_fork and job.lapses:
                isolation.run_in_child(job)
                return
            result = handler_of(job.kind)(Running(job))
    except Lost:
        log.warning("job %s went on elsewhere; this run's last writes were undone", job.code)
    except (Failed, Refused) as refusal:
        fresh_connection()
        _end(job, Job.State.FAILED, error=str(refusal))
    except Exception as error:
        trace = scrub(traceback.format_exc())  # a database's complaint quotes the row, and rows hold people
        log.error("job %s (%s), try %s of %s\n%s", job.code, job.kind, job.tries, MAX_TRIES, trace)
        fresh_connection()
        _try_later(job, scrub(f"{type(error).__name__}: {error}".split("\n")[0])[:500])
    else:
        _end(job, Job.State.DONE, error="", result=audit.plain(result or {}))


def fresh_connection() -> None:
    """Drop a database connection that broke or grew old, unless a transaction of the caller is open on it."""
    if not connection.in_atomic_block:
        close_old_connections()


def _held(job: Job) -> QuerySet[Job]:
    return Job.objects.filter(pk=job.pk, token=job.token, state=Job.State.RUNNING)


def _end(job: Job, state: str, **facts: Any) -> None:
    if not _held(job).update(state=state, lease_until=None, finished_at=timezone.now(), **facts):
        log.warning("job %s was taken by another worker; what this run found is dropped", job.code)


def _try_later(job: Job, error: str) -> None:
    if job.tries >= MAX_TRIES:
        return _end(job, Job.State.FAILED, error=error)
    due_at = timezone.now() + dt.timedelta(seconds=2**job.tries)
    _held(job).update(state=Job.State.QUEUED, due_at=due_at, lease_until=None, sent_at=None, error=error)
    return None


@contextmanager
def _lease_kept(job: Job) -> Iterator[None]:
    """Renew the lease from a thread while the block runs. Inside somebody's transaction nobody else sees the claim."""
    if connection.in_atomic_block:
        yield
        return
    over = threading.Event()
    keeper = threading.Thread(target=_keep_lease, args=(job, over), name=f"lease {job.code}", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        over.set()
        keeper.join()


def _keep_lease(job: Job, over: threading.Event) -> None:
    while not over.wait(LEASE.total_seconds() / 4):
        try:
            _held(job).update(lease_until=timezone.now() + LEASE)
            beat("worker")
        except DatabaseError as error:  # a locked or restarting database: three more chances before the lease ends
            log.warning("lease of %s not renewed: %s", job.code, error)
        finally:
            connection.close()


def beat(*names: str) -> None:
    """Write down that what `names` name was alive just now (worker, schedule). Read by the health page."""
    rows = [Heartbeat(name=name, beat_at=timezone.now()) for name in sorted(names)]
    Heartbeat.objects.bulk_create(rows, update_conflicts=True, unique_fields=["name"], update_fields=["beat_at"])


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
