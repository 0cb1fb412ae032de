"""What a layout makes of its orders: the columns they fill, what their hash covers, what their lines keep."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from orders.imports import people
from orders.imports.fields import SUMMED
from orders.imports.layout import Layout
from orders.imports.row_joining import earliest, when_all
from orders.models import Order

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
SHIP_BY = ("ship_by", "ship_by_source", "ship_by_policy_id")
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
VERSION = "2"  # of what the content hash covers
ONE_LINE = "order"  # line key where an order has one line by nature
_TEXTS = frozenset(one.attname for one in Order._meta.fields if not one.null and one.get_internal_type() == "CharField")
Parcel = tuple[str, str, str | None]  # waybill number, carrier's name, ship time


@dataclass(frozen=True)
class Shape:
    """What making orders needs to know of a layout. `columns` of an order in their order, `sources` under which field or
    column each is found while it is made, `summed` the sums over its lines that stand behind them; `fields` are those of the file
    that say nothing of people."""

    layout: Layout
    taken: list[tuple[str, str]]
    columns: list[str]
    sources: list[str]
    is_text: list[bool]
    summed: list[str]
    added: list[str]
    repeated: list[str]
    of_lines: list[tuple[str, Callable[..., Any]]]
    line_amount: str | None
    repeats_quantity: bool
    tells_shipping: bool
    fields: list[str]
    signature: str

    @classmethod
    def of(cls, layout: Layout, *, keeps_recipients: bool = False) -> Shape:
        columns, summed = columns_of(layout), summed_of(layout)
        taken = [(name, column) for name, column in _PLAIN.items() if name in layout.mapping]
        taken += [(column, column) for column in people.columns_of(layout.mapping)]
        fields = sorted(layout.mapping.keys() - {*people.FIELDS, "order_no", "shop"})
        covered = (*fields, "sealed" if keeps_recipients else "")
        named = {column: name for name, column in taken}
        mapped = [name for name in SUMMED if name in layout.mapping]
        of_lines: list[tuple[str, Callable[..., Any]]] = [
            (name, how)
            for names, how in ((_WHEN_ALL, when_all), (_EARLIEST, earliest))
            for name in names
            if layout.is_line_level(name)
        ]
        return cls(
            layout=layout,
            taken=taken,
            columns=columns,
            sources=[named.get(column, column) for column in columns],
            is_text=[column in _TEXTS for column in columns],
            summed=summed,
            added=[name for name in mapped if layout.is_line_level(name) and name not in summed],
            repeated=[name for name in mapped if not layout.is_line_level(name)],
            of_lines=of_lines,
            line_amount=line_amount_of(layout),
            repeats_quantity="quantity" in layout.mapping and not layout.is_line_level("quantity"),
            tells_shipping=layout.carries("status", "shipped_at", "waybill_no", "parcel_words"),
            fields=fields,
            signature=digest(
                "\x1f".join((VERSION, layout.source, *columns, *(covered if layout.one_row_per_order else ())))
            ),
        )

    @property
    def covers_line(self) -> bool:
        """Whether the hash of an order covers all that its row says, its line too: only where it has one by nature. Else
        other files may bring other lines of it, and the order stays the same."""
        return bool(self.layout.one_row_per_order)


def digest(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def digest_of(values: Sequence[Any]) -> str:
    return digest(
        "\x1f".join([value if type(value) is str else "" if value is None else str(value) for value in values])
    )


def parcel_text(parcel: Parcel) -> str:
    """A parcel as the hash of its order covers it."""
    number, carrier, at = parcel
    return f"{number}\x1e{carrier}\x1e{at or ''}"


line_digest = lru_cache(8_192)(digest_of)


@lru_cache(8_192)
def sku_key(code: str, name: str, spec: str) -> str:
    """One key for "the same article": its code, else its name and variant; "" where the file names no article."""
    said = f"code\x1f{code}" if code else f"name\x1f{name}\x1f{spec}" if name or spec else ""
    return digest(said) if said else ""


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
        columns += SHIP_BY
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
