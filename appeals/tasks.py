"""Periodic tasks of the appeal floor. Each may run any number of times."""

from __future__ import annotations

from celery import shared_task

from appeals.actions import deadlines, filings
from casemgr.kit import audit


@shared_task
def watch_deadlines() -> dict[str, int]:
    """Alarm near and passed deadlines, and let claims lapse whose two hours are over."""
    with audit.coming_from("task"):
        return {**deadlines.watch(), "lapsed": filings.lapse()}
