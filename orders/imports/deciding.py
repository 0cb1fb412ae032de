"""Order by order through the sorted rows: which stand, what they make together, what the shop already has of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from casemgr.kit.bulk import existing
from orders.enums import ImportKind
from orders.imports.fields import Level
from orders.imports.layout import Layout
from orders.imports.order_items import Noticed, OrderItems
from orders.imports.other_items import ParcelItems, ScanItems
from orders.imports.row_rules import Standing, standing
from orders.imports.scratch import BATCH, Refusal, Row, Scratch
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


class Items(Protocol):
    noticed: Noticed

    def make(self, number: str, rows: list[Row]) -> dict[str, Any]: ...


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


def items_of(layout: Layout, store: Store) -> Items:
    """What makes items of this kind of file."""
    if layout.kind == ImportKind.ORDERS:
        return OrderItems(layout, ShipClock.of(store.platform))
    return ParcelItems() if layout.kind == ImportKind.PARCELS else ScanItems()


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
        self.items = items_of(layout, store)
        self.decided = Decided(noticed=self.items.noticed)

    def run(self, progress: Callable[[int], None] | None = None) -> Decided:
        batch: list[Made] = []
        size = done = 0
        is_one_row = self.layout.kind == ImportKind.ORDERS and self.layout.one_row_per_order
        for key, rows in self.scratch.groups():
            if len(rows) > 1 and is_one_row:
                rows = [row._replace(identity="") for row in rows]
            found = standing(rows)
            if found.replaced or found.copies:
                self._tell(found)
            batch.append((found, self.items.make(key, found.rows)))
            size += len(rows)
            if size >= BATCH:
                self._put(batch)
                done += size
                batch, size = [], 0
                if progress:
                    progress(done)
        self._put(batch)
        return self.decided

    def _tell(self, found: Standing) -> None:
        names = {True: "sub_order_no", False: KEY_FIELD[self.layout.kind]}
        for row, winner in found.replaced:
            has_own = self.layout.kind == ImportKind.ORDERS and bool(row.identity)
            column = self.layout.mapping.get(names[has_own], "")
            value = row.identity if has_own and row.identity else row.key
            self.scratch.refuse([Refusal(row.line, column, value[:_TOLD], f"replaced:{winner}")])
        if found.copies:
            self.decided.copies += len(found.copies)
            self.decided.copy_line = self.decided.copy_line or found.copies[0][0]

    def _put(self, batch: list[Made]) -> None:
        """Put a batch aside, with a look into the tables: what is there already, and what parcels may hang on."""
        if self.layout.kind == ImportKind.ORDERS:
            self._compare(batch)
        elif self.layout.kind == ImportKind.PARCELS:
            batch = self._with_orders(batch)
        self.decided.items += len(batch)
        self.scratch.add_items((len(found.rows) + len(found.copies), item) for found, item in batch)

    def _compare(self, batch: list[Made]) -> None:
        keys = [(self.store.pk, item["n"]) for _found, item in batch]
        known = existing(Order, ("store_id", "order_no"), keys, ("content_hash",))
        new = sum(1 for key in keys if key not in known)
        same = sum(1 for key, (_found, item) in zip(keys, batch, strict=True) if known.get(key) == (item["h"],))
        self.decided.new += new
        self.decided.unchanged += same
        self.decided.changed += len(batch) - new - same

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
