"""What the doctor looks at on this floor: program, database, processes, storage, keys, catalogues, entrance."""

from __future__ import annotations

import datetime as dt
import json
import platform
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import django
from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from casemgr.kit import catalogues, durability, health
from casemgr.kit.doctor import Line, State, line, looks
from casemgr.kit.models import AuditEvent, DataKey
from casemgr.kit.privacy import key_ring, sealing

OLDEST, NEWEST = (3, 11), (3, 14)
TONES: dict[str, State] = {"ok": "ok", "neutral": "ok", "warn": "warn", "danger": "bad"}
STYLES = ("css/tokens.css", "vendor/tabler.min.css")
CLOCK_WRONG = dt.timedelta(minutes=5)


@looks
def program() -> Iterator[Line]:
    is_known = OLDEST <= sys.version_info < NEWEST
    cure = "" if is_known else _("Install Python 3.11, 3.12 or 3.13, then `make setup PYTHON=/path/to/it`.")
    yield line("python", "Python", platform.python_version(), bad=cure)
    yield line("django", "Django", django.get_version())


@looks
def database() -> Iterator[Line]:
    yield durable()
    executor = MigrationExecutor(connection)
    missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    found = _("%(n)s steps are missing") % {"n": missing} if missing else _("all there")
    cure = _("Run `manage.py migrate` (after a backup).") if missing else ""
    yield line("migrations", _("Tables"), found, bad=cure)
    if missing:
        return
    newest = AuditEvent.objects.aggregate(at=Max("at"))["at"]
    is_ahead = newest is not None and newest > timezone.now() + CLOCK_WRONG
    now = timezone.localtime()
    cure = _("The newest change lies in the future: set this machine's clock (NTP).") if is_ahead else ""
    if settings.TIME_ZONE != "Asia/Shanghai":
        cure = _("Set TIME_ZONE back to Asia/Shanghai: deadlines of Chinese platforms are counted in it.")
    yield line("clock", _("Clock"), f"{settings.TIME_ZONE}, {now:%Y-%m-%d %H:%M:%S}", bad=cure)


def durable() -> Line:
    """Whether what the database confirms is on the disk."""
    label = _("Database")
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            found = f"SQLite {cursor.execute('SELECT sqlite_version()').fetchone()[0]}"
            try:
                durability.check_sqlite()
            except ImproperlyConfigured as fault:
                return line("database", label, found, bad=str(fault))
            cure = _(
                "For more than a few people use PostgreSQL: set DATABASE_URL; `backup` and `restore` move the data."
            )
            return line("database", label, f"{found}, WAL, synchronous=FULL", warn=cure if settings.PRODUCTION else "")
        shown: dict[str, str] = {}
        for name in ("server_version", "fsync", "synchronous_commit", "full_page_writes"):
            cursor.execute(f"SHOW {name}")
            shown[name] = cursor.fetchone()[0]
    words = "PostgreSQL " + ", ".join(f"{name}={value}" for name, value in shown.items())
    cure = _("Switch it on in postgresql.conf: without it a power cut loses what was confirmed.")
    cure = cure if "off" in shown.values() else ""
    return line("database", label, words, bad=cure)


@looks
def processes() -> Iterator[Line]:
    """The lines of the status page: broker, worker, schedule, jobs, backup, seals, disk."""
    for one in health.checks():
        if one.key != "database":
            yield Line(one.key, str(one.label), TONES[one.tone], one.words, one.advice)
    folder = settings.BACKUP_DIR
    if folder and not Path(folder).is_dir():
        yield line("backup_folder", _("Backup folder"), folder, bad=_("Make the folder, or mount it."))
    elif not folder:
        cure = (
            "" if settings.DEMO else _("Set CASEMGR_BACKUP_DIR to a folder on another disk: a backup a day goes there.")
        )
        yield line("backup_folder", _("Backup folder"), _("not set"), warn=cure)


@looks
def storage() -> Iterator[Line]:
    root = Path(settings.MEDIA_ROOT)
    cure = ""
    try:
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryFile(dir=root) as probe:
            probe.write(b"x")
    except OSError as error:
        cure = _("Uploads cannot be stored (%(why)s): give the folder to the user that runs CaseMgr.") % {
            "why": error.strerror
        }
    yield line("storage", _("Private files"), str(root), bad=cure)


