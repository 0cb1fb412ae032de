"""From groups of rows to findings of bursts: what both burst detectors read around, and what they say of a group."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, QuerySet

from casemgr.kit.money import total
from orders.detectors.base import Finding, Ground
from orders.detectors.bursts import Row, minutes
from orders.detectors.money import Tariff
from orders.detectors.near import crowded, has_key, orders_at
from orders.detectors.standing import unshipped
from orders.detectors.usual import Usual
from orders.enums import STRENGTH_OF_KEY, KeyKind, KeyStrength, Severity
from orders.models import Order

# Order columns of a Row after its key.
COLUMNS = (
    "paid_at", "amount_paid", "is_open", "is_news", "key_phone", "key_masked",
    "recipient_masked", "phone_masked", "city", "district", "street",
)  # fmt: skip


def window_of(ground: Ground) -> dt.timedelta:
    return dt.timedelta(minutes=ground.setting.params["window_minutes"])


def orders_told(ground: Ground, rows: QuerySet[Order] | None = None) -> QuerySet[Order]:
    """The orders of the ground as a Row shows them: `is_open` marks those not shipped yet, `is_news` the new ones."""
    return ground.orders(rows=rows).annotate(
        is_open=ExpressionWrapper(unshipped(ground), output_field=BooleanField()),
        is_news=ExpressionWrapper(ground.is_new(), output_field=BooleanField()),
    )


def orders_of_interest(ground: Ground, kind: str) -> QuerySet[Order] | None:
    """The orders with a key of this kind that may belong to a burst with something new in it; None when none may.

    With nothing but new orders all are looked at; else those near to the new ones, wherever enough of them stand.
    """
    if ground.since is None:
        return orders_told(ground).filter(has_key(kind)).order_by()
    news = ground.orders().filter(ground.is_new())
    places = crowded(ground, news, kind, ground.setting.params["count"], window_of(ground))
    return orders_told(ground, orders_at(places, kind)).order_by() if places else None


@dataclass
class Burst:
    """A group with the key that names it; `linked` counts orders that only a weaker key ties to it."""

    kind: str
    key: str
    rows: list[Row]
    carried: int = 0
    linked: dict[str, int] = field(default_factory=dict)
    about: str = ""
    anchor: str = ""

    def __post_init__(self) -> None:
        self.carried = self.carried or len(self.rows)
        self.anchor = self.anchor or f"{self.kind}:{self.key}"

    def take(self, kind: str, rows: Sequence[Row]) -> None:
        """Add orders that a weaker key ties to the group."""
        self.rows += rows
        self.linked[kind] = self.linked.get(kind, 0) + len(rows)

    @property
    def tag(self) -> str:
        """A short name for the hidden key, the same for the same key: R-5D1A."""
        return f"R-{self.key[:4].upper()}"

    @property
    def span(self) -> tuple[dt.datetime, dt.datetime]:
        return min(row.at for row in self.rows), max(row.at for row in self.rows)

    def subject(self) -> str:
        """Who or where, as far as it may be shown: the most frequent masked name, phone and place, and the tag."""
        parts = (
            []
            if self.kind == KeyKind.AREA
            else [_most(row.name for row in self.rows), _most(row.phone for row in self.rows)]
        )
        parts += [_most(row.place for row in self.rows), self.about, self.tag]
        return " · ".join(part for part in parts if part)[:160]


def _most(values: Iterable[str]) -> str:
    counted = Counter(value for value in values if value)
    return counted.most_common(1)[0][0] if counted else ""


def findings(ground: Ground, detector: str, bursts: Sequence[Burst]) -> list[Finding]:
    """Findings for groups, with what is usual and what not shipping may cost; two queries however many groups."""
    if not bursts:
        return []
    recent = [burst for burst in bursts if burst.span[1] >= ground.at - dt.timedelta(days=28)]
    usual = Usual((store_id, burst.span[0]) for burst in recent for store_id in {row.store_id for row in burst.rows})
    tariff = Tariff(ground.stores, "late_shipment")
    platform_of = {store.pk: store.platform_id for store in ground.stores}
    return [_finding(ground, detector, burst, usual, tariff, platform_of) for burst in bursts]


def _finding(
    ground: Ground, detector: str, burst: Burst, usual: Usual, tariff: Tariff, platform_of: dict[int, int]
) -> Finding:
    from_at, to_at = burst.span
    strength = STRENGTH_OF_KEY[KeyKind(burst.kind)]
    open_rows = [row for row in burst.rows if row.is_open]
    amount, unknown = tariff.sum((platform_of[row.store_id], row.paid_at or row.at, row.paid) for row in open_rows)
    return Finding(
        detector=detector,
        anchor=burst.anchor,
        orders={row.pk: (row.store_id, row.order_no) for row in sorted(burst.rows, key=lambda row: (row.at, row.pk))},
        # A weak key asks for a check, it accuses nobody (rule 9, platforms.md D.5).
        severity=Severity.LOW if strength == KeyStrength.WEAK else ground.setting.severity,
        setting=ground.setting,
        threshold=ground.setting.threshold(*ground.setting.params),
        facts=_facts(ground, burst, usual),
        from_at=from_at,
        to_at=to_at,
        store_ids=sorted({row.store_id for row in burst.rows}),
        key_kind=burst.kind,
        key_strength=strength,
        subject=burst.subject(),
        scope=ground.setting.params["scope"],
        risk_amount=amount,
        risk_unknown_count=unknown,
    )


def _facts(ground: Ground, burst: Burst, usual: Usual) -> dict[str, Any]:
    from_at, to_at = burst.span
    shops = {row.store_id for row in burst.rows}
    rate, days = usual.rate(shops, from_at, window_of(ground))
    paid = total(row.paid for row in burst.rows)
    return {
        "orders": len(burst.rows),
        "carried": burst.carried,
        "linked": burst.linked,
        "minutes": minutes(burst.rows),
        "from": from_at.isoformat(),
        "to": to_at.isoformat(),
        "shops": len(shops),
        "people": len({row.person for row in burst.rows if row.person}),
        "unshipped": sum(row.is_open for row in burst.rows),
        "paid": str(paid.known) if paid.unknown_count < len(burst.rows) else None,
        "paid_unknown": paid.unknown_count,
        "usual": None if rate is None else str(rate),
        "usual_minutes": ground.setting.params["window_minutes"],
        "usual_days": days,
        "about": burst.about,
    }
