"""What every detector takes and gives: the ground it looks at, its findings, and how it puts them into words.

A detector is a file with one `DETECTOR`. Its `find` reads, never writes; screening writes. Everything a finding says is
kept as plain facts and put into words when it is shown, so that both languages and later wordings hold.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol

from django.db.models import DateTimeField, F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.functional import Promise

from orders.enums import Severity
from orders.models import DetectorSetting, Order
from stores.models import Store

Text = str | Promise

# Findings whose newest order is older than this are counted, not alarmed (rule 9): a first import of old months must
# not flood anybody.
HISTORY = dt.timedelta(days=14)


@dataclass(frozen=True)
class Param:
    """One threshold: its name in settings, `--set` and facts, its usual value, the least it may be."""

    name: str
    label: Text
    usual: int
    least: int = 1


@dataclass(frozen=True)
class Effective:
    """What holds for a shop now: thresholds, severity, and the version of the setting they come from (0: none)."""

    params: Mapping[str, Any]
    # Names of thresholds that a person set; the others are the detector's own.
    chosen: frozenset[str] = frozenset()
    is_on: bool = True
    severity: str = Severity.MEDIUM
    version: int = 0
    setting: DetectorSetting | None = None
    is_overridden: bool = False

    @property
    def key(self) -> tuple[Any, ...]:
        """Shops with equal keys are looked at together."""
        return (
            tuple(sorted(self.params.items())),
            self.is_on,
            self.severity,
            self.version,
            self.setting and self.setting.pk,
        )

    def threshold(self, *names: str) -> dict[str, Any]:
        """The thresholds to keep with a finding (rule 9), marked when they were only tried out."""
        kept = {name: self.params[name] for name in names}
        return {**kept, "tried_out": True} if self.is_overridden else kept


@dataclass(frozen=True)
class Ground:
    """Where and when a detector looks: shops that share one setting, the moment taken as now, and what is new.

    `since` None means everything; otherwise only what is new from then on is of interest, and only a window of time
    around it is read. `is_past` follows the --at rules: states without a time are ignored, times decide.
    """

    stores: Sequence[Store]
    at: dt.datetime
    is_past: bool
    setting: Effective
    since: dt.datetime | None = None

    @property
    def store_ids(self) -> list[int]:
        return [store.pk for store in self.stores]

    def orders(self, *, undated: bool = False, rows: QuerySet[Order] | None = None) -> QuerySet[Order]:
        """The orders of these shops that exist at `at`, each with `counted_at`: placed, else paid.

        `undated` takes in, now only, orders of which the file tells neither time: they exist, who knows since when.
        `rows`: orders of these shops already picked out, to look at these only.
        """
        born = Q(placed_at__lte=self.at) | Q(placed_at__isnull=True, paid_at__lte=self.at)
        if undated and not self.is_past:
            born |= Q(placed_at__isnull=True, paid_at__isnull=True)
        return with_moment(Order.objects.filter(store_id__in=self.store_ids) if rows is None else rows).filter(born)

    def is_new(self) -> Q:
        """Orders that are news: written since `since`; looking back, placed since then; all without `since`."""
        if self.since is None:
            return Q(pk__isnull=False)
        return within(self.since, self.at) if self.is_past else Q(updated_at__gte=self.since)


def with_moment(orders: QuerySet[Order]) -> QuerySet[Order]:
    """Orders with `counted_at`, the time an order counts from in windows: placed, else paid (Order.at)."""
    return orders.annotate(counted_at=Coalesce(F("placed_at"), F("paid_at"), output_field=DateTimeField()))


def within(start: dt.datetime, end: dt.datetime, prefix: str = "") -> Q:
    """Orders counted between two moments, both within; written so that the index on (store, placed_at) serves it."""
    placed = Q(**{f"{prefix}placed_at__gte": start, f"{prefix}placed_at__lte": end})
    paid = Q(**{f"{prefix}placed_at__isnull": True, f"{prefix}paid_at__gte": start, f"{prefix}paid_at__lte": end})
    return placed | paid


@dataclass
class Finding:
    """Orders of one shop (or of several of one merchant) that crossed a threshold together.

    `anchor` names what they share within the detector; with the times it becomes the fingerprint of a new alert.
    `orders` maps keys of orders to (store key, order number). `risk_amount` in CNY is the sum of known expected
    penalties, `risk_unknown_count` the orders whose penalty nobody knows (rule 10).
    """

    detector: str
    anchor: str
    orders: dict[int, tuple[int, str]]
    severity: str
    setting: Effective
    threshold: dict[str, Any]
    facts: dict[str, Any]
    from_at: dt.datetime
    to_at: dt.datetime
    store_ids: list[int]
    key_kind: str = ""
    key_strength: str = ""
    subject: str = ""
    scope: str = "shop"
    risk_amount: Decimal | None = None
    risk_unknown_count: int = 0

    @property
    def order_count(self) -> int:
        return len(self.orders)

    def is_old(self, at: dt.datetime) -> bool:
        """Whether its newest order is too old to alarm anybody at `at`."""
        return self.to_at < at - HISTORY


@dataclass
class Unknowable:
    """A shop in which a detector cannot tell: `count` orders or parcels of which the facts needed are not known."""

    detector: str
    store: Store
    count: int
    reason: str


@dataclass
class Found:
    """What one run of one detector gives."""

    findings: list[Finding] = field(default_factory=list)
    cannot_tell: list[Unknowable] = field(default_factory=list)
    # Rows left out because they are history, beside the findings that are old as a whole.
    suppressed_old: int = 0


class Told(Protocol):
    """What is needed to put a finding into words: a Finding and a stored RiskAlert both have it."""

    facts: dict[str, Any]
    threshold: dict[str, Any]
    key_kind: str
    key_strength: str
    subject: str

    @property
    def order_count(self) -> int: ...


@dataclass(frozen=True)
class Detector:
    """One plug-in. `is_of_people` marks findings that say something about a buyer: they are checked before confirmed.

    `lasts` marks conditions that can go away by themselves (late, unscanned); the others are events of the past.
    """

    key: str
    name: Text
    about: Text
    params: tuple[Param, ...]
    severity: str
    find: Callable[[Ground], Found]
    title: Callable[[Told], str]
    explain: Callable[[Told], list[str]]
    has_scope: bool = False
    is_of_people: bool = False
    lasts: bool = False

    @property
    def usual(self) -> dict[str, Any]:
        """Thresholds when nobody set any."""
        values: dict[str, Any] = {param.name: param.usual for param in self.params}
        return {**values, "scope": "shop"} if self.has_scope else values
