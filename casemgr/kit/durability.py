"""Whether the database keeps what it says it has kept."""

from __future__ import annotations

from django.core.exceptions import ImproperlyConfigured
from django.db import connection

SYNCHRONOUS_FULL = 2


def check_sqlite() -> None:
    """Read SQLite's settings back: WAL and synchronous=FULL, or an acknowledged write may be lost with the power.

    Raises ImproperlyConfigured with what was found. PostgreSQL is durable as it comes; nothing is asked there.
    """
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        journal = cursor.execute("PRAGMA journal_mode").fetchone()[0]
        synchronous = cursor.execute("PRAGMA synchronous").fetchone()[0]
    if journal != "wal" or synchronous != SYNCHRONOUS_FULL:
        raise ImproperlyConfigured(
            f"SQLite runs with journal_mode={journal}, synchronous={synchronous} instead of wal, {SYNCHRONOUS_FULL}."
            " Is its folder (CASEMGR_VAR) on a network drive? It must be on a local disk."
        )
