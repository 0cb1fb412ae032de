"""Orders that are paid, not shipped, and overdue or close to the time they must ship by.

One alert per shop, updated while it lasts. Unknown fulfilment is never late (rule 9); what the platform itself holds or
reviews is not the shop's fault and stands apart, with its count.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from orders.detectors.base import Detector, Finding, Found, Ground, Param, Told, Unknowable, within
from orders.detectors.money import Tariff
from orders.detectors.standing import unknown, unshipped
from orders.detectors.wording import day_time
from orders.enums import RefundState, Severity
from orders.models import Hold, PlatformReport
from stores.models import Store

KEY = "ship_by"
RUNGS = (1, 4, 12)  # hours, as the columns of the at-risk board
SETTLED = (RefundState.AGREED, RefundState.REFUNDED)
# How far back orders of unknown fulfilment are counted: a bound in time, not in rows.
UNKNOWN_LOOK_BACK = dt.timedelta(days=30)
HOUR = dt.timedelta(hours=1)


class Waiting(NamedTuple):
    """One order that waits: its columns, in the order in which they are read."""

    pk: int
    store_id: int
    order_no: str
    at: dt.datetime
    ship_by: dt.datetime
    paid_at: dt.datetime | None
    paid: Decimal | None
    platform_review: bool | None
    platform_hold: bool | None
    refund_state: str
    refund_asked_at: dt.datetime | None
    refunded_at: dt.datetime | None


COLUMNS = (
    "pk", "store_id", "order_no", "counted_at", "ship_by", "paid_at", "amount_paid",
    "platform_review", "platform_hold", "refund_state", "refund_asked_at", "refunded_at",
)  # fmt: skip


def find(ground: Ground) -> Found:
    """Per shop the unshipped orders whose ship-by time is past or within `hours`. Five queries, whatever the rows."""
    limit = ground.at + HOUR * ground.setting.params["hours"]
    rows = ground.orders(undated=True).filter(unshipped(ground), ship_by__lte=limit).order_by("ship_by", "pk")
    by_store: dict[int, list[Waiting]] = defaultdict(list)
    for values in rows.values_list(*COLUMNS):
        row = Waiting(*values)
        row = row if row.at else row._replace(at=row.ship_by)
        by_store[row.store_id].append(row)
    found = Found(cannot_tell=_cannot_tell(ground, limit))
    if by_store:
        context = _Context(ground, limit)
        findings = (_finding(context, store, by_store[store.pk]) for store in ground.stores if store.pk in by_store)
        found.findings = [finding for finding in findings if finding]
    return found


class _Context:
    """What is read once for all shops: later times the platform granted, our own holds, the tariff."""

    def __init__(self, ground: Ground, limit: dt.datetime) -> None:
        self.ground, self.limit = ground, limit
        granted = PlatformReport.orders.through.objects.filter(
            platformreport__store_id__in=ground.store_ids,
            platformreport__status="accepted",
            platformreport__filed_at__lte=ground.at,
            platformreport__extends_ship_by_to__isnull=False,
        ).values_list("order_id", "platformreport__extends_ship_by_to")
        self.granted: dict[int, dt.datetime] = {}
        for order_id, moment in granted:
            if moment is not None:
                self.granted[order_id] = max(moment, self.granted.get(order_id, moment))
        self.held = set(
            Hold.orders.through.objects.filter(
                hold__store_id__in=ground.store_ids,
                hold__status__in=["asked", "acknowledged"],
                hold__asked_at__lte=ground.at,
            ).values_list("order_id", flat=True)
        )
        self.tariff = Tariff(ground.stores, "late_shipment")


def _cannot_tell(ground: Ground, limit: dt.datetime) -> list[Unknowable]:
    """Shops with orders past the limit of which nobody knows whether they were shipped: counted, never late."""
    start = limit - UNKNOWN_LOOK_BACK
    counts = dict(
        ground.orders()
        .filter(unknown(ground), within(start, limit), ship_by__gte=start, ship_by__lte=limit)
        .order_by()
        .values_list("store_id")
        .annotate(n=Count("pk"))
    )
    return [
        Unknowable(KEY, store, counts[store.pk], "fulfilment_unknown") for store in ground.stores if store.pk in counts
    ]


def _stands_apart(ground: Ground, row: Waiting) -> str:
    """Why an order does not count as ours to ship: platform_hold, refund_settled; empty when it does."""
    if ground.is_past:
        return "refund_settled" if row.refunded_at and row.refunded_at <= ground.at else ""
    if row.platform_review or row.platform_hold:
        return "platform_hold"
    return "refund_settled" if row.refund_state in SETTLED else ""


def _has_asked_refund(ground: Ground, row: Waiting) -> bool:
    if row.refund_asked_at and row.refund_asked_at <= ground.at:
        return row.refund_state in (RefundState.ASKED, RefundState.UNKNOWN)
    return row.refund_state == RefundState.ASKED and not ground.is_past


def _sorted_out(context: _Context, rows: list[Waiting]) -> tuple[list[Waiting], dict[str, int]]:
    """The orders that are ours to ship, most urgent first, with the time the platform granted where it did; and how
    many stand apart for which reason."""
    apart: dict[str, int] = defaultdict(int)
    kept: list[Waiting] = []
    for row in rows:
        granted = context.granted.get(row.pk)
        reason = "extended" if granted and granted > context.limit else _stands_apart(context.ground, row)
        if reason:
            apart[reason] += 1
        else:
            kept.append(row._replace(ship_by=max(row.ship_by, granted or row.ship_by)))
    return sorted(kept, key=lambda row: (row.ship_by, row.pk)), dict(apart)


def _finding(context: _Context, store: Store, rows: list[Waiting]) -> Finding | None:
    ground = context.ground
    kept, apart = _sorted_out(context, rows)
    if not kept:
        return None
    facts = {"orders": len(kept), **_rungs(ground.at, kept), "earliest": kept[0].ship_by.isoformat(), "apart": apart}
    facts["refund_asked"] = sum(_has_asked_refund(ground, row) for row in kept)
    facts["on_hold"] = sum(row.pk in context.held for row in kept)
    amount, unknown_count = context.tariff.sum((store.platform_id, row.paid_at or row.at, row.paid) for row in kept)
    return Finding(
        detector=KEY,
        anchor=KEY,
        orders={row.pk: (row.store_id, row.order_no) for row in kept},
        severity=_severity(kept[0].ship_by - ground.at),
        setting=ground.setting,
        threshold=ground.setting.threshold("hours"),
        facts=facts,
        from_at=min(row.at for row in kept),
        # A presale of last month that is due today is not history.
        to_at=max(max(row.at, row.ship_by) for row in kept),
        store_ids=[store.pk],
        subject=store.name,
        risk_amount=amount,
        risk_unknown_count=unknown_count,
    )


def _rungs(at: dt.datetime, rows: Iterable[Waiting]) -> dict[str, Any]:
    """How many are overdue, and how many stand on each rung below the limit."""
    counts = {"overdue": 0, **{f"within_{hours}h": 0 for hours in RUNGS}, "later": 0}
    for row in rows:
        left = row.ship_by - at
        rung = (
            "overdue" if left < dt.timedelta() else next((f"within_{h}h" for h in RUNGS if left <= HOUR * h), "later")
        )
        counts[rung] += 1
    return counts


def _severity(left: dt.timedelta) -> str:
    if left <= HOUR:
        return Severity.HIGH
    return Severity.MEDIUM if left <= HOUR * 12 else Severity.LOW


def title(alert: Told) -> str:
    """12 orders to ship: 3 overdue, the next by 22:00."""
    n, overdue = alert.order_count, alert.facts.get("overdue", 0)
    if overdue:
        return ngettext("%(n)s order to ship, %(overdue)s overdue", "%(n)s orders to ship, %(overdue)s overdue", n) % {
            "n": n,
            "overdue": overdue,
        }
    text = ngettext("%(n)s order to ship, the first by %(time)s", "%(n)s orders to ship, the first by %(time)s", n)
    return text % {"n": n, "time": day_time(alert.facts.get("earliest"))}


def explain(alert: Told) -> list[str]:
    """Why, in sentences: how many on each rung, what stands apart, the threshold."""
    facts = alert.facts
    counts = {"n": alert.order_count, "overdue": facts.get("overdue", 0), "later": facts.get("later", 0)}
    counts |= {f"h{hours}": facts.get(f"within_{hours}h", 0) for hours in RUNGS}
    sentences = [
        _(
            "%(n)s paid orders are not shipped: %(overdue)s overdue, %(h1)s within 1 hour, %(h4)s within 4, "
            "%(h12)s within 12, %(later)s later."
        )
        % counts
    ]
    if facts.get("refund_asked"):
        text = ngettext(
            "For %(n)s of them a refund is asked: decide that first.",
            "For %(n)s of them refunds are asked: decide that first.",
            facts["refund_asked"],
        )
        sentences.append(text % {"n": facts["refund_asked"]})
    if facts.get("on_hold"):
        sentences.append(
            ngettext("%(n)s is on hold at our request.", "%(n)s are on hold at our request.", facts["on_hold"])
            % {"n": facts["on_hold"]}
        )
    return [
        *sentences,
        *_apart_words(facts.get("apart", {})),
        _("Threshold: overdue, or due within %(hours)s hours.") % alert.threshold,
    ]


def _apart_words(apart: dict[str, int]) -> list[str]:
    """What was left out, each with its count."""
    texts = {
        "platform_hold": _("Left out: %(n)s that the platform itself reviews or holds."),
        "refund_settled": _("Left out: %(n)s whose refund is agreed or paid."),
        "extended": _("Left out: %(n)s with a later time granted by the platform."),
    }
    return [texts[reason] % {"n": n} for reason, n in apart.items() if reason in texts]


DETECTOR = Detector(
    key=KEY,
    name=gettext_lazy("Ship-by time"),
    about=gettext_lazy("Paid orders that are not shipped and overdue or nearly so."),
    params=(Param("hours", gettext_lazy("hours before"), 24, least=0),),
    severity=Severity.MEDIUM,
    find=find,
    title=title,
    explain=explain,
    lasts=True,
)
