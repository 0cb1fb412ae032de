"""What the platform took or forbade: what still stands, what it comes to now, and how long a restriction lasts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Sum
from django.utils import timezone

from appeals.enums import AppealResult
from appeals.models import Appeal, Case, CaseViolation
from orders.enums import PenaltyKind, PenaltyState
from orders.models import Penalty

MONEY = frozenset({PenaltyKind.FINE, PenaltyKind.COMPENSATION, PenaltyKind.DEPOSIT_DEDUCTION})
# Measures that last for a time and then end by themselves.
RESTRICTIONS = frozenset({
    PenaltyKind.SEARCH_DEMOTION, PenaltyKind.PROMOTION_BAN, PenaltyKind.LISTING_BAN, PenaltyKind.FUNDS_HOLD,
    PenaltyKind.SETTLEMENT_DELAY, PenaltyKind.FUNCTION_BAN, PenaltyKind.SHOP_CLOSED, PenaltyKind.APPEAL_BAN,
})  # fmt: skip


def ends_at(penalty: Penalty) -> dt.datetime | None:
    """When a restriction ends: as stated, else its start and its days; None where that is not known."""
    if penalty.ends_at is not None or penalty.starts_at is None or penalty.days is None:
        return penalty.ends_at
    return penalty.starts_at + dt.timedelta(days=penalty.days)


@dataclass(frozen=True)
class Restriction:
    """A restriction as it stands now. `phase`: ahead, running, over, or unknown (its end is not known)."""

    penalty: Penalty
    ends_at: dt.datetime | None
    phase: str

    @property
    def tone(self) -> str:
        return {"ahead": "warn", "running": "danger", "unknown": "warn"}.get(self.phase, "neutral")


def restriction(penalty: Penalty, now: dt.datetime) -> Restriction | None:
    """How far a measure that lasts for a time has come; None for other measures and for one that was revoked."""
    if penalty.kind not in RESTRICTIONS or penalty.state == PenaltyState.REVOKED:
        return None
    end = ends_at(penalty)
    if end is not None and end <= now:
        phase = "over"
    elif penalty.starts_at is not None and penalty.starts_at > now:
        phase = "ahead"
    else:
        phase = "unknown" if end is None else "running"
    return Restriction(penalty, end, phase)


@dataclass(frozen=True)
class Now:
    """What measures come to now: the sum of known amounts, and how many are not known (rule 10)."""

    amount: Decimal | None
    unknown: int


def comes_to(penalties: Iterable[Penalty]) -> Now:
    """Money that still stands: as settled, else as the notice says; unknown amounts are counted, never taken as 0."""
    known, unknown = [], 0
    for penalty in penalties:
        if penalty.kind not in MONEY:
            continue
        amount = penalty.amount if penalty.state == PenaltyState.STANDING else penalty.settled_amount
        if penalty.state == PenaltyState.REVOKED:
            amount = Decimal(0)
        if amount is None:
            unknown += 1
        else:
            known.append(amount)
    return Now(sum(known, Decimal(0)) if known else None, unknown)


@dataclass(frozen=True)
class Proposal:
    """What an answer of the platform makes of one measure, for a person to confirm. None: the amount is not known."""

    penalty: Penalty
    state: str
    amount: Decimal | None

    @property
    def is_complete(self) -> bool:
        """A reduction of a known amount needs to say to what."""
        return self.state != PenaltyState.REDUCED or self.amount is not None


def proposals(case: Case, matters: Sequence[CaseViolation], latest: Iterable[Appeal]) -> dict[int, Proposal]:
    """Penalty -> what the latest answers propose for those that still stand; two queries at most, often none."""
    answers = {appeal.matter_id: appeal.status for appeal in latest}
    found: dict[int, Proposal] = {}
    partly = [matter for matter in matters if answers.get(matter.pk) == AppealResult.PARTLY_ACCEPTED]
    upheld = _upheld(case) if partly else {}
    for matter in matters:
        for penalty in matter.violation.penalties.all():
            if penalty.state != PenaltyState.STANDING:
                continue
            if answers.get(matter.pk) == AppealResult.ACCEPTED:
                amount = Decimal(0) if penalty.kind in MONEY else None
                found[penalty.pk] = Proposal(penalty, PenaltyState.REVOKED, amount)
            elif matter in partly and penalty.kind in MONEY:
                found[penalty.pk] = Proposal(penalty, PenaltyState.REDUCED, _share(penalty, matter, upheld))
    return found


def _upheld(case: Case) -> dict[int, Decimal]:
    """Violation -> the amounts of its upheld orders, where the platform named every order and each amount is known."""
    rows = case.verdicts.order_by().values("violation_order__violation", "is_revoked")
    counted = rows.annotate(n=Count("pk"), known=Count("violation_order__amount"), sum=Sum("violation_order__amount"))
    sums: dict[int, Decimal] = {}
    unclear: set[int] = set()
    for row in counted:
        violation = row["violation_order__violation"]
        if row["is_revoked"] is None or (row["is_revoked"] is False and row["known"] < row["n"]):
            unclear.add(violation)
        elif row["is_revoked"] is False:
            sums[violation] = row["sum"]
    return {violation: amount for violation, amount in sums.items() if violation not in unclear}


def _share(penalty: Penalty, matter: CaseViolation, upheld: dict[int, Decimal]) -> Decimal | None:
    """The part of a fine that the upheld orders make, where it is the sum over all of them; else unknown."""
    violation = matter.violation
    amount = upheld.get(violation.pk)
    alone = sum(one.kind in MONEY for one in violation.penalties.all()) == 1
    return amount if amount is not None and alone and (penalty.amount is None or amount <= penalty.amount) else None


def restrictions_of(penalties: Iterable[Penalty]) -> list[Restriction]:
    """Restrictions that run, are ahead or have no known end; those that end first stand first, unknown ends last."""
    now = timezone.now()
    found = [one for penalty in penalties if (one := restriction(penalty, now)) and one.phase != "over"]
    return sorted(found, key=lambda one: (one.ends_at is None, one.ends_at or now))
