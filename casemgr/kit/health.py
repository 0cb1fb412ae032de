"""Whether this installation works: what the health address answers, and what the status page shows line by line."""

from __future__ import annotations

import datetime as dt
import logging
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from celery import current_app
from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from casemgr.kit import heartbeats, jobs
from casemgr.kit.models import AuditEvent, AuditSeal, Job
from casemgr.kit.templatetags.ui import span
from casemgr.kit.workflow import Text

log = logging.getLogger(__name__)

# A worker beats every ten seconds, the schedule every two; a machine under load may miss some.
WORKER_SILENT = SCHEDULE_SILENT = dt.timedelta(seconds=75)
QUEUE_LATE = dt.timedelta(minutes=5)  # two long imports may hold up the third; longer is worth a look
BACKUP_OLD = dt.timedelta(hours=26)  # nightly, and two hours of grace
SEAL_OLD = dt.timedelta(minutes=10)  # sealed every minute
DISK_LOW, DISK_FULL = 0.10, 0.03  # of the disk still free
BROKER_WAIT = 2  # seconds

BACKUP = "backup"  # the name under which a finished backup beats


@dataclass(frozen=True)
class Check:
    """One line: what was looked at, its tone (ok, warn, danger, neutral), what was found, and what to do about it.

    `stops_work`: while its tone is danger, people or jobs get nowhere.
    """

    key: str
    label: Text
    tone: str
    words: str
    advice: str = ""
    stops_work: bool = False


def checks(now: dt.datetime | None = None) -> list[Check]:
    """Every check as it stands at `now`. A database that is away leaves only what can be seen without it."""
    now = now or timezone.now()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        log.warning("the database could not be reached: %s", error)
        return [_database(False), _broker(), _disk()]
    asked: list[Callable[[dt.datetime], Check]] = [_workers, _schedule, _queue, _failed, _backup, _seals]
    return [_database(True), _broker(), *(ask(now) for ask in asked), _disk()]


def status(found: list[Check]) -> str:
    """ "down" when something stops work, "attention" when a person should look, else "ok"."""
    if any(one.tone == "danger" and one.stops_work for one in found):
        return "down"
    return "attention" if any(one.tone in ("warn", "danger") for one in found) else "ok"


def _age(moment: dt.datetime, now: dt.datetime) -> str:
    seconds = int((now - moment).total_seconds())
    if seconds < 60:
        return _("%(n)s s ago") % {"n": max(0, seconds)}
    return _("%(span)s ago") % {"span": span(now - moment, 2)}


def _database(is_there: bool) -> Check:
    label = _("Database")
    if is_there:
        return Check("database", label, "ok", connection.vendor, stops_work=True)
    advice = _("Nothing works without it. Start the database; what was acknowledged is kept.")
    return Check("database", label, "danger", _("does not answer"), advice, stops_work=True)


def _broker() -> Check:
    """Jobs are rows and lose nothing without a broker, but nobody wakes the worker then."""
    label, url = _("Broker"), str(settings.CELERY_BROKER_URL)
    kind = url.partition(":")[0]
    try:
        if kind == "filesystem":
            options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
            is_there = os.access(str(options["data_folder_out"]), os.W_OK)
        else:
            with current_app.connection_for_write(connect_timeout=BROKER_WAIT) as link:
                link.ensure_connection(max_retries=1, interval_start=0, interval_step=0, timeout=BROKER_WAIT)
                is_there = True
    except Exception as error:  # whatever a broker's client raises
        log.warning("the broker could not be reached: %s", error)
        is_there = False
    if is_there:
        return Check("broker", label, "ok", kind, stops_work=True)
    advice = _("Jobs wait, none is lost: they run as soon as it is back.")
    return Check("broker", label, "danger", _("does not answer"), advice, stops_work=True)


def _workers(now: dt.datetime) -> Check:
    label, beats = _("Worker"), heartbeats.of_workers()
    alive = [at for at in beats.values() if now - at < WORKER_SILENT]
    advice = _("Start it (manage.py up, or the worker's service). Jobs wait, none is lost.")
    if not beats:
        return Check("worker", label, "danger", pgettext("heartbeat", "never seen"), advice, stops_work=True)
    words = _age(max(beats.values()), now)
    if not alive:
        return Check("worker", label, "danger", words, advice, stops_work=True)
    if len(alive) > 1:
        words = _("%(n)s processes, last %(age)s") % {"n": len(alive), "age": words}
    return Check("worker", label, "ok", words, stops_work=True)


