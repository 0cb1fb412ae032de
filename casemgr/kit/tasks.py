"""What Celery calls: reasons to look into the table of jobs, and the housework of this floor."""

from __future__ import annotations

import logging
import os
import threading
from typing import Any

from celery import shared_task
from celery.signals import worker_ready, worker_shutdown
from celery.worker import state
from django.utils import timezone

from casemgr.kit import exporting, heartbeats, jobs, sealing, sweeping
from casemgr.kit.backup import nightly

log = logging.getLogger(__name__)

# A thread cannot be killed. One that hangs leaves three; with two gone the clock may find none, and the worker starts anew.
HANGING_AT_MOST = 1
_hanging: set[int] = set()
_over = threading.Event()


@worker_ready.connect
def _begin_to_beat(sender: Any, **_facts: object) -> None:
    heartbeats.keep_beating(_over, lambda: _see_to_schedule(sender.controller))


def _see_to_schedule(worker: Any) -> None:
    """The schedule that runs inside this worker (-B) is a process of its own: when it died, both start anew."""
    schedule = getattr(worker, "beat", None)
    if schedule is not None and schedule.pid and not schedule.is_alive() and state.should_stop is None:
        log.error("the schedule died; the worker ends, and both start anew")
        os._exit(1)


@worker_shutdown.connect
def _end_beating(**_facts: object) -> None:
    _over.set()
    heartbeats.forget(heartbeats.WORKER)


@shared_task(name="casemgr.kit.tasks.work")
def work() -> int:
    """Work off what is due, if this process has a slot free. Returns how many jobs it ran."""
    ran, slot, me = 0, jobs.Slot(), threading.get_ident()
    if not slot.take():
        return ran  # whoever holds the slots looks for the next job when theirs is done
    try:
        while slot.is_held and state.should_stop is None and (job := jobs.take()):
            jobs.execute(job, on_overtime=lambda: _give_up(slot, me))
            jobs.fresh_connection()
            ran += 1
    finally:
        slot.give_back()
        _hanging.discard(me)
    return ran


def _give_up(slot: jobs.Slot, thread: int) -> None:
    """A run hangs: others get its slot. When too many threads hang, the worker ends and what it held is taken again."""
    slot.give_back()
    _hanging.add(thread)
    if len(_hanging) > HANGING_AT_MOST:
        log.error("%s runs hang; this worker ends and starts anew", len(_hanging))
        os._exit(1)


@shared_task(name="casemgr.kit.tasks.sweep")
def sweep() -> dict[str, int]:
    """Every two seconds: park what died too often, wake workers for what is due, and show that the schedule goes."""
    jobs.beat(heartbeats.SCHEDULE)
    return sweeping.sweep()


@shared_task(name="casemgr.kit.tasks.tidy")
def tidy() -> dict[str, int]:
    """Every hour: jobs, notifications and files whose time is over go. A missed hour is made up for by the next."""
    now = timezone.now()
    return {**sweeping.tidy(now), "files": exporting.forget_old(now), "workers": heartbeats.forget_old(now)}


@shared_task(name="casemgr.kit.tasks.seal")
def seal() -> int:
    """Every minute: chain the audit rows that are settled. Returns how many."""
    return sealing.seal()


@shared_task(name="casemgr.kit.tasks.nightly_backup")
def nightly_backup() -> bool:
    """Every hour: the backup of today, if a folder for it is set; the first that asks makes it."""
    return nightly.ask()
