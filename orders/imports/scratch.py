"""A file's rows on their way into the tables, beside the file itself: sorted by order there and not in memory.

Only masked and hashed values get here. The scratch file is deleted together with the file it was made from.
"""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from orders.imports.batches import FORM, OrderBatch, Packed, packed

BATCH = 1_500  # rows of the file that are written in one transaction: SQLite is locked for others meanwhile, 0.1 s

# A scratch file of another version is made again. {values} are columns without a type: they give back what they got.
_VERSION = FORM
_FLAG = "FLAG"
_TABLES = """
CREATE TABLE rows (key TEXT, line INTEGER, identity TEXT, digest BLOB{values});
CREATE TABLE refusals (line INTEGER, "column" TEXT, value TEXT, reason_code TEXT);
CREATE TABLE batches (upto INTEGER PRIMARY KEY, rows INTEGER, items, rest BLOB);
"""
# Nothing here must survive a crash: a half-made scratch file is made again.
_FAST = "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;"
_SORTING = "PRAGMA cache_size=-32000;"  # KiB, where rows are put in order; what is only appended needs none


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


class Batch(NamedTuple):
    """Orders, parcels or parcels' scans, decided and ready to be written together: the place of the last one, from 1
    on; how many `rows` of the file are stored with them; the orders packed, other things as a list."""

    upto: int
    rows: int
    items: Any


_plain = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


class Scratch:
    """The three tables of one scratch file."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.executescript(_FAST)
        self._upto = 0

    def close(self) -> None:
        self._connection.close()

    @classmethod
    @contextmanager
    def building(cls, path: Path, names: Sequence[str] = (), flags: Collection[str] = ()) -> Iterator[Scratch]:
        """A new scratch file that takes its place at `path` when the block ends well; whatever stood there goes.

        `names`: our own names of all values that a row may have; `flags` those of them that are yes or no.
        """
        # A name of its own: two who make the same file at once do not write into each other's.
        half = path.with_suffix(f".{secrets.token_hex(4)}.half")
        scratch = cls(half)
        try:
            values = "".join(f', "{name}" {_FLAG if name in flags else ""}' for name in names)
            scratch._connection.executescript((_SORTING if names else "") + _TABLES.format(values=values) + "BEGIN;")
            yield scratch
            scratch._connection.execute("COMMIT")
            scratch._connection.execute(f"PRAGMA user_version={_VERSION}")
            scratch.close()
            os.replace(half, path)
        finally:
            scratch.close()
            half.unlink(missing_ok=True)

    @classmethod
    @contextmanager
    def reading(cls, path: Path) -> Iterator[Scratch]:
        """The finished scratch file at `path`; FileNotFoundError when there is none, or one of another version."""
        if not path.is_file():
            raise FileNotFoundError(path)
        scratch = cls(path)
        try:
            if scratch._connection.execute("PRAGMA user_version").fetchone() != (_VERSION,):
                raise FileNotFoundError(path)
            yield scratch
        finally:
            scratch.close()

    def add_rows(self, rows: Iterable[Row]) -> None:
        names = self._names()
        marks = ", ".join("?" * (4 + len(names)))
        self._connection.executemany(
            f"INSERT INTO rows VALUES ({marks})",
            [(*row[:4], *map(row.values.get, names)) for row in rows],
        )

    def _names(self) -> dict[str, bool]:
        """The names of all values that a row may have, and whether each is yes or no."""
        columns = self._connection.execute("PRAGMA table_info(rows)").fetchall()[4:]
        return {name: kind == _FLAG for _place, name, kind, *_rest in columns}

    def groups(self) -> Iterator[tuple[str, list[Row]]]:
        """Rows by group, groups in order of their key, rows of a group in order of the file."""
        self._connection.execute("CREATE INDEX IF NOT EXISTS by_key ON rows (key, line)")
        names = self._names()
        flags = [name for name, is_flag in names.items() if is_flag]
        group: list[Row] = []
        for found in self._connection.execute("SELECT * FROM rows ORDER BY key, line"):
            if group and group[0].key != found[0]:
                yield group[0].key, group
                group = []
            said = {name: value for name, value in zip(names, found[4:], strict=True) if value is not None}
            for name in flags:
                if name in said:
                    said[name] = bool(said[name])
            group.append(Row(found[0], found[1], found[2], found[3], said))
        if group:
            yield group[0].key, group

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

    def add_items(self, rows: int, items: Sequence[Any]) -> None:
        """Add things that are ready to be written together; they are numbered from 1 on in the order given."""
        self._add(rows, len(items), _plain(items), None)

    def add_orders(self, rows: int, orders: OrderBatch) -> None:
        """Add orders that are ready to be written together."""
        self._add(rows, len(orders) + len(orders.kept), *packed(orders))

    def _add(self, rows: int, count: int, items: str | bytes, rest: bytes | None) -> None:
        if count:
            self._upto += count
            self._connection.execute("INSERT INTO batches VALUES (?, ?, ?, ?)", (self._upto, rows, items, rest))

    def batches(self, after: int = 0) -> Iterator[Batch]:
        """The batches whose things have numbers above `after`."""
        found = self._connection.execute("SELECT * FROM batches WHERE upto > ? ORDER BY upto", (after,))
        for upto, rows, items, rest in found:
            yield Batch(upto, rows, json.loads(items) if rest is None else Packed(items, rest))
