"""Many processes write at once: nobody is told that the database is locked, and nothing is lost (C5)."""

from __future__ import annotations

import datetime as dt
import sqlite3
import threading

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.db.models import F

from appeals.models import Case, CaseViolation
from casemgr.kit import audit, jobs
from casemgr.kit.models import AuditEvent, Job
from casemgr.kit.notify import tell
from stores.models import User
from tests import make
from tests.appeals.cast import case_in, matter_of
from tests.forks import ended, fork

pytestmark = pytest.mark.django_db(transaction=True)
PROCESSES, WRITES = 8, 100


def mixed_writes(process: int, case: Case, lead: User) -> None:
    """What pages, tasks and imports do all day: read then write, rows and counters, each in its transaction."""
    for n in range(WRITES):
        if n % 4 == 0:
            jobs.enqueue("orders.publish_import", key=f"{process}:{n}", by=lead, after=dt.timedelta(days=1))
        elif n % 4 == 1:
            with transaction.atomic():
                known = CaseViolation.objects.get(case=case)
                CaseViolation.objects.filter(pk=known.pk).update(attempts_alone=F("attempts_alone") + 1)
                audit.record(by=lead, action="case.touch", of=case, after={"by": process, "n": n})
        elif n % 4 == 2:
            with transaction.atomic():
                make.order(case.store, f"{process}-{n}")
        else:
            with transaction.atomic():
                tell([lead], event="touch", text="touched", key=f"{process}:{n}")


def test_eight_processes_write_at_once_and_none_is_refused(shop, lead):
    case = case_in("preparing", shop, owner=lead)
    matter_of(case)
    children = [fork(lambda process=process: mixed_writes(process, case, lead)) for process in range(PROCESSES)]
    assert [ended(pid) for pid in children] == [0] * PROCESSES
    each = PROCESSES * WRITES // 4
    assert CaseViolation.objects.get(case=case).attempts_alone == each
    assert (Job.objects.count(), AuditEvent.objects.filter(action="case.touch").count()) == (each, each)
    assert (shop.orders.count(), lead.notifications.count()) == (each, each)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="settings of SQLite")
def test_settings_that_keep_writers_apart_are_in_force():
    options = settings.DATABASES["default"]["OPTIONS"]
    with connection.cursor() as cursor:
        read = [
            cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous", "busy_timeout")
        ]
    assert (read, options["transaction_mode"]) == (["wal", 2, 20_000], "IMMEDIATE")


def test_transactions_that_begin_by_reading_would_be_refused(tmp_path):
    """The control: the same read-then-write without IMMEDIATE is refused at once, however long the timeout."""
    path = tmp_path / "db.sqlite3"
    with sqlite3.connect(path) as first:
        first.execute("PRAGMA journal_mode=WAL")
        first.execute("CREATE TABLE t (n INTEGER)")
        first.execute("INSERT INTO t VALUES (0)")
    both_read, refused = threading.Barrier(2), []

    def read_then_write() -> None:
        own = sqlite3.connect(path, timeout=2, isolation_level=None)
        own.execute("BEGIN DEFERRED")
        own.execute("SELECT n FROM t").fetchone()
        both_read.wait()
        try:
            own.execute("UPDATE t SET n = n + 1")
            own.execute("COMMIT")
        except sqlite3.OperationalError as error:
            refused.append(str(error))
        own.close()

    writers = [threading.Thread(target=read_then_write) for _writer in range(2)]
    for one in writers:
        one.start()
    for one in writers:
        one.join()
    assert refused == ["database is locked"]
