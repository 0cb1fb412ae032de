"""Writing orders, their lines and their parcels, a batch at a time. Running a batch again changes nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from casemgr.kit.bulk import (
    KEPT_IF_BLANK,
    KEPT_IF_EMPTY,
    Counts,
    add,
    among,
    differs,
    execute,
    existing,
    fetch,
    insert,
    listed,
    upsert,
)
from orders.imports import people, recipients
from orders.imports.cells import stored
from orders.imports.layout import Layout
from orders.imports.order_items import LINE_COLUMNS, columns_of, summed_of
from orders.imports.parcel_writing import Named, ParcelWriter
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


class OrderWriter:
    """Writes the order items of one file into one shop."""

    def __init__(self, layout: Layout, store: Store, run_id: int, now: dt.datetime) -> None:
        self.store, self.run_id, self.now = store, run_id, stored(now)
        self.carried = columns_of(layout)
        self.summed = summed_of(layout)
        texts = [one.attname for one in Order._meta.fields if not one.null and one.get_internal_type() == "CharField"]
        self._texts = [column in texts for column in self.carried]
        # Text columns are never null: those the file does not carry are blank in a new order and stay in an old one.
        self._blank = [name for name in texts if name not in (*self.carried, *_BOOKS, *_KEY)]
        self.columns = (*_KEY, *self.carried, *self.summed, *self._blank, *_BOOKS)
        self._line_once = _line_columns_left_out(layout)
        self._parcels = ParcelWriter(store, self.now)

    def write(self, items: Sequence[dict[str, Any]]) -> Written:
        """Write a batch of orders, each number once, inside the transaction of the caller."""
        keys = {(self.store.pk, item["n"]): item for item in items}
        known = existing(Order, _KEY, keys, ("id", "content_hash"))
        new = sorted(keys.keys() - known.keys())
        changed = sorted(key for key, (_id, content_hash) in known.items() if content_hash != keys[key]["h"])
        differing = [*changed, *new]
        once = ("created_at", *self._blank, *self.summed)
        update = {name: how for name, how in _UPDATE.items() if name in self.carried}
        found = {key: (known[key][1],) for key in changed}
        upsert(
            Order, self.columns, [self._row(keys[key]) for key in changed], _KEY, update=update, once=once, found=found
        )
        ids = {key: row[0] for key, row in known.items()}
        ids |= zip(new, add(Order, self.columns, [self._row(keys[key]) for key in new]), strict=True)
        recipients.write(self.store.merchant, ((ids[key], keys[key]["r"]) for key in differing if "r" in keys[key]))
        insert(OrderLine, _LINE_COLUMNS, [(ids[key], *line) for key in new for line in keys[key]["l"]])
        with_other_lines = self._write_lines({ids[key]: keys[key] for key in known})
        self._add_up(with_other_lines)
        rewritten = {ids[key] for key in changed}
        self._write_parcels([(ids[key], keys[key]) for key in differing], rewritten)
        other = len(rewritten | with_other_lines)
        return Written(Counts(len(new), other, len(known) - other), _cents(ids.values()))

    def _row(self, item: dict[str, Any]) -> tuple[Any, ...]:
        values = [
            "" if value is None and is_text else value for value, is_text in zip(item["c"], self._texts, strict=True)
        ]
        blanks = [""] * len(self._blank)
        return (self.store.pk, item["n"], *values, *item["s"], *blanks, item["h"], self.run_id, self.now, self.now)

    def _write_lines(self, orders: Mapping[int, dict[str, Any]]) -> set[int]:
        """Write the lines of orders that were there before; which of them got other lines. Lines that left a file stay."""
        rows = {(order_id, line[0]): (order_id, *line) for order_id, item in orders.items() for line in item["l"]}
        found = existing(OrderLine, _LINE_KEY, rows, ("content_hash",))
        differing = {key: row for key, row in rows.items() if found.get(key) != (row[-1],)}
        lines = [differing[key] for key in sorted(differing)]
        upsert(OrderLine, _LINE_COLUMNS, lines, _LINE_KEY, once=self._line_once, found=found)
        return {order_id for order_id, _line in differing}

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

    def _write_parcels(self, orders: Sequence[tuple[int, dict[str, Any]]], before: set[int]) -> None:
        """Parcels of these orders. Where order or parcel was there `before`, other files may have told more of them."""
        named = [
            Named(number, carrier, shipped_at, [order_id])
            for order_id, item in orders
            for number, carrier, shipped_at in item["p"]
        ]
        if named:
            known = self._parcels.write(named).before
            before = before | {one.order_ids[0] for one in named if one.waybill_no in known}
        self._parcels.settle_orders(sorted(before))


def _line_columns_left_out(layout: Layout) -> list[str]:
    """Columns of a line that this file does not carry: blank in a new line, left alone in an old one."""
    left_out = [column for column, name in _LINE_FIELDS.items() if name not in layout.mapping]
    if not layout.carries("sku_code", "sku_name", "sku_spec"):
        left_out.append("sku_key")
    if not layout.carries("amount_paid", "amount_total"):
        left_out.append("amount")
    return left_out


def _cents(order_ids: Any) -> dict[str, int]:
    """Sums over these orders in whole cents: SQLite keeps amounts as binary numbers, whose sums would drift."""
    sums = ", ".join(f"COALESCE(SUM(CAST(ROUND({name} * 100) AS BIGINT)), 0)" for name in TOTALS)
    row = fetch(f"SELECT {sums} FROM orders_order WHERE {among('id')}", [listed(sorted(order_ids))])[0]
    return {name: int(value) for name, value in zip(TOTALS, row, strict=True)}
