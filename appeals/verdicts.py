"""What became of each order of a case, computed from stored facts alone.

A verdict names its facts with their sources. Nothing is guessed: without a limit to measure against, or without a
recorded reason, the verdict is `unknown`, and unknown is never late and never claimed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, Max, Min, Prefetch
from django.utils import timezone

from appeals.enums import BuyerChannel, OfferKind, OfferResult, VerdictKind
from appeals.models import BuyerContact, Case
from orders.imports import ship_clock
from orders.models import Order, PlatformReport, RiskAlert, Violation, ViolationOrder
from orders.waivers import waiver
from stores.enums import LineOfDefence

# The verdicts each line of defence may claim. `ours` is claimed by none: leniency asks, it does not claim (rule 11).
CLAIMS: dict[str, frozenset[str]] = {
    LineOfDefence.SHIPPED_IN_TIME: frozenset({VerdictKind.SHIPPED_IN_TIME, VerdictKind.REFUNDED_BEFORE_DUE}),
    LineOfDefence.CARRIER_FAULT: frozenset({VerdictKind.CARRIER_LATE, VerdictKind.SHIPPED_IN_TIME}),
    LineOfDefence.FORCE_MAJEURE: frozenset({VerdictKind.FORCE_MAJEURE}),
    LineOfDefence.AGREED_DELAY: frozenset({VerdictKind.AGREED_DELAY}),
    LineOfDefence.MALICIOUS_ORDER: frozenset({VerdictKind.MALICIOUS_ORDER}),
    LineOfDefence.PLATFORM_ERROR: frozenset({VerdictKind.SHIPPED_IN_TIME, VerdictKind.REFUNDED_BEFORE_DUE}),
    LineOfDefence.LENIENCY: frozenset({VerdictKind.OURS, VerdictKind.STOCK_ERROR, VerdictKind.SUPPLIER_LATE}),
}
CLAIMABLE = frozenset().union(*(kinds for line, kinds in CLAIMS.items() if line != LineOfDefence.LENIENCY))

# Violations whose limit is the first scan after the upload of the number, not the ship-by time of the order.
MEASURED_BY_SCAN = frozenset({"fake_shipment", "transit_timeout", "abnormal_tracking"})

REPORT_MEANS = {
    "carrier": VerdictKind.CARRIER_LATE,
    "force_majeure": VerdictKind.FORCE_MAJEURE,
    "stock": VerdictKind.STOCK_ERROR,
    "malicious_buyer": VerdictKind.MALICIOUS_ORDER,
}
FINDING_OF_MALICE = ("burst_buyer", "burst_sku_area")


@dataclass
class Finding:
    """A verdict with the facts it rests on: name, value (ISO time or text), source."""

    kind: str
    facts: list[dict[str, str]] = field(default_factory=list)

    def note(self, name: str, value: Any, source: str) -> None:
        text = value.isoformat() if isinstance(value, dt.datetime) else str(value)
        self.facts.append({"name": name, "value": text, "source": source})


def compute(violations: Sequence[Violation]) -> Iterable[tuple[ViolationOrder, Finding]]:
    """The finding for each order that violations of one shop name, in a fixed number of queries however many they are."""
    orders = (
        Order.objects.annotate(scanned_at=Min("parcels__first_scan_at"), uploaded_at=Max("parcels__shipped_at"))
        .select_related("review")
        .prefetch_related(
            Prefetch(
                "alerts", RiskAlert.objects.filter(detector__in=FINDING_OF_MALICE, status__in=["confirmed", "resolved"])
            ),
            Prefetch("platform_reports", PlatformReport.objects.filter(status__in=["filed", "accepted"])),
        )
    )
    by_key = {violation.pk: violation for violation in violations}
    by_clock = [one for one in violations if one.violation_type.key == ship_clock.RULE]
    clock = ship_clock.ShipClock.of(by_clock[0].violation_type.platform) if by_clock else None
    clocked, agreed = {one.pk for one in by_clock}, _agreements(violations)
    for row in ViolationOrder.objects.filter(violation__in=by_key).prefetch_related(Prefetch("order", orders)):
        violation = by_key[row.violation_id]
        finding = judge(violation, row.order, agreed.get(row.order_id))
        if clock is not None and violation.pk in clocked and row.order is not None and row.order.ship_by is None:
            _note_waiver(clock, row.order, finding)
        yield row, finding


def _note_waiver(clock: ship_clock.ShipClock, order: Order, finding: Finding) -> None:
    """An order without a time to ship by because the platform asks no penalty of it: that is a fact, not a gap."""
    window = waiver(clock, order)
    if window is not None:
        days = (f"{timezone.localtime(moment):%Y-%m-%d %H:%M}" for moment in (window.from_at, window.to_at))
        finding.note("waived", " – ".join(days), window.source)


def _agreements(violations: Sequence[Violation]) -> dict[int | None, BuyerContact]:
    """Order -> the buyer's last agreement to a later date, given in the platform's chat before the old limit.

    An agreement by telephone proves nothing to the platform: the buyer is asked to repeat it in the chat (call script).
    """
    agreed = BuyerContact.objects.filter(
        order__violation_orders__violation__in=violations,
        channel=BuyerChannel.PLATFORM_CHAT,
        offer=OfferKind.LATER_DATE,
        offer_result=OfferResult.ACCEPTED,
        result_at__lt=F("order__ship_by"),
    )
    return {contact.order_id: contact for contact in agreed.order_by("result_at", "pk")}


def judge(violation: Violation, order: Any, agreed: BuyerContact | None = None) -> Finding:
    """One order's finding. `order` carries `scanned_at` and `uploaded_at` (earliest scan, latest upload) or is None;
    `agreed` is the buyer's agreement to a later date, given in time."""
    if order is None:
        return Finding(VerdictKind.NOT_FOUND, [{"name": "order", "value": "", "source": "imports"}])
    finding = Finding(VerdictKind.UNKNOWN)
    due = _limit(violation, order, finding)
    scanned = order.picked_up_at or order.scanned_at
    if scanned:
        finding.note("first_scan", scanned, "scan")
    finding.kind = (
        _settled_before(order, due, finding)
        or _malicious(order, finding)
        or _scanned_in_time(scanned, due)
        or _agreed_later(violation, order, scanned, agreed, finding)
        or _excused(order, finding)
        or _late(violation, order, scanned, due, finding)
        or VerdictKind.UNKNOWN
    )
    return finding


