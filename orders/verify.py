"""Checks of this floor: kept columns against the rows they are kept from, counts of imports, states of the flows."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from django.db.models import Count, F, Q

from casemgr.kit.verifying import CHUNK, Report, compare, states, verifies
from orders.imports.other_items import first_scan_states, terminal_states
from orders.models import Hold, ImportRun, Order, OrderReview, Parcel, PlatformReport, RiskAlert, Scan, Violation
from orders.workflow import ALERT, HOLD, IMPORT, REPORT, REVIEW


@verifies("orders.parcels")
def parcels(report: Report) -> None:
    """First scan, last event, delivery and state of every parcel with events, from all its events."""
    firsts, ends = set(first_scan_states()), set(terminal_states())
    kept_names = ("first_scan_at", "last_event_at", "delivered_at", "state")
    kept = Parcel.objects.order_by("pk").values_list("pk", "waybill_no", *kept_names).iterator(chunk_size=CHUNK)
    told = _events()
    events = next(told, None)
    for pk, waybill_no, *values in kept:
        while events is not None and events[0] < pk:
            events = next(told, None)
        if events is not None and events[0] == pk:
            slow = _settled(events[1], firsts, ends)
            compare(report, waybill_no, dict(zip(kept_names, values, strict=True)), slow)


def _events() -> Iterator[tuple[int, list[tuple[Any, ...]]]]:
    rows = Scan.objects.order_by("parcel_id").values_list("parcel_id", "event_at", "state", "content_key")
    for parcel, events in groupby(rows.iterator(chunk_size=CHUNK), key=lambda row: row[0]):
        yield parcel, [event[1:] for event in events]


def _settled(events: list[tuple[Any, ...]], firsts: set[str], ends: set[str]) -> dict[str, Any]:
    """What orders.imports.parcel_writing.settle_parcels writes, one parcel at a time and without SQL."""
    named = [event for event in events if event[1]]
    # Of two events of one second the one that ends the journey is the later one.
    latest = sorted(named, key=lambda event: (-event[0].timestamp(), event[1] not in ends, event[2]))
    return {
        "first_scan_at": min((at for at, state, _key in events if state in firsts), default=None),
        "last_event_at": max(at for at, _state, _key in events),
        "delivered_at": min((at for at, state, _key in events if state == "delivered"), default=None),
        "state": latest[0][1] if latest else "",
    }


@verifies("orders.shipping")
def shipping(report: Report) -> None:
    """An order is not "not shipped" when a parcel of it was shipped, unless only part of it was."""
    report.seen = Order.objects.filter(fulfilment="unshipped").count()
    sent = Q(parcels__shipped_at__isnull=False) | Q(parcels__first_scan_at__isnull=False)
    rows = Order.objects.filter(sent, fulfilment="unshipped").exclude(state="partly_shipped").distinct()
    for order_no in rows.values_list("order_no", flat=True).iterator(chunk_size=CHUNK):
        report.add(order_no, "a parcel of it is on its way, the order says not shipped")


@verifies("orders.counts")
def counts(report: Report) -> None:
    """Orders of alerts, orders named by violations, and rows of imports, against their rows."""
    alerts = RiskAlert.objects.annotate(n=Count("alert_orders"))
    violations = Violation.objects.annotate(n=Count("named_orders"))
    runs = ImportRun.objects.filter(status="published")
    report.seen = RiskAlert.objects.count() + Violation.objects.count() + runs.count()
    for alert in alerts.exclude(n=F("order_count")).iterator(chunk_size=CHUNK):
        report.add(alert.code, f"order_count: {alert.order_count} kept, {alert.n} computed")
    for violation in violations.exclude(n=F("named_count")).iterator(chunk_size=CHUNK):
        report.add(violation.code, f"named_count: {violation.named_count} kept, {violation.n} computed")
    for run in runs.exclude(rows=F("stored") + F("refused")).iterator(chunk_size=CHUNK):
        report.add(run.code, f"{run.rows} rows are not {run.stored} stored and {run.refused} refused")


@verifies("orders.states")
def states_of_flows(report: Report) -> None:
    """Every status is a state of its flow table."""
    for model, flow in (
        (RiskAlert, ALERT), (OrderReview, REVIEW), (Hold, HOLD), (PlatformReport, REPORT), (ImportRun, IMPORT),
    ):  # fmt: skip
        states(report, model, flow)
