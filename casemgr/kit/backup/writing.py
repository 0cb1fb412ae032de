"""Making a backup while everything goes on: rows of one moment, then the files those rows name, read back at once."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import platform
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import django
from django.apps import apps
from django.conf import settings
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from casemgr.kit import audit, heartbeats, sealing
from casemgr.kit.backup import archive, fingerprints, places, tables
from casemgr.kit.health import BACKUP
from casemgr.kit.models import AuditEvent, AuditSeal, Heartbeat
from casemgr.kit.workflow import Refused


@dataclass(frozen=True)
class Made:
    """A finished and checked backup. `gone` are files that were deleted between the rows and their turn."""

    path: str
    made_at: str
    rows: int
    files: int
    bytes: int
    sha256: str
    gone: int

    as_dict = asdict


def write(path: Path) -> Made:
    """Write a backup to `path` (a new file, or a folder in which it is named after the time) and read it back.

    Raises Refused when something is at `path` already, the folder is missing or full, or the tables are not those of
    this program. Nothing is left of a backup that was not finished.
    """
    now = timezone.now()
    path = path / f"casemgr-{timezone.localtime(now):%Y%m%d-%H%M%S}.zip" if path.is_dir() else path
    if path.exists():
        raise Refused(_("There is a file at %(path)s already. It was kept; give another name.") % {"path": path})
    if not path.parent.is_dir():
        raise Refused(_("The folder %(path)s does not exist. Make it, then try again.") % {"path": path.parent})
    return replace(path, now=now)


def replace(path: Path, *, now: dt.datetime | None = None) -> Made:
    """The same, taking the place of what may be at `path`; the old one stays until the new one is checked."""
    check_tables()
    sealing.seal()  # so that hardly anything in it is unsealed
    now = now or timezone.now()
    try:
        with archive.writing(path, archive.check) as pack:
            manifest = _fill(pack, now)
    except OSError as error:
        raise Refused(
            _("The backup could not be written (%(why)s). Nothing was left of it; make room or choose another folder.")
            % {"why": error.strerror or error}
        ) from error
    files = manifest["files"]
    made = Made(
        path=str(path),
        made_at=manifest["made_at"],
        rows=sum(kept["rows"] for kept in manifest["tables"].values()),
        files=files["count"],
        bytes=path.stat().st_size,
        sha256=archive.check_seal(path),
        gone=files["gone"],
    )
    heartbeats.beat(BACKUP)
    beat = Heartbeat.objects.get(name=BACKUP)
    after = {"rows": made.rows, "files": made.files, "sha256": made.sha256}
    audit.record(by=None, action="backup.made", of=beat, after=after)
    return made


def check_tables() -> None:
    """Raises Refused when migrations are missing: a backup of half-old tables could not be put back."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise Refused(_("The database is older than this program. Run `manage.py migrate` first; nothing was written."))


def _fill(pack: zipfile.ZipFile, now: dt.datetime) -> archive.Manifest:
    with places.snapshot() as using:
        # Listed right after the rows were fixed: a file is written before the row that names it, so all of theirs are
        # here, and hardly one of a later row.
        names = sorted(_stored_files())
        manifest = _describe(now, using)
        for model in tables.models_of(apps):
            counted = tables.Counted(tables.lines_of(model, using))
            archive.add(pack, archive.ROWS + model._meta.db_table, counted, squeeze=True)
            kept = tables.Kept(tables.columns_of(model), counted.rows, counted.sha256)
            manifest["tables"][model._meta.db_table] = kept.as_dict()
    manifest["files"] = _add_files(pack, names)
    archive.add(pack, archive.MANIFEST, [json.dumps(manifest, ensure_ascii=False, indent=1).encode()], squeeze=True)
    return manifest


def _describe(now: dt.datetime, using: str) -> archive.Manifest:
    seal = AuditSeal.objects.using(using).order_by("pk").last()
    newest = AuditEvent.objects.using(using).aggregate(at=Max("at"))["at"]
    return {
        "app": archive.APP,
        "format": archive.FORMAT,
        "made_at": now.isoformat(),
        "newest_change": newest.isoformat() if newest else None,
        "database": connections[using].vendor,
        "django": django.get_version(),
        "python": platform.python_version(),
        "migrations": sorted(MigrationRecorder(connections[using]).applied_migrations()),
        "keys": fingerprints.of_this_machine(),
        "seal": {"last_id": seal.last_id, "hash": seal.hash} if seal else None,
        "tables": {},
    }


def _stored_files() -> Iterator[str]:
    """Every private file as a path below MEDIA_ROOT."""
    root = Path(settings.MEDIA_ROOT)
    for folder, _folders, names in os.walk(root):
        for name in names:
            yield (Path(folder) / name).relative_to(root).as_posix()


def _add_files(pack: zipfile.ZipFile, names: Iterable[str]) -> dict[str, Any]:
    """Copy the files; one that retention deleted meanwhile is counted and left out."""
    listed: list[bytes] = []
    gone = total = 0
    for name in names:
        try:
            file = (Path(settings.MEDIA_ROOT) / name).open("rb")
        except FileNotFoundError:
            gone += 1
            continue
        with file:
            digest = hashlib.sha256()
            archive.add(pack, archive.FILES + name, _noted(file, digest), squeeze=False)
            size = file.tell()
        total += size
        one = {"path": name, "size": size, "sha256": digest.hexdigest()}
        listed.append(json.dumps(one, ensure_ascii=False).encode() + b"\n")
    archive.add(pack, archive.FILE_LIST, listed, squeeze=True)
    return {"count": len(listed), "bytes": total, "gone": gone, "sha256": archive.sha256_of(listed)}


def _noted(file: Any, digest: Any) -> Iterator[bytes]:
    for block in archive.blocks(file):
        digest.update(block)
        yield block
