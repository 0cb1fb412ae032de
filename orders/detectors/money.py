"""What not acting may cost, as far as it is known (rule 10): policies of confidence A or B, or verified by a person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

from stores.enums import PenaltyBasis
from stores.models import Policy, Store

CENT = Decimal("0.01")
Clocked = tuple[int, dt.datetime | None, Decimal | None]  # platform key, clock start, paid amount


class Tariff:
    """The penalties of one kind of violation on the platforms of some shops; one query."""

    def __init__(self, stores: Iterable[Store], violation: str) -> None:
        platforms = {store.platform_id for store in stores}
        rows = Policy.objects.filter(violation_type__platform_id__in=platforms, violation_type__key=violation)
        self._versions: dict[int, list[Policy]] = {}
        for policy in rows.select_related("violation_type").order_by("-effective_from", "-version"):
            self._versions.setdefault(policy.violation_type.platform_id, []).append(policy)

    def version(self, platform_id: int, start: dt.datetime | None) -> Policy | None:
        """The version in force when the order's clock started: conduct follows the order, not the notice."""
        if start is None:
            return None
        for policy in self._versions.get(platform_id, []):
            if policy.effective_from <= start and (policy.effective_to is None or start < policy.effective_to):
                return policy
        return None

    def amount(self, platform_id: int, start: dt.datetime | None, paid: Decimal | None) -> Decimal | None:
        """The expected penalty of one order in CNY; None where no dependable rule names one."""
        policy = self.version(platform_id, start)
        if policy is None or not policy.counts_money or policy.penalty_value is None:
            return None
        if policy.penalty_basis == PenaltyBasis.FIXED:
            return policy.penalty_value
        if policy.penalty_basis != PenaltyBasis.PERCENT or paid is None:
            return None
        share = (paid * policy.penalty_value / 100).quantize(CENT, ROUND_HALF_UP)
        share = max(share, policy.penalty_floor or share)
        return min(share, policy.penalty_cap or share)

    def sum(self, orders: Iterable[Clocked]) -> tuple[Decimal | None, int]:
        """(sum of the known penalties, number of orders without one); the sum is None where nothing is known."""
        amounts = [self.amount(*order) for order in orders]
        known = [amount for amount in amounts if amount is not None]
        return (sum(known, Decimal("0.00")) if known else None), len(amounts) - len(known)
