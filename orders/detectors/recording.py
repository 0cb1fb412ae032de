"""Findings into alerts: updated, never doubled; one that returns names the old; one that went away is cleared.

A finding is the same as an alert when they share orders (bursts: keys and edges move as late rows arrive) or, for
conditions that last, when they are about the same shop.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from casemgr.kit import audit
from orders.detectors.base import Detector, Finding, Ground
from orders.enums import Severity
from orders.models import AlertOrder, RiskAlert
from orders.workflow import ALERT

ACTIVE = ("open", "reviewing", "confirmed")
# Ended by a person: the same orders again are no news. `cleared` ended by itself: there, they are.
DECIDED = ("false_alarm", "resolved")
RANK = {Severity.LOW: 0, Severity.MEDIUM: 1, Severity.HIGH: 2}
BATCH = 500


@dataclass
class Written:
    opened: int = 0
    updated: int = 0
    cleared: int = 0


@dataclass
class Piece:
    """The part of a finding that lies in one shop: an alert has one shop."""

    finding: Finding
    store_id: int
    ids: set[int] = field(default_factory=set)


@dataclass
class Kept:
    """An alert as stored, with its orders."""

    alert: RiskAlert
    ids: set[int] = field(default_factory=set)

    @property
    def is_active(self) -> bool:
        return self.alert.status in ACTIVE


@transaction.atomic
def record(
    detector: Detector,
    ground: Ground,
    fresh: Sequence[Finding],
    *,
    still_there: Sequence[Finding],
    by: Any,
    is_whole: bool,
) -> Written:
    """Write what one detector found in `ground`; audit rows inside. `still_there` are findings too old to alarm: alerts
    about them stay. `is_whole` says that everything was read, so that what was not found again has gone.
    """
    written = Written()
    seen: set[int] = set()
    pieces = _pieces(fresh)
    shelf = _shelf(detector, ground, pieces)
    news: list[tuple[Piece, RiskAlert | None]] = []
    for piece in pieces:
        kept = _same(detector, shelf, piece, seen)
        if kept is None:
            ended = _ended(detector, shelf, piece)
            if not (ended and _is_no_news(ended, piece)):
                news.append((piece, ended.alert if ended else None))
            continue
        seen.add(kept.alert.pk)
        written.updated += _update(kept, piece, ground.at, by=by, is_whole=is_whole)
        seen |= _merged(detector, shelf, kept, piece, written)
    written.opened += _open(detector, ground, news, by=by)
    if is_whole:
        around = [_same(detector, shelf, piece, set()) for piece in _pieces(still_there)]
        _clear(detector, shelf, seen | {kept.alert.pk for kept in around if kept}, ground.at, written)
    return written


def _pieces(findings: Iterable[Finding]) -> list[Piece]:
    pieces = []
    for finding in findings:
        parts: dict[int, set[int]] = {store_id: set() for store_id in finding.store_ids}
        for pk, (store_id, _number) in finding.orders.items():
            parts[store_id].add(pk)
        pieces += [Piece(finding, store_id, ids) for store_id, ids in parts.items()]
    return pieces


def _shelf(detector: Detector, ground: Ground, pieces: Sequence[Piece]) -> list[Kept]:
    """The alerts these findings could be: active ones, and ended ones late enough to share orders. Two queries."""
    rows = RiskAlert.objects.filter(store_id__in=ground.store_ids, detector=detector.key)
    alerts = {alert.pk: Kept(alert) for alert in rows.filter(status__in=ACTIVE)}
    if pieces:
        earliest = min(piece.finding.from_at for piece in pieces)
        alerts |= {alert.pk: Kept(alert) for alert in rows.exclude(status__in=ACTIVE).filter(to_at__gte=earliest)}
    links = AlertOrder.objects.filter(alert__in=list(alerts)).values_list("alert_id", "order_id")
    for alert_id, order_id in links:
        alerts[alert_id].ids.add(order_id)
    return sorted(alerts.values(), key=lambda kept: kept.alert.pk)


def _candidates(detector: Detector, shelf: Sequence[Kept], piece: Piece, *, active: bool) -> list[Kept]:
    mine = [kept for kept in shelf if kept.is_active == active and kept.alert.store_id == piece.store_id]
    return mine if detector.lasts else [kept for kept in mine if kept.ids & piece.ids]


def _same(detector: Detector, shelf: Sequence[Kept], piece: Piece, seen: set[int]) -> Kept | None:
    """The active alert that this finding is, the one with most orders in common."""
    free = [kept for kept in _candidates(detector, shelf, piece, active=True) if kept.alert.pk not in seen]
    return max(free, key=lambda kept: (len(kept.ids & piece.ids), kept.alert.pk), default=None)


def _ended(detector: Detector, shelf: Sequence[Kept], piece: Piece) -> Kept | None:
    """The latest ended alert that this finding follows."""
    return max(_candidates(detector, shelf, piece, active=False), key=lambda kept: kept.alert.pk, default=None)


def _is_no_news(ended: Kept, piece: Piece) -> bool:
    """A person has already decided about these very orders, and it has not become worse since."""
    is_worse = RANK[Severity(piece.finding.severity)] > RANK[Severity(ended.alert.severity)]
    return ended.alert.status in DECIDED and piece.ids <= ended.ids and not is_worse


def _values(piece: Piece) -> dict[str, Any]:
    """The columns of an alert that the finding fills. Money and counts are the finding's, over all its shops."""
    finding = piece.finding
    return {
        "severity": str(finding.severity),
        "key_kind": str(finding.key_kind),
        "key_strength": str(finding.key_strength),
        "subject": finding.subject,
        "facts": finding.facts,
        "threshold": finding.threshold,
        "setting": finding.setting.setting,
        "setting_version": finding.setting.version,
        "order_count": len(piece.ids),
        "risk_amount": finding.risk_amount,
        "risk_unknown_count": finding.risk_unknown_count,
        "from_at": finding.from_at,
        "to_at": finding.to_at,
    }


