"""What Celery calls: both are only reasons to look into the table of jobs."""

from __future__ import annotations

from celery import shared_task
from celery.worker import state

from casemgr.kit import jobs, sweeping


@shared_task(name="casemgr.kit.tasks.work")
def work() -> int:
    """Work off what is due, if this process has a slot free. Returns how many jobs it ran."""
    ran = 0
    if not jobs.SLOTS.acquire(blocking=False):
        return ran  # whoever holds the slots looks for the next job when theirs is done
    try:
        while state.should_stop is None and (job := jobs.take()):
            jobs.execute(job)
            jobs.fresh_connection()
            ran += 1
    finally:
        jobs.SLOTS.release()
    return ran


@shared_task(name="casemgr.kit.tasks.sweep")
def sweep() -> dict[str, int]:
    """Every two seconds: give up what died too often, wake workers for what is due, and show that the clock goes."""
    jobs.beat("worker", "schedule")
    return sweeping.sweep()
