"""One order out of its rows: what the order's columns will be, its lines, its parcels, and a hash of it all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from orders.enums import OrderState
from orders.imports import people, recipients
from orders.imports.batches import OrderBatch
from orders.imports.fields import Level
from orders.imports.layout import Layout
from orders.imports.noticed import Noticed
from orders.imports.order_columns import Columns, OrderColumns
from orders.imports.order_shape import SHIP_BY, Shape, digest_of, line_digest, parcel_text, sku_key
from orders.imports.order_states import ENDED, fulfilment_of, joined, joined_refund, refund_of, state_of
from orders.imports.reading import Values
from orders.imports.row_joining import parcels_of, total, words_of
from orders.imports.scratch import Row
from orders.imports.ship_clock import ShipClock


class OrderItems:
    """Makes orders out of the rows of one file, by the layout of the file."""

    def __init__(self, layout: Layout, ship_clock: ShipClock, *, keeps_recipients: bool = False) -> None:
        self.layout = layout
        self.ship_clock = ship_clock
        self.noticed = Noticed()
        self.shape = Shape.of(layout, keeps_recipients=keeps_recipients)
        self.columns = OrderColumns(self.shape, ship_clock, self.noticed)

    def make(self, number: str, rows: Sequence[Row], batch: OrderBatch) -> None:
        """Add the order of this number to a batch."""
        if len(rows) == 1:
            said: Columns = {name: [value] for name, value in rows[0].values.items()}
            made = self.columns.derived(1, said)
            marks = [rows[0].values.get(people.MARK, "")]
            hashes = self.columns.hashes(1, made, marks) if self.shape.covers_line else None
            batch.join(self.columns.make([number], made, hashes))
        else:
            batch.add(self._joined(number, [row.values for row in rows]))

    def _joined(self, number: str, values: Sequence[Values]) -> dict[str, Any]:
        """What these rows make together, as OrderBatch.add takes it."""
        shape = self.shape
        states = [self._state(one) for one in values]
        still_open = [one for one, state in zip(values, states, strict=True) if state not in ENDED] or values
        parcels = parcels_of(values)
        order = {column: self._said(name, values, number) for name, column in shape.taken}
        for name, of_all in shape.of_lines:
            order[name] = of_all(name, still_open)
        self._tell_states(order, values, [state for state in states if state], number, has_parcel=bool(parcels))
        order |= self._ship_by(order, still_open)
        order |= {name: self._said(name, values, number) for name in shape.repeated}
        order |= {name: total([one.get(name) for one in values]) for name in shape.added}
        postage = self._said("postage", values, number)
        if postage not in (None, "0.00") and order.get("amount_total") is not None:
            order["amount_total"] = total([order["amount_total"], postage])
        columns = [order.get(name) for name in shape.columns]
        recipient, mark = recipients.of_rows(values)
        written = [
            ("" if value is None else str(value)) if is_text else value
            for value, is_text in zip(columns, shape.is_text, strict=True)
        ]
        sums = [total([one.get(name) for one in values]) for name in shape.summed]
        covered = (*written, "\x1f".join(map(parcel_text, parcels)), "".join(mark))
        return {
            "n": number,
            "h": digest_of([shape.signature, *covered]),
            "v": [*written, *sums],
            "l": self._lines(values),
            "p": parcels,
            "r": recipient,
        }

    def _said(self, name: str, values: Sequence[Values], number: str) -> Any:
        """What the rows say of an order-level field: the last that says anything; a disagreement is noticed."""
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
        order["fulfilment"] = fulfilment_of(state, is_sent=is_sent, is_told=self.shape.tells_shipping)

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
            return dict(zip(SHIP_BY, (min(promised), "file", None), strict=True))
        due, policy = self.ship_clock.due(order)
        if due:
            self.noticed.computed += 1
            return dict(zip(SHIP_BY, (due, "computed", policy), strict=True))
        self.noticed.without_ship_by += 1
        return dict(zip(SHIP_BY, (None, "", None), strict=True))

    def _lines(self, values: Sequence[Values]) -> list[list[Any]]:
        """The lines with their hashes: those without a sub-order number are counted among equals, whatever their order."""
        made = []
        for one in values:
            code, name, spec = one.get("sku_code") or "", one.get("sku_name") or "", one.get("sku_spec") or ""
            article = sku_key(code, name, spec)
            amount = one.get(self.shape.line_amount) if self.shape.line_amount else None
            facts: list[Any] = [one.get("sub_order_no") or "", code, name, spec, article]
            made.append([*facts, self._quantity(one, len(values)), one.get("unit_price"), amount])
        made.sort(key=str)
        ordinals: Counter[str] = Counter()
        lines = []
        for line in made:
            article = line[4]
            if not line[0]:
                ordinals[article] += 1
            lines.append([line[0] or f"{article}:{ordinals[article]}", *line, line_digest(tuple(line))])
        return lines

    def _quantity(self, one: Values, lines: int) -> int | None:
        """A quantity that every row repeats is the order's; how it splits over several lines is not known."""
        return None if self.shape.repeats_quantity and lines > 1 else one.get("quantity")
