"""Many rows at once: looked up by key and written by set, never one by one through the ORM.

PostgreSQL takes them by COPY into a temporary table and one INSERT … ON CONFLICT; SQLite by executemany of the same
INSERT. Measured on both: 5 to 10 times as fast as bulk_create with update_conflicts.

Values are given as the database keeps them: keys and numbers as they are, moments as UTC text without an offset,
amounts as text with two places.
"""

from __future__ import annotations

import gc
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from django.db import connection, models

Row = tuple[Any, ...]
_AT_ONCE = 5_000
_RARELY = 200_000  # new objects between two looks of the garbage collector

# How a column is brought up to date where it is not simply replaced: {old} is what stands there, {new} what comes.
KEPT_IF_EMPTY = "COALESCE({new}, {old})"
KEPT_IF_BLANK = "CASE WHEN {new} <> '' THEN {new} ELSE {old} END"
EARLIER = "CASE WHEN {new} IS NULL THEN {old} WHEN {old} IS NULL OR {new} < {old} THEN {new} ELSE {old} END"


@dataclass(frozen=True)
class Counts:
    """What an upsert did: rows added, rows that were there and became different, rows that stayed as they were."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.new + other.new, self.changed + other.changed, self.unchanged + other.unchanged)


@contextmanager
def undisturbed() -> Iterator[None]:
    """While many rows pass: keep the garbage collector from walking the whole program again and again (a quarter less
    time). What is alive at the start is set aside until the end; what the block makes is collected, but more rarely."""
    often = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(max(_RARELY, often[0]), *often[1:])
    try:
        yield
    finally:
        gc.set_threshold(*often)
        gc.unfreeze()


def _is_postgres() -> bool:
    return connection.vendor == "postgresql"


def differs(one: str, other: str) -> str:
    """SQL that is true where two expressions differ; unknown equals unknown."""
    return f"{one} IS DISTINCT FROM {other}" if _is_postgres() else f"{one} IS NOT {other}"


def among(expression: str) -> str:
    """SQL that is true where the expression is one of a list given as one parameter, made by `listed`."""
    return f"{expression} = ANY(%s)" if _is_postgres() else f"{expression} IN (SELECT value FROM json_each(%s))"


def listed(values: Iterable[Any]) -> Any:
    """A list of any length as one parameter for `among`: no limit on the number of values."""
    return list(values) if _is_postgres() else json.dumps(list(values))


def refresh_statistics(model: type[models.Model], *columns: str) -> None:
    """Tell PostgreSQL's planner how large a table is now and what these columns hold; SQLite plans without it.

    A few columns take a fraction of the time of all; autovacuum looks at the others within minutes.
    """
    if _is_postgres():
        names = ", ".join(f'"{name}"' for name in columns)
        execute(f"ANALYZE {connection.ops.quote_name(model._meta.db_table)} ({names})")


def execute(sql: str, params: Sequence[Any] = ()) -> int:
    """Run one statement on the default connection; the number of rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.rowcount


