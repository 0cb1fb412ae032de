"""Where the database lives: reading it at one moment, building a new one beside it, putting that in its place.

A restored database is built beside the old one and takes its place in one step (SQLite: renamed files, PostgreSQL:
renamed schemas in one transaction). Until that step nothing of the old one has changed, and afterwards it is still there.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

SNAPSHOT = "snapshot"
RESTORING = "restoring"
SIDE_FILES = ("", "-wal", "-shm")  # what SQLite keeps beside a database that is open or was cut off


def _copy(alias: str = "default") -> BaseDatabaseWrapper:
    """A connection of its own to the same database, outside any pool."""
    copied = connections["default"].copy(alias)
    copied.settings_dict["OPTIONS"].pop("pool", None)
    return copied


@contextmanager
def snapshot() -> Iterator[str]:
    """The alias of a second connection that sees the database as it is now, whatever is written meanwhile.

    Writers are not held up: on SQLite it is a read transaction beside the log, on PostgreSQL one of REPEATABLE READ.
    """
    reader = _copy(SNAPSHOT)
    if reader.vendor == "sqlite":
        reader.settings_dict["OPTIONS"]["transaction_mode"] = "DEFERRED"
    connections[SNAPSHOT] = reader
    try:
        with transaction.atomic(using=SNAPSHOT), reader.cursor() as cursor:
            if reader.vendor == "postgresql":
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            cursor.execute("SELECT count(*) FROM django_migrations")  # the first read fixes what is seen
            yield SNAPSHOT
    finally:
        reader.close()
        del connections[SNAPSHOT]


class SqlitePlace:
    """A file, and beside it the one being built."""

    def __init__(self) -> None:
        self.path = Path(str(connections["default"].settings_dict["NAME"]))
        self.new = self.path.with_name(f"{self.path.name}.{RESTORING}")

    def aside(self, stamp: str) -> Path:
        return self.path.with_name(f"{self.path.name}.before-{stamp}")

    def prepare(self, built: BaseDatabaseWrapper) -> None:
        self.drop_new()
        built.settings_dict["NAME"] = str(self.new)

    def drop_new(self) -> None:
        for end in SIDE_FILES:
            self.new.with_name(self.new.name + end).unlink(missing_ok=True)

    def swap(self, stamp: str) -> str:
        """Put the new database in the place of the old one. Returns where the old one is now, if there was one."""
        was_there = self.path.exists()
        for old, new in ((self.path, self.aside(stamp)), (self.new, self.path)):
            for end in SIDE_FILES:
                if (file := old.with_name(old.name + end)).exists():
                    os.replace(file, new.with_name(new.name + end))
        return str(self.aside(stamp)) if was_there else ""

    def drop_aside(self, stamp: str) -> None:
        for end in SIDE_FILES:
            aside = self.aside(stamp)
            aside.with_name(aside.name + end).unlink(missing_ok=True)


class PostgresPlace:
    """A schema of the database, and beside it the one being built."""

    def __init__(self) -> None:
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT current_schema()")
            self.schema = cursor.fetchone()[0] or "public"

    def aside(self, stamp: str) -> str:
        return f"before_{stamp}"

    def prepare(self, built: BaseDatabaseWrapper) -> None:
        self.drop_new()
        self._run(f"CREATE SCHEMA {RESTORING}")
        built.settings_dict["OPTIONS"]["options"] = f"-c search_path={RESTORING}"

    def drop_new(self) -> None:
        self._run(f"DROP SCHEMA IF EXISTS {RESTORING} CASCADE")

    def swap(self, stamp: str) -> str:
        """Put the new schema in the place of the old one, both names in one transaction. Returns where the old one is."""
        name = connections["default"].ops.quote_name
        self._run(
            f"ALTER SCHEMA {name(self.schema)} RENAME TO {name(self.aside(stamp))}",
            f"ALTER SCHEMA {RESTORING} RENAME TO {name(self.schema)}",
        )
        return f"schema {self.aside(stamp)}"

    def drop_aside(self, stamp: str) -> None:
        self._run(f"DROP SCHEMA {self.aside(stamp)} CASCADE")

    def _run(self, *statements: str) -> None:
        with transaction.atomic(), connections["default"].cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)


@contextmanager
def triggers_resting(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Inside the block, in the caller's transaction, no trigger of the tables fires; afterwards all are as they were.

    Some refuse rows in any other order than the one in which they were once written (casemgr.kit.triggers).
    """
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            found = [(f'DROP TRIGGER "{name}"', sql) for name, sql in cursor.fetchall()]
        else:
            cursor.execute(
                "SELECT format('ALTER TABLE %%s %%s TRIGGER %%I', tgrelid::regclass, CASE tgenabled WHEN 'A' THEN"
                " 'ENABLE ALWAYS' WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE' END, tgname),"
                " format('ALTER TABLE %%s DISABLE TRIGGER %%I', tgrelid::regclass, tgname)"
                " FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid"
                " WHERE NOT tgisinternal AND tgenabled <> 'D' AND c.relnamespace = current_schema()::regnamespace",
                [],
            )
            found = [(rest, back) for back, rest in cursor.fetchall()]
        for rest, _back in found:
            cursor.execute(rest)
        yield
        if (
            connection.vendor == "postgresql"
        ):  # keys between tables are checked now: a table with open ones cannot change
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for _rest, back in found:
            cursor.execute(back)


Place = SqlitePlace | PostgresPlace


def here() -> Place:
    """The place of the database of the settings."""
    return SqlitePlace() if connections["default"].vendor == "sqlite" else PostgresPlace()


@contextmanager
def building(place: Place) -> Iterator[BaseDatabaseWrapper]:
    """Inside the block, `default` is a new empty database beside the old one; an error throws it away again."""
    old, built = connections["default"], _copy()
    place.prepare(built)
    connections["default"] = built
    try:
        yield built
    except BaseException:
        built.close()
        connections["default"] = old
        place.drop_new()
        raise
    finally:
        built.close()
        connections["default"] = old
