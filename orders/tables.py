"""Lists of this floor as tables to take away: columns with stable names and translated labels. Masked text only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from casemgr.kit import audit
from casemgr.kit.exporting import stream
from casemgr.kit.tabular import write_csv, write_xlsx
from orders.detectors import name_of, title
from orders.models import Order, RiskAlert
from orders.workflow import ALERT

CHUNK = 2000


@dataclass(frozen=True)
class Column:
    """One column: its stable name (field vocabulary of the import), its label, and its value of a row."""

    name: str
    label: Any
    value: Callable[[Any], object]


def _plain(name: str, label: Any, source: str = "") -> Column:
    field = source or name
    return Column(name, label, lambda row: row[field])


# Rows of orders are dictionaries: a list of a million orders makes no objects.
ORDER_COLUMNS = [
    _plain("shop", _("shop"), "store__name"),
    _plain("shop_code", _("shop code"), "store__code"),
    _plain("order_no", _("order number")),
    _plain("state", _("state")),
    _plain("status", _("the platform's word"), "state_word"),
    _plain("fulfilment", _("shipping")),
    _plain("placed_at", _("placed")),
    _plain("paid_at", _("paid")),
    _plain("promised_ship_at", _("ship by"), "ship_by"),
    _plain("ship_by_source", _("ship-by from")),
    _plain("shipped_at", _("shipped")),
    _plain("picked_up_at", _("picked up")),
    _plain("delivered_at", _("delivered")),
    _plain("closed_at", pgettext_lazy("order", "closed")),
    _plain("refund_state", _("refund")),
    _plain("recipient_name", _("recipient (masked)"), "recipient_masked"),
    _plain("recipient_phone", _("phone (masked)"), "phone_masked"),
    _plain("province", _("province")),
    _plain("city", _("city")),
    _plain("district", _("district")),
    _plain("street", _("street")),
    _plain("quantity", _("quantity")),
    _plain("amount_total", _("order amount")),
    _plain("amount_paid", _("paid amount")),
    _plain("refund_amount", _("refund amount")),
]
ORDER_FIELDS = (
    "store__name", "store__code", "order_no", "state", "state_word", "fulfilment", "placed_at", "paid_at", "ship_by",
    "ship_by_source", "shipped_at", "picked_up_at", "delivered_at", "closed_at", "refund_state", "recipient_masked",
    "phone_masked", "province", "city", "district", "street", "quantity", "amount_total", "amount_paid", "refund_amount",
)  # fmt: skip
ALERT_COLUMNS = [
    Column("code", _("alert"), lambda alert: alert.code),
    Column("title", _("what was found"), lambda alert: title(alert.detector, alert)),
    Column("detector", _("kind"), lambda alert: name_of(alert.detector)),
    Column("shop", _("shop"), lambda alert: alert.store.name),
    Column("shop_code", _("shop code"), lambda alert: alert.store.code),
    Column("status", _("state"), lambda alert: str(ALERT.state(alert.status).label)),
    Column("severity", _("severity"), lambda alert: alert.get_severity_display()),
    Column("key_kind", _("key"), lambda alert: alert.get_key_kind_display()),
    Column("key_strength", _("key strength"), lambda alert: alert.get_key_strength_display()),
    Column("subject", _("subject"), lambda alert: alert.subject),
    Column("orders", _("orders"), lambda alert: alert.order_count),
    Column("money_at_risk", _("money at risk (known)"), lambda alert: alert.risk_amount),
    Column("money_unknown_orders", _("orders with unknown amount"), lambda alert: alert.risk_unknown_count),
    Column("setting_version", _("setting version"), lambda alert: alert.setting_version),
    Column("first_seen_at", _("first seen"), lambda alert: alert.first_seen_at),
    Column("last_seen_at", _("last seen"), lambda alert: alert.last_seen_at),
    Column("handled_by", _("handled by"), lambda alert: alert.handled_by.name if alert.handled_by else ""),
]


def order_rows(orders: QuerySet[Order]) -> Iterator[dict[str, Any]]:
    """Orders as dictionaries of the columns' fields, read in chunks."""
    yield from orders.values(*ORDER_FIELDS).iterator(chunk_size=CHUNK)


def alert_rows(alerts: QuerySet[RiskAlert]) -> Iterator[RiskAlert]:
    """Alerts with their shop, read in chunks."""
    yield from alerts.select_related("store", "handled_by").iterator(chunk_size=CHUNK)


def as_lists(columns: list[Column], rows: Iterator[Any], *, labels: bool) -> Iterator[list[object]]:
    """The header and the rows; `labels` translated, otherwise the stable names."""
    yield [str(column.label) if labels else column.name for column in columns]
    for row in rows:
        yield [column.value(row) for column in columns]


def as_records(columns: list[Column], rows: Iterator[Any]) -> Iterator[dict[str, Any]]:
    """Each row as {name: value} that JSON can hold: ISO times, amounts as text."""
    for row in rows:
        yield {column.name: audit.plain(column.value(row)) for column in columns}


def write(rows: Iterator[list[object]], file: Any, form: str) -> int:
    """Write rows to a binary file as "csv" or "xlsx"; the number of rows, header included. Cells are safe from formulas."""
    return write_csv(rows, file) if form == "csv" else write_xlsx(rows, file)


def download(columns: list[Column], rows: Iterator[Any], *, name: str, form: str, by: Any) -> FileResponse:
    """The list as a file to save; who took how many rows of what is kept in the audit trail."""
    return stream(as_lists(columns, rows, labels=True), name=name, form=form, by=by)
