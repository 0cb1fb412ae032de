"""Rows of every table as lines of text that are the same on every database, so that equal rows have equal checksums."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from itertools import islice
from typing import Any

from django.apps.registry import Apps
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

# Not kept: what belongs to a browser or a process and not to the work. People sign in again, processes beat again.
LEFT_OUT = frozenset({"sessions.session", "kit.heartbeat"})
CHUNK = 2_000  # rows

Registry = Apps | Any  # the apps of this program, or those of an earlier state of its tables
Decode = Callable[[Any], Any]


@dataclass
class Kept:
    """One table of a backup: its columns in the order of each line, how many rows, and the hash over all lines."""

    columns: list[str]
    rows: int = 0
    sha256: str = ""

    as_dict = asdict


def models_of(registry: Registry) -> list[type[models.Model]]:
    """Every table that a backup keeps, by name; the tables between many-to-many relations too."""
    found = [
        model
        for model in registry.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy and model._meta.label_lower not in LEFT_OUT
    ]
    return sorted(found, key=lambda model: model._meta.db_table)


def fields_of(model: type[models.Model]) -> list[models.Field]:
    """The columns by name: models of migrations list them in another order than those of the program."""
    return sorted(model._meta.concrete_fields, key=lambda field: str(field.column))


def columns_of(model: type[models.Model]) -> list[str]:
    return [str(field.column) for field in fields_of(model)]


def _plain(value: Any) -> Any:
    """What JSON has no form for: moments in UTC, decimals and everything else as text, bytes as base64."""
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat()
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(bytes(value)).decode()
    return str(value)


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True, default=_plain).encode


def lines_of(model: type[models.Model], using: str) -> Iterator[bytes]:
    """The rows of a table in the order of their key, one JSON list a line; memory does not grow with their number."""
    names = [field.attname for field in fields_of(model)]
    rows = model._base_manager.using(using).order_by("pk").values_list(*names)
    for row in rows.iterator(chunk_size=CHUNK):
        yield _encode(row).encode("utf-8", "surrogatepass") + b"\n"


class Counted:
    """Passes lines on and keeps count of them: after the last one `rows` and `sha256` are those of the table."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        self._lines, self._digest, self.rows = lines, hashlib.sha256(), 0

    def __iter__(self) -> Iterator[bytes]:
        for line in self._lines:
            self._digest.update(line)
            self.rows += 1
            yield line

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()


def stored(model: type[models.Model], using: str) -> Kept:
    """What the table holds now, as a backup would describe it."""
    counted = Counted(lines_of(model, using))
    for _line in counted:
        pass
    return Kept(columns_of(model), counted.rows, counted.sha256)


_READ: dict[str, Decode] = {
    "DateTimeField": dt.datetime.fromisoformat,
    "DateField": dt.date.fromisoformat,
    "TimeField": dt.time.fromisoformat,
    "DecimalField": Decimal,
    "BinaryField": base64.b64decode,
}
# Columns whose JSON form is what the database takes, on both databases.
_AS_IT_IS = frozenset({"CharField", "TextField", "SlugField", "EmailField", "URLField", "BooleanField"})


def _decoder(field: models.Field, connection: BaseDatabaseWrapper) -> Decode | None:
    """How a cell becomes what this database stores; None where it is that already."""
    kind = getattr(field, "target_field", field).get_internal_type()
    if kind in _AS_IT_IS or (kind.endswith(("IntegerField", "AutoField"))):
        return None
    if isinstance(field, models.JSONField):
        # In a column that takes no NULL, null is JSON's own.
        return lambda value: (
            None if value is None and field.null else connection.ops.adapt_json_value(value, field.encoder)
        )
    read = _READ.get(kind, lambda value: value)
    return lambda value: None if value is None else field.get_db_prep_save(read(value), connection)


def _cells(model: type[models.Model], lines: Iterable[bytes], connection: BaseDatabaseWrapper) -> Iterator[list[Any]]:
    special = [
        (number, decode)
        for number, field in enumerate(fields_of(model))
        if (decode := _decoder(field, connection)) is not None
    ]
    for line in lines:
        row = json.loads(line.decode("utf-8", "surrogatepass"))
        for number, decode in special:
            row[number] = decode(row[number])
        yield row


def load(model: type[models.Model], lines: Iterable[bytes], connection: BaseDatabaseWrapper) -> None:
    """Write lines of a backup into the emptied table, keys included. The caller's transaction holds them together."""
    name = connection.ops.quote_name
    table, columns = name(model._meta.db_table), columns_of(model)
    listed = ", ".join(name(column) for column in columns)
    rows = _cells(model, lines, connection)
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table}")  # what the migrations put there: kinds of things, permissions
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({listed}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            return
        insert = f"INSERT INTO {table} ({listed}) VALUES ({', '.join(['%s'] * len(columns))})"
        for chunk in _chunks(rows):
            cursor.executemany(insert, chunk)


def _chunks(rows: Iterator[list[Any]]) -> Iterator[Sequence[list[Any]]]:
    while chunk := list(islice(rows, CHUNK)):
        yield chunk
