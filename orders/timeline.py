"""What happened to one order, from stored facts, each with its source, newest first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from orders.detectors import title
from orders.enums import ShipBySource
from orders.imports.ship_clock import ShipClock
from orders.models import Hold, Order, OrderReview, Parcel, PlatformReport, RiskAlert, ViolationOrder
from orders.waivers import waiver
from orders.workflow import REPORT, REVIEW

Event = dict[str, Any]
TONE_OF_SCAN = {"delivered": "ok", "picked_up": "ok", "exception": "warn", "refused": "warn", "returned": "warn"}


def events(
    order: Order,
    *,
    parcels: Iterable[Parcel],
    holds: Iterable[Hold],
    review: OrderReview | None,
    reports: Iterable[PlatformReport],
    alerts: Iterable[RiskAlert],
    named_in: Iterable[ViolationOrder],
) -> list[Event]:
    """Items for the timeline component: at, text, note (the source), tone, is_next. Moments without a fact are left out."""
    found = [
        *_from_file(order),
        *_from_parcels(parcels),
        *_from_holds(holds),
        *_from_review(review),
        *_from_reports(reports),
        *_from_alerts(alerts),
        *_from_violations(named_in),
    ]
    # In order first, turned round then: of two facts of one second the later step stands above.
    return sorted((event for event in found if event["at"]), key=lambda event: event["at"])[::-1]


def _event(at: dt.datetime | None, text: str, note: str, tone: str = "", is_next: bool = False) -> Event:
    return {"at": at, "text": text, "note": note, "tone": tone, "is_next": is_next}


def _from_file(order: Order) -> Iterator[Event]:
    source = _("order file")
    if order.import_run is not None:
        source = _("order file %(file)s, import %(code)s") % {
            "file": order.import_run.filename,
            "code": order.import_run.code,
        }
    moments = [
        (order.placed_at, _("placed"), ""),
        (order.paid_at, _("paid"), ""),
        (order.grouped_at, _("group formed"), ""),
        (order.balance_paid_at, _("balance paid"), ""),
        (order.urged_at, _("the buyer urged shipping"), "warn"),
        (order.shipped_at, _("shipped"), "info"),
        (order.picked_up_at, _("picked up"), "ok"),
        (order.delivered_at, _("delivered"), "ok"),
        (order.refund_asked_at, _("refund asked"), "warn"),
        (order.refunded_at, _("refunded"), ""),
        (order.closed_at, pgettext("order", "closed"), ""),
    ]
    yield from (_event(at, text, source, tone) for at, text, tone in moments)
    is_next = order.ship_by is not None and order.ship_by > timezone.now()
    yield _event(order.ship_by, _("time to ship by"), _ship_by_source(order, source), "danger", is_next)
    if order.ship_by is None and (waived := waiver(ShipClock.of(order.store.platform), order)) is not None:
        yield _event(waived.to_at, _("until then the platform asks no penalty for late shipping"), waived.source, "ok")


def _ship_by_source(order: Order, source: str) -> str:
    """Where the ship-by time comes from: the file, or a policy version that may be unverified."""
    if order.ship_by_source != ShipBySource.COMPUTED:
        return source
    policy = order.ship_by_policy
    if policy is None:
        return _("computed")
    text = (
        _("computed by policy version %(version)s")
        if policy.is_verified
        else _("computed by policy version %(version)s, unverified")
    )
    return text % {"version": policy.version}


def _from_parcels(parcels: Iterable[Parcel]) -> Iterator[Event]:
    for parcel in parcels:
        carrier = (parcel.carrier.name if parcel.carrier else parcel.carrier_word) or _("carrier unknown")
        note = f"{carrier} {parcel.waybill_no}"
        yield _event(parcel.shipped_at, _("waybill number uploaded"), note, "info")
        for scan in parcel.scans.all():
            text = " ".join(part for part in (scan.city, scan.text) if part) or _("scanned")
            yield _event(scan.event_at, text, note, TONE_OF_SCAN.get(scan.state, ""))


def _from_holds(holds: Iterable[Hold]) -> Iterator[Event]:
    for hold in holds:
        yield _event(
            hold.asked_at, _("hold asked for: %(reason)s") % {"reason": hold.reason}, hold.asked_by.name, "warn"
        )
        who = hold.acknowledged_by.name if hold.acknowledged_by else ""
        yield _event(hold.acknowledged_at, _("the merchant acknowledged the hold"), who, "ok")
        who = hold.released_by.name if hold.released_by else ""
        yield _event(hold.released_at, _("hold released: %(reason)s") % {"reason": hold.release_note}, who)


def _from_review(review: OrderReview | None) -> Iterator[Event]:
    if review is None:
        return
    for contact in review.contacts.all():
        text = f"{contact.get_channel_display()}: {contact.get_result_display()}"
        yield _event(contact.at, text, " · ".join(part for part in (contact.by.name, contact.note) if part))
    state = REVIEW.state(review.status)
    who = review.decided_by.name if review.decided_by else ""
    yield _event(review.decided_at, _("checked: %(verdict)s") % {"verdict": state.label}, who, state.tone)


def _from_reports(reports: Iterable[PlatformReport]) -> Iterator[Event]:
    for report in reports:
        state = REPORT.state(report.status)
        text = _("reported to the platform: %(kind)s, %(state)s") % {
            "kind": report.get_kind_display(),
            "state": state.label,
        }
        yield _event(report.filed_at, text, report.number or report.code, state.tone)


def _from_alerts(alerts: Iterable[RiskAlert]) -> Iterator[Event]:
    for alert in alerts:
        yield _event(alert.first_seen_at, title(alert.detector, alert), alert.code, "warn")


def _from_violations(named_in: Iterable[ViolationOrder]) -> Iterator[Event]:
    for named in named_in:
        violation = named.violation
        count = violation.named_count or 1
        text = ngettext("%(type)s, %(n)s order named", "%(type)s, %(n)s orders named", count)
        words = {"type": violation.violation_type.name, "n": count}
        yield _event(violation.noticed_at, text % words, violation.violation_no or violation.code, "danger")
