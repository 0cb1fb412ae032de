"""Rows that the database itself keeps as they are: one table of rules makes the triggers of SQLite and PostgreSQL.

The Python guards of the models say the same in clear errors; a trigger is the last line, for bulk updates, raw SQL and
whoever holds a database shell. Each app lists its rules in `guards.py`; a migration installs them. A migration that must
change such rows does so inside `lifted(...)`; one that rebuilds such a table on SQLite (any AlterField there) loses its
triggers and ends with `install(...)`. `manage.py verify` finds a trigger that is missing (docs/adr/0008).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.apps import apps
from django.db import transaction


@dataclass(frozen=True)
class Rule:
    """What is refused on one table, and the sentence it is refused with.

    `held` is SQL over OLD that both databases read: the rows the rule speaks of. An UPDATE of such a row is refused when
    one of the columns `fixed` changes (none named: always), a DELETE always, an INSERT when `closed` (SQL over NEW)
    holds. `allowed` (SQL over OLD and NEW) is the one UPDATE that may pass. `keys` are the unique columns by which
    SQLite's REPLACE could push a held row out of the table.
    """

    name: str
    table: str
    message: str
    held: str = "1=1"
    fixed: tuple[str, ...] = ()
    allowed: str = ""
    closed: str = ""
    may_delete: bool = False
    keys: tuple[str, ...] = ("id",)

    def conditions(self, differs: str) -> dict[str, str]:
        """Operation -> when it is refused. `differs` is how the database compares two values, nulls included."""
        changed = " OR ".join(f"OLD.{name} {differs} NEW.{name}" for name in self.fixed) or "1=1"
        update = f"({self.held}) AND ({changed})" + (f" AND NOT ({self.allowed})" if self.allowed else "")
        out = {"UPDATE": update}
        if not self.may_delete:
            out["DELETE"] = self.held
        if self.closed:
            out["INSERT"] = self.closed
        return out


def all_rules() -> list[Rule]:
    """The rules of every app, lowest floor first."""
    found: list[Rule] = []
    for config in apps.get_app_configs():
        name = f"{config.name}.guards"
        if find_spec(name):
            found += import_module(name).RULES
    return found


def install(connection: Any, rules: Iterable[Rule]) -> None:
    """Create the triggers of `rules`, in place of those with the same names."""
    _run(connection, [one for rule in rules for one in _creating(connection.vendor, rule)])


def remove(connection: Any, rules: Iterable[Rule]) -> None:
    """Drop the triggers of `rules`, those that are there."""
    _run(connection, [one for rule in rules for one in _dropping(connection.vendor, rule)])


@contextmanager
def lifted(connection: Any, rules: Iterable[Rule]) -> Iterator[None]:
    """Inside the block the tables of `rules` may be changed; one transaction, so an error leaves the triggers standing.

    For data migrations: `with triggers.lifted(schema_editor.connection, RULES): ...`. It needs the right to alter the
    tables, which a role that only reads and writes rows does not have.
    """
    chosen = list(rules)
    with transaction.atomic(using=connection.alias):
        remove(connection, chosen)
        yield
        install(connection, chosen)


def missing(connection: Any, rules: Iterable[Rule]) -> list[str]:
    """Names of triggers that are not there, are switched off, or are not what the rules say."""
    wanted = {name: text for rule in rules for name, text in _bodies(connection.vendor, rule).items()}
    standing = _standing(connection)
    return [name for name, text in wanted.items() if standing.get(name) != text]


def _run(connection: Any, statements: list[str]) -> None:
    if connection.vendor == "postgresql":
        # A table with foreign keys still to be checked cannot be altered: check them now, and later ones at the end again.
        statements = ["SET CONSTRAINTS ALL IMMEDIATE", *statements, "SET CONSTRAINTS ALL DEFERRED"]
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _bodies(vendor: str, rule: Rule) -> dict[str, str]:
    """Trigger -> the text by which it is known again: its statement on SQLite, its function's body on PostgreSQL."""
    if vendor == "sqlite":
        return _sqlite(rule)
    return {_name(rule, operation): body for operation, body in _postgresql(rule).items()}


def _creating(vendor: str, rule: Rule) -> list[str]:
    if vendor == "sqlite":
        return [*_dropping(vendor, rule), *_sqlite(rule).values()]
    out = []
    for operation, body in _postgresql(rule).items():
        name, each = _name(rule, operation), "STATEMENT" if operation == "TRUNCATE" else "ROW"
        out += [
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $body${body}$body$",
            f"DROP TRIGGER IF EXISTS {name} ON {rule.table}",
            f"CREATE TRIGGER {name} BEFORE {operation} ON {rule.table} FOR EACH {each} EXECUTE FUNCTION {name}()",
            # ALWAYS: not even a session that plays the replica passes.
            f"ALTER TABLE {rule.table} ENABLE ALWAYS TRIGGER {name}",
        ]
    return out


def _dropping(vendor: str, rule: Rule) -> list[str]:
    if vendor == "sqlite":
        return [f"DROP TRIGGER IF EXISTS {name}" for name in _sqlite(rule)]
    names = [_name(rule, operation) for operation in _postgresql(rule)]
    triggers = [f"DROP TRIGGER IF EXISTS {name} ON {rule.table}" for name in names]
    return triggers + [f"DROP FUNCTION IF EXISTS {name}()" for name in names]


def _name(rule: Rule, operation: str) -> str:
    return f"guard_{rule.name}_{operation.lower()}"


def _sqlite(rule: Rule) -> dict[str, str]:
    conditions = rule.conditions("IS NOT")
    if not rule.may_delete:
        # REPLACE deletes without asking the DELETE trigger: what it would push out is looked for before.
        held = rule.held.replace("OLD.", "held.")
        same = " OR ".join(f"held.{key} = NEW.{key}" for key in rule.keys)
        pushed = f"EXISTS (SELECT 1 FROM {rule.table} held WHERE ({held}) AND ({same})"
        inserted = f"{pushed})"
        conditions["INSERT"] = f"({rule.closed}) OR {inserted}" if rule.closed else inserted
        conditions["UPDATE"] = f"({conditions['UPDATE']}) OR {pushed} AND held.id <> OLD.id)"
    message = rule.message.replace("'", "''")
    return {
        _name(rule, operation): f"CREATE TRIGGER {_name(rule, operation)} BEFORE {operation} ON {rule.table} "
        f"WHEN {condition} BEGIN SELECT RAISE(ABORT, '{message}'); END"
        for operation, condition in conditions.items()
    }


def _postgresql(rule: Rule) -> dict[str, str]:
    message = rule.message.replace("'", "''").replace("%", "%%")
    # An integrity error in Python, as SQLite's is.
    refuse = f"RAISE EXCEPTION '{message}' USING ERRCODE = 'restrict_violation';"
    bodies = {
        operation: f" BEGIN IF {condition} THEN {refuse} END IF; RETURN {'OLD' if operation == 'DELETE' else 'NEW'}; END "
        for operation, condition in rule.conditions("IS DISTINCT FROM").items()
    }
    if not rule.may_delete:
        bodies["TRUNCATE"] = f" BEGIN {refuse} END "
    return bodies


def _standing(connection: Any) -> dict[str, str]:
    """Triggers of ours that are there and switched on -> the text by which they are known."""
    query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'guard%%'"
    if connection.vendor != "sqlite":
        query = (
            "SELECT t.tgname, p.prosrc FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid"
            " WHERE t.tgname LIKE 'guard%%' AND t.tgenabled = 'A'"
        )
    with connection.cursor() as cursor:
        cursor.execute(query, [])
        return dict(cursor.fetchall())
