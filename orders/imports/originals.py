"""What becomes of an imported file: kept sealed for a while, or erased at once where it carries identity or bank numbers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db import transaction

from casemgr.kit.privacy import drop_sensitive, sealing
from orders.imports import files
from orders.imports.reasons import reason_column, refusal
from orders.imports.runs import table_of
from orders.models import ImportRefusal, ImportRun


def after_import(run: ImportRun, now: dt.datetime) -> dict[str, Any]:
    """The columns of a run that is imported now: its original is kept sealed until a day, or erased.

    Called in the transaction of the step; the disk follows when it is committed.
    """
    days = settings.IMPORT_KEEP_DAYS
    if not days or drop_sensitive(run.headers):
        return erased(run, reason="imported", by=None)
    path = run.file
    transaction.on_commit(lambda: files.forget_all_but_original(path))
    return {"file": "", "sealed_file": path, "sealed_until": now + dt.timedelta(days=days)}


def erased(run: ImportRun, *, reason: str, by: Any) -> dict[str, Any]:
    """The columns of a run whose file goes now, in the caller's transaction: the key first, the disk after the commit."""
    sealing.destroy(files.key_name(run.code), reason=reason, by=by)
    for path in filter(None, (run.file, run.sealed_file)):
        transaction.on_commit(lambda path=path: files.forget(path))  # type: ignore[misc]
    return {"file": "", "sealed_file": "", "sealed_until": None}


def is_kept(run: ImportRun) -> bool:
    """Whether the file can be taken away still, waiting or imported."""
    return bool(run.file or run.sealed_file)


def refused_rows(run: ImportRun) -> Iterator[list[object]]:
    """The refused rows as the file has them, with the reason in a column of its own; the header first.

    To be mended and imported again: the column is known by its name and read by nobody. FileNotFoundError when the
    original is not kept.
    """
    reasons: dict[int, list[str]] = {}
    kept = ImportRefusal.objects.filter(run=run).order_by("line", "pk").values_list("line", "column", "reason_code")
    for line, column, code in kept:
        reasons.setdefault(line, []).append(f"{column}: {refusal(code)}" if column else refusal(code))
    with table_of(run) as table:
        yield [*table.headers, reason_column()]
        for line, cells in table.rows():
            if line in reasons:
                yield [*cells, "; ".join(reasons[line])]