def fetch(sql: str, params: Sequence[Any] = ()) -> list[Row]:
    """All rows of one query, as the database gives them."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


def existing(
    model: type[models.Model], key: Sequence[str], keys: Collection[Row], columns: Sequence[str]
) -> dict[Row, Row]:
    """Those of `keys` (tuples over the columns `key`, which lead a unique index) that are in the table, with `columns`."""
    if not keys:
        return {}
    table = connection.ops.quote_name(model._meta.db_table)
    wanted = ", ".join(f't."{name}"' for name in (*key, *columns))
    if _is_postgres():
        types = [model._meta.get_field(name).db_type(connection) for name in key]
        arrays = ", ".join(f"%s::{kind}[]" for kind in types)
        names = ", ".join(f'"{name}"' for name in key)
        same = " AND ".join(f't."{name}" = k."{name}"' for name in key)
        # OFFSET 0 keeps the planner at one index look-up per key, however little it knows yet of a table that grows.
        found = f"(SELECT * FROM {table} t WHERE {same} OFFSET 0) t"
        sql = f"SELECT {wanted} FROM unnest({arrays}) AS k({names}) CROSS JOIN LATERAL {found}"
        params: list[Any] = [list(column) for column in zip(*keys, strict=True)]
    else:
        # CROSS JOIN keeps SQLite from walking the big table and looking into the list.
        same = " AND ".join(f"t.\"{name}\" = json_extract(k.value, '$[{place}]')" for place, name in enumerate(key))
        sql = f"SELECT {wanted} FROM json_each(%s) AS k CROSS JOIN {table} t ON {same}"
        params = [json.dumps(list(keys))]
    width = len(key)
    return {row[:width]: row[width:] for row in fetch(sql, params)}


def matching(
    model: type[models.Model], scope: tuple[str, Any], key: str, values: Collection[Any], columns: Sequence[str]
) -> dict[Any, Row]:
    """`existing` within one scope (column, value), such as a shop: value of the column `key` -> `columns`.

    Scope and key lead a unique index. Half the time of `existing`.
    """
    if not values:
        return {}
    table = connection.ops.quote_name(model._meta.db_table)
    wanted = ", ".join(f't."{name}"' for name in (key, *columns))
    same = f't."{scope[0]}" = %s AND t."{key}" = k.value'
    if _is_postgres():
        kind = model._meta.get_field(key).db_type(connection)
        # OFFSET 0: as in `existing`.
        found = f"(SELECT {wanted} FROM {table} t WHERE {same} OFFSET 0) t"
        rows = fetch(
            f"SELECT t.* FROM unnest(%s::{kind}[]) AS k(value) CROSS JOIN LATERAL {found}", [list(values), scope[1]]
        )
    else:
        # Numbers of new things are often all beyond those of old ones: one look instead of thousands. Here only, where
        # texts are in the order that Python knows.
        between = f'SELECT 1 FROM {table} t WHERE t."{scope[0]}" = %s AND t."{key}" BETWEEN %s AND %s LIMIT 1'
        if not fetch(between, [scope[1], min(values), max(values)]):
            return {}
        sql = f"SELECT {wanted} FROM json_each(%s) AS k CROSS JOIN {table} t ON {same}"
        rows = fetch(sql, [json.dumps(list(values)), scope[1]])
    return {row[0]: row[1:] for row in rows}


def upsert(
    model: type[models.Model],
    columns: Sequence[str],
    rows: Sequence[Row],
    conflict: Sequence[str],
    *,
    guard: str | None = "content_hash",
    update: Mapping[str, str] | None = None,
    once: Collection[str] = ("created_at",),
    found: Mapping[Row, Row] | None = None,
) -> Counts:
    """Insert the rows, or bring the ones that are there up to date, all of them in the transaction of the caller.

    `columns` name the values of each row as database columns; `conflict` the unique key among them, given once per row.
    `guard`: the column whose change makes a row changed; None compares every column. A row that is not changed is not
    written. `update`: SQL for columns that are not simply replaced ({old}, {new}); `once`: columns set at insert only.
    `found`: key -> (guard,) of the rows that are there, where the caller has looked already.
    Raises ValueError when two rows carry the same key.
    """
    places = [columns.index(name) for name in conflict]
    by_key = {tuple(row[place] for place in places): row for row in rows}
    if len(by_key) != len(rows):
        raise ValueError("two rows with the same key")
    if found is None:
        found = existing(model, conflict, by_key, [guard] if guard else [])
    if guard:
        at = columns.index(guard)
        rows = [row for key, row in by_key.items() if key not in found or found[key][0] != row[at]]
    new = sum(1 for key in by_key if key not in found)
    if not rows:
        return Counts(0, 0, len(by_key))
    changing = {name: "{new}" for name in columns if name not in conflict and name not in once} | dict(update or {})
    written = _write(model, columns, rows, _on_conflict(model, conflict, changing, guard))
    # Another writer may have been faster with some of the new ones: no count falls below zero.
    changed = max(0, written - new)
    return Counts(new, changed, len(by_key) - new - changed)


def _on_conflict(
    model: type[models.Model], conflict: Sequence[str], changing: Mapping[str, str], guard: str | None
) -> str:
    table = connection.ops.quote_name(model._meta.db_table)
    key = ", ".join(f'"{name}"' for name in conflict)
    if not changing:
        return f"ON CONFLICT ({key}) DO NOTHING"
    new = {name: how.format(old=f'{table}."{name}"', new=f'excluded."{name}"') for name, how in changing.items()}
    sets = ", ".join(f'"{name}" = {value}' for name, value in new.items())
    compared = [guard] if guard else list(new)
    changed = " OR ".join(differs(f'{table}."{name}"', new[name]) for name in compared)
    return f"ON CONFLICT ({key}) DO UPDATE SET {sets} WHERE {changed}"


def _write(model: type[models.Model], columns: Sequence[str], rows: Sequence[Row], on_conflict: str) -> int:
    table = connection.ops.quote_name(model._meta.db_table)
    names = ", ".join(f'"{name}"' for name in columns)
    with connection.cursor() as cursor:
        if not _is_postgres():
            marks = ", ".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks}) {on_conflict}", rows)
            return cursor.rowcount
        cursor.execute(f"CREATE TEMPORARY TABLE incoming ON COMMIT DROP AS SELECT {names} FROM {table} WITH NO DATA")
        _copy(cursor, "incoming", names, rows)
        cursor.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM incoming {on_conflict}")
        written = cursor.rowcount
        cursor.execute("DROP TABLE incoming")
        return written


def add(model: type[models.Model], columns: Sequence[str], rows: Sequence[Row]) -> list[int]:
    """Insert rows that were looked for and are not there, in the transaction of the caller; their new keys, in order.

    The keys are drawn first, so that nothing has to be looked up again and PostgreSQL copies straight into the table:
    twice as fast as `upsert` on both databases. Raises IntegrityError when another writer was faster with one of them
    (on SQLite, whose writers take turns, that cannot be): the caller begins its transaction anew and finds it.
    """
    if not rows:
        return []
    keys = drawn(model, len(rows))
    insert(model, ("id", *columns), ((key, *row) for key, row in zip(keys, rows, strict=True)))
    return keys


def drawn(model: type[models.Model], count: int) -> list[int]:
    """So many keys that no row has or ever had, for rows that `insert` writes in this transaction."""
    if not count:
        return []
    table = model._meta.db_table
    if _is_postgres():
        sql = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
        return [row[0] for row in fetch(sql, [connection.ops.quote_name(table), count])]
    # The write lock is held from the first statement on: nobody draws the same ones.
    last = fetch("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
    first = (last[0][0] if last else 0) + 1
    return list(range(first, first + count))


def insert(model: type[models.Model], columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Add rows that can clash with nothing. They are streamed: memory does not grow with their number."""
    table = connection.ops.quote_name(model._meta.db_table)
    names = ", ".join(f'"{name}"' for name in columns)
    with connection.cursor() as cursor:
        left = iter(rows)
        if _is_postgres():
            first = next(left, None)
            if first is not None:
                _copy(cursor, table, names, chain([first], left))
            return
        marks = ", ".join(["%s"] * len(columns))
        while batch := list(islice(left, _AT_ONCE)):
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", batch)


def _copy(cursor: Any, table: str, names: str, rows: Iterable[Row]) -> None:
    # The driver's own cursor: its faults become Django's here, as they do of themselves everywhere else.
    with connection.wrap_database_errors, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
