"""The demo tells a story of ten days; its steps are taken by the ordinary actions, each at its own hour of the story."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.utils import timezone

from casemgr.kit import jobs
from casemgr.kit.clock import SHANGHAI

MINUTE = dt.timedelta(minutes=1)


@contextmanager
def at(moment: dt.datetime) -> Iterator[None]:
    """Everything inside takes place at `moment` and the seconds after it, the jobs it starts included.

    Only for telling the demo in a process of its own: the clock is set back for the whole process.
    """
    real, begun = timezone.now, time.monotonic()
    inline = getattr(settings, "CASEMGR_JOBS_INLINE", False)
    timezone.now = lambda: moment + dt.timedelta(seconds=time.monotonic() - begun)
    settings.CASEMGR_JOBS_INLINE = True
    try:
        yield
        jobs.run_due()  # within a transaction of the caller nothing was started on commit
    finally:
        timezone.now = real
        settings.CASEMGR_JOBS_INLINE = inline


def day(now: dt.datetime, days_ago: int, clock: str) -> dt.datetime:
    """The moment "HH:MM" in Shanghai, so many days before the day of `now` there."""
    on = now.astimezone(SHANGHAI).date() - dt.timedelta(days=days_ago)
    return dt.datetime.combine(on, dt.time.fromisoformat(clock), tzinfo=SHANGHAI)


def local(moment: dt.datetime) -> dt.datetime:
    """The moment on a clock in Shanghai."""
    return moment.astimezone(SHANGHAI)
