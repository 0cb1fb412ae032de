"""One run of a job: its lease, its time limit, its end, and who is told of it. Asked for by casemgr.kit.jobs."""

from __future__ import annotations

import datetime as dt
import logging
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import DatabaseError, close_old_connections, connection, transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_noop

from casemgr.kit import audit, isolation
from casemgr.kit.job_kinds import kind_of
from casemgr.kit.models import Job
from casemgr.kit.notify import tell
from casemgr.kit.privacy import scrub
from casemgr.kit.workflow import Refused

log = logging.getLogger(__name__)

MAX_TRIES = 5
LEASE = dt.timedelta(seconds=20)  # renewed every quarter of it; a machine that died is noticed after it
# Whoever asked is told of a good end only when it took longer than they look at a page.
LONG = dt.timedelta(seconds=5)
ENDED_BADLY = (Job.State.FAILED, Job.State.PARKED)

# Stored in English and translated where they are shown, since nobody's language is known here.
WORKER_DIED = gettext_noop("The worker died during every one of its tries.")
PROCESS_DIED = gettext_noop("The process that ran it died.")
OVERTIME = gettext_noop("It ran longer than it may and was stopped.")
UNFORESEEN = gettext_noop("It broke off with an error that nobody foresaw.")


class Failed(Exception):
    """A failure that no further try mends. Its text is a sentence for the person who asked for the job."""


class Lost(Exception):
    """This run no longer holds its job: the lease ran out and another took it. What it was writing is rolled back."""


class Overtime(Exception):
    """This run took longer than its kind may."""


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
        worker holds the job by now; Overtime when the run has taken longer than its kind may.
        """
        now = timezone.now()
        if now > _ends_by(self.job):
            raise Overtime(self.job.code)
        if not held(self.job).update(progress_done=done, progress_total=total, lease_until=now + LEASE):
            raise Lost(self.job.code)
        self.job.progress_done, self.job.progress_total = done, total


def held(job: Job) -> QuerySet[Job]:
    """The row of the job, as long as this run holds it."""
    return Job.objects.filter(pk=job.pk, token=job.token, state=Job.State.RUNNING)


def _ends_by(job: Job) -> dt.datetime:
    return (job.started_at or timezone.now()) + kind_of(job.kind).limit


@contextmanager
def in_language_of(job: Job) -> Iterator[None]:
    """What is written down meanwhile, refusals above all, is in the language of whoever asked for the job."""
    with translation.override(getattr(job.requested_by, "language", "") or settings.LANGUAGE_CODE):
        yield


def execute(job: Job, *, may_fork: bool = True, on_overtime: Callable[[], None] = lambda: None) -> None:
    """Run a claimed job to its end and write what came of it. Nothing escapes but a database that is gone.

    `on_overtime` is called, from another thread, when the run hangs past its limit: it is given up, and the next try
    runs in a process that can be killed.
    """
    # A job whose last worker died or hung may do so again: it runs apart, so that only the child dies.
    is_apart = may_fork and job.lapses > 0
    try:
        limit = None if is_apart or not may_fork else _ends_by(job)
        with _lease_kept(job, limit, on_overtime), audit.coming_from("task"), in_language_of(job):
            if is_apart:
                return isolation.run_in_child(job, kind_of(job.kind).limit)
            result = kind_of(job.kind).handler(Running(job))
    except Lost:
        log.warning("job %s went on elsewhere; this run's last writes were undone", job.code)
    except (Failed, Refused) as refusal:
        fresh_connection()
        end(job, Job.State.FAILED, error=str(refusal))
    except (Overtime, isolation.TookTooLong):
        fresh_connection()
        _try_later(job, OVERTIME)
    except isolation.ChildDied as death:
        fresh_connection()
        _try_later(job, PROCESS_DIED, fault=str(death))
    except Exception as error:
        trace = scrub(traceback.format_exc())  # a database's complaint quotes the row, and rows hold people
        log.error("job %s (%s), try %s of %s\n%s", job.code, job.kind, job.tries, MAX_TRIES, trace)
        fresh_connection()
        _try_later(job, UNFORESEEN, fault=scrub(f"{type(error).__name__}: {error}".split("\n")[0])[:500])
    else:
        end(job, Job.State.DONE, error="", result=audit.plain(result or {}))
    return None


def fresh_connection() -> None:
    """Drop a database connection that broke or grew old, unless a transaction of the caller is open on it."""
    if not connection.in_atomic_block:
        close_old_connections()


def end(job: Job, state: str, **facts: Any) -> None:
    """Write the end of a run that still holds its job, and tell whoever asked; a run that lost it changes nothing."""
    with transaction.atomic():
        if held(job).update(state=state, lease_until=None, finished_at=timezone.now(), **facts):
            tell_end(job, state)
            return
    log.warning("job %s was taken by another worker; what this run found is dropped", job.code)


def _try_later(job: Job, error: str, *, fault: str = "") -> None:
    result = {"fault": fault} if fault else {}
    if job.tries >= MAX_TRIES:
        return end(job, Job.State.PARKED, error=error, result=result)
    due_at = timezone.now() + dt.timedelta(seconds=2**job.tries)
    held(job).update(state=Job.State.QUEUED, due_at=due_at, lease_until=None, sent_at=None, error=error, result=result)
    return None


def tell_end(job: Job, state: str) -> None:
    """Tell whoever asked how it ended: always when it ended badly, else when it took long and nobody else tells them."""
    if job.requested_by is None:
        return
    kind, is_bad = kind_of(job.kind), state in ENDED_BADLY
    # Until its first try a job is due since it was asked for.
    is_long = job.tries > 1 or timezone.now() - job.due_at > LONG
    if not is_bad and (kind.tells_itself or not is_long):
        return
    text = gettext_noop("Stopped, it waits for you: %(what)s") if is_bad else gettext_noop("Done: %(what)s")
    with in_language_of(job):
        values = {"what": str(kind.label)}
    key = f"job:{job.code}:{job.token[:8]}"
    tell(
        [job.requested_by], event=f"job.{state}", key=key, text=text, values=values, url=reverse("job", args=[job.code])
    )


@contextmanager
def _lease_kept(job: Job, limit: dt.datetime | None, on_overtime: Callable[[], None]) -> Iterator[None]:
    """Renew the lease from a thread while the block runs. Inside somebody's transaction nobody else sees the claim."""
    if connection.in_atomic_block:
        yield
        return
    over = threading.Event()
    args = (job, over, limit, on_overtime)
    keeper = threading.Thread(target=_keep_lease, args=args, name=f"lease {job.code}", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        over.set()
        keeper.join()


def _keep_lease(job: Job, over: threading.Event, limit: dt.datetime | None, on_overtime: Callable[[], None]) -> None:
    """Until `over`, or the `limit`: from then on the lease runs out, and the next try runs in a child process."""
    pause = LEASE.total_seconds() / 4
    while not over.wait(pause if limit is None else min(pause, max(0.0, (limit - timezone.now()).total_seconds()))):
        now = timezone.now()
        is_overtime = limit is not None and now >= limit
        try:
            held(job).update(**{"error": OVERTIME} if is_overtime else {"lease_until": now + LEASE})
        except DatabaseError as error:  # a locked or restarting database: three more chances before the lease ends
            log.warning("lease of %s not renewed: %s", job.code, error)
        finally:
            connection.close()
        if is_overtime:
            log.error("job %s (%s) hangs: its lease is not renewed any more", job.code, job.kind)
            return on_overtime()
    return None
