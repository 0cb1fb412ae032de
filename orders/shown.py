"""How things of this floor look on a page: pills, ship-by clocks. Presentation only: no queries, no writes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from casemgr.kit.clock import ladder
from casemgr.kit.templatetags.ui import duration
from casemgr.kit.workflow import Flow
from orders.enums import SEVERITY_TONE, Fulfilment, KeyKind, KeyStrength, OrderState, Severity, ShipBySource
from orders.models import Order
from orders.workflow import ALERT, HOLD, REPORT, REVIEW

Pill = dict[str, Any]
STATE_TONE = {
    OrderState.UNPAID: "neutral",
    OrderState.PAID: "warn",
    OrderState.PARTLY_SHIPPED: "warn",
    OrderState.SHIPPED: "info",
    OrderState.DELIVERED: "ok",
    OrderState.COMPLETED: "ok",
    OrderState.CLOSED: "neutral",
    OrderState.REFUNDED: "neutral",
    OrderState.UNKNOWN: "neutral",
}
STRENGTH_TONE = {KeyStrength.STRONG: "ok", KeyStrength.MEDIUM: "info", KeyStrength.WEAK: "neutral"}
# The clock's bar fills over the two days that most platforms give.
SHIP_SPAN = dt.timedelta(hours=48)


def _state_pill(flow: Flow, key: str) -> Pill:
    state = flow.state(key)
    return {"tone": state.tone, "label": state.label}


def alert_pill(status: str) -> Pill:
    return _state_pill(ALERT, status)


def review_pill(status: str | None) -> Pill:
    """An order nobody has checked yet says so."""
    return _state_pill(REVIEW, status or "waiting")


def hold_pill(statuses: Iterable[str]) -> Pill | None:
    """The most active hold of an order; None for an order that never was on hold."""
    known = [status for status in ("acknowledged", "asked", "released") if status in set(statuses)]
    return _state_pill(HOLD, known[0]) if known else None


def report_pill(status: str) -> Pill:
    return _state_pill(REPORT, status)


def severity_pill(severity: str) -> Pill:
    return {"tone": SEVERITY_TONE[severity], "label": Severity(severity).label}


def strength_pill(strength: str) -> Pill | None:
    """How much a key proves; None where a finding compares no people."""
    if not strength:
        return None
    labels = {
        KeyStrength.STRONG: pgettext("key", "strong key"),
        KeyStrength.MEDIUM: pgettext("key", "medium key"),
        KeyStrength.WEAK: pgettext("key", "weak key"),
    }
    return {"tone": STRENGTH_TONE[KeyStrength(strength)], "label": labels[KeyStrength(strength)]}


def state_pill(order: Order) -> Pill:
    """The order's state; where the file says nothing of it, what is known of shipping, and at last `unknown`."""
    if order.state:
        return {
            "tone": STATE_TONE[OrderState(order.state)],
            "label": OrderState(order.state).label,
            "title": order.state_word,
        }
    label = order.state_word or Fulfilment(order.fulfilment).label
    return {"tone": "neutral", "label": label}


def ship_clock(order: Order, now: dt.datetime | None = None) -> dict[str, Any] | None:
    """What the deadline component shows of an order's ship-by time; None once it is shipped or closed, or where nobody
    knows a time. Of unknown fulfilment the time stands without a judgement: unknown is never late (rule 9)."""
    if order.ship_by is None or order.fulfilment in (Fulfilment.SHIPPED, Fulfilment.CLOSED):
        return None
    moment = now or timezone.now()
    source = ShipBySource(order.ship_by_source).label if order.ship_by_source else ""
    shown = {"due_at": order.ship_by, "sub": source, "estimated": order.ship_by_source == ShipBySource.COMPUTED}
    if order.fulfilment == Fulfilment.UNKNOWN:
        return {**shown, "words": _("shipped or not: unknown"), "tone": "calm", "percent": None}
    gone = (moment - (order.ship_by - SHIP_SPAN)) / SHIP_SPAN
    percent = min(100, max(0, round(100 * gone)))
    return {
        **shown,
        "words": duration(order.ship_by - moment, 2),
        "tone": ladder(order.ship_by, moment, "ship"),
        "percent": percent,
    }


def key_label(kind: str) -> str:
    return str(KeyKind(kind).label) if kind else ""
