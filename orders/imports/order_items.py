"""One order out of its rows: what the order's columns will be, its lines, its parcels, and a hash of it all."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from orders.enums import OrderState
from orders.imports import people, recipients
from orders.imports.fields import SUMMED, Level
from orders.imports.layout import Layout
from orders.imports.order_states import ENDED, fulfilment_of, joined, joined_refund, refund_of, state_of
from orders.imports.reading import Values
from orders.imports.row_joining import earliest, parcels_of, total, when_all, words_of
from orders.imports.scratch import Row
from orders.imports.ship_clock import ShipClock

# Fields that become a column of the same or another name as they are; the last row that says something counts.
_PLAIN = {
    name: name
    for name in ("placed_at", "paid_at", "grouped_at", "balance_paid_at", "ship_basis", "refund_asked_at", "refunded_at",
                 "urged_at", "platform_review", "address_changed", "warehouse", "buyer_note", "seller_note")
} | {"hold": "platform_hold", "promised_ship_from": "promised_ship_from", "picked_up_at": "picked_up_at",
     "delivered_at": "delivered_at", "closed_at": "closed_at"}  # fmt: skip
# What lines may each say for themselves: the order is sent, delivered or closed when the last of them is.
_WHEN_ALL = ("shipped_at", "delivered_at", "closed_at")
_EARLIEST = ("promised_ship_from", "urged_at", "refund_asked_at")
CLOCK_STARTS = ("paid_at", "grouped_at", "balance_paid_at")
_SHIP_BY = ("ship_by", "ship_by_source", "ship_by_policy_id")
LINE_COLUMNS = (
    "line_key",
    "sub_order_no",
    "sku_code",
    "sku_name",
    "sku_spec",
    "sku_key",
    "quantity",
    "unit_price",
    "amount",
)
VERSION = "1"  # of what the content hash covers
ONE_LINE = "order"  # line key where an order has one line by nature


@dataclass
class Noticed:
    """What deciding the orders has to tell: disagreements by field, words that are not known, orders per answer."""

    disagree: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)
    words: Counter[str] = field(default_factory=Counter)
    computed: int = 0
    without_ship_by: int = 0


def _digest(values: Iterable[Any]) -> str:
    text = "\x1f".join([value if type(value) is str else "" if value is None else str(value) for value in values])
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


class OrderItems:
    """Makes orders out of the rows of one file, by the layout of the file."""

    def __init__(self, layout: Layout, ship_clock: ShipClock) -> None:
        self.layout = layout
        self.ship_clock = ship_clock
        self.noticed = Noticed()
        self.columns = columns_of(layout)
        self._taken = [(name, column) for name, column in _PLAIN.items() if name in layout.mapping]
        self._taken += [(column, column) for column in people.columns_of(layout.mapping)]
        self.summed = summed_of(layout)
        mapped = [name for name in SUMMED if name in layout.mapping]
        self._added = [name for name in mapped if layout.is_line_level(name) and name not in self.summed]
        self._repeated = [name for name in mapped if not layout.is_line_level(name)]
        self._of_lines = [(name, when_all) for name in _WHEN_ALL if layout.is_line_level(name)]
        self._of_lines += [(name, earliest) for name in _EARLIEST if layout.is_line_level(name)]
        self._line_amount = line_amount_of(layout)
        self._repeats_quantity = "quantity" in layout.mapping and not layout.is_line_level("quantity")
        self._signature = _digest([VERSION, layout.source, *self.columns])
        named = {column: name for name, column in self._taken}
        self._sources = [named.get(column, column) for column in self.columns]
        # Platforms have a few words each, and orders a few combinations of them.
        self._states_of = lru_cache(4_096)(self._read_states)
        self._tells_shipping = layout.carries("status", "shipped_at", "waybill_no", "parcel_words")

    def make(self, number: str, rows: Sequence[Row]) -> dict[str, Any]:
        """The order of this number: n(umber), c(olumns in the order of `columns`), h(ash), l(ines), p(arcels), s(ums),
        and r(ecipient, sealed) where the merchant keeps it."""
        if len(rows) == 1:
            return self._made_of_one(number, rows[0].values)
        values = [row.values for row in rows]
        states = [self._state(one) for one in values]
        still_open = [one for one, state in zip(values, states, strict=True) if state not in ENDED] or values
        parcels = parcels_of(values)
        if len(values) == 1:
            order = {column: values[0].get(name) for name, column in self._taken}
        else:
            order = {column: self._said(name, values, number) for name, column in self._taken}
        for name, of_all in self._of_lines:
            order[name] = of_all(name, still_open)
        self._tell_states(order, values, [state for state in states if state], number, has_parcel=bool(parcels))
        order |= self._ship_by(order, still_open)
        order |= {name: self._said(name, values, number) for name in self._repeated}
        order |= {name: total([one.get(name) for one in values]) for name in self._added}
        postage = self._said("postage", values, number)
        if postage not in (None, "0.00") and order.get("amount_total") is not None:
            order["amount_total"] = total([order["amount_total"], postage])
        columns = [order.get(name) for name in self.columns]
        recipient, mark = recipients.of_rows(values)
        return {
            "n": number,
            "c": columns,
            "h": _digest([self._signature, *columns, *parcels, *mark]),
            "l": self._lines(values),
            "p": parcels,
            "s": [total([one.get(name) for one in values]) for name in self.summed],
            **({"r": recipient} if recipient else {}),
        }

    def _made_of_one(self, number: str, one: Values) -> dict[str, Any]:
        """The same for an order of one row, as most are: nothing to join and nobody to disagree with."""
        word, aftersale = one.get("status", ""), one.get("aftersale_status", "")
        state, refund, unknown = self._states_of(word, aftersale, one.get("refund_state", ""))
        if unknown:
            self.noticed.words.update(unknown)
        parcels = parcels_of((one,))
        shipped_at = None if state == OrderState.PARTLY_SHIPPED else one.get("shipped_at")
        is_sent = shipped_at is not None or (bool(parcels) and not state)
        order = {
            **one,
            "state": state,
            "state_word": word[:64],
            "refund_state": refund,
            "aftersale_word": aftersale[:64],
            "shipped_at": shipped_at,
            "fulfilment": fulfilment_of(state, is_sent=is_sent, is_told=self._tells_shipping),
        }
        order |= self._ship_by(order, (one,))
        if one.get("postage", "0.00") != "0.00" and "amount_total" in one:
            order["amount_total"] = total([one["amount_total"], one["postage"]])
        columns = [order.get(name) for name in self._sources]
        recipient, mark = recipients.of_rows((one,))
        return {
            "n": number,
            "c": columns,
            "h": _digest([self._signature, *columns, *parcels, *mark]),
            "l": [self._line_of_one(one)],
            "p": parcels,
            "s": [one.get(name) for name in self.summed],
            **({"r": recipient} if recipient else {}),
        }

    def _line_of_one(self, one: Values) -> list[Any]:
        code, name, spec = one.get("sku_code", ""), one.get("sku_name", ""), one.get("sku_spec", "")
        sub_order, sku_key = one.get("sub_order_no", ""), _sku_key(code, name, spec)
        amount = one.get(self._line_amount) if self._line_amount else None
        line = (sub_order, code, name, spec, sku_key, one.get("quantity"), one.get("unit_price"), amount)
        key = ONE_LINE if self.layout.one_row_per_order else sub_order or f"{sku_key}:1"
        return [key, *line, _line_digest(line)]

    def _said(self, name: str, values: Sequence[Values], number: str) -> Any:
        """What the rows say of an order-level field: the last that says anything; a disagreement is noticed."""
        if len(values) == 1:
            return values[0].get(name)
        said = [one[name] for one in values if name in one]
        if len(set(said)) > 1 and self.layout.levels.get(name) is not Level.LINE and not name.startswith("key_"):
            self.noticed.disagree[name] += 1
            self.noticed.examples.setdefault(name, number)
        return said[-1] if said else None

    def _state(self, one: Values) -> str:
        word = one.get("status", "")
        state = state_of(word, self.layout.platform) if word else ""
        if word and not state:
            self.noticed.words[word] += 1
        return state

    def _read_states(self, status: str, *refunds: str) -> tuple[str, str, tuple[str, ...]]:
        """State and refund state of a row with these words, and those of the words that are not known."""
        platform = self.layout.platform
        state = state_of(status, platform) if status else ""
        read = [(word, refund_of(word, platform)) for word in refunds if word]
        unknown = [status] if status and not state else []
        unknown += [word for word, refund in read if not refund]
        said = ["refunded"] if state == OrderState.REFUNDED else []
        return state, joined_refund([*said, *(refund for _word, refund in read)]), tuple(unknown)

    def _tell_states(
        self, order: dict[str, Any], values: Sequence[Values], states: Sequence[str], number: str, *, has_parcel: bool
    ) -> None:
        """State, refund state, ship time and fulfilment, which lean on one another."""
        state = joined(states)
        if "status" in self.layout.mapping:
            self._said("status", values, number)
            order["state"] = state
            order["state_word"] = words_of("status", values)
        self._tell_refund(order, values, state)
        if "shipped_at" not in order:
            order["shipped_at"] = self._said("shipped_at", values, number)
        if state == OrderState.PARTLY_SHIPPED:
            # An order is shipped when all of it is: until then its clock runs on. The parcel keeps the time.
            order["shipped_at"] = None
        is_sent = order["shipped_at"] is not None or (has_parcel and not state)
        order["fulfilment"] = fulfilment_of(state, is_sent=is_sent, is_told=self._tells_shipping)

    def _tell_refund(self, order: dict[str, Any], values: Sequence[Values], state: str) -> None:
        refunds = ["refunded"] if state == OrderState.REFUNDED else []
        for word in (one[name] for name in ("aftersale_status", "refund_state") for one in values if name in one):
            refund = refund_of(word, self.layout.platform)
            refunds.append(refund)
            if not refund:
                self.noticed.words[word] += 1
        order["refund_state"] = joined_refund(refunds)
        order["aftersale_word"] = words_of("aftersale_status", values)

    def _ship_by(self, order: Mapping[str, Any], still_open: Sequence[Values]) -> dict[str, Any]:
        """The promise of the file, the earliest of several; else by the platform's rule, marked as computed."""
        promised = [one["promised_ship_at"] for one in still_open if "promised_ship_at" in one]
        if promised:
            return dict(zip(_SHIP_BY, (min(promised), "file", None), strict=True))
        due, policy = self.ship_clock.due(order)
        if due:
            self.noticed.computed += 1
            return dict(zip(_SHIP_BY, (due, "computed", policy), strict=True))
        self.noticed.without_ship_by += 1
        return dict(zip(_SHIP_BY, (None, "", None), strict=True))

    def _lines(self, values: Sequence[Values]) -> list[list[Any]]:
        """The lines with their hashes: those without a sub-order number are counted among equals, whatever their order."""
        made = []
        for one in values:
            code, name, spec = one.get("sku_code") or "", one.get("sku_name") or "", one.get("sku_spec") or ""
            sku_key = _sku_key(code, name, spec)
            amount = one.get(self._line_amount) if self._line_amount else None
            facts: list[Any] = [one.get("sub_order_no") or "", code, name, spec, sku_key]
            made.append([*facts, self._quantity(one, len(values)), one.get("unit_price"), amount])
        if self.layout.one_row_per_order:
            return [[ONE_LINE, *line, _digest(line)] for line in made]
        made.sort(key=str)
        ordinals: Counter[str] = Counter()
        lines = []
        for line in made:
            sku_key = line[4]
            if not line[0]:
                ordinals[sku_key] += 1
            lines.append([line[0] or f"{sku_key}:{ordinals[sku_key]}", *line, _digest(line)])
        return lines

    def _quantity(self, one: Values, lines: int) -> int | None:
        """A quantity that every row repeats is the order's; how it splits over several lines is not known."""
        return None if self._repeats_quantity and lines > 1 else one.get("quantity")