def _update(kept: Kept, piece: Piece, at: dt.datetime, *, by: Any, is_whole: bool) -> bool:
    """Bring an alert up to date; whether anything about it changed. A look into the past changes nothing seen later."""
    alert = kept.alert
    if alert.last_seen_at > at:
        return False
    values, ids = _values(piece), piece.ids
    if not is_whole and kept.ids - ids:
        # Only a window was read: orders outside it are not gone.
        ids = kept.ids | ids
        values |= {"from_at": min(alert.from_at, values["from_at"]), "to_at": max(alert.to_at, values["to_at"])}
        values |= {"order_count": len(ids), "facts": {**values["facts"], "orders": len(ids)}}
    changed = {name: value for name, value in values.items() if getattr(alert, name) != value}
    if not changed and ids == kept.ids:
        RiskAlert.objects.filter(pk=alert.pk, last_seen_at__lt=at).update(last_seen_at=at)
        return False
    if not RiskAlert.objects.filter(pk=alert.pk, status__in=ACTIVE).update(**values, last_seen_at=at, updated_at=at):
        return False  # ended by a person while we looked; their word stands
    _link((alert.pk, pk) for pk in sorted(ids - kept.ids))
    gone = kept.ids - ids
    if gone:
        AlertOrder.objects.filter(alert=alert, order_id__in=gone).delete()
    shown = ("severity", "order_count", "risk_amount", "setting_version")
    before, after = {name: getattr(alert, name) for name in shown}, {name: values[name] for name in shown}
    audit.record(by=by, action="alert.update", of=alert, before=before, after=after)
    return True


def _merged(detector: Detector, shelf: Sequence[Kept], kept: Kept, piece: Piece, written: Written) -> set[int]:
    """Clear open alerts that late rows have joined into `kept`: their orders all stand there now."""
    inside = [
        other
        for other in _candidates(detector, shelf, piece, active=True)
        if other is not kept and other.alert.status == "open" and other.ids <= piece.ids
    ]
    for other in inside:
        ALERT.go(other.alert, "cleared", by=None, note=_("Joined into %(code)s.") % {"code": kept.alert.code})
        written.cleared += 1
    return {other.alert.pk for other in inside}


def _open(detector: Detector, ground: Ground, news: Sequence[tuple[Piece, RiskAlert | None]], *, by: Any) -> int:
    """Make new alerts. A run at the same moment may be faster: the constraint lets one of the two through."""
    rows: dict[str, tuple[RiskAlert, set[int]]] = {}
    for piece, previous in news:
        alert = RiskAlert(
            store_id=piece.store_id,
            detector=detector.key,
            fingerprint=_fingerprint(detector, piece),
            first_seen_at=ground.at,
            last_seen_at=ground.at,
            previous=previous,
            **_values(piece),
        )
        rows[alert.code] = (alert, piece.ids)
    RiskAlert.objects.bulk_create([alert for alert, _ids in rows.values()], ignore_conflicts=True)
    made = list(RiskAlert.objects.filter(code__in=list(rows)).select_related("previous"))
    _link((alert.pk, pk) for alert in made for pk in sorted(rows[alert.code][1]))
    for alert in made:
        after = {"severity": alert.severity, "order_count": alert.order_count, "setting_version": alert.setting_version}
        audit.record(by=by, action="alert.open", of=alert, after={**after, "previous": alert.previous})
    return len(made)


def _fingerprint(detector: Detector, piece: Piece) -> str:
    if detector.lasts:
        return piece.finding.anchor
    text = f"{piece.finding.anchor}|{piece.finding.from_at.isoformat()}"
    return blake2b(text.encode(), digest_size=16).hexdigest()


def _link(pairs: Iterable[tuple[int, int]]) -> None:
    """Tie orders to alerts: (alert, order) each."""
    links = [AlertOrder(alert_id=alert, order_id=order) for alert, order in pairs]
    AlertOrder.objects.bulk_create(links, batch_size=BATCH, ignore_conflicts=True)


def _clear(detector: Detector, shelf: Sequence[Kept], seen: set[int], at: dt.datetime, written: Written) -> None:
    """Alerts that were not found again: open ones are cleared; what a person works on only says so (`gone_at`)."""
    left: dict[bool, list[RiskAlert]] = defaultdict(list)
    for kept in shelf:
        if kept.is_active and kept.alert.pk not in seen and kept.alert.last_seen_at <= at:
            left[kept.alert.status == "open"].append(kept.alert)
    for alert in left[True]:
        ALERT.go(alert, "cleared", by=None, note=_("Not found again."))
        written.cleared += 1
    for alert in left[False]:
        if detector.lasts and "gone_at" not in alert.facts:
            facts = {**alert.facts, "gone_at": at.isoformat()}
            RiskAlert.objects.filter(pk=alert.pk).update(facts=facts, updated_at=at)
            audit.record(by=None, action="alert.gone", of=alert, after={"gone_at": at})
