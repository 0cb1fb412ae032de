"""What is done to the platforms' rules: new versions, corrections of unused ones, verification by a person.

A version that an order or a violation leans on is never edited: a new one follows it (2-domain.md, Policy).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from casemgr.kit import audit
from casemgr.kit.workflow import Refused, Stale
from stores.actions.people import check_right
from stores.actions.shops import write_changes
from stores.enums import Confidence
from stores.models import Policy, PolicyRound, User, ViolationType
from stores.queries import is_used

__all__ = ["create", "edit", "is_used", "new_version", "verify"]

FACTS = (
    "clock_start", "ship_by_hours", "first_scan_hours", "penalty_basis", "penalty_value", "penalty_floor",
    "penalty_cap", "penalty_note", "points", "restrictions", "evidence_keys", "source", "source_on", "confidence",
    "note",
)  # fmt: skip
ROUND_FACTS = (
    "number", "name_zh", "name_en", "window", "unit", "counts_first_day", "counted_from", "attempts", "confidence",
)  # fmt: skip
Round = Mapping[str, Any]


def facts_of(policy: Policy) -> dict[str, Any]:
    """The facts of a version, by field."""
    return {name: getattr(policy, name) for name in FACTS}


def rounds_of(policy: Policy) -> list[dict[str, Any]]:
    """The rounds of a version as plain values, first round first."""
    return [{name: getattr(one, name) for name in ROUND_FACTS} for one in policy.rounds.order_by("number")]


def _write_rounds(policy: Policy, rounds: Iterable[Round]) -> None:
    PolicyRound.objects.bulk_create(PolicyRound(policy=policy, **one) for one in rounds)


def _check_facts(changes: Mapping[str, Any]) -> None:
    unknown = changes.keys() - set(FACTS)
    if unknown:
        raise TypeError(f"not facts of a policy: {sorted(unknown)}")


@transaction.atomic
def create(
    *,
    by: User | None,
    violation_type: ViolationType,
    effective_from: dt.datetime,
    rounds: Sequence[Round] = (),
    **facts: Any,
) -> Policy:
    """The first version of a rule. Refused when the rule has one: then a new version follows the last."""
    check_right(by)
    _check_facts(facts)
    if violation_type.policies.exists():
        raise Refused(_("This rule has versions already. Make a new version of the last one."))
    policy = Policy.objects.create(violation_type=violation_type, version=1, effective_from=effective_from, **facts)
    _write_rounds(policy, rounds)
    after = {"version": 1, "effective_from": effective_from, **facts, "rounds": list(rounds)}
    audit.record(by=by, action="policy.created", of=policy, after=after)
    return policy


@transaction.atomic
def new_version(
    *,
    by: User | None,
    policy: Policy,
    effective_from: dt.datetime,
    rounds: Sequence[Round] | None = None,
    **changes: Any,
) -> Policy:
    """A version that follows `policy` from `effective_from` on: its facts with `changes`, its rounds unless given.

    The old version ends where the new one begins; what was judged by the old one stays judged by it. Nobody has
    verified the new one. Refused when it would begin before the old one, Stale when the old one has a successor.
    """
    check_right(by)
    _check_facts(changes)
    if effective_from <= policy.effective_from:
        raise Refused(_("A new version must begin after the one it follows."))
    closed = Policy.objects.filter(pk=policy.pk, effective_to=None).update(effective_to=effective_from)
    if not closed:
        raise Stale(followed_by(policy))
    audit.record(
        by=by, action="policy.ended", of=policy, before={"effective_to": None}, after={"effective_to": effective_from}
    )
    policy.effective_to = effective_from
    latest = policy.violation_type.policies.aggregate(n=Max("version"))["n"]
    old, was = facts_of(policy), rounds_of(policy)
    facts = {**old, **changes}
    new_rounds = was if rounds is None else list(rounds)
    made = Policy.objects.create(
        violation_type=policy.violation_type, version=latest + 1, effective_from=effective_from, **facts
    )
    _write_rounds(made, new_rounds)
    old, facts = {**old, "rounds": was}, {**facts, "rounds": new_rounds}
    changed = [name for name in facts if facts[name] != old[name]]
    audit.record(
        by=by,
        action="policy.new_version",
        of=made,
        before={name: old[name] for name in changed},
        after={"version": made.version, **{name: facts[name] for name in changed}},
    )
    return made


def followed_by(policy: Policy) -> str:
    last = policy.violation_type.policies.order_by("-version").first()
    if last is None or last.pk == policy.pk:
        return audit.who_was_faster(policy)
    return _("Version %(old)s has been followed by version %(new)s already. %(who)s") % {
        "old": policy.version,
        "new": last.version,
        "who": audit.who_was_faster(last),
    }


@transaction.atomic
def edit(*, by: User | None, policy: Policy, rounds: Sequence[Round] | None = None, **changes: Any) -> bool:
    """Correct a version that nothing leans on yet; whether anything changed. A correction takes verification away.

    Refused for a used version, Stale when somebody changed the same fact meanwhile.
    """
    check_right(by)
    _check_facts(changes)
    # On PostgreSQL the row is held, so that no order can come to lean on it between the question and the writing.
    Policy.objects.select_for_update().get(pk=policy.pk)
    if is_used(policy):
        raise Refused(
            _("Version %(n)s is in use and is never edited. Make a new version of it.") % {"n": policy.version}
        )
    before = write_changes(policy, changes)
    was = rounds_of(policy)
    if rounds is not None and list(rounds) != was:
        policy.rounds.all().delete()
        _write_rounds(policy, rounds)
        before["rounds"] = was
    if not before:
        return False
    after = {name: rounds if name == "rounds" else changes[name] for name in before}
    if policy.is_verified:
        before |= {"verified_by": policy.verified_by, "verified_at": policy.verified_at}
        write_changes(policy, {"verified_by_id": None, "verified_at": None})
        after |= {"verified_by": None, "verified_at": None}
    audit.record(by=by, action="policy.changed", of=policy, before=before, after=after)
    return True


@transaction.atomic
def verify(*, by: User, policy: Policy, confidence: str = "", note: str = "") -> Policy:
    """A person has compared the version, its rounds included, with its source.

    `confidence` says with what: A the official document, B a third party's text; empty leaves it as it was. `note` is
    where they read it. Stale when somebody verified it first, Refused for a confidence that no reading can give.
    """
    check_right(by)
    if confidence not in ("", Confidence.A, Confidence.B):
        raise Refused(_("Say what you compared it with: the official document, or somebody else's text."))
    now = timezone.now()
    values: dict[str, Any] = {"verified_by": by, "verified_at": now}
    if confidence:
        values["confidence"] = confidence
    before = {"confidence": policy.confidence}
    if not Policy.objects.filter(pk=policy.pk, verified_at=None).update(**values):
        raise Stale(audit.who_was_faster(policy))
    for name, value in values.items():
        setattr(policy, name, value)
    if confidence:
        policy.rounds.exclude(window=None).update(confidence=confidence)
    audit.record(by=by, action="policy.verified", of=policy, before=before, after=values, note=note)
    return policy
