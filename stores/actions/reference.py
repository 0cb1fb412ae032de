"""Writing the reference facts that come with the product. Only ever adds: what is there, a person may have changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from django.db import models, transaction

from casemgr.kit import audit
from stores import reference
from stores.enums import Confidence, PenaltyBasis
from stores.models import (
    CalendarDay,
    EvidenceNeed,
    EvidenceRequirement,
    LegalGround,
    Platform,
    Policy,
    PolicyRound,
    User,
    ViolationType,
)
from stores.queries import BEGINNING
from stores.reference import shapes

# An amount counts only from these; everything weaker stays in words (rule 10 of 2-domain.md).
DEPENDABLE = (Confidence.A, Confidence.B)


@dataclass(frozen=True)
class Counts:
    """How many rows were added, by kind. All zero: everything was there."""

    platforms: int = 0
    violation_types: int = 0
    policies: int = 0
    evidence_requirements: int = 0
    evidence_needs: int = 0
    calendar_days: int = 0
    legal_grounds: int = 0

    @property
    def total(self) -> int:
        return sum(asdict(self).values())


@transaction.atomic
def load(*, by: User | None = None) -> Counts:
    """Add the reference rows that are missing; leave every row that exists exactly as it is. Safe to run again.

    Nothing is verified by anybody. A newer fact about a known rule arrives as a new version, through
    `stores.actions.policies.new_version`, never here. One audit row tells what was added.
    """
    # In this order: each kind points at the ones before it.
    counts = Counts(
        platforms=_add(Platform, ("code",), _platforms()),
        violation_types=_add(ViolationType, ("platform_id", "key"), _violation_types()),
        policies=_add_policies(),
        evidence_requirements=_add(EvidenceRequirement, ("key",), _requirements()),
        evidence_needs=_add(EvidenceNeed, ("line_of_defence", "requirement_id"), _needs()),
        calendar_days=_add(CalendarDay, ("on",), map(_calendar_day, reference.calendar())),
        legal_grounds=_add(LegalGround, ("key",), _legal_grounds()),
    )
    if counts.total:
        # The row is about the whole collection, which is a row of no table; it stands under the first platform.
        audit.record(by=by, action="reference.loaded", of=Platform.objects.all()[0], after=asdict(counts))
    return counts


def _add(model: type[models.Model], key: Sequence[str], rows: Iterable[models.Model]) -> int:
    """Insert the rows whose `key` fields are not in the table yet; how many."""
    known = set(model._default_manager.values_list(*key))
    missing = [row for row in rows if tuple(getattr(row, name) for name in key) not in known]
    return len(model._default_manager.bulk_create(missing))


def _platforms() -> Iterator[Platform]:
    for position, row in enumerate(reference.platforms(), start=1):
        yield Platform(
            code=row["code"],
            name_zh=row["name_zh"],
            name_en=row["name_en"],
            short_zh=row["short_zh"],
            console_url=row["console_url"] or "",
            external_link_allowed=row["external_link_allowed"],
            has_penalties=row["has_penalties"],
            text_max=row["text_max"],
            images_max=row["images_max"],
            image_bytes_max=row["image_bytes_max"],
            image_formats=" ".join(row["image_formats"] or []),
            limits_source=row["limits_source"] or "",
            limits_confidence=row["limits_confidence"] or "",
            position=position,
        )


def _violation_types() -> Iterator[ViolationType]:
    platforms = dict(Platform.objects.values_list("code", "pk"))
    for row in reference.violation_types():
        yield ViolationType(
            platform_id=platforms[row["platform"]],
            key=row["key"],
            name_zh=row["name_zh"],
            name_en=row["name_en"],
            merchant_zh=row["merchant_zh"],
            merchant_en=row["merchant_en"],
        )


def _legal_grounds() -> Iterator[LegalGround]:
    """The articles that letters may lean on, without wording: nothing is used before a person wrote and verified it."""
    for line, letter in reference.letters().items():
        for number, hint in enumerate(letter["law_hints"], 1):
            yield LegalGround(
                key=f"{line}-{number}",
                line_of_defence=line,
                article=hint["text"],
                confidence=hint["confidence"],
            )


def policy_facts(row: shapes.PolicyRow) -> dict[str, Any]:
    """The fields of a policy from a reference row.

    A penalty whose own confidence is neither A nor B never becomes an amount: its basis is unknown, the words stay.
    Words are kept in Chinese; pages show the reference's English for those that nobody rewrote.
    """
    penalty = row["penalty"]
    is_dependable = penalty["confidence"] in DEPENDABLE
    return {
        "clock_start": row["clock_start"],
        "ship_by_hours": row["ship_by_hours"],
        "first_scan_hours": row["first_scan_hours"],
        "penalty_basis": penalty["kind"] if is_dependable else PenaltyBasis.UNKNOWN,
        "penalty_value": _amount(penalty["value"], is_dependable),
        "penalty_floor": _amount(penalty["floor"], is_dependable),
        "penalty_cap": _amount(penalty["cap"], is_dependable),
        "penalty_note": penalty["text"],
        "points": row["points"],
        "restrictions": row["restrictions"],
        "evidence_keys": list(row["evidence"]),
        "source": row["source"],
        "source_on": row["source_on"],
        "confidence": row["confidence"],
        "note": row["note"],
    }


def _amount(text: str | None, is_dependable: bool) -> Decimal | None:
    return Decimal(text) if text is not None and is_dependable else None


def _add_policies() -> int:
    """First versions for the rules that have no version at all, with their rounds.

    They are open towards the past: `effective_from` of the reference is the day of the source, not of the rule.
    """
    types = {(one.platform.code, one.key): one for one in ViolationType.objects.select_related("platform")}
    known = set(Policy.objects.values_list("violation_type_id", flat=True))
    rows = [row for row in reference.policies() if types[row["platform"], row["violation_type"]].pk not in known]
    made = Policy.objects.bulk_create(
        Policy(
            violation_type=types[row["platform"], row["violation_type"]],
            version=1,
            effective_from=BEGINNING,
            **policy_facts(row),
        )
        for row in rows
    )
    PolicyRound.objects.bulk_create(
        _round(policy, one) for policy, row in zip(made, rows, strict=True) for one in row["rounds"]
    )
    return len(made)


def _round(policy: Policy, row: shapes.RoundRow) -> PolicyRound:
    return PolicyRound(
        policy=policy,
        number=row["number"],
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        window=row["window"],
        unit=row["unit"],
        counts_first_day=row["counts_first_day"],
        counted_from=row["counted_from"],
        attempts=row["attempts"],
        confidence=row["confidence"],
    )


def _requirements() -> Iterator[EvidenceRequirement]:
    texts = ("name_zh", "name_en", "shows_zh", "shows_en", "good_zh", "good_en", "bad_zh", "bad_en")
    for position, row in enumerate(reference.evidence_kinds(), start=1):
        yield EvidenceRequirement(key=row["key"], position=position, **{name: row[name] for name in texts})  # type: ignore[literal-required]


def _needs() -> Iterator[EvidenceNeed]:
    requirements = dict(EvidenceRequirement.objects.values_list("key", "pk"))
    for row in reference.evidence_matrix():
        yield EvidenceNeed(
            line_of_defence=row["line"],
            requirement_id=requirements[row["kind"]],
            level=row["level"],
            group=row["group"] or "",
            shows_zh=row["shows_zh"],
            shows_en=row["shows_en"],
        )


def _calendar_day(row: shapes.CalendarRow) -> CalendarDay:
    return CalendarDay(
        on=dt.date.fromisoformat(row["on"]), name=row["name_zh"], is_working=row["is_working"], source=row["source"]
    )
