"""Writing parcels, what carriers say of them, and what both mean for their orders. Running it again changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from casemgr.kit.bulk import (
    EARLIER,
    KEPT_IF_BLANK,
    KEPT_IF_EMPTY,
    Counts,
    add,
    among,
    differs,
    execute,
    fetch,
    insert,
    listed,
    matching,
    upsert,
)
from orders.imports.other_items import first_scan_states, terminal_states
from orders.imports.waybills import Carriers
from orders.models import Parcel, ParcelOrder, Scan
from stores.models import Store

_KEY = ("store_id", "waybill_no")
_COLUMNS = (*_KEY, "carrier_id", "carrier_word", "shipped_at", "state", "created_at")
_UPDATE = {"carrier_id": KEPT_IF_EMPTY, "carrier_word": KEPT_IF_BLANK, "shipped_at": EARLIER}
_TIE = ("parcel_id", "order_id")
_SCAN_COLUMNS = ("parcel_id", "content_key", "event_at", "text", "city", "state")


# A parcel as a file names it: waybill number, carrier's name, when it was handed in, key of its order or None.
Named = tuple[str, str, str | None, int | None]


class Done(NamedTuple):
    """What writing parcels did: counts, keys by waybill number, and the numbers that were there before."""

    counts: Counts
    ids: dict[str, int]
    before: set[str]


class ParcelWriter:
    """Writes parcels and scans of one shop."""

    def __init__(self, store: Store, now: str) -> None:
        self.store, self.now = store, now
        self.carriers = Carriers.known()

    def write(self, parcels: Sequence[Named]) -> Done:
        """Write parcels and tie them to their orders. Of one number named twice the earliest ship time counts."""
        rows: dict[str, tuple[Any, ...]] = {}
        store, now, find = self.store.pk, self.now, self.carriers.find
        for number, word, shipped_at, _order_id in parcels:
            if number in rows:
                told = rows[number]
                word = word or told[3]
                shipped_at = min(filter(None, (shipped_at, told[4])), default=None)
            rows[number] = (store, number, find(word, number), word, shipped_at, "", now)
        found = matching(Parcel, ("store_id", store), "waybill_no", rows, ("id",))
        ids = {number: row[0] for number, row in found.items()}
        before, new = set(ids), sorted(rows.keys() - ids.keys())
        ids |= zip(new, add(Parcel, _COLUMNS, [rows[number] for number in new]), strict=True)
        once, known = ("created_at", "state"), [rows[number] for number in sorted(before)]
        there = {(store, number): row for number, row in found.items()}
        counts = upsert(Parcel, _COLUMNS, known, _KEY, guard=None, update=_UPDATE, once=once, found=there)
        links = {(number, order_id) for number, _word, _at, order_id in parcels if order_id is not None}
        insert(ParcelOrder, _TIE, sorted((ids[number], order_id) for number, order_id in links if number not in before))
        tied = sorted((ids[number], order_id) for number, order_id in links if number in before)
        upsert(ParcelOrder, _TIE, tied, _TIE, guard=None)
        return Done(counts + Counts(len(new)), ids, before)

    def write_scans(self, items: Sequence[dict[str, Any]]) -> Counts:
        """Write the events of parcels (items of ScanItems), and bring parcels and orders up to date with them."""
        ids = self.write([(item["n"], item["c"], None, None) for item in items]).ids
        rows = [
            (ids[item["n"]], key, at, text, city, state) for item in items for at, text, city, state, key in item["e"]
        ]
        counts = upsert(Scan, _SCAN_COLUMNS, sorted(rows), ("parcel_id", "content_key"), guard=None)
        parcel_ids = sorted(ids.values())
        settle_parcels(parcel_ids)
        tied = fetch(
            f"SELECT DISTINCT order_id FROM orders_parcelorder WHERE {among('parcel_id')}", [listed(parcel_ids)]
        )
        self.settle_orders([row[0] for row in tied])
        return counts

    def settle_orders(self, order_ids: Sequence[int]) -> None:
        """What parcels say of their orders: handed in, and picked up for the first time.

        A state that says "to ship" gives way to a parcel with a ship time or a scan, unless only a part was shipped.
        """
        if not order_ids:
            return
        # One look-up per parcel, whatever the planner thinks of the size of the table.
        of_parcel = "(SELECT one.{} FROM orders_parcel AS one WHERE one.id = tie.parcel_id)"
        sent = "(parcels.shipped_at IS NOT NULL OR parcels.first_scan_at IS NOT NULL)"
        values = {
            "shipped_at": "CASE WHEN orders_order.state = 'partly_shipped' THEN orders_order.shipped_at"
            " ELSE COALESCE(orders_order.shipped_at, parcels.shipped_at) END",
            "picked_up_at": EARLIER.format(old="orders_order.picked_up_at", new="parcels.first_scan_at"),
            "fulfilment": "CASE WHEN orders_order.fulfilment = 'unknown' OR (orders_order.fulfilment = 'unshipped'"
            f" AND orders_order.state <> 'partly_shipped' AND {sent}) THEN 'shipped' ELSE orders_order.fulfilment END",
        }
        execute(
            f"UPDATE orders_order SET {_sets(values)} FROM"
            f" (SELECT tie.order_id, MIN({of_parcel.format('shipped_at')}) AS shipped_at,"
            f" MIN({of_parcel.format('first_scan_at')}) AS first_scan_at FROM orders_parcelorder AS tie"
            f" WHERE {among('tie.order_id')}"
            f" GROUP BY tie.order_id) AS parcels WHERE orders_order.id = parcels.order_id"
            f" AND {among('orders_order.id')} AND ({_changed(values)})",
            [listed(sorted(order_ids)), listed(sorted(order_ids))],
        )


def settle_parcels(parcel_ids: Sequence[int]) -> None:
    """The kept columns of parcels from all their stored events, in whatever order these arrived."""
    if not parcel_ids:
        return
    firsts, ends = _quoted(first_scan_states()), _quoted(terminal_states())
    values = {name: f"events.{name}" for name in ("first_scan_at", "last_event_at", "delivered_at", "state")}
    # Of two events of one second the one that ends the journey is the later one.
    last = f"ORDER BY event_at DESC, CASE WHEN state IN ({ends}) THEN 0 ELSE 1 END, content_key"
    execute(
        f"UPDATE orders_parcel SET {_sets(values)} FROM (SELECT parcel_id,"
        f" MIN(CASE WHEN state IN ({firsts}) THEN event_at END) AS first_scan_at, MAX(event_at) AS last_event_at,"
        " MIN(CASE WHEN state = 'delivered' THEN event_at END) AS delivered_at,"
        " COALESCE(MAX(CASE WHEN place = 1 THEN state END), '') AS state FROM (SELECT parcel_id, event_at, state,"
        f" CASE WHEN state <> '' THEN ROW_NUMBER() OVER (PARTITION BY parcel_id, state <> '' {last}) END AS place"
        f" FROM orders_scan WHERE {among('parcel_id')}) AS ranked GROUP BY parcel_id) AS events"
        f" WHERE orders_parcel.id = events.parcel_id AND {among('orders_parcel.id')}"
        f" AND ({_changed(values, 'orders_parcel')})",
        [listed(parcel_ids), listed(parcel_ids)],
    )


def _sets(values: dict[str, str]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in values.items())


def _changed(values: dict[str, str], table: str = "orders_order") -> str:
    return " OR ".join(differs(f"{table}.{name}", value) for name, value in values.items())


def _quoted(states: Sequence[str]) -> str:
    """States as SQL texts: our own reference words, letters and underscores only."""
    return ", ".join(f"'{state}'" for state in states)
