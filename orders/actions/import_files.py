"""What is taken away of an import, and what ends: the refused rows as a file, the original, its time of keeping."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from casemgr.kit import audit
from orders.imports import originals
from orders.models import ImportRun
from stores.models import User


def refused_taken(*, by: User, run: ImportRun) -> None:
    """Note that somebody took the refused rows away as a file."""
    audit.record(by=by, action="import.refused_taken", of=run, after={"rows": run.refused})


def original_taken(*, by: User, run: ImportRun) -> None:
    """Note that somebody took the original away: it holds the buyers' data as the platform gave them."""
    audit.record(by=by, action="import.original_taken", of=run, after={"sha256": run.sha256, "rows": run.rows})


@transaction.atomic
def end_keeping(*, run: ImportRun, now: dt.datetime) -> bool:
    """Erase an original whose time of keeping is over at `now`; whether there was one. Safe to run again."""
    changes = originals.erased(run, reason="kept long enough", by=None)
    kept = ImportRun.objects.filter(pk=run.pk, sealed_until__lte=now).exclude(sealed_file="")
    if not kept.update(**changes):
        transaction.set_rollback(True)
        return False
    audit.record(by=None, action="import.original_erased", of=run, before={"sealed_until": run.sealed_until})
    return True
