"""A file's rows on their way into the tables, beside the file itself: sorted by order there and not in memory.

Only masked and hashed values get here. The scratch file is deleted together with the file it was made from.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple

BATCH = 5_000  # rows

_TABLES = """
CREATE TABLE rows (key TEXT, line INTEGER, identity TEXT, digest BLOB, row TEXT);
CREATE TABLE refusals (line INTEGER, "column" TEXT, value TEXT, reason_code TEXT);
CREATE TABLE items (seq INTEGER PRIMARY KEY, rows INTEGER, item TEXT);
"""
# Nothing here must survive a crash: a half-made scratch file is made again.
_FAST = "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-32000;"


class Row(NamedTuple):
    """A row of the file as read: its group (order), line, identity within the group (None: only its contents), cells."""

    key: str
    line: int
    identity: str | None
    digest: bytes
    values: Any


class Refusal(NamedTuple):
    line: int
    column: str
    value: str
    reason_code: str


class Item(NamedTuple):
    """One order, parcel or parcel's scans, decided and ready to be written; `rows` of the file are stored with it."""

    seq: int
    rows: int
    values: Any


_plain = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


class Scratch:
    """The three tables of one scratch file."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.executescript(_FAST)
        self._seq = 0

    def close(self) -> None:
        self._connection.close()

    @classmethod
    @contextmanager
    def building(cls, path: Path) -> Iterator[Scratch]:
        """A new scratch file that takes its place at `path` when the block ends well; whatever stood there goes."""
        half = path.with_suffix(".half")
        half.unlink(missing_ok=True)
        scratch = cls(half)
        try:
            scratch._connection.executescript(_TABLES + "BEGIN;")
            yield scratch
            scratch._connection.execute("COMMIT")
        finally:
            scratch.close()
        os.replace(half, path)

    @classmethod
    @contextmanager
    def reading(cls, path: Path) -> Iterator[Scratch]:
        """The finished scratch file at `path`; FileNotFoundError when there is none."""
        if not path.is_file():
            raise FileNotFoundError(path)
        scratch = cls(path)
        try:
            yield scratch
        finally:
            scratch.close()

    def add_rows(self, rows: Iterable[Row]) -> None:
        self._connection.executemany(
            "INSERT INTO rows VALUES (?, ?, ?, ?, ?)",
            ((row.key, row.line, row.identity, row.digest, _plain(row.values)) for row in rows),
        )

    def groups(self) -> Iterator[tuple[str, list[Row]]]:
        """Rows by group, groups in order of their key, rows of a group in order of the file."""
        self._connection.execute("CREATE INDEX IF NOT EXISTS by_key ON rows (key, line)")
        found = self._connection.execute("SELECT key, line, identity, digest, row FROM rows ORDER BY key, line")
        rows = (Row(key, line, identity, digest, json.loads(row)) for key, line, identity, digest, row in found)
        for key, group in groupby(rows, attrgetter("key")):
            yield key, list(group)

    def refuse(self, refusals: Iterable[Refusal]) -> None:
        cut = ((one.line, one.column[:120], one.value[:200], one.reason_code) for one in refusals)
        self._connection.executemany("INSERT INTO refusals VALUES (?, ?, ?, ?)", cut)

    def refusals(self) -> Iterator[Refusal]:
        """The refused rows in order of the file."""
        for row in self._connection.execute(
            'SELECT line, "column", value, reason_code FROM refusals ORDER BY line, rowid'
        ):
            yield Refusal(*row)

    def refused(self) -> int:
        return int(self._connection.execute("SELECT count(*) FROM refusals").fetchone()[0])

    def add_items(self, items: Iterable[tuple[int, Any]]) -> None:
        """Add (rows, values) of things ready to be written; they are numbered from 1 in the order given."""
        numbered = []
        for rows, values in items:
            self._seq += 1
            numbered.append((self._seq, rows, _plain(values)))
        self._connection.executemany("INSERT INTO items VALUES (?, ?, ?)", numbered)

    def batches(self, after: int = 0) -> Iterator[list[Item]]:
        """Items with numbers above `after`, in batches of at most BATCH rows (a larger single item is one batch)."""
        batch: list[Item] = []
        size = 0
        found = self._connection.execute("SELECT seq, rows, item FROM items WHERE seq > ? ORDER BY seq", (after,))
        for seq, count, item in found:
            if batch and size + count > BATCH:
                yield batch
                batch, size = [], 0
            batch.append(Item(seq, count, json.loads(item)))
            size += count
        if batch:
            yield batch
