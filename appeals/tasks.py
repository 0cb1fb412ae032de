"""Periodic tasks and jobs of the appeal floor. Each may run any number of times."""

from __future__ import annotations

import datetime as dt
from typing import Any

from celery import shared_task
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from appeals import exports  # noqa: F401  makes its lists known to the job that writes them
from appeals.actions import deadlines, filings, plans, retention, trainings
from appeals.evidence import left_over, prebuilt
from appeals.models import Filing
from casemgr.kit import audit, jobs

RETAIN, MEASURE = "appeals.retain", "appeals.measure_plans"


@shared_task
def watch_deadlines() -> dict[str, int]:
    """Alarm near and passed deadlines, and let claims lapse whose two hours are over."""
    with audit.coming_from("task"):
        return {**deadlines.watch(), "lapsed": filings.lapse()}


@shared_task
def tidy() -> dict[str, int]:
    """Every hour: packs that were built and never claimed go a day after nobody waits for them any more; so do files
    whose upload died before its row was written."""
    return {"packs": prebuilt.tidy(timezone.now() - dt.timedelta(days=1)), "left_over": left_over.sweep()}


@shared_task
def keep_plans() -> dict[str, int]:
    """Every hour: the latest safe moment of every open case, where the calendar or the settings moved it."""
    return {"written": deadlines.keep_all_safe()}


@shared_task
def measure_daily() -> None:
    """Every hour: one look a day at what plans brought and at trainings that are due."""
    jobs.enqueue(MEASURE, key=f"measure:{timezone.localdate()}")


@jobs.handles(
    MEASURE,
    label=_("measure what plans brought"),
    kept=_("What was measured stays; the rest is measured by the next run."),
    results={"measured": _("plan actions measured"), "trainings": _("trainings due")},
)
def measure_plans(running: jobs.Running) -> dict[str, Any]:
    return {"measured": plans.measure_due(), "trainings": trainings.remind()}


@shared_task
def retain_daily() -> None:
    """Every hour: one retention run a day, a late one as soon as the clock goes again."""
    jobs.enqueue(RETAIN, key=f"retain:{timezone.localdate()}")


@jobs.handles(
    RETAIN,
    label=_("retention run"),
    kept=_("What was erased stays erased; the rest is kept until the next run."),
    results={
        "cases": _("cases erased"),
        "import_originals": _("imported files erased"),
        "recipients": _("recipients erased"),
    },
)
def retain(running: jobs.Running) -> dict[str, Any]:
    return retention.run(at=timezone.now())


@jobs.handles(
    prebuilt.BUILD_PACK,
    label=_("build the pack of a filing"),
    kept=_("Nothing was claimed and no attempt was spent; the filing stays approved."),
    next_step=_("Mend what is named and try again, or claim the submission: the pack is built then."),
    results={"images": _("pictures")},
    tells_itself=True,
)
def build_pack(running: jobs.Running) -> dict[str, Any]:
    found = Filing.objects.select_related("case__store__platform").get(code=running.payload["filing"])
    return prebuilt.build(found, running.progress)