def columns_of(layout: Layout) -> list[str]:
    """The columns of an order that this file fills, in a fixed order; sums over lines not among them."""
    columns = [column for name, column in _PLAIN.items() if name in layout.mapping]
    columns += people.columns_of(layout.mapping)
    if "status" in layout.mapping:
        columns += ["state", "state_word"]
    if layout.carries("status", "aftersale_status", "refund_state"):
        columns.append("refund_state")
    if "aftersale_status" in layout.mapping:
        columns.append("aftersale_word")
    if "shipped_at" in layout.mapping:
        columns.append("shipped_at")
    columns.append("fulfilment")
    if layout.carries("promised_ship_at", *CLOCK_STARTS):
        columns += _SHIP_BY
    columns += [name for name in SUMMED if name in layout.mapping and name not in summed_of(layout)]
    return list(dict.fromkeys(columns))


def line_amount_of(layout: Layout) -> str | None:
    """Which amount a line keeps: what was paid for it, else its part of the total; none that the order repeats."""
    names = ("amount_paid", "amount_total")
    if layout.one_row_per_order:
        return next((name for name in names if name in layout.mapping), None)
    return next((name for name in names if name in layout.mapping and layout.is_line_level(name)), None)


def summed_of(layout: Layout) -> list[str]:
    """The order columns that are sums over the lines as they are kept: rows of one order may come in several files."""
    kept = line_amount_of(layout)
    column = layout.mapping.get(kept) if kept else None
    names = [name for name in SUMMED if name in layout.mapping and layout.is_line_level(name)]
    return [name for name in names if name == "quantity" or layout.mapping[name] == column]


_line_digest = lru_cache(8_192)(_digest)


@lru_cache(8_192)
def _sku_key(code: str, name: str, spec: str) -> str:
    """One key for "the same article": its code, else its name and variant; "" where the file names no article."""
    said = f"code\x1f{code}" if code else f"name\x1f{name}\x1f{spec}" if name or spec else ""
    return hashlib.blake2b(said.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest() if said else ""
