"""How one file is read: which column means which field, what rows repeat and what they share out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from casemgr.kit.clock import SHANGHAI
from orders.enums import ImportKind
from orders.imports.cells import Reading
from orders.imports.fields import FIELDS, LINE_MARKS, SUMMED, Level
from orders.imports.source import Source

MAPPED = "mapped"  # the source of files whose columns a person mapped


@dataclass(frozen=True)
class Layout:
    """`mapping` is field -> column name; `levels` leaves out what the rows themselves have to tell (`open_levels`).

    `one_row_per_order` None: no field tells lines apart, so the amounts of repeated orders decide.
    """

    kind: str
    source: str
    platform: str
    headers: tuple[str, ...]
    mapping: Mapping[str, str]
    levels: Mapping[str, Level] = field(default_factory=dict)
    one_row_per_order: bool | None = True
    reading: Reading = field(default_factory=Reading)

    @property
    def places(self) -> dict[str, int]:
        """field -> place of its column in the rows."""
        return {name: self.headers.index(column) for name, column in self.mapping.items()}

    def carries(self, *fields: str) -> bool:
        """Does the file have a column for any of these fields?"""
        return any(name in self.mapping for name in fields)

    def is_line_level(self, name: str) -> bool:
        return self.levels.get(name, Level.ORDER) is Level.LINE

    @property
    def open_levels(self) -> list[str]:
        """Summed fields of which nobody has said whether rows repeat them."""
        return [name for name in SUMMED if name in self.mapping and name not in self.levels]


def reading_of(options: Mapping[str, Any]) -> Reading:
    """How cells are read, by the options of a run: date_order and timezone."""
    zone = options.get("timezone")
    return Reading(date_order=options.get("date_order") or None, zone=ZoneInfo(zone) if zone else SHANGHAI)


def of_source(source: Source, headers: Sequence[str], options: Mapping[str, Any]) -> Layout:
    """The layout of a recognised file: everything stands in the source's column table."""
    return Layout(
        kind=source.kind,
        source=source.id,
        platform=source.platform,
        headers=tuple(headers),
        mapping=source.mapping(headers),
        levels=source.levels,
        one_row_per_order=source.one_row_per_order,
        reading=reading_of(options),
    )


def of_mapping(
    kind: str, platform: str, headers: Sequence[str], mapping: Mapping[str, str], options: Mapping[str, Any]
) -> Layout:
    """The layout of a file mapped by hand, by a person's answers; what was not answered the rows tell later.

    `options`: rows ("order": one row per order, "line": several), levels (field -> order or line), date_order, timezone.
    """
    known = {name: column for name, column in mapping.items() if name in FIELDS[kind] and column in headers}
    answered = {name: Level(level) for name, level in options.get("levels", {}).items() if level}
    rows = options.get("rows")
    if kind != ImportKind.ORDERS or rows == "order":
        levels: dict[str, Level] = dict.fromkeys(SUMMED, Level.ORDER)
    else:
        # Without an answer a sub-order number makes values those of the line; else the rows tell (design 5, Rows).
        levels = dict.fromkeys(SUMMED, Level.LINE) if "sub_order_no" in known else {}
        levels |= answered
    one_row = {"order": True, "line": False}.get(rows or "")
    if one_row is None and any(name in known for name in LINE_MARKS):
        one_row = False
    return Layout(
        kind=kind,
        source=MAPPED,
        platform=platform,
        headers=tuple(headers),
        mapping=known,
        levels=levels,
        one_row_per_order=one_row,
        reading=reading_of(options),
    )
