"""The lists of this floor that can be taken away as files, as a person sees them: filtered, sorted, masked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict

from casemgr.kit.exporting import Listing, offer
from orders import queries, tables
from orders.filters import AlertFilter, OrderFilter
from orders.models import Order, RiskAlert

Sorts = Mapping[str, tuple[Any, ...]]
ORDER_SORTS: Sorts = {
    "-placed": ("-placed_at", "-pk"),
    "placed": ("placed_at", "pk"),
    "due": ("ship_by", "pk"),
    "-due": ("-ship_by", "-pk"),
    "paid": ("amount_paid", "pk"),
    "-paid": ("-amount_paid", "-pk"),
}
ALERT_SORTS: Sorts = {
    "group": ("detector", "store__name", "store_id", "-first_seen_at", "-pk"),
    "seen": ("first_seen_at", "pk"),
    "-seen": ("-first_seen_at", "-pk"),
    "orders": ("order_count", "pk"),
    "-orders": ("-order_count", "-pk"),
    "money": ("risk_amount", "pk"),
    "-money": ("-risk_amount", "-pk"),
}


def sort_of(data: QueryDict, sorts: Sorts, usual: str) -> str:
    """The order asked for by `sort`, or the usual one."""
    name = str(data.get("sort", ""))
    return name if name in sorts else usual


def order_sort(data: QueryDict) -> str:
    """Orders by their clock when the list is about it, else the newest first."""
    return sort_of(data, ORDER_SORTS, "due" if data.get("rung") in queries.RUNGS else "-placed")


def orders(user: Any, data: QueryDict) -> QuerySet[Order]:
    """The orders that a person sees under this query string, in its order."""
    rows = OrderFilter(data, queryset=queries.orders_for_list(user)).qs
    return rows.order_by(*ORDER_SORTS[order_sort(data)])


def with_usual_status(data: QueryDict) -> QueryDict:
    """The query string of the alert list, which shows active ones unless it says otherwise."""
    data = data.copy()
    data.setdefault("status", "active")
    return data


def alerts(user: Any, data: QueryDict) -> QuerySet[RiskAlert]:
    """The alerts that a person sees under this query string, in its order."""
    rows = AlertFilter(with_usual_status(data), queryset=queries.alerts_for_list(user)).qs
    return rows.order_by(*ALERT_SORTS[sort_of(data, ALERT_SORTS, "group")])


def _order_table(rows: QuerySet[Order]) -> Any:
    return tables.as_lists(tables.ORDER_COLUMNS, tables.order_rows(rows.prefetch_related(None)), labels=True)


def _alert_table(rows: QuerySet[RiskAlert]) -> Any:
    return tables.as_lists(tables.ALERT_COLUMNS, tables.alert_rows(rows), labels=True)


ORDERS = offer(Listing("orders", orders, _order_table))
ALERTS = offer(Listing("alerts", alerts, _alert_table))
