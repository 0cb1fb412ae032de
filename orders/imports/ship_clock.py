"""Until when an order must be shipped where its file does not say: by the platform's rule at the order's clock start."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from casemgr.kit.clock import Exemption, ship_by
from orders.imports.cells import moment_of, stored
from stores.models import ExemptionWindow, Platform, Policy, ViolationType
from stores.queries import versions_of

RULE = "late_shipment"
# What was agreed for the single order counts there; the rule's hours say nothing about it.
_AGREED = frozenset({"presale", "custom", "agreed"})


@dataclass(frozen=True)
class ShipClock:
    """The late-shipment rule of one platform with its exemptions, read once for a whole file."""

    versions: tuple[Policy, ...]
    windows: tuple[ExemptionWindow, ...]

    @classmethod
    def of(cls, platform: Platform) -> ShipClock:
        rule = ViolationType.objects.filter(platform=platform, key=RULE).first()
        windows = [
            window
            for window in ExemptionWindow.objects.filter(platform=platform)
            if not window.violation_keys or RULE in window.violation_keys
        ]
        return cls(tuple(versions_of(rule)) if rule else (), tuple(windows))

    @property
    def knows_regions(self) -> bool:
        """Whether it matters where an order goes."""
        return any(window.regions for window in self.windows)

    def due(self, order: Mapping[str, Any], *, carriers: frozenset[str] = frozenset()) -> tuple[str | None, int | None]:
        """(latest moment to ship as stored text, key of the policy) for an order's columns; (None, None): not known."""
        if order.get("ship_basis") in _AGREED:
            return None, None
        for policy in self.versions:
            text = order.get(policy.clock_start)
            start = moment_of(text) if text else None
            if start is None or not _in_force(policy, start):
                continue
            if policy.ship_by_hours is None:
                return None, None
            due = ship_by(start, policy.ship_by_hours, self._exemptions(order, carriers))
            return (stored(due), policy.pk) if due else (None, None)
        return None, None

    def _exemptions(self, order: Mapping[str, Any], carriers: frozenset[str]) -> list[Exemption]:
        return [
            Exemption(window.from_at, window.to_at, window.effect, window.extend_hours)  # type: ignore[arg-type]
            for window in self.windows
            if (not window.regions or _lies_in(order, window.regions))
            and (not window.carriers or carriers & set(window.carriers))
        ]


def _in_force(policy: Policy, at: dt.datetime) -> bool:
    return policy.effective_from <= at and (policy.effective_to is None or at < policy.effective_to)


def _lies_in(order: Mapping[str, Any], regions: list[str]) -> bool:
    """Regions are named as notices name them (浙江, 杭州市); a place may carry its kind behind the name."""
    places = [order.get(name) or "" for name in ("province", "city", "district")]
    return any(
        place.startswith(region) or (place and region.startswith(place)) for region in regions for place in places
    )
