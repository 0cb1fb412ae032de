"""What a source is: the column table of one platform's file, and how a file is recognised as one of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from django.utils.functional import Promise

from orders.imports.fields import FIELDS, Level, header_key

# A file counts as recognised from so many known columns on (platforms.md, B: the threshold a public importer uses).
LEAST_HITS = 5


@dataclass(frozen=True)
class Column:
    """Which columns of the file carry a field, the first that is there; whether rows repeat its value or share it out."""

    field: str
    names: tuple[str, ...]
    level: Level = Level.ORDER


@dataclass(frozen=True)
class Source:
    """One kind of file of one platform.

    `one_row_per_order`: a second row of an order replaces the first instead of adding a line.
    `headers`: all column names the platform is known to write. `telltales`: columns only this platform has, needed to
    recognise its file for a shop of another platform.
    """

    id: str
    kind: str
    platform: str
    label: str | Promise
    columns: tuple[Column, ...]
    required: tuple[str, ...]
    one_row_per_order: bool
    headers: tuple[str, ...] = ()
    telltales: tuple[str, ...] = ()
    levels: Mapping[str, Level] = field(init=False)

    def __post_init__(self) -> None:
        unknown = {column.field for column in self.columns} - FIELDS[self.kind].keys() - {"postage", "parcel_words"}
        if unknown:
            raise ValueError(f"source {self.id}: unknown fields {sorted(unknown)}")
        object.__setattr__(self, "levels", {column.field: column.level for column in self.columns})

    @cached_property
    def known_keys(self) -> frozenset[str]:
        own = {header_key(name) for name in self.headers}
        return frozenset(own | {header_key(name) for column in self.columns for name in column.names})

    @cached_property
    def _telltale_keys(self) -> frozenset[str]:
        return frozenset(map(header_key, self.telltales))

    def mapping(self, headers: Sequence[str]) -> dict[str, str]:
        """field -> column of this file, for every field of the table that the file carries."""
        by_key: dict[str, str] = {}
        for header in headers:
            by_key.setdefault(header_key(header), header)
        found: dict[str, str] = {}
        for column in self.columns:
            name = next((by_key[key] for key in map(header_key, column.names) if key in by_key), None)
            if name is not None:
                found[column.field] = name
        return found

    def hits(self, headers: Sequence[str], *, platform: str = "") -> int:
        """How many columns are known; 0 where the file is not one of this source.

        Needed are five known columns, the required fields, half of the file's columns known, and one telltale column
        where the shop is on another platform than the source.
        """
        keys = {header_key(header) for header in headers if header}
        known = len(keys & self.known_keys)
        mapped = self.mapping(headers)
        if known < LEAST_HITS or known * 2 < len(keys) or any(name not in mapped for name in self.required):
            return 0
        if platform and platform != self.platform and not keys & self._telltale_keys:
            return 0
        return known
