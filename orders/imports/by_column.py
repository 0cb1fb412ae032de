"""The fast way through a file of orders: read, decided and put aside column by column, a few thousand rows at a time.

It needs to know how the file is read, and the rows of an order near each other, as nearly every file has them. Where an
order comes again further down, `Scattered` says so, and the file goes the long way, sorted by order in the scratch file.
What the shapes here do not cover goes through the readers of the long way: they alone say what a row means.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, compress, islice, repeat
from operator import itemgetter
from typing import Any

from casemgr.kit.tabular import Table
from casemgr.kit.tabular.reading import Picked
from casemgr.kit.values import may_be_rounded
from orders.enums import ImportKind
from orders.imports import scratch as aside
from orders.imports.batches import OrderBatch
from orders.imports.columns import Column, first_faults
from orders.imports.deciding import Decided, Deciding
from orders.imports.fields import Reads
from orders.imports.layout import Layout
from orders.imports.order_columns import Columns
from orders.imports.reading import PREVIEWED, RowReader, Told, previewed
from orders.imports.recipients import MARK, SEALED
from orders.imports.scratch import Refusal, Row

_BUCKETS = 64  # of the hashes of order numbers, so that looking through them takes little memory
_NUMBER = "order_no"
_SHOWN_EVERY = 5_000  # rows: each time is a commit


class Scattered(Exception):
    """Rows of one order stand far apart in the file."""


def goes_by_column(layout: Layout) -> bool:
    """Whether a file can be read this way: one of orders, whose levels are known before its rows are."""
    is_known = layout.one_row_per_order is not None and not layout.open_levels
    return layout.kind == ImportKind.ORDERS and is_known


class ByColumn:
    """One walk through the rows of a table."""

    def __init__(self, table: Table, reader: RowReader, deciding: Deciding) -> None:
        self.table, self.reader, self.deciding = table, reader, deciding
        layout, fields = reader.layout, reader.fields
        self.told = Told(dropped=reader.dropped)
        # A column may mean several fields; of what is read alike one is read.
        self._places = sorted(set(reader.places.values()))
        self._at = {name: self._places.index(place) for name, place in reader.places.items()}
        self._number = self._at[_NUMBER]
        self._columns: dict[tuple[int, Reads], Column] = {}
        self._column_of: dict[str, Column] = {}
        for name, at in self._at.items():
            reads = fields[name].reads
            if reads is not Reads.PERSON:
                own = Column.of(fields[name], at, layout.reading, is_raw=True)
                is_moment = reads in (Reads.MOMENT, Reads.DEADLINE)
                self._column_of[name] = self._columns.setdefault((at, reads), own) if is_moment else own
        self._seen = [array("q") for _bucket in range(_BUCKETS)]

    def run(self, progress: Callable[[int], None] | None = None) -> Decided:
        """Read and decide all rows. Raises Scattered, TableError."""
        shown = 0
        for rows in self._chunks(self.table.picked(self._places)):
            self._take(rows)
            if progress and self.told.rows >= shown + _SHOWN_EVERY:
                shown = self.told.rows
                progress(shown)
        if any(len(set(bucket)) < len(bucket) for bucket in self._seen):
            raise Scattered
        return self.deciding.decided

    def _chunks(self, rows: Iterator[Picked]) -> Iterator[list[Picked]]:
        """As many rows as are written together; the rows of an order that go on behind come with the next ones."""
        chunk: list[Picked] = []
        while more := list(islice(rows, max(1, aside.BATCH + 1 - len(chunk)))):
            chunk += more
            if len(chunk) > aside.BATCH:
                end = len(chunk)
                while end and self._key(chunk[end - 1]) == self._key(chunk[-1]):
                    end -= 1
                if end:
                    yield chunk[:end]
                    chunk = chunk[end:]
        if chunk:
            yield chunk

    def _key(self, row: Picked) -> str:
        return row[1][self._number] if row[1] else ""

    def _take(self, rows: list[Picked]) -> None:
        if len(self.told.preview) < PREVIEWED:
            self._preview(rows)
        # In order of their numbers, as they will be written: two imports at once never wait for each other crosswise.
        rows.sort(key=self._key)
        odd = [row for row in rows if row[1] is None]
        if odd:
            rows = [row for row in rows if row[1] is not None]
        cells = list(zip(*(row[1] for row in rows), strict=True))  # type: ignore[arg-type]
        values, faulty = self._read(cells)
        numbers = values.get(_NUMBER, ())
        groups = self._groups(numbers, faulty) if faulty or len(set(numbers)) < len(numbers) else []
        self._refuse([*odd, *(rows[place] for place in sorted(faulty))])
        several = [[rows[place] for place in group] for group in groups]
        left_out = faulty.union(*groups)
        if left_out:
            alone = [place not in left_out for place in range(len(rows))]
            values = {name: list(compress(column, alone)) for name, column in values.items()}
            cells = [tuple(compress(column, alone)) for column in cells]
            rows = list(compress(rows, alone))
        batch = self._made(rows, values, cells) if rows else OrderBatch()
        self._put(batch, len(rows), several)

    def _read(self, cells: Sequence[Sequence[str]]) -> tuple[dict[str, list[Any]], set[int]]:
        """What the rows say by field, people aside, and the places of those that cannot be taken as they are."""
        if not cells:
            return {}, set()
        read = {id(column): column.values(cells[column.place]) for column in self._column_of.values()}
        values = {name: read[id(column)] for name, column in self._column_of.items()}
        faulty = set(first_faults(list(self._column_of.values()), list(values.values())))
        faulty |= {place for place, number in enumerate(values[_NUMBER]) if number is None}
        return values, faulty | self.reader.one_spelling(values)

    def _groups(self, numbers: Sequence[Any], odd: set[int]) -> list[list[int]]:
        """The places of the rows of each order that has several."""
        places: dict[str, list[int]] = {}
        for place, number in enumerate(numbers):
            if place not in odd:
                places.setdefault(number, []).append(place)
        return [group for group in places.values() if len(group) > 1]

    def _made(self, rows: Sequence[Picked], values: dict[str, Any], cells: Sequence[Sequence[str]]) -> OrderBatch:
        """The orders of rows that stand alone; those that the shop has just so are only named."""
        numbers, make, people = values.pop(_NUMBER), self.deciding.orders.columns, self.reader.has_people
        self._notice(numbers, [row[0] for row in rows], values.pop("shop", ()))
        said = self.reader.said_of_people(cells, self._at) if people else []
        if people and make.needs_places(values):
            values |= self.reader.people_of(said)
        made: Columns = make.derived(len(numbers), values)
        hashes, kept = None, {}
        if make.shape.covers_line:
            hashes = make.hashes(len(numbers), made, self.reader.marks_of(said) if people else repeat(""))
            known = self.deciding.known(numbers)
            kept = (
                {number: h for number, h in zip(numbers, hashes, strict=True) if known.get(number) == h}
                if known
                else {}
            )
        if kept:
            other = [number not in kept for number in numbers]
            numbers, hashes, said, rows = (
                list(compress(column, other)) for column in (numbers, hashes or (), said, rows)
            )
            made = {name: list(compress(column, other)) for name, column in made.items()}
        if numbers and people:
            made |= self.reader.people_of(said) | self._sealed(numbers, rows)
        batch = make.make(numbers, made, hashes) if numbers else OrderBatch()
        batch.kept = kept
        return batch

    def _put(self, batch: OrderBatch, size: int, groups: list[list[Picked]]) -> None:
        for group in groups:
            found = self._found(group)
            standing = self.deciding.stood(found)
            shops = [row.values.pop("shop", None) for row in found]
            self._notice([row.key for row in found], [row.line for row in found], shops)
            self.deciding.orders.make(found[0].key, standing.rows, batch)
            size += standing.size
        for key in map(hash, chain(batch.numbers, batch.kept)):
            self._seen[key % _BUCKETS].append(key)
        self.deciding.put_orders(batch.in_order() if groups else batch, size)

    def _found(self, group: list[Picked]) -> list[Row]:
        """The rows of one order as the long way reads them."""
        found = self.reader.read([(row[0], self.table.cells_of(row[2])) for row in sorted(group, key=itemgetter(0))])
        return [row for row in found if isinstance(row, Row)]

    def _sealed(self, numbers: Sequence[str], rows: Sequence[Picked]) -> Columns:
        """The recipients sealed, where the merchant keeps them."""
        if self.reader.recipients is None:
            return {}
        sealed = [
            self.reader.sealed(number, self.table.cells_of(row[2])) for number, row in zip(numbers, rows, strict=True)
        ]
        return {name: [one.get(name) for one in sealed] for name in (SEALED, MARK)}

    def _notice(self, numbers: Sequence[str], lines: Sequence[int], shops: Sequence[str | None]) -> None:
        self.told.rows += len(numbers)
        self.told.shops.update(filter(None, shops))
        zeros = [
            line for number, line in zip(numbers, lines, strict=True) if number[-1] == "0" and may_be_rounded(number)
        ]
        if zeros:
            self.told.rounded += len(zeros)
            self.told.rounded_line = min([*zeros, self.told.rounded_line] if self.told.rounded_line else zeros)

    def _refuse(self, rows: Sequence[Picked]) -> None:
        """Rows that cannot be taken, each with its reason; blank ones are no rows."""
        found = self.reader.read(list(self._cleaned(rows)))
        refusals = [one for one in found if isinstance(one, Refusal)]
        self.told.rows += len(refusals)
        self.told.is_ambiguous |= any(one.reason_code == "date_ambiguous" for one in refusals)
        self.deciding.scratch.refuse(refusals)

    def _preview(self, rows: Sequence[Picked]) -> None:
        first = list(islice(self._cleaned(rows), PREVIEWED - len(self.told.preview)))
        self.told.preview += map(previewed, self.reader.read(first))

    def _cleaned(self, rows: Sequence[Picked]) -> Iterator[tuple[int, list[str]]]:
        for line, _picked, whole in rows:
            cells = self.table.cells_of(whole)
            if any(cells):
                yield line, cells
