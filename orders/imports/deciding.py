"""Order by order through the sorted rows: which stand, what they make together, what the shop already has of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from casemgr.kit.bulk import existing, matching
from orders.enums import ImportKind
from orders.imports import scratch as aside
from orders.imports.batches import OrderBatch
from orders.imports.fields import Level
from orders.imports.layout import Layout
from orders.imports.noticed import Noticed
from orders.imports.order_items import OrderItems
from orders.imports.other_items import ParcelItems, ScanItems
from orders.imports.row_rules import Standing, standing
from orders.imports.scratch import Refusal, Row, Scratch
from orders.imports.ship_clock import ShipClock
from orders.models import Order
from stores.models import Store

Made = tuple[Standing, dict[str, Any]]
_TOLD = 60
KEY_FIELD: dict[str, str] = {
    ImportKind.ORDERS: "order_no",
    ImportKind.PARCELS: "waybill_no",
    ImportKind.SCANS: "waybill_no",
}


@dataclass
class Decided:
    """What came of it: rows that are copies, and of the orders how many are new, changed and unchanged for the shop."""

    items: int = 0
    copies: int = 0
    copy_line: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    noticed: Noticed = field(default_factory=Noticed)


def with_levels(layout: Layout, scratch: Scratch) -> Layout:
    """The layout with what only the rows can tell: a value that differs between rows of one order is a line's part of it,
    one that never does is the order's own (design 5, Rows: mapping by hand without an answer)."""
    still_open = layout.open_levels
    if not still_open and layout.one_row_per_order is not None:
        return layout
    differing: set[str] = set()
    for _key, rows in scratch.groups():
        if len(rows) > 1:
            kept = standing(rows).rows
            differing |= {name for name in still_open if len({row.values.get(name) for row in kept}) > 1}
    levels = {name: Level.LINE if name in differing else Level.ORDER for name in still_open}
    one_row = layout.one_row_per_order if layout.one_row_per_order is not None else not differing
    return replace(layout, levels={**layout.levels, **levels}, one_row_per_order=one_row)


class Deciding:
    """One walk through the groups of a scratch file, in batches."""

    def __init__(self, layout: Layout, store: Store, scratch: Scratch) -> None:
        self.layout, self.store, self.scratch = layout, store, scratch
        keeps = store.merchant.keep_recipient
        self.orders = OrderItems(layout, ShipClock.of(store.platform), keeps_recipients=keeps)
        self.others = ScanItems() if layout.kind == ImportKind.SCANS else ParcelItems()
        is_orders = layout.kind == ImportKind.ORDERS
        self.decided = Decided(noticed=self.orders.noticed if is_orders else self.others.noticed)
        self._put = self._put_orders if is_orders else self._put_others

    def run(self, progress: Callable[[int], None] | None = None) -> Decided:
        batch: list[Standing] = []
        size = done = 0
        is_one_row = self.layout.kind == ImportKind.ORDERS and self.layout.one_row_per_order
        for _key, rows in self.scratch.groups():
            if len(rows) > 1 and is_one_row:
                rows = [row._replace(identity="") for row in rows]
            if batch and size + len(rows) > aside.BATCH:
                self._put(batch)
                done += size
                batch, size = [], 0
                if progress:
                    progress(done)
            batch.append(self.stood(rows))
            size += len(rows)
        self._put(batch)
        return self.decided

    def stood(self, rows: Sequence[Row]) -> Standing:
        """The rows of one order (parcel, waybill) that stand; the others are refused, or counted as copies."""
        found = standing(rows)
        names = {True: "sub_order_no", False: KEY_FIELD[self.layout.kind]}
        for row, winner in found.replaced:
            has_own = self.layout.kind == ImportKind.ORDERS and bool(row.identity)
            column = self.layout.mapping.get(names[has_own], "")
            value = row.identity if has_own and row.identity else row.key
            self.scratch.refuse([Refusal(row.line, column, value[:_TOLD], f"replaced:{winner}")])
        if found.copies:
            self.decided.copies += len(found.copies)
            self.decided.copy_line = min(found.copies[0][0], self.decided.copy_line or found.copies[0][0])
        return found

    def _put_orders(self, found: Sequence[Standing]) -> None:
        batch = OrderBatch()
        for one in found:
            self.orders.make(one.rows[0].key, one.rows, batch)
        self.put_orders(batch, sum(one.size for one in found))

    def known(self, numbers: Sequence[str]) -> dict[str, str]:
        """The orders of these numbers that the shop has, with their hashes."""
        found = matching(Order, ("store_id", self.store.pk), "order_no", numbers, ("content_hash",))
        return {number: row[0] for number, row in found.items()}

    def put_orders(self, batch: OrderBatch, rows: int, known: dict[str, str] | None = None) -> None:
        """Put orders aside that `rows` rows of the file made; `known`: as above, where it has been looked up."""
        if known is None:
            known = self.known(batch.numbers)
        there = sum(map(known.__contains__, batch.numbers)) if known else 0
        same = (
            sum(known[n] == h for n, h in zip(batch.numbers, batch.hashes, strict=True) if n in known) if there else 0
        )
        self.decided.new += len(batch) - there
        self.decided.unchanged += same + len(batch.kept)
        self.decided.changed += there - same
        self.decided.items += len(batch) + len(batch.kept)
        self.scratch.add_orders(rows, batch)

    def _put_others(self, found: Sequence[Standing]) -> None:
        """Put parcels or scans aside; parcels with a look into the tables: what they may hang on."""
        batch = [(one, self.others.make(one.rows[0].key, one.rows)) for one in found]
        if self.layout.kind == ImportKind.PARCELS:
            batch = self._with_orders(batch)
        self.decided.items += len(batch)
        self.scratch.add_items(sum(one.size for one, _item in batch), [item for _one, item in batch])

    def _with_orders(self, batch: list[Made]) -> list[Made]:
        """The parcels whose orders the shop has; the rows of the others are refused, their copies too."""
        keys = {(self.store.pk, number) for _found, item in batch for number in item["o"]}
        known = existing(Order, ("store_id", "order_no"), list(keys), ())
        column = self.layout.mapping["order_no"]
        kept = []
        for found, item in batch:
            if all((self.store.pk, number) in known for number in item["o"]):
                kept.append((found, item))
                continue
            lines = [row.line for row in found.rows] + [line for line, _of in found.copies]
            self.scratch.refuse(Refusal(line, column, item["n"][:_TOLD], "no_such_order") for line in lines)
        return kept