def _limit(violation: Violation, order: Any, finding: Finding) -> dt.datetime | None:
    """The moment that counts: scan limit after upload for fake shipment, ship-by otherwise; None is unknown."""
    if violation.violation_type.key not in MEASURED_BY_SCAN:
        if order.ship_by:
            finding.note("ship_by", order.ship_by, order.ship_by_source or "file")
        return order.ship_by
    uploaded = order.uploaded_at or order.shipped_at
    hours = violation.conduct_policy.first_scan_hours if violation.conduct_policy else None
    if not uploaded or hours is None:
        return None
    due = uploaded + dt.timedelta(hours=hours)
    finding.note("uploaded", uploaded, "file")
    finding.note("scan_limit", due, f"policy v{violation.conduct_policy.version}" if violation.conduct_policy else "")
    return due


def _settled_before(order: Any, due: dt.datetime | None, finding: Finding) -> str | None:
    if order.refunded_at and due and order.refunded_at <= due:
        finding.note("refunded", order.refunded_at, "file")
        return VerdictKind.REFUNDED_BEFORE_DUE
    return None


def _malicious(order: Any, finding: Finding) -> str | None:
    """A check that ended in `malicious`, or a confirmed finding that no check of this order contradicts."""
    review = getattr(order, "review", None)
    if review is not None and review.status == "genuine":
        finding.note("review", "genuine", "order_review")
        return None
    alerts = list(order.alerts.all())
    if (review is not None and review.status == "malicious") or alerts:
        for alert in alerts:
            finding.note("alert", f"{alert.code} {alert.order_count}", alert.key_strength or "")
        if review is not None:
            finding.note("review", review.status, "order_review")
        return VerdictKind.MALICIOUS_ORDER
    return None


def _scanned_in_time(scanned: dt.datetime | None, due: dt.datetime | None) -> str | None:
    return VerdictKind.SHIPPED_IN_TIME if scanned and due and scanned <= due else None


def _agreed_later(
    violation: Violation, order: Any, scanned: dt.datetime | None, agreed: BuyerContact | None, finding: Finding
) -> str | None:
    """A named later date that was kept, or that has not come yet. It moves the ship-by time, never the scan limit."""
    if agreed is None or agreed.offer_ship_by is None or violation.violation_type.key in MEASURED_BY_SCAN:
        return None
    if (order.shipped_at or scanned or timezone.now()) > agreed.offer_ship_by:
        return None
    finding.note("agreed_at", agreed.result_at, agreed.channel)
    finding.note("agreed_ship_by", agreed.offer_ship_by, agreed.channel)
    return VerdictKind.AGREED_DELAY


def _excused(order: Any, finding: Finding) -> str | None:
    """What was told to the platform before: its reason stands for the orders it names."""
    for report in order.platform_reports.all():
        if report.kind in REPORT_MEANS:
            finding.note("platform_report", report.number or report.code, report.kind)
            return REPORT_MEANS[report.kind]
    return None


def _late(
    violation: Violation, order: Any, scanned: dt.datetime | None, due: dt.datetime | None, finding: Finding
) -> str | None:
    """Shipped, but after the limit, and nothing on record excuses it. Not shipped at all needs a recorded reason first."""
    if not due:
        return None
    moment = scanned if violation.violation_type.key in MEASURED_BY_SCAN else (order.shipped_at or scanned)
    if moment and moment > due:
        finding.note("late_by_minutes", int((moment - due).total_seconds() // 60), "computed")
        return VerdictKind.OURS
    return None


def claimed(case: Case) -> Any:
    """The verdicts of `case` that its line of defence claims (a queryset)."""
    return case.verdicts.filter(kind__in=CLAIMS.get(case.line_of_defence, CLAIMABLE))
