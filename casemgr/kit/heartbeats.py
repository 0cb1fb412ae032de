"""Who was alive when: one row per worker process, one for the schedule, one for each backup that was made."""

from __future__ import annotations

import datetime as dt
import os
import socket
import threading
from collections.abc import Callable

from django.db import DatabaseError, connection
from django.utils import timezone

from casemgr.kit.models import Heartbeat

PERIOD = 10.0  # seconds between two beats of a worker
SCHEDULE = "schedule"
_WORKER = "worker:"
# A worker that ended without a word is shown this long, then its row goes.
_REMEMBERED = dt.timedelta(hours=1)

# `manage.py up` gives every start of a worker a name of its own, and frees the leases of that name when it dies.
WORKER = os.environ.get("WORKER_BOOT") or f"{socket.gethostname()[:40]}:{os.getpid()}"


def beat(*names: str) -> None:
    """Write down that what `names` name was alive just now (schedule, backup, ...). Read by casemgr.kit.health."""
    rows = [Heartbeat(name=name, beat_at=timezone.now()) for name in sorted(names)]
    Heartbeat.objects.bulk_create(rows, update_conflicts=True, unique_fields=["name"], update_fields=["beat_at"])


def name_of(worker: str) -> str:
    """The name under which a worker process beats."""
    return worker if worker.startswith(_WORKER) else f"{_WORKER}{worker}"[:60]


def of_workers() -> dict[str, dt.datetime]:
    """The last beat of every worker process that is remembered, the newest first."""
    rows = Heartbeat.objects.filter(name__startswith=_WORKER).order_by("-beat_at")
    return dict(rows.values_list("name", "beat_at"))


def last(name: str) -> dt.datetime | None:
    """When `name` last beat; None for never."""
    return Heartbeat.objects.filter(name=name).values_list("beat_at", flat=True).first()


def forget(worker: str) -> None:
    """A worker that ended, or is known to be dead, is no longer shown."""
    Heartbeat.objects.filter(name=name_of(worker)).delete()


def forget_old(now: dt.datetime) -> int:
    """Take away workers that have not beaten for an hour, but never the last one known. Returns how many."""
    old = [name for name, at in list(of_workers().items())[1:] if at < now - _REMEMBERED]
    return Heartbeat.objects.filter(name__in=old).delete()[0]


def keep_beating(over: threading.Event, look: Callable[[], None]) -> threading.Thread:
    """Beat for this worker process from a thread of its own until `over`: whatever its jobs do, it is alive.

    `look` is called with every beat.
    """

    def go() -> None:
        while True:
            look()
            try:
                beat(name_of(WORKER))
            except DatabaseError:
                pass  # the health page asks the database itself; the next beat is soon
            finally:
                connection.close()
            if over.wait(PERIOD):
                return

    thread = threading.Thread(target=go, name="heartbeat", daemon=True)
    thread.start()
    return thread
