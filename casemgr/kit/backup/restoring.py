"""Putting a backup back. Everything is checked and built beside what is there; only then does it take its place."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.models import F, Max
from django.utils import formats, timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from casemgr.kit import audit, chain, heartbeats
from casemgr.kit.backup import archive, fingerprints, places, tables
from casemgr.kit.models import AuditEvent, Heartbeat, Job
from casemgr.kit.workflow import Refused

ALIVE = dt.timedelta(seconds=30)  # the schedule beats every two seconds, a worker every ten
HEARTBEAT = "restore"

Say = Callable[[str], None]


@dataclass
class Restored:
    """What a restore did. `aside` names where the former data are, by kind; empty when there were none."""

    made_at: str
    rows: int
    files: int
    requeued: int
    warnings: list[str]
    aside: dict[str, str] = field(default_factory=dict)

    as_dict = asdict


@dataclass(frozen=True)
class Found:
    """What is in the place now."""

    people: int
    newest: dt.datetime | None
    files: bool
    is_running: bool

    @property
    def is_empty(self) -> bool:
        """Nobody could sign in and nothing was uploaded: reference data alone is no work."""
        return not (self.people or self.files)


def restore(path: Path, *, force: bool = False, say: Say = lambda text: None) -> Restored:
    """Check the whole backup, build it beside what is here, compare it, and put it in its place.

    `force` also takes the place of data that are here already; they are kept aside. Raises Refused before anything is
    touched when the backup is damaged, foreign or newer than this program, when CaseMgr is running here, and without
    `force` when the place is not empty. After any error what was here is here unchanged.
    """
    say(_("Checking the backup ..."))
    manifest = archive.check(path)
    check_versions(manifest)
    check_place(look(), manifest, force=force)
    place, stamp = places.here(), f"{timezone.localtime():%Y%m%d_%H%M%S}"
    was_empty = look().is_empty
    with archive.reading(path) as (pack, _manifest):
        say(_("Restoring files ..."))
        new_files = _extract(pack)
        try:
            say(_("Restoring rows ..."))
            with places.building(place) as built:
                requeued = _build(pack, manifest, built)
                warnings = [*_chain_warnings(), *fingerprints.warnings(manifest["keys"])]
        except BaseException:
            shutil.rmtree(new_files)
            raise
    aside = _put_in_place(place, new_files, stamp, keep=not was_empty)
    done = Restored(
        made_at=manifest["made_at"],
        rows=sum(kept["rows"] for kept in manifest["tables"].values()),
        files=manifest["files"]["count"],
        requeued=requeued,
        warnings=warnings,
        aside=aside,
    )
    _record(done)
    return done


def look() -> Found:
    """What is in the place now; tables that are not there yet count as empty."""
    there = set(connection.introspection.table_names())
    person = get_user_model()
    root = Path(settings.MEDIA_ROOT)
    files = any(names for _folder, _folders, names in os.walk(root))
    if not {person._meta.db_table, AuditEvent._meta.db_table, Heartbeat._meta.db_table} <= there:
        return Found(0, None, files, False)
    beats = [heartbeats.last(heartbeats.SCHEDULE), *heartbeats.of_workers().values()]
    is_running = any(at and at > timezone.now() - ALIVE for at in beats)
    newest = AuditEvent.objects.aggregate(at=Max("at"))["at"]
    return Found(person._base_manager.count(), newest, files, is_running)


def check_place(found: Found, manifest: archive.Manifest, *, force: bool) -> None:
    """Raises Refused where restoring now would lose something or run into a living system."""
    if found.is_running:
        raise Refused(
            _("CaseMgr is running on this database. Nothing was touched. Stop it, wait half a minute, then try again.")
        )
    if found.is_empty or force:
        return
    made_at = parse_datetime(manifest["made_at"])
    if found.newest and made_at and found.newest > made_at:
        raise Refused(
            _(
                "What is here is newer than this backup: the last change here was on %(newest)s, the backup was made on"
                " %(made)s. Nothing was touched. To go back all the same, add --force: what is here is kept aside."
            )
            % {"newest": _moment(found.newest), "made": _moment(made_at)}
        )
    raise Refused(
        _(
            "There are data here already (%(people)s people). Nothing was touched. Restore into an empty place, or add"
            " --force: what is here is kept aside."
        )
        % {"people": found.people}
    )


def _moment(at: dt.datetime) -> str:
    return formats.date_format(timezone.localtime(at), "Y-m-d H:i:s")


def check_versions(manifest: archive.Manifest) -> None:
    """Raises Refused for a backup with steps of the tables that this program does not know."""
    known = set(MigrationExecutor(connection).loader.disk_migrations)
    if new := sorted({(app, name) for app, name in manifest["migrations"]} - known):
        raise Refused(
            _(
                "This backup was made by another version of CaseMgr: its tables went through %(step)s, which this one"
                " does not know. Nothing was touched. Install the version that made it, or a newer one."
            )
            % {"step": ".".join(new[0])}
        )


def _extract(pack: zipfile.ZipFile) -> Path:
    """Write all files into a new folder beside MEDIA_ROOT and read them back from there."""
    root = Path(settings.MEDIA_ROOT)
    target = root.with_name(f"{root.name}.{places.RESTORING}")
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True, mode=0o700)
    try:
        for one in archive.listed_files(pack):
            _write_file(pack, target, one["path"], one["sha256"])
    except BaseException:
        shutil.rmtree(target)
        raise
    return target


def _write_file(pack: zipfile.ZipFile, target: Path, name: str, sha256: str) -> None:
    pure = PurePosixPath(name)
    if pure.is_absolute() or ".." in pure.parts:
        raise archive.damaged(name)
    path = target / pure
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (
        pack.open(archive.FILES + name) as member,
        os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600), "w+b") as file,
    ):
        shutil.copyfileobj(member, file, archive.CHUNK)
        file.flush()
        os.fsync(file.fileno())
        file.seek(0)
        if archive.sha256_of(archive.blocks(file)) != sha256:
            raise archive.damaged(name)


def _build(pack: zipfile.ZipFile, manifest: archive.Manifest, built: BaseDatabaseWrapper) -> int:
    """Make the tables as they were, fill them, compare them, bring them to this version. Returns jobs put back."""
    executor = MigrationExecutor(built)
    targets = _leaves(executor, {(app, name) for app, name in manifest["migrations"]})
    executor.migrate(targets)
    found = tables.models_of(executor.loader.project_state(targets).apps)
    listed = {model._meta.db_table: tables.columns_of(model) for model in found}
    if listed != {name: kept["columns"] for name, kept in manifest["tables"].items()}:
        raise Refused(_("The tables of this backup are not those of this program. Nothing was touched."))
    with transaction.atomic(), places.triggers_resting(built), built.cursor() as cursor:
        for model in found:
            tables.load(model, archive.lines(pack, archive.ROWS + model._meta.db_table), built)
        for statement in built.ops.sequence_reset_sql(no_style(), found):
            cursor.execute(statement)
    _compare(found, manifest)
    call_command("migrate", verbosity=0, interactive=False)
    ContentType.objects.clear_cache()
    return _requeue()


def _leaves(executor: MigrationExecutor, applied: set[tuple[str, str]]) -> list[tuple[str, str]]:
    """The last applied step of each app."""
    nodes = executor.loader.graph.node_map
    last = [
        key
        for key in applied
        if key in nodes and not any(child.key in applied and child.key[0] == key[0] for child in nodes[key].children)
    ]
    return sorted(last)


def _compare(found: list[type[models.Model]], manifest: archive.Manifest) -> None:
    """What was written, read again, has the rows and the hash the backup says. Raises Refused for a table that has not."""
    for model in found:
        name = model._meta.db_table
        if tables.stored(model, "default").as_dict() != manifest["tables"][name]:
            raise Refused(
                _("The table %(table)s is not the same after restoring. What was here before was not touched.")
                % {"table": name}
            )


def _chain_warnings() -> list[str]:
    """A trail that was tampered with before the backup is restored as it is, and said."""
    first = next((fault for fault in chain.faults({}) if fault.kind != "head"), None)
    if first is None:
        return []
    return [_("The audit trail of this backup is not as it was sealed, from row %(row)s on.") % {"row": first.row}]


def _requeue() -> int:
    """Jobs that were running wait again, without the try that was cut off; all that wait are sent anew."""
    running = Job.objects.filter(state=Job.State.RUNNING)
    cut = {"state": Job.State.QUEUED, "tries": F("tries") - 1, "lease_until": None, "token": "", "worker": ""}
    requeued = running.update(**cut)
    Job.objects.filter(state=Job.State.QUEUED).update(sent_at=None)
    return requeued


def _put_in_place(place: places.Place, new_files: Path, stamp: str, *, keep: bool) -> dict[str, str]:
    """Rename: new files and new database in, former ones aside (thrown away when they were nothing)."""
    root = Path(settings.MEDIA_ROOT)
    aside = root.with_name(f"{root.name}.before-{stamp}")
    had_files = root.exists()
    if had_files:
        os.replace(root, aside)
    os.replace(new_files, root)
    archive.sync_folder(root.parent)
    connection.close()
    database = place.swap(stamp)
    if keep:
        return {"database": database, "files": str(aside) if had_files else ""}
    shutil.rmtree(aside, ignore_errors=True)
    if database:
        place.drop_aside(stamp)
    return {}


def _record(done: Restored) -> None:
    """One audit row; the seal kept outside the database follows, or `verify` would call this a cut."""
    heartbeats.beat(HEARTBEAT)
    after = {"made_at": done.made_at, "rows": done.rows, "files": done.files}
    audit.record(by=None, action="backup.restored", of=Heartbeat.objects.get(name=HEARTBEAT), after=after)
    if newest := chain.newest():
        chain.write_head(newest)