@looks
def mail() -> Iterator[Line]:
    if settings.HAS_MAIL:
        yield line("mail", _("Mail"), f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}")
        return
    cure = _("Messages stay on the pages, and links for a new password are passed on by hand. Set CASEMGR_EMAIL_URL.")
    yield line("mail", _("Mail"), _("not set up"), warn=cure)


@looks
def secrets() -> Iterator[Line]:
    """Whether the secrets are this installation's own, and whether a change of keys is half done."""
    for name, value in (("CASEMGR_SECRET_KEY", settings.SECRET_KEY), ("CASEMGR_HASH_SECRET", settings.HASH_SECRET)):
        is_default = value == settings.DEVELOPMENT_SECRET
        cure = _("Everybody knows this one: set your own before real data come in, and keep it apart from the backups.")
        found = _("the one for trying out") if is_default else pgettext("secret", "set")
        yield line(name.lower(), name, found, warn=cure if is_default else "")
    yield data_keys()


def data_keys() -> Line:
    """The installation's keys: that there is one, and that every data key opens and is wrapped under the newest."""
    ring = sealing.ring()
    wrapped = DataKey.objects.filter(destroyed_at=None).values_list("wrapped", flat=True)
    under = [_key_of(bytes(one)) for one in wrapped]
    lost = sorted(set(under) - set(ring.by_id))
    old = sum(1 for one in under if one != ring.current.id)
    found = _("%(id)s in use, %(n)s data keys") % {"id": ring.current.id, "n": len(under)}
    if lost:
        cure = _("Data keys are locked under %(ids)s: put these back into CASEMGR_DATA_KEYS.") % {
            "ids": ", ".join(lost)
        }
        return line("casemgr_data_keys", "CASEMGR_DATA_KEYS", found, bad=cure)
    if old:
        cure = _("%(n)s data keys are still under an older one: run `manage.py rotate_keys`.") % {"n": old}
        return line("casemgr_data_keys", "CASEMGR_DATA_KEYS", found, warn=cure)
    cure = "" if settings.DATA_KEYS else _("Made from the hash secret: set your own key before real data come in.")
    return line("casemgr_data_keys", "CASEMGR_DATA_KEYS", found, warn=cure)


def _key_of(wrapped: bytes) -> str:
    try:
        return key_ring.key_id_of(wrapped)
    except key_ring.Unreadable:
        return "?"


@looks
def front() -> Iterator[Line]:
    """What pages are made of: the Chinese catalogue and the style sheets."""
    source = catalogues.po_path()
    compiled = source.with_suffix(".mo")
    is_fresh = compiled.is_file() and compiled.stat().st_mtime >= source.stat().st_mtime
    cure = "" if is_fresh else _("Run `manage.py compile_catalogues`, or pages are partly English.")
    yield line("catalogue", _("Chinese texts"), _("compiled") if is_fresh else _("older than their source"), bad=cure)
    listing = Path(settings.STATIC_ROOT) / "staticfiles.json"
    if isinstance(staticfiles_storage, ManifestFilesMixin):
        there: dict[str, str] = json.loads(listing.read_text())["paths"] if listing.is_file() else {}
        missing, cure = [name for name in STYLES if name not in there], _("Run `manage.py collectstatic --no-input`.")
    else:
        missing, cure = [name for name in STYLES if not finders.find(name)], _("Run `make setup`.")
    found = ", ".join(missing) or _("all there")
    yield line("static", _("Style sheets"), found, bad=cure if missing else "")


@looks
def entrance() -> Iterator[Line]:
    """How people and addresses come in."""
    mode = _("production") if settings.PRODUCTION else _("development")
    demo = _("with the demo world") if settings.DEMO else _("without the demo world")
    cure = _("Set CASEMGR_DEMO=0: it tells everybody the logins.") if settings.DEMO and settings.PRODUCTION else ""
    yield line("mode", _("Runs as"), f"{mode}, {demo}", bad=cure)
    cure = ""
    if settings.PRODUCTION and not settings.PROXIES:
        cure = _("Set CASEMGR_PROXIES to the number of your proxies: else all people share one address and its limit.")
    yield line("proxies", _("Proxies in front"), str(settings.PROXIES), warn=cure)
