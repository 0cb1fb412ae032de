"""The one pass over the file: every row checked, read and put aside under its order, parcel or waybill number."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from casemgr.kit.privacy import KeyedHash, drop_sensitive
from casemgr.kit.tabular import Table
from casemgr.kit.values import CellError, DateOrder, may_be_rounded
from orders.imports import people
from orders.imports.cells import Read, Reading, told
from orders.imports.fields import FIELDS, Field, Reads
from orders.imports.layout import Layout
from orders.imports.reasons import Unfit
from orders.imports.scratch import Refusal, Row, Scratch
from orders.imports.waybills import numbers_in, parcels_in

_PUT_ASIDE = 2_000
_REMEMBERED = 20_000
PREVIEWED = 20
_EXTRA = {
    "postage": Field("postage", "", Reads.AMOUNT),
    "parcel_words": Field("parcel_words", "", Reads.TEXT, longest=200),
}
_DAY_AND_MONTH = re.compile(r"\s*(\d{1,2})[-/.](\d{1,2})[-/.](?:\d{4}|\d{2})\b")

Values = dict[str, Any]


class Key(Protocol):
    """What groups the rows of a kind: (group, identity within it, or None where only the contents tell rows apart)."""

    def __call__(self, values: Values, layout: Layout) -> tuple[str, str | None]: ...


def order_key(values: Values, layout: Layout) -> tuple[str, str | None]:
    """Lines of one order, told apart by the sub-order number (design 5, Rows)."""
    number = values.get("order_no")
    if not number:
        raise Unfit("no_key")
    return number, "" if layout.one_row_per_order else values.get("sub_order_no") or None


def parcel_key(values: Values, layout: Layout) -> tuple[str, str | None]:
    """Parcels of one order (or of several that were shipped together), told apart by the waybill number."""
    if not values.get("order_no"):
        raise Unfit("no_key")
    if not values.get("waybill_no"):
        raise Unfit("no_waybill")
    return values["order_no"], values["waybill_no"]


def scan_key(values: Values, layout: Layout) -> tuple[str, str | None]:
    """Events of one waybill, told apart by time and text."""
    if not values.get("waybill_no"):
        raise Unfit("no_waybill")
    if not values.get("event_at"):
        raise Unfit("no_moment")
    return values["waybill_no"], f"{values['event_at']} {values.get('event_text', '')}"


NEEDED = {"no_key": "order_no", "no_waybill": "waybill_no", "no_moment": "event_at"}
KEYS: dict[str, Key] = {"orders": order_key, "parcels": parcel_key, "scans": scan_key}


@dataclass
class Told:
    """What the pass has to tell about the file besides its rows."""

    rows: int = 0
    preview: list[dict[str, Any]] = field(default_factory=list)
    shops: Counter[str] = field(default_factory=Counter)
    is_ambiguous: bool = False
    rounded: int = 0
    rounded_line: int = 0
    dropped: list[str] = field(default_factory=list)


class RowReader:
    """Reads the cells of one row, by the layout of its file."""

    def __init__(self, layout: Layout, hasher: KeyedHash) -> None:
        self.layout = layout
        self.hasher = hasher
        self.fields = FIELDS[layout.kind] | _EXTRA
        self.width = len(layout.headers)
        self.dropped = sorted(drop_sensitive(layout.headers))
        places = {name: place for name, place in layout.places.items() if layout.headers[place] not in self.dropped}
        self._people = [(name, place) for name, place in places.items() if self.fields[name].reads is Reads.PERSON]
        self._others = self._compiled(places)
        self._key = KEYS[layout.kind]
        self._known: dict[tuple[str, ...], Mapping[str, str]] = {}

    def _compiled(self, places: dict[str, int]) -> list[tuple[str, int, Read]]:
        others = {name: place for name, place in places.items() if self.fields[name].reads is not Reads.PERSON}
        return [(name, place, self.layout.reading.reader(self.fields[name])) for name, place in others.items()]

    def read(self, line: int, cells: list[str]) -> Row | Refusal:
        """The row as it is put aside, or why it is refused: the first cell that cannot be read."""
        if len(cells) > self.width:
            return Refusal(line, "", "", "too_many_cells")
        values: Values = {}
        name = place = None
        try:
            for name, place, read in self._others:
                if cells[place]:
                    value = read(cells[place])
                    if value is not None and value != "":
                        values[name] = value
            name = place = None
            if "waybill_no" in values:
                values["waybill_no"] = " ".join(numbers_in(values["waybill_no"]))
            key, identity = self._key(values, self.layout)
        except CellError as fault:
            column = (
                self.layout.headers[place]
                if place is not None
                else self.layout.mapping.get(NEEDED.get(fault.reason_code, ""), "")
            )
            shown = told(cells[place], self.fields[name or ""]) if place is not None else ""
            return Refusal(line, column, shown, fault.reason_code)
        if self._people:
            values |= self._known_of(tuple([cells[place] for _name, place in self._people]))
        digest = hashlib.blake2b("\x1f".join(cells).encode("utf-8", "surrogatepass"), digest_size=8).digest()
        return Row(key, line, identity, digest, values)

    def _known_of(self, said: tuple[str, ...]) -> Mapping[str, str]:
        """What these cells tell of the recipient. Files without names repeat their places by the thousand."""
        known = self._known.get(said)
        if known is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            cells = dict(zip((name for name, _place in self._people), said, strict=True))
            known = self._known[said] = people.known_of(cells, self.hasher, platform=self.layout.platform)
        return known


def read_rows(
    table: Table, layout: Layout, hasher: KeyedHash, scratch: Scratch, *, progress: Callable[[int], None] | None = None
) -> Told:
    """Read the whole table into the scratch file. Raises TableError when the file is broken further down."""
    reader = RowReader(layout, hasher)
    facts = Told(dropped=reader.dropped)
    rows: list[Row] = []
    refusals: list[Refusal] = []
    for line, cells in table.rows():
        facts.rows += 1
        found = reader.read(line, cells)
        if isinstance(found, Row):
            rows.append(found)
            _notice(facts, found)
        else:
            refusals.append(found)
            facts.is_ambiguous |= found.reason_code == "date_ambiguous"
        if len(facts.preview) < PREVIEWED:
            facts.preview.append(_previewed(found))
        if len(rows) + len(refusals) >= _PUT_ASIDE:
            scratch.add_rows(rows)
            scratch.refuse(refusals)
            rows, refusals = [], []
            if progress:
                progress(facts.rows)
    scratch.add_rows(rows)
    scratch.refuse(refusals)
    return facts


def _notice(facts: Told, row: Row) -> None:
    shop = row.values.pop("shop", None)
    if shop:
        facts.shops[shop] += 1
    if may_be_rounded(row.key):
        facts.rounded += 1
        facts.rounded_line = facts.rounded_line or row.line


def _previewed(found: Row | Refusal) -> dict[str, Any]:
    if isinstance(found, Row):
        shown = {name: value for name, value in found.values.items() if not name.startswith("key_")}
        return {"line": found.line, "values": shown}
    return {"line": found.line, "values": {}, "column": found.column, "value": found.value, "why": found.reason_code}


def date_order_of(table: Table, layout: Layout) -> DateOrder | None:
    """Whether days or months come first, told by dates of the file that can only be read one way; None if none tells."""
    fields = FIELDS[layout.kind]
    places = [place for name, place in layout.places.items() if fields.get(name) and _is_moment(fields[name])]
    first, second = False, False
    for _line, cells in table.rows():
        for place in places:
            match = _DAY_AND_MONTH.match(cells[place])
            if match:
                first |= int(match[1]) > 12
                second |= int(match[2]) > 12
    if first == second:
        return None
    return "dmy" if first else "mdy"


def _is_moment(one: Field) -> bool:
    return one.reads in (Reads.MOMENT, Reads.DEADLINE)


def with_date_order(layout: Layout, order: DateOrder) -> Layout:
    """The same layout, with days and months read in this order."""
    return Layout(**{**vars(layout), "reading": Reading(date_order=order, zone=layout.reading.zone)})


def raw_rows(table: Table, count: int) -> Iterator[tuple[int, list[str]]]:
    """The first rows of the file as they stand in it."""
    for found, _number in zip(table.rows(), range(count), strict=False):
        yield found


def packed_parcels(values: Values) -> list[tuple[str, str]]:
    """(waybill number, carrier's name) of a row: of the two columns, else of the one that packs both."""
    if "waybill_no" in values:
        return [(number, values.get("carrier", "")) for number in values["waybill_no"].split()]
    return list(parcels_in(values["parcel_words"])) if "parcel_words" in values else []
