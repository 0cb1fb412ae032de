"""A whole shop is looked at again, by a person's wish: everything it has, with every detector."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction

from casemgr.kit import audit, jobs
from casemgr.kit.models import Job
from orders.detectors import ALL
from orders.screening import screen
from stores.models import Store, User

SCREEN_SHOP = "orders.screen_shop"


@transaction.atomic
def ask(*, by: User, store: Store) -> tuple[Job, bool]:
    """The job that screens this shop, and whether it is a new wish: while one waits or runs, no second one begins."""
    job, is_new = jobs.ask(
        SCREEN_SHOP, key=f"screen:{store.code}", payload={"store": store.code}, by=by, store_id=store.pk, again=True
    )
    if is_new:
        audit.record(by=by, action="store.screen", of=store, after={"job": job.code})
    return job, is_new


def run(*, store: Store, by: User | None, progress: Callable[[int, int], None]) -> dict[str, Any]:
    """Every detector over everything the shop has; `progress` hears how many of them are done. Doubles nothing (rule 8).

    Returns the counts of alerts opened, updated and cleared.
    """
    counts = {"opened": 0, "updated": 0, "cleared": 0}
    for done, detector in enumerate(ALL):
        progress(done, len(ALL))
        found = screen(stores=[store], full=True, detectors=[detector], by=by)
        counts["opened"] += found.opened
        counts["updated"] += found.updated
        counts["cleared"] += found.cleared
    progress(len(ALL), len(ALL))
    return counts
