"""The fields a column of a file can mean: one vocabulary for sources, hand mapping, the command and the API.

Names are those of the design ("Field names of files and API"). `Field.names` are column names seen in exports of many
shops (column_names); they only propose a mapping, a source has its own table.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from orders.enums import ImportKind
from orders.imports.column_names import ORDER_COLUMNS, PARCEL_COLUMNS, SCAN_COLUMNS


class Reads(StrEnum):
    """How a cell of the field is read."""

    NUMBER = "number"  # an order, waybill or article number: digits that must survive
    TEXT = "text"
    NOTE = "note"  # free text that may name people
    WORD = "word"  # a status in the platform's words
    AMOUNT = "amount"
    QUANTITY = "quantity"
    MOMENT = "moment"
    DEADLINE = "deadline"  # a moment; a date alone is its last second
    FLAG = "flag"
    PERSON = "person"  # masked and hashed at the door, never kept


class Level(StrEnum):
    """Whether rows of one order repeat a value (order) or each carry a part of it (line)."""

    ORDER = "order"
    LINE = "line"


@dataclass(frozen=True)
class Field:
    name: str
    label: str | Promise
    reads: Reads
    longest: int = 64
    names: tuple[str, ...] = ()


_f = Field


_ORDER_FIELDS = (
    _f("order_no", pgettext_lazy("field of a file", "order number"), Reads.NUMBER),
    _f("sub_order_no", pgettext_lazy("field of a file", "sub-order number"), Reads.NUMBER),
    _f("shop", pgettext_lazy("field of a file", "shop named in the file"), Reads.TEXT, longest=120),
    _f("buyer_id", pgettext_lazy("field of a file", "buyer account"), Reads.PERSON),
    _f("recipient_token", pgettext_lazy("field of a file", "recipient token"), Reads.PERSON),
    _f("recipient_name", pgettext_lazy("field of a file", "recipient"), Reads.PERSON),
    _f("recipient_phone", pgettext_lazy("field of a file", "recipient's phone"), Reads.PERSON),
    _f("province", pgettext_lazy("field of a file", "province"), Reads.PERSON, longest=40),
    _f("city", pgettext_lazy("field of a file", "city"), Reads.PERSON, longest=40),
    _f("district", pgettext_lazy("field of a file", "district"), Reads.PERSON, longest=40),
    _f("street", pgettext_lazy("field of a file", "street"), Reads.PERSON, longest=80),
    _f("address", pgettext_lazy("field of a file", "address"), Reads.PERSON, longest=200),
    _f("placed_at", pgettext_lazy("field of a file", "placed"), Reads.MOMENT),
    _f("paid_at", pgettext_lazy("field of a file", "paid"), Reads.MOMENT),
    _f("grouped_at", pgettext_lazy("field of a file", "group formed"), Reads.MOMENT),
    _f("balance_paid_at", pgettext_lazy("field of a file", "balance paid"), Reads.MOMENT),
    _f("promised_ship_at", pgettext_lazy("field of a file", "ship by"), Reads.DEADLINE),
    _f("promised_ship_from", pgettext_lazy("field of a file", "ship not before"), Reads.MOMENT),
    _f("ship_basis", pgettext_lazy("field of a file", "kind of promise"), Reads.TEXT, longest=16),
    _f("shipped_at", pgettext_lazy("field of a file", "shipped"), Reads.MOMENT),
    _f("picked_up_at", pgettext_lazy("field of a file", "picked up"), Reads.MOMENT),
    _f("delivered_at", pgettext_lazy("field of a file", "delivered"), Reads.MOMENT),
    _f("closed_at", pgettext_lazy("field of a file", "closed"), Reads.MOMENT),
    _f("status", pgettext_lazy("field of a file", "state"), Reads.WORD),
    _f("aftersale_status", pgettext_lazy("field of a file", "after-sale state"), Reads.WORD),
    _f("refund_state", pgettext_lazy("field of a file", "refund state"), Reads.WORD),
    _f("refund_asked_at", pgettext_lazy("field of a file", "refund asked"), Reads.MOMENT),
    _f("refunded_at", pgettext_lazy("field of a file", "refunded"), Reads.MOMENT),
    _f("platform_review", pgettext_lazy("field of a file", "under review by the platform"), Reads.FLAG),
    _f("hold", pgettext_lazy("field of a file", "held by the platform"), Reads.FLAG),
    _f("urged_at", pgettext_lazy("field of a file", "buyer urged shipping"), Reads.MOMENT),
    _f("address_changed", pgettext_lazy("field of a file", "address changed"), Reads.FLAG),
    _f("sku_code", pgettext_lazy("field of a file", "article code"), Reads.NUMBER, longest=80),
    _f("sku_name", pgettext_lazy("field of a file", "article"), Reads.TEXT, longest=200),
    _f("sku_spec", pgettext_lazy("field of a file", "variant"), Reads.TEXT, longest=200),
    _f("quantity", pgettext_lazy("field of a file", "quantity"), Reads.QUANTITY),
    _f("unit_price", pgettext_lazy("field of a file", "unit price"), Reads.AMOUNT),
    _f("amount_total", pgettext_lazy("field of a file", "order total"), Reads.AMOUNT),
    _f("amount_paid", pgettext_lazy("field of a file", "paid amount"), Reads.AMOUNT),
    _f("refund_amount", pgettext_lazy("field of a file", "refunded amount"), Reads.AMOUNT),
    _f("carrier", pgettext_lazy("field of a file", "carrier"), Reads.TEXT, longest=40),
    _f("waybill_no", pgettext_lazy("field of a file", "waybill number"), Reads.NUMBER, longest=400),
    _f("warehouse", pgettext_lazy("field of a file", "warehouse"), Reads.TEXT, longest=80),
    _f("buyer_note", pgettext_lazy("field of a file", "buyer's note"), Reads.NOTE, longest=500),
    _f("seller_note", pgettext_lazy("field of a file", "seller's note"), Reads.NOTE, longest=500),
)

_PARCEL_FIELDS = (
    _f("waybill_no", pgettext_lazy("field of a file", "waybill number"), Reads.NUMBER, longest=400),
    _f("order_no", pgettext_lazy("field of a file", "order number"), Reads.NUMBER, longest=2_000),
    _f("carrier", pgettext_lazy("field of a file", "carrier"), Reads.TEXT, longest=40),
    _f("shipped_at", pgettext_lazy("field of a file", "shipped"), Reads.MOMENT),
)

_SCAN_FIELDS = (
    _f("waybill_no", pgettext_lazy("field of a file", "waybill number"), Reads.NUMBER, longest=128),
    _f("event_at", pgettext_lazy("field of a file", "time of the scan"), Reads.MOMENT),
    _f("event_text", pgettext_lazy("field of a file", "what the carrier says"), Reads.NOTE, longest=300),
    _f("state", pgettext_lazy("field of a file", "tracking state"), Reads.WORD),
    _f("city", pgettext_lazy("field of a file", "city"), Reads.TEXT, longest=40),
    _f("carrier", pgettext_lazy("field of a file", "carrier"), Reads.TEXT, longest=40),
)


def _known(fields: Iterable[Field], columns: Mapping[str, str]) -> dict[str, Field]:
    return {one.name: replace(one, names=(one.name, *columns.get(one.name, "").split())) for one in fields}


FIELDS: dict[str, dict[str, Field]] = {
    ImportKind.ORDERS: _known(_ORDER_FIELDS, ORDER_COLUMNS),
    ImportKind.PARCELS: _known(_PARCEL_FIELDS, PARCEL_COLUMNS),
    ImportKind.SCANS: _known(_SCAN_FIELDS, SCAN_COLUMNS),
}
REQUIRED: dict[str, tuple[str, ...]] = {
    ImportKind.ORDERS: ("order_no",),
    ImportKind.PARCELS: ("waybill_no", "order_no"),
    ImportKind.SCANS: ("waybill_no", "event_at"),
}
# Sums over the lines of an order: asked about when columns are mapped by hand.
SUMMED = ("quantity", "amount_total", "amount_paid", "refund_amount")
# Any of these tells lines of one order apart or says something of one line only.
LINE_MARKS = ("sub_order_no", "sku_code", "sku_name", "sku_spec", "quantity", "unit_price")

_UNIT = re.compile(r"\((?:元|件|¥|rmb|cny)\)$")


@lru_cache(4_096)
def header_key(header: str) -> str:
    """A column name to compare by: NFKC, lower case, no blanks, no unit behind it (`商品总价（元）` is `商品总价`)."""
    return _UNIT.sub("", re.sub(r"\s+", "", unicodedata.normalize("NFKC", header)).casefold())


def propose(kind: str, headers: Iterable[str]) -> dict[str, str]:
    """field -> column of the file, where a column has a name known for the field; each field's better names first."""
    by_key: dict[str, str] = {}
    for header in headers:
        by_key.setdefault(header_key(header), header)
    found: dict[str, str] = {}
    for field in FIELDS[kind].values():
        name = next((by_key[key] for key in map(header_key, field.names) if key in by_key), None)
        if name is not None:
            found[field.name] = name
    return found
