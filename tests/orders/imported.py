"""Importing a made-up file as a person or script would, with its jobs run in the test's own process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.files.base import ContentFile

from casemgr.kit import jobs
from orders.actions import imports
from orders.imports.asking import Asked
from orders.models import ImportRefusal, ImportRun
from stores.models import Store, User


def received(
    shop: Store, content: bytes, *, by: User | None = None, kind: str = "", name: str = "made-up.csv", **asked: Any
) -> ImportRun:
    """A run whose file has been taken in and, where its columns are known, checked."""
    told = Asked(**asked) if asked else None
    run = imports.receive(by=by, store=shop, kind=kind, upload=ContentFile(content), filename=name, asked=told)
    jobs.run_due()
    run.refresh_from_db()
    return run


def imported(shop: Store, content: bytes, **asked: Any) -> ImportRun:
    """A run whose file has been imported."""
    run = received(shop, content, **asked)
    assert run.status == "staged", (run.status, run.error)
    imports.publish(by=None, run=run)
    jobs.run_due()
    run.refresh_from_db()
    assert run.status == "published", run.status
    return run


def refusals(run: ImportRun) -> list[tuple[int, str, str, str]]:
    """line, column, value and code of every refused row."""
    return list(ImportRefusal.objects.filter(run=run).values_list("line", "column", "value", "reason_code"))


def warned(run: ImportRun) -> dict[str, Mapping[str, Any]]:
    """The warnings of a run by their code."""
    return {one["code"]: one for one in run.warnings}
