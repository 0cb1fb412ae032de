"""Small pieces of SQL that the two databases spell differently, for the few statements written by hand."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import CharField, Func, IntegerField, Subquery


class UtcDay(Func):
    """The UTC day of a moment as the database itself can index it: a date on PostgreSQL, its text on SQLite.

    Django's own day functions are Python functions on SQLite, and no index can lean on them.
    """

    output_field = CharField()
    arity = 1

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="SUBSTR(%(expressions)s, 1, 10)", **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="((%(expressions)s AT TIME ZONE 'UTC')::date)", **context)


class OrNever(Func):
    """A moment, or one after all others where there is none: the same order on both databases, and an index can hold it.

    A year that Python knows: DISTINCT makes the database hand the sort keys out, and infinity cannot be read.
    """

    output_field = CharField()
    arity = 1

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="COALESCE(%(expressions)s, '9999')", **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(
            compiler, connection, template="COALESCE(%(expressions)s, '9999-01-01 00:00:00+00'::timestamptz)", **context
        )


class RowsOf(Subquery):
    """How many rows a subquery has, its limit included: counting stops there."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()


def is_postgres() -> bool:
    return connection.vendor == "postgresql"


def utc_day(moment: str) -> str:
    """What UtcDay says of the SQL expression `moment`."""
    return f"(({moment} AT TIME ZONE 'UTC')::date)" if is_postgres() else f"SUBSTR({moment}, 1, 10)"


def moved(moment: str, seconds: int) -> str:
    """The SQL expression `moment` some seconds later; on SQLite whole seconds, what is left over cut off."""
    return (
        f"({moment} + interval '{seconds:d} seconds')"
        if is_postgres()
        else f"datetime({moment}, '{seconds:+d} seconds')"
    )


def likely(condition: str) -> str:
    """A condition that most rows fulfil: without statistics SQLite takes an inequality for a better way in than equality."""
    return condition if is_postgres() else f"likely({condition})"


def earlier_of(one: str, other: str) -> str:
    return f"LEAST({one}, {other})" if is_postgres() else f"MIN({one}, {other})"


def given(columns: Sequence[tuple[str, str]], rows: Sequence[tuple[Any, ...]], name: str) -> tuple[str, list[Any]]:
    """A FROM item `name` made of `rows`, with its parameters: (column, PostgreSQL type) each; any number of rows.

    Values as the database keeps them (bulk.py): moments and days as text.
    """
    if is_postgres():
        arrays = ", ".join(f"%s::{kind}[]" for _column, kind in columns)
        names = ", ".join(column for column, _kind in columns)
        values = [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _column in columns]
        return f"unnest({arrays}) AS {name}({names})", values
    picked = ", ".join(f"json_extract(value, '$[{place}]') AS {column}" for place, (column, _k) in enumerate(columns))
    return f"(SELECT {picked} FROM json_each(%s)) AS {name}", [json.dumps(list(rows))]
