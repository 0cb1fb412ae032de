"""What is done with a file that comes in: received, mapped, checked, imported or cancelled."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.core.files import File
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from casemgr.kit import audit, jobs
from casemgr.kit.bulk import insert
from casemgr.kit.models import Job
from casemgr.kit.notify import tell
from casemgr.kit.privacy import scrub, sealing
from casemgr.kit.tabular import TableError, open_table
from casemgr.kit.workflow import Refused, Stale
from orders import screening
from orders.imports import files, originals, profiles
from orders.imports.asking import Asked, recognised, refuse_unfit
from orders.imports.cells import moment_of
from orders.imports.layout import MAPPED
from orders.imports.publishing import Fence, tables_have_grown, write_batches
from orders.imports.reasons import refusal
from orders.imports.registry import known_names
from orders.imports.runs import check_key, write_key
from orders.imports.scratch import BATCH, Scratch
from orders.imports.staging import check
from orders.models import ImportRefusal, ImportRun
from orders.models.import_run import run_code
from orders.workflow import IMPORT
from stores.models import Store, User

CHECK, WRITE, SCREEN = "orders.stage_import", "orders.publish_import", "orders.screen_import"
_LOOK_AGAIN = 0.2  # seconds
_REFUSAL_COLUMNS = ("run_id", "line", "column", "value", "reason_code", "reason")


def receive(
    *, by: User | None, store: Store, kind: str = "", upload: File, filename: str, asked: Asked | None = None
) -> ImportRun:
    """Keep a file privately and see what it is; `kind` "" lets its columns tell.

    A recognised file is on its way to being checked when this returns, another one waits for its columns to be mapped.
    Raises Refused with a sentence when it is no table or too large: then nothing of it was kept.
    """
    code = run_code()
    kept = files.keep(upload, code=code)
    try:
        with files.cleared(kept.path) as clear:
            table = open_table(clear, known=known_names)
        headers = profiles.column_names(table.headers)
        found = recognised(store, kind, headers, asked or Asked())
        with transaction.atomic():
            run = ImportRun.objects.create(
                code=code,
                store=store,
                kind=found.kind,
                requested_by=by,
                filename=scrub(filename)[-200:],
                size=kept.size,
                sha256=kept.sha256,
                file=kept.path,
                encoding=(table.encoding or table.kind)[:20],
                headers=headers,
                mapping=dict(found.mapping),
                options=dict(found.options),
                profile=found.profile,
            )
            _received(run, by=by, source=found.source)
    except BaseException as fault:
        files.forget(kept.path)
        sealing.discard(files.key_name(code))
        if isinstance(fault, TableError):
            raise Refused(fault.message) from fault
        raise
    files.sweep()
    return run


def _received(run: ImportRun, *, by: User | None, source: str) -> None:
    """A file that was recognised goes on to its check; another one waits for a person to map its columns."""
    audit.record(by=by, action="import.received", of=run, after={"size": run.size, "sha256": run.sha256})
    if source:
        _to_check(run, by=by, source=source)
    else:
        IMPORT.go(run, "mapping", by=by)


def _to_check(run: ImportRun, *, by: User | None, source: str) -> None:
    IMPORT.go(run, "staging", by=by, changes={"source": source})
    jobs.enqueue(CHECK, key=check_key(run), payload={"run": run.code}, by=by, store_id=run.store_id, again=True)


@transaction.atomic
def map_columns(
    *,
    by: User | None,
    run: ImportRun,
    kind: str,
    mapping: Mapping[str, str],
    options: Mapping[str, Any],
    remember: bool,
) -> None:
    """Say by hand which column means what, and have the file checked (again) that way. Raises Refused, Stale.

    `options`: rows, levels, date_order, timezone (orders.imports.layout.of_mapping). `remember` keeps all of it for the
    shop's next file with these columns.
    """
    refuse_unfit(kind, mapping, run.headers)
    if run.status == "staged":
        IMPORT.go(run, "mapping", by=by)
    answers = {name: options[name] for name in profiles.ANSWERS if options.get(name)}
    profile = None
    if remember:
        profile = profiles.remember(
            by=by, store=run.store, kind=kind, headers=run.headers, mapping=mapping, options=answers
        )
    # What is already being checked or written keeps its mapping: only a run in one of these states is changed.
    told = ImportRun.objects.filter(pk=run.pk, status__in=("received", "mapping"))
    if not told.update(kind=kind, mapping=dict(mapping), options=answers, profile=profile):
        raise Stale(audit.who_was_faster(run))
    run.kind, run.mapping, run.options, run.profile = kind, dict(mapping), answers, profile
    _to_check(run, by=by, source=MAPPED)


def stage(*, run: ImportRun, progress: Callable[[int], None] | None = None) -> None:
    """Read and check the whole file; nothing of it is written but what was refused and a preview.

    Not one transaction: reading a large file would lock everyone else out. What was found is written in one at the end.
    """
    if run.status != "staging":
        return
    path = run.file
    try:
        staged = check(run, progress)
        _write_down(run, staged.facts)
    except TableError as fault:
        with translation.override(getattr(run.requested_by, "language", "") or settings.LANGUAGE_CODE):
            fail(run=run, error=fault.message)
    except (Stale, FileNotFoundError, sqlite3.OperationalError):
        # Cancelled meanwhile: its file is gone, and whatever was made of it goes too.
        run.refresh_from_db()
        if run.status in ("staging", "staged"):
            raise
        files.forget(path)


@transaction.atomic
def _write_down(run: ImportRun, facts: dict[str, Any]) -> None:
    """The refused rows, the preview and the counts, and the step to "staged", all or nothing."""
    ImportRefusal.objects.filter(run=run).delete()
    with Scratch.reading(files.scratch_of(run.file)) as scratch, translation.override("en"):
        rows = ((run.pk, *one[:3], one.reason_code, refusal(one.reason_code)[:300]) for one in scratch.refusals())
        insert(ImportRefusal, _REFUSAL_COLUMNS, rows)
    counted = {name: facts.pop(name) for name in ("rows", "stored", "refused")}
    facts["warnings"] = [*seen_before(run), *facts["warnings"]]
    ImportRun.objects.filter(pk=run.pk).update(**facts)
    for name, value in facts.items():
        setattr(run, name, value)
    IMPORT.go(run, "staged", by=None, changes={**counted, "staged_at": timezone.now()})


def seen_before(run: ImportRun) -> list[dict[str, Any]]:
    """The warning that this very file was imported into the shop before, as a list of none or one."""
    same = ImportRun.objects.filter(store=run.store_id, sha256=run.sha256, status="published").exclude(pk=run.pk)
    last = same.order_by("-published_at").first()
    if last is None or last.published_at is None:
        return []
    return [
        {"code": "same_file", "run": last.code, "on": timezone.localtime(last.published_at).strftime("%Y-%m-%d %H:%M")}
    ]


@transaction.atomic
def publish(*, by: User | None, run: ImportRun) -> Job:
    """Import what was checked; the work goes on in a job, which is returned. Raises Refused, Stale."""
    if run.status == "staged" and not run.stored:
        raise Refused(_("There is no row that could be imported."))
    IMPORT.go(run, "publishing", by=by, changes={"published_upto": 0})
    return jobs.enqueue(WRITE, key=write_key(run), payload={"run": run.code}, by=by, store_id=run.store_id)


def check_now(*, run: ImportRun) -> ImportRun:
    """Have the file checked before this returns, for scripts that wait. Raises Refused with the sentence why it failed."""
    return _waited_for(Job.objects.get(key=check_key(run)), run, "staging")


def publish_now(*, by: User | None, run: ImportRun) -> ImportRun:
    """Import what was checked before this returns, for scripts that wait. Raises Refused, Stale."""
    return _waited_for(publish(by=by, run=run), run, "publishing")


def _waited_for(job: Job, run: ImportRun, status: str) -> ImportRun:
    """The run after its job: done in this process, or by the worker that was faster to take it."""
    job = jobs.run_now(job)
    run.refresh_from_db()
    while run.status == status and job.state in (Job.State.QUEUED, Job.State.RUNNING):
        time.sleep(_LOOK_AGAIN)
        job = jobs.run_now(job)
        run.refresh_from_db()
    if run.status in (status, "failed"):
        raise Refused(run.error or job.error)
    return run


def write(*, run: ImportRun, fence: Fence | None = None) -> None:
    """Write the batches that are not written yet, and finish. `fence` may undo a batch by raising."""
    while run.status == "publishing":
        try:
            if write_batches(run, fence):
                _finish(run)
                return
        except FileNotFoundError:
            if not files.absolute(run.file).is_file():
                fail(run=run, error=_("The file is gone from the disk. Please choose it again; nothing is doubled."))
                return
            # The scratch file is made again from the file; the same rows come in the same order.
            check(run)
        run.refresh_from_db()


@transaction.atomic
def _finish(run: ImportRun) -> None:
    """The last step: the original is put away, what the file told of tracking is noted, and screening begins."""
    first_event, now = run.counts.get("first_event"), timezone.now()
    if first_event:
        _note_tracking(run.store, first_event)
    # One audit row stands for all the batches: their counts, and the digest of the file they came from.
    bulk = {name: getattr(run, name) for name in ("rows", "stored", "refused", "sha256")}
    IMPORT.go(run, "published", by=None, changes={"published_at": now, **bulk, **originals.after_import(run, now)})
    if run.stored >= BATCH:
        transaction.on_commit(tables_have_grown)
    _tell(run, gettext_noop("%(file)s is imported: %(stored)s rows stored, %(refused)s refused."))
    jobs.enqueue(
        SCREEN, key=f"import:{run.code}:screen", payload={"run": run.code}, by=run.requested_by, store_id=run.store_id
    )


def _note_tracking(store: Store, first_event: str) -> None:
    """From now on a missing scan of this shop means something: from the first event that any file told."""
    moment = moment_of(first_event)
    later = Q(scans_known_since=None) | Q(scans_known_since__gt=moment)
    if Store.objects.filter(later, pk=store.pk).update(scans_known_since=moment):
        before = {"scans_known_since": store.scans_known_since}
        audit.record(
            by=None, action="store.tracking_known", of=store, before=before, after={"scans_known_since": moment}
        )


@transaction.atomic
def cancel(*, by: User | None, run: ImportRun) -> None:
    """Let go of a file that is not imported: file, preview and refused rows are deleted. Raises Refused, Stale."""
    IMPORT.go(run, "cancelled", by=by, changes=originals.erased(run, reason="import cancelled", by=by))
    _forget_contents(run)


@transaction.atomic
def fail(*, run: ImportRun, error: str) -> None:
    """End a run that cannot go on, with the sentence why; what was written of it stands, its file goes."""
    IMPORT.go(
        run, "failed", by=None, changes={**originals.erased(run, reason="import failed", by=None), "error": error}
    )
    _tell(run, gettext_noop("%(file)s could not be imported. Nothing more of it will be written."))


def _tell(run: ImportRun, text: str) -> None:
    """Tell whoever sent the file in how it ended: they may have left the page."""
    if run.requested_by is None:
        return
    values = {"file": run.filename, "stored": run.stored, "refused": run.refused}
    url = reverse("import", args=[run.code])
    tell([run.requested_by], event=f"import.{run.status}", key=f"import:{run.code}", text=text, values=values, url=url)


def _forget_contents(run: ImportRun) -> None:
    ImportRefusal.objects.filter(run=run).delete()
    ImportRun.objects.filter(pk=run.pk).update(preview=[], warnings=[])
    run.preview, run.warnings = [], []


def screen(*, run: ImportRun, by: User | None) -> screening.Result:
    """Screen the shop for what came since the file was checked, and note it with the run. Safe to run again."""
    since = run.staged_at.replace(microsecond=0) if run.staged_at else None
    result = screening.screen(stores=[run.store], since=since, by=by)
    found = {"opened": result.opened, "updated": result.updated}
    ImportRun.objects.filter(pk=run.pk).update(screened_at=timezone.now(), counts={**run.counts, "alerts": found})
    return result
