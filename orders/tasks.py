"""What runs by the clock on this floor."""

from __future__ import annotations

from celery import shared_task

from casemgr.kit import audit
from orders.imports import tasks as import_tasks  # noqa: F401  registers its kinds of jobs
from orders.screening import screen
from stores.models import Store

# Conditions that time alone brings about; bursts are looked for when rows come in.
BY_THE_CLOCK = ("ship_by", "no_first_scan")


@shared_task(name="orders.tasks.screen_clock")
def screen_clock() -> dict[str, int]:
    """Every five minutes: what must ship, what nobody scanned, in all active shops. Counts of alerts out."""
    with audit.coming_from("task"):
        result = screen(stores=Store.objects.filter(state=Store.State.ACTIVE), detectors=BY_THE_CLOCK)
    return {"opened": result.opened, "updated": result.updated, "cleared": result.cleared}
