"""Writing orders, their lines and their parcels, a batch at a time. Running a batch again changes nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import repeat
from typing import Any

from casemgr.kit.bulk import (
    KEPT_IF_BLANK,
    KEPT_IF_EMPTY,
    Counts,
    Row,
    among,
    differs,
    drawn,
    execute,
    existing,
    fetch,
    insert,
    listed,
    matching,
    upsert,
)
from orders.imports import people, recipients
from orders.imports.batches import OrderBatch, Packed
from orders.imports.cells import stored
from orders.imports.layout import Layout
from orders.imports.order_shape import LINE_COLUMNS, Shape
from orders.imports.parcel_writing import ParcelWriter
from orders.models import Order, OrderLine
from stores.models import Store

_KEY = ("store_id", "order_no")
_LINE_KEY = ("order_id", "line_key")
_LINE_COLUMNS = ("order_id", *LINE_COLUMNS, "content_hash")
_LINE_FIELDS = {"sub_order_no": "sub_order_no", "sku_code": "sku_code", "sku_name": "sku_name", "sku_spec": "sku_spec",
                "quantity": "quantity", "unit_price": "unit_price"}  # fmt: skip
_BOOKS = ("content_hash", "import_run_id", "created_at", "updated_at")
# A promise of a file stands until a file makes another one; what was computed gives way to any.
_SHIP_BY = (
    "CASE WHEN orders_order.ship_by_source = 'file' AND excluded.ship_by_source <> 'file' THEN {old} ELSE {new} END"
)
_UPDATE = {
    "fulfilment": "CASE WHEN {new} = 'unknown' THEN {old} ELSE {new} END",
    "delivered_at": KEPT_IF_EMPTY,
    "picked_up_at": KEPT_IF_EMPTY,
    "ship_by": _SHIP_BY,
    "ship_by_source": _SHIP_BY,
    "ship_by_policy_id": _SHIP_BY,
    # Platforms mask more as orders grow old: a blank in a later file takes nothing away.
    **{column: KEPT_IF_BLANK for columns in people.COLUMNS_OF.values() for column in columns},
}
TOTALS = ("amount_total", "amount_paid", "refund_amount")


@dataclass
class Written:
    """What a batch did: things by outcome, and sums in cents over the orders of the batch as they stand now."""

    counts: Counts = field(default_factory=Counts)
    cents: dict[str, int] = field(default_factory=dict)
    first_event: str = ""


class Outdated(Exception):
    """An order that was unchanged when the file was checked has changed since."""


class OrderWriter:
    """Writes the orders of one file into one shop."""

    def __init__(self, layout: Layout, store: Store, run_id: int, now: dt.datetime) -> None:
        self.store, self.run_id, self.now = store, run_id, stored(now)
        self.shape = Shape.of(layout)
        carried, self.summed = self.shape.columns, self.shape.summed
        texts = [one.attname for one in Order._meta.fields if not one.null and one.get_internal_type() == "CharField"]
        # Text columns are never null: those the file does not carry are blank in a new order and stay in an old one.
        self._blank = [name for name in texts if name not in (*carried, *_BOOKS, *_KEY)]
        self.columns = (*_KEY, *carried, *self.summed, *self._blank, *_BOOKS)
        self._update = {name: how for name, how in _UPDATE.items() if name in carried}
        self._line_once = _line_columns_left_out(layout)
        self._parcels = ParcelWriter(store, self.now)

    def write(self, packed: Packed) -> Written:
        """Write a batch of orders, each number once, inside the transaction of the caller. Raises Outdated."""
        numbers, hashes = packed.numbers, packed.hashes
        known = matching(
            Order, ("store_id", self.store.pk), "order_no", [*numbers, *packed.kept], ("id", "content_hash")
        )
        if any(number not in known or known[number][1] != had for number, had in packed.kept.items()):
            raise Outdated
        if not numbers:
            return Written(Counts(unchanged=len(known)), self._cents(known.values()))
        new = [place for place, number in enumerate(numbers) if number not in known]
        changed = [
            place for place, number in enumerate(numbers) if number in known and known[number][1] != hashes[place]
        ]
        batch = packed.opened()
        found = {(self.store.pk, numbers[place]): (known[numbers[place]][1],) for place in changed}
        once = ("created_at", *self._blank, *self.summed)
        rows = sorted(self._rows(batch, changed))
        upsert(Order, self.columns, rows, _KEY, update=self._update, once=once, found=found)
        new_ids = drawn(Order, len(new))
        insert(Order, ("id", *self.columns), self._rows(batch, new, new_ids))
        id_of = {place: known[number][0] for place, number in enumerate(numbers) if number in known}
        ids = id_of | dict(zip(new, new_ids, strict=True))
        recipients.write(
            self.store.merchant,
            ((ids[place], batch.sealed[place]) for place in (*changed, *new) if place in batch.sealed),
        )
        with_other_lines = self._write_lines(batch, ids, set(new), set(changed))
        self._add_up(with_other_lines)
        rewritten = {ids[place] for place in changed}
        self._write_parcels(batch, ids, {*changed, *new}, rewritten)
        other = len(rewritten | with_other_lines)
        cents = _plus(self._cents(known.values()), self._cents_of(batch, new))
        return Written(Counts(len(new), other, len(known) - other), cents)

    def _rows(self, batch: OrderBatch, places: Sequence[int], ids: Sequence[int] | None = None) -> Iterator[Row]:
        """The orders at these places as rows of `columns`, led by their keys where these are given."""
        picked = _picked((batch.numbers, *batch.values, batch.hashes), places)
        numbers, *values, hashes = picked
        led = () if ids is None else (ids,)
        books = (hashes, *map(repeat, (self.run_id, self.now, self.now)))
        return zip(
            *led, repeat(self.store.pk), numbers, *values, *map(repeat, [""] * len(self._blank)), *books, strict=False
        )

    def _write_lines(
        self, batch: OrderBatch, ids: Mapping[int, int], new: Collection[int], changed: Collection[int]
    ) -> set[int]:
        """Write the lines of these orders; which of those that were there before got other lines. Lines that left a file
        stay. Where the hash of an order covers its line, that of an unchanged order is not looked at."""
        fresh = [line for line, place in enumerate(batch.line_of) if place in new]
        insert(OrderLine, _LINE_COLUMNS, _lines(batch, fresh, ids))
        looked_at = changed if self.shape.covers_line else ids.keys() - new
        known = [line for line, place in enumerate(batch.line_of) if place in looked_at]
        rows = {row[:2]: row for row in _lines(batch, known, ids)}
        found = existing(OrderLine, _LINE_KEY, rows, ("content_hash",))
        differing = sorted(row for key, row in rows.items() if found.get(key) != (row[-1],))
        upsert(OrderLine, _LINE_COLUMNS, differing, _LINE_KEY, once=self._line_once, found=found)
        return {row[0] for row in differing}

    def _add_up(self, order_ids: set[int]) -> None:
        """Sums of the orders whose lines changed, from the lines as they are kept now."""
        if not self.summed or not order_ids:
            return
        sums = {name: "lines.quantity" if name == "quantity" else "lines.amount" for name in self.summed}
        sets = ", ".join(f"{name} = {value}" for name, value in sums.items())
        changed = " OR ".join(differs(f"orders_order.{name}", value) for name, value in sums.items())
        execute(
            f"UPDATE orders_order SET {sets}, updated_at = %s FROM"
            " (SELECT order_id, SUM(quantity) AS quantity, ROUND(SUM(amount), 2) AS amount"
            f" FROM orders_orderline WHERE {among('order_id')} GROUP BY order_id) AS lines"
            f" WHERE orders_order.id = lines.order_id AND {among('orders_order.id')} AND ({changed})",
            [self.now, listed(sorted(order_ids)), listed(sorted(order_ids))],
        )

    def _write_parcels(
        self, batch: OrderBatch, ids: Mapping[int, int], places: Collection[int], before: set[int]
    ) -> None:
        """Parcels of these orders. Where order or parcel was there `before`, other files may have told more of them."""
        named = [
            (*parcel, ids[place])
            for place, parcel in zip(batch.parcel_of, batch.parcels, strict=True)
            if place in places
        ]
        if named:
            known = self._parcels.write(named).before
            if known:
                before = before | {order_id for number, _carrier, _at, order_id in named if number in known}
        self._parcels.settle_orders(sorted(before))

    def _cents(self, known: Collection[Row]) -> dict[str, int]:
        """Sums over orders as they stand in whole cents: SQLite keeps amounts as binary numbers, whose sums would drift."""
        if not known:
            return dict.fromkeys(TOTALS, 0)
        sums = ", ".join(f"COALESCE(SUM(CAST(ROUND({name} * 100) AS BIGINT)), 0)" for name in TOTALS)
        row = fetch(f"SELECT {sums} FROM orders_order WHERE {among('id')}", [listed(sorted(one[0] for one in known))])[
            0
        ]
        return {name: int(value) for name, value in zip(TOTALS, row, strict=True)}

    def _cents_of(self, batch: OrderBatch, places: Sequence[int]) -> dict[str, int]:
        """The same of new orders, from what was written: amounts are texts with two places."""
        named = dict(zip((*self.shape.columns, *self.summed), batch.values, strict=True))
        cents = dict.fromkeys(TOTALS, 0)
        for name in TOTALS:
            if name in named:
                (amounts,) = _picked((named[name],), places)
                cents[name] = sum(map(_in_cents, filter(None, amounts)))
        return cents


@lru_cache(16_384)
def _in_cents(amount: str) -> int:
    return int(amount.replace(".", ""))


def _picked(columns: Sequence[Sequence[Any]], places: Sequence[int]) -> list[Sequence[Any]]:
    """These places of the columns."""
    if len(places) == len(columns[0]):
        return list(columns)
    return [[column[place] for place in places] for column in columns]


def _lines(batch: OrderBatch, lines: Sequence[int], ids: Mapping[int, int]) -> Iterator[Row]:
    """These lines as rows of _LINE_COLUMNS."""
    if not lines:
        return iter(())
    owners, *facts = _picked((batch.line_of, *batch.lines), lines)
    return zip([ids[place] for place in owners], *facts, strict=True)


def _plus(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    return {name: one[name] + other[name] for name in TOTALS}


def _line_columns_left_out(layout: Layout) -> list[str]:
    """Columns of a line that this file does not carry: blank in a new line, left alone in an old one."""
    left_out = [column for column, name in _LINE_FIELDS.items() if name not in layout.mapping]
    if not layout.carries("sku_code", "sku_name", "sku_spec"):
        left_out.append("sku_key")
    if not layout.carries("amount_paid", "amount_total"):
        left_out.append("amount")
    return left_out
