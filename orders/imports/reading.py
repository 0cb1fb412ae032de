"""The one pass over the file: every row checked, read and put aside under its order, parcel or waybill number."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, repeat
from typing import Any, Protocol

from casemgr.kit.privacy import KeyedHash, drop_sensitive
from casemgr.kit.tabular import Table, clean_column
from casemgr.kit.values import CellError, DateOrder, may_be_rounded
from orders.enums import ImportKind
from orders.imports import people
from orders.imports.cells import Reading, told
from orders.imports.columns import Column, first_faults
from orders.imports.fields import FIELDS, Field, Reads
from orders.imports.layout import Layout
from orders.imports.reasons import Unfit
from orders.imports.recipients import MARK, SEALED, Recipients
from orders.imports.scratch import Refusal, Row, Scratch
from orders.imports.waybills import LONGEST, numbers_in

_AT_ONCE = 2_000  # rows
_REMEMBERED = 5_000  # recipients: who orders again does so soon
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

    def __init__(self, layout: Layout, hasher: KeyedHash, recipients: Recipients | None = None) -> None:
        self.layout = layout
        self.hasher = hasher
        self.recipients = recipients if layout.kind == ImportKind.ORDERS else None
        self.fields = FIELDS[layout.kind] | _EXTRA
        self.width = len(layout.headers)
        self.dropped = sorted(drop_sensitive(layout.headers))
        self.places = {
            name: place for name, place in layout.places.items() if layout.headers[place] not in self.dropped
        }
        # In order of their names: the mark of a row does not depend on the order of its columns.
        self._people = sorted(one for one in self.places.items() if self.fields[one[0]].reads is Reads.PERSON)
        self._columns = [
            Column.of(self.fields[name], place, layout.reading)
            for name, place in self.places.items()
            if self.fields[name].reads is not Reads.PERSON
        ]
        self._names = [column.name for column in self._columns]
        self.flags = [name for name in self._names if self.fields[name].reads is Reads.FLAG]
        self._key = KEYS[layout.kind]
        self._teller = people.Teller([name for name, _place in self._people], hasher, layout.platform)
        self._people_columns = people.columns_of(dict(self._people))
        self._known: dict[tuple[str, ...], tuple[str | None, ...]] = {}

    @property
    def names(self) -> list[str]:
        """All values that a row can have."""
        sealed = [SEALED, MARK] if self.recipients else []
        return [*self._names, *self._people_columns, people.MARK, *sealed]

    @property
    def has_people(self) -> bool:
        """Does the file say anything of people?"""
        return bool(self._people)

    def read(self, numbered: Sequence[tuple[int, list[str]]]) -> list[Row | Refusal]:
        """Each of these (line, cells) as it is put aside, or why it is refused: the first cell that cannot be read."""
        rows = [cells for _line, cells in numbered]
        values = [column.values([cells[column.place] for cells in rows]) for column in self._columns]
        faults = first_faults(self._columns, values)
        by_row = zip(*values, strict=True) if values else repeat((), len(rows))
        found: list[Row | Refusal] = []
        for place, ((line, cells), said) in enumerate(zip(numbered, by_row, strict=True)):
            if len(cells) > self.width:
                found.append(Refusal(line, "", "", "too_many_cells"))
            elif place in faults:
                column, fault = faults[place]
                shown = told(cells[column.place], self.fields[column.name])
                found.append(Refusal(line, self.layout.headers[column.place], shown, fault.reason_code))
            else:
                told_of = {name: value for name, value in zip(self._names, said, strict=True) if value is not None}
                found.append(self._row(line, cells, told_of))
        return found

    def _row(self, line: int, cells: list[str], values: Values) -> Row | Refusal:
        """The row with what its cells mean, or why it cannot be told from others."""
        try:
            if "waybill_no" in values:
                values["waybill_no"] = " ".join(numbers_in(values["waybill_no"]))
            key, identity = self._key(values, self.layout)
        except CellError as fault:
            column = self.layout.mapping.get(NEEDED.get(fault.reason_code, ""), "")
            return Refusal(line, column, "", fault.reason_code)
        if self._people:
            told = self._known_of(tuple([cells[place] for _name, place in self._people]))
            values |= {name: text for name, text in zip(self._people_columns, told, strict=True) if text is not None}
            values |= self.sealed(key, cells)
            values[people.MARK] = self._teller.mark([cells[place] for _name, place in self._people])
        digest = hashlib.blake2b("\x1f".join(cells).encode("utf-8", "surrogatepass"), digest_size=8).digest()
        return Row(key, line, identity, digest, values)

    def sealed(self, key: str, cells: Sequence[str]) -> dict[str, str]:
        """What is kept sealed of a row's recipient, where the merchant keeps it; of clean cells."""
        if self.recipients is None:
            return {}
        return self.recipients.sealed(key, {name: cells[place] for name, place in self._people})

    def said_of_people(self, columns: Sequence[Sequence[str]], at: Mapping[str, int]) -> list[tuple[str, ...]]:
        """The clean cells of each row that say something of people; `at`: the place of a field among the columns."""
        return list(zip(*(clean_column(columns[at[name]]) for name, _place in self._people), strict=True))

    def marks_of(self, said: Sequence[tuple[str, ...]]) -> list[str]:
        """What stands for these cells in the hash of an order."""
        return list(map(self._teller.mark, said))

    def people_of(self, said: Sequence[tuple[str, ...]]) -> dict[str, Sequence[str | None]]:
        """The columns of people for rows with these clean cells."""
        return dict(zip(self._people_columns, zip(*map(self._known_of, said), strict=True), strict=True))

    def one_spelling(self, values: dict[str, list[Any]]) -> set[int]:
        """Bring waybill numbers read by column into one spelling; the places where that cannot be done."""
        odd = set()
        for place, cell in enumerate(values.get("waybill_no", ())):
            if type(cell) is str and not (
                cell.isalnum() and cell.isascii() and cell.upper() == cell and len(cell) <= LONGEST
            ):
                try:
                    values["waybill_no"][place] = " ".join(numbers_in(cell)) or None
                except CellError:
                    odd.add(place)
        return odd

    def _known_of(self, said: tuple[str, ...]) -> tuple[str | None, ...]:
        """What these clean cells tell of the recipient, by column. Files without names repeat their places by the
        thousand."""
        known = self._known.get(said)
        if known is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            known = self._known[said] = self._teller.tell(said)
        return known


def read_rows(
    table: Table, reader: RowReader, scratch: Scratch, *, progress: Callable[[int], None] | None = None
) -> Told:
    """Read the whole table into the scratch file. Raises TableError when the file is broken further down."""
    facts = Told(dropped=reader.dropped)
    source = table.rows()
    while numbered := list(islice(source, _AT_ONCE)):
        found = reader.read(numbered)
        facts.rows += len(numbered)
        rows = [one for one in found if isinstance(one, Row)]
        refusals = [one for one in found if isinstance(one, Refusal)]
        for row in rows:
            _notice(facts, row)
        facts.preview += map(previewed, found[: PREVIEWED - len(facts.preview)])
        facts.is_ambiguous |= any(one.reason_code == "date_ambiguous" for one in refusals)
        scratch.add_rows(rows)
        scratch.refuse(refusals)
        if progress:
            progress(facts.rows)
    return facts


def _notice(facts: Told, row: Row) -> None:
    shop = row.values.pop("shop", None)
    if shop:
        facts.shops[shop] += 1
    if may_be_rounded(row.key):
        facts.rounded += 1
        facts.rounded_line = facts.rounded_line or row.line


def previewed(found: Row | Refusal) -> dict[str, Any]:
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
