"""Watching every SQL statement: which tables each unit of work wrote, and whether it left an audit row.

A unit is what stands or falls together: the outermost transaction, or one statement outside of any. Within a test, which
is a transaction itself, these are the outermost savepoints; one that is rolled back has written nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import connection

TABLES = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}

# Tables whose rows say nothing that anybody did to a thing of the domain. Everything else needs an audit row.
EXEMPT = {
    "kit_auditevent": "the audit itself",
    "kit_audittext": "the audit itself",
    "kit_auditseal": "the audit itself",
    "kit_job": "the plan of the work; what the work does is audited where it is done",
    "kit_heartbeat": "a worker is alive",
    "kit_notification": "a message about a change that is audited",
    "kit_datakey": "made on first use; destroying one is audited",
    "appeals_caselook": "who saw a page and has it open; nothing of the case changes",
    "django_session": "who is signed in; signing in and out is audited",
    "django_celery_beat_periodictask": "the schedule, from the settings",
    "django_celery_beat_periodictasks": "the schedule, from the settings",
    "django_migrations": "Django's own",
    "django_content_type": "Django's own",
    "auth_permission": "Django's own",
}
# Columns kept for lists: they follow rows whose change is audited, and `verify` computes them anew.
KEPT = {
    "appeals_case": {
        "next_due_at", "next_due_kind", "next_due_source", "stake_amount", "stake_unknown_count", "order_count",
        "claimable_count",
    },
    # That somebody saw a message; what was said is audited.
    "appeals_message": {"read_at"},
    # What a person was warned of, once; the warning itself is the message.
    "appeals_deadline": {"warned_at"},
    "orders_importrun": {"screened_at", "counts"},
    "orders_riskalert": {"last_seen_at", "updated_at"},
    "stores_user": {"last_login"},
}  # fmt: skip

_WRITE = re.compile(r'\b(INSERT\s+(?:OR\s+\w+\s+)?INTO|REPLACE\s+INTO|UPDATE|DELETE\s+FROM)\s+"?(\w+)"?', re.IGNORECASE)
_SAVEPOINT = re.compile(r'(ROLLBACK TO SAVEPOINT|RELEASE SAVEPOINT|SAVEPOINT)\s+"?(\w+)"?', re.IGNORECASE)
_SET = re.compile(r'"?(\w+)"?\s*=')


@dataclass
class Unit:
    """The writes of one unit: table and statement."""

    name: str
    writes: list[tuple[str, str]] = field(default_factory=list)

    @property
    def tables(self) -> set[str]:
        return {table for table, _sql in self.writes}

    @property
    def is_batch(self) -> bool:
        """A batch of an import: it moves the run's `published_upto`. The run has a row before the first of them and, with
        the counts, one after the last."""
        return any(table == "orders_importrun" and '"published_upto"' in sql for table, sql in self.writes)

    def unaudited(self) -> set[str]:
        """Tables written without an audit row; empty when there is one, or when only exempt things were written."""
        if "kit_auditevent" in self.tables or self.is_batch:
            return set()
        return {table for table, sql in self.writes if table not in EXEMPT and not _only_kept(table, sql)}


def _only_kept(table: str, sql: str) -> bool:
    kept = KEPT.get(table)
    if not kept or not sql.lstrip().upper().startswith("UPDATE"):
        return False
    changed = set(_SET.findall(sql.partition(" SET ")[2].partition(" WHERE ")[0]))
    return changed <= kept


class Watch:
    """Collects finished units. The outermost `frame` savepoints are no units: a transaction around many steps."""

    def __init__(self, frame: int = 0) -> None:
        self.done: list[Unit] = []
        self._open: list[tuple[str, Unit]] = []
        self._frame = frame
        self._frames: list[str] = []

    def __call__(self, execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        result = execute(sql, params, many, context)
        said = sql if isinstance(sql, str) else str(sql)
        # A compare that lost, a delete that found nothing: no row, no change.
        if not (said.startswith(("UPDATE", "DELETE")) and context["cursor"].rowcount == 0):
            self._saw(said)
        return result

    def _saw(self, sql: str) -> None:
        point = _SAVEPOINT.match(sql.strip())
        if point:
            self._moved(point[1].upper(), point[2])
            return
        for _verb, table in _WRITE.findall(sql):
            if table not in TABLES:
                continue  # a temporary table, or the SET of an upsert
            unit = self._open[-1][1] if self._open else Unit("one statement")
            unit.writes.append((table, sql))
            if not self._open:
                self.done.append(unit)

    def _moved(self, verb: str, name: str) -> None:
        if verb == "SAVEPOINT" and len(self._frames) < self._frame:
            self._frames.append(name)
        elif verb == "SAVEPOINT":
            self._open.append((name, Unit(name)))
        elif name in [known for known, _unit in self._open]:
            self._ended(verb, name)

    def _ended(self, verb: str, name: str) -> None:
        known = ""
        while known != name:  # inner ones that were never released end with it
            known, unit = self._open.pop()
            if verb == "ROLLBACK TO SAVEPOINT":
                continue
            if self._open:
                self._open[-1][1].writes.extend(unit.writes)
            elif unit.writes:
                self.done.append(unit)
        if verb == "ROLLBACK TO SAVEPOINT":
            self._open.append((name, Unit(name)))  # it stands until it is released, with nothing in it

    def unaudited(self) -> list[str]:
        """Units that changed something and left no audit row: their tables, and the first statement."""
        found = []
        for unit in self.done:
            tables = unit.unaudited()
            if tables:
                first = next(sql for table, sql in unit.writes if table in tables)
                found.append(f"{', '.join(sorted(tables))}: {' '.join(first.split())[:160]}")
        return found


@contextmanager
def watched(frame: int = 0) -> Iterator[Watch]:
    """Watch this test's connection. What was written inside is in `.done` afterwards, unit by unit."""
    watch = Watch(frame)
    with connection.execute_wrapper(watch):
        yield watch