def _schedule(now: dt.datetime) -> Check:
    label, at = _("Schedule"), heartbeats.last(heartbeats.SCHEDULE)
    advice = _("Deadlines and screenings by the clock stand still. Start it again: what was missed is made up for.")
    if at is None:
        return Check("schedule", label, "danger", pgettext("heartbeat", "never seen"), advice, stops_work=True)
    is_late = now - at >= SCHEDULE_SILENT
    tone, advice = ("danger", advice) if is_late else ("ok", "")
    return Check("schedule", label, tone, _age(at, now), advice, stops_work=True)


def _queue(now: dt.datetime) -> Check:
    """How many jobs wait, and since when the oldest is due."""
    waiting = jobs.due(now)
    count, oldest = waiting.count(), waiting.values_list("due_at", flat=True).first()
    running = Job.objects.filter(state=Job.State.RUNNING, lease_until__gte=now).count()
    words = _("%(waiting)s waiting, %(running)s running") % {"waiting": count, "running": running}
    if oldest is None:
        return Check("queue", _("Jobs"), "ok", words)
    words = _("%(words)s; the oldest is due since %(age)s") % {"words": words, "age": span(now - oldest, 2)}
    is_late = now - oldest >= QUEUE_LATE
    advice = _("Long jobs hold it up, or no worker takes it.") if is_late else ""
    return Check("queue", _("Jobs"), "warn" if is_late else "ok", words, advice)


def _failed(now: dt.datetime) -> Check:
    count = Job.objects.filter(state__in=jobs.ENDED_BADLY).count()
    if not count:
        return Check("failed", _("Failed jobs"), "ok", "0")
    return Check("failed", _("Failed jobs"), "warn", str(count), _("Each waits for a person: try again or give up."))


def _backup(now: dt.datetime) -> Check:
    label, at = _("Backup"), heartbeats.last(BACKUP)
    is_old = at is None or now - at >= BACKUP_OLD
    words = pgettext("backup", "never") if at is None else _age(at, now)
    if settings.DEMO:
        return Check("backup", label, "neutral" if is_old else "ok", words)
    advice = _("Run manage.py backup, and see why the nightly one did not.") if is_old else ""
    return Check("backup", label, "danger" if is_old else "ok", words, advice)


def _seals(now: dt.datetime) -> Check:
    label = _("Audit seal")
    at = AuditSeal.objects.order_by("-pk").values_list("sealed_at", flat=True).first()
    if at is None:
        return Check("seal", label, "neutral", pgettext("audit seal", "none yet"))
    # Nothing to seal is no fault: the age counts only while rows wait for their seal.
    is_old = now - at >= SEAL_OLD and _unsealed_since(now - SEAL_OLD)
    advice = _("The schedule or the worker does not seal: look at the lines above.") if is_old else ""
    return Check("seal", label, "danger" if is_old else "ok", _age(at, now), advice)


def _unsealed_since(moment: dt.datetime) -> bool:
    """Whether an audit row older than `moment` has no seal yet."""
    last = AuditSeal.objects.order_by("-pk").values_list("last_id", flat=True).first() or 0
    return AuditEvent.objects.filter(pk__gt=last, at__lt=moment).exists()


def _disk() -> Check:
    place = Path(settings.MEDIA_ROOT)
    while not place.exists():
        place = place.parent
    usage = shutil.disk_usage(place)
    free, label = usage.free / usage.total, _("Disk")
    words = _("%(gb).1f GB free (%(percent)s %%)") % {"gb": usage.free / 1024**3, "percent": int(free * 100)}
    if free >= DISK_LOW:
        return Check("disk", label, "ok", words, stops_work=True)
    advice = _("Make room: without it neither files nor the database can be written.")
    return Check("disk", label, "danger" if free < DISK_FULL else "warn", words, advice, stops_work=True)
