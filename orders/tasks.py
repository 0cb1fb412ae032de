"""What runs by the clock on this floor."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from django.utils.translation import gettext_lazy as _

from casemgr.kit import audit, jobs
from orders import exports  # noqa: F401  makes its lists known to the job that writes them
from orders.actions import recipients, screenings
from orders.imports import tasks as import_tasks  # noqa: F401  registers its kinds of jobs
from orders.screening import screen
from stores.models import Merchant, Store

# Conditions that time alone brings about; bursts are looked for when rows come in.
BY_THE_CLOCK = ("ship_by", "no_first_scan")


@shared_task(name="orders.tasks.screen_clock")
def screen_clock() -> dict[str, int]:
    """Every five minutes: what must ship, what nobody scanned, in all active shops. Counts of alerts out."""
    with audit.coming_from("task"):
        result = screen(stores=Store.objects.filter(state=Store.State.ACTIVE), detectors=BY_THE_CLOCK)
    return {"opened": result.opened, "updated": result.updated, "cleared": result.cleared}


@jobs.handles(
    recipients.FORGET,
    label=_("erase the recipients of a merchant"),
    kept=_("What was erased stays erased."),
    results={"orders": _("orders")},
)
def forget_recipients(running: jobs.Running) -> dict[str, Any]:
    merchant = Merchant.objects.get(code=running.payload["merchant"])
    return {"orders": recipients.forget_all(merchant=merchant)}


@jobs.handles(
    screenings.SCREEN_SHOP,
    label=_("screen a shop again"),
    kept=_("Alerts found so far are kept."),
    next_step=_("Try again: what was reported is not reported twice."),
    results={
        "opened": _("new alerts"),
        "updated": _("alerts with more in them"),
        "cleared": _("alerts that are over"),
    },
)
def screen_shop(running: jobs.Running) -> dict[str, Any]:
    store = Store.objects.get(code=running.payload["store"])
    return screenings.run(store=store, by=running.job.requested_by, progress=running.progress)
