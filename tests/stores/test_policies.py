"""Rules over time: which version applies, and that a used one never changes."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils import translation

from casemgr.kit.models import AuditEvent
from casemgr.kit.workflow import Refused, Stale
from stores.actions import policies
from stores.models import Policy
from stores.queries import is_used, pick, policy_in_force, versions_of
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def first() -> Policy:
    return make.policy("false_transaction", window=72, attempts=1, ship_by_hours=48)


@pytest.fixture
def second(first, lead) -> Policy:
    return policies.new_version(by=lead, policy=first, effective_from=make.at("2026-06-01 00:00"), ship_by_hours=24)


def lean_on(policy: Policy, shop, by: str) -> None:
    """Make an order or a violation that was judged by this version."""
    if by == "ship_by_policy":
        make.order(shop, ship_by_policy=policy)
    else:
        make.violation(shop, **{by: policy})


@pytest.mark.parametrize(
    ("moment", "version"),
    [
        ("2019-12-31 23:59", None),
        ("2020-01-01 00:00", 1),
        ("2026-05-31 23:59", 1),
        ("2026-06-01 00:00", 2),
        ("2030-01-01 00:00", 2),
    ],
)
def test_in_force_is_the_version_of_the_moment(first, second, moment, version):
    at = make.at(moment)
    found, picked = policy_in_force(first.violation_type, at), pick(versions_of(first.violation_type), at)
    assert found == picked
    assert (found.version if found else None) == version


def test_in_force_of_an_unknown_moment_is_unknown(first):
    assert policy_in_force(first.violation_type, None) is None


def test_new_version_ends_the_old_one_and_copies_facts_and_rounds(first, second):
    first.refresh_from_db()
    assert (first.effective_to, second.effective_from) == (make.at("2026-06-01 00:00"), make.at("2026-06-01 00:00"))
    assert (first.ship_by_hours, second.ship_by_hours) == (48, 24)
    assert (second.version, second.penalty_basis, second.source) == (2, first.penalty_basis, "test")
    assert policies.rounds_of(second) == policies.rounds_of(first)


def test_new_version_is_verified_by_nobody_even_after_a_verified_one(first, lead):
    policies.verify(by=lead, policy=first, confidence="A")
    made = policies.new_version(by=lead, policy=first, effective_from=make.at("2026-06-01 00:00"))
    assert not made.is_verified


def test_two_people_writing_the_next_version_make_one(first, second, administrator):
    stale = Policy.objects.get(pk=first.pk)
    with translation.override("en"), pytest.raises(Stale) as told:
        policies.new_version(by=administrator, policy=stale, effective_from=make.at("2026-07-01 00:00"))
    assert str(told.value.sentence).startswith("Version 1 has been followed by version 2 already. 周砚 was faster")
    assert Policy.objects.filter(violation_type=first.violation_type).count() == 2


def test_new_version_cannot_begin_before_the_one_it_follows(second, lead):
    with pytest.raises(Refused):
        policies.new_version(by=lead, policy=second, effective_from=second.effective_from)
    second.refresh_from_db()
    assert second.effective_to is None


@pytest.mark.parametrize("by", ["ship_by_policy", "procedure_policy", "conduct_policy"])
def test_used_version_cannot_be_edited(first, shop, lead, by):
    assert not is_used(first)
    lean_on(first, shop, by)
    assert is_used(first)
    with pytest.raises(Refused):
        policies.edit(by=lead, policy=first, ship_by_hours=1)
    with pytest.raises(Refused):
        policies.edit(by=lead, policy=first, rounds=[])
    first.refresh_from_db()
    assert (first.ship_by_hours, first.rounds.count()) == (48, 1)


def test_unused_version_can_be_corrected_and_loses_its_verification(first, lead):
    policies.verify(by=lead, policy=first, confidence="A")
    assert policies.edit(by=lead, policy=first, ship_by_hours=36)
    first.refresh_from_db()
    assert (first.ship_by_hours, first.is_verified) == (36, False)
    row = AuditEvent.objects.get(action="policy.changed")
    assert (row.before["ship_by_hours"], row.after["ship_by_hours"], row.after["verified_at"]) == (48, 36, None)


def test_editing_nothing_changes_and_records_nothing(first, lead):
    policies.verify(by=lead, policy=first, confidence="A")
    assert not policies.edit(by=lead, policy=first, ship_by_hours=48, rounds=policies.rounds_of(first))
    assert Policy.objects.get(pk=first.pk).is_verified
    assert not AuditEvent.objects.filter(action="policy.changed").exists()


def test_correction_of_a_fact_that_somebody_changed_meanwhile_is_stale(first, lead, administrator):
    mine = Policy.objects.get(pk=first.pk)
    policies.edit(by=administrator, policy=first, ship_by_hours=36)
    with pytest.raises(Stale):
        policies.edit(by=lead, policy=mine, ship_by_hours=12)
    assert Policy.objects.get(pk=first.pk).ship_by_hours == 36


def test_verifying_says_who_with_what_and_raises_the_confidence_of_known_windows(first, lead):
    policies.verify(by=lead, policy=first, confidence="A", note="page 4")
    first.refresh_from_db()
    assert (first.verified_by, first.confidence, first.rounds.get().confidence) == (lead, "A", "A")
    row = AuditEvent.objects.get(action="policy.verified")
    assert (row.actor_id, row.before, row.after["confidence"], row.note) == (
        lead.pk,
        {"confidence": "C"},
        "A",
        "page 4",
    )


def test_verifying_leaves_an_unknown_window_unknown(lead):
    policy = make.policy(window=None)
    policies.verify(by=lead, policy=policy, confidence="A")
    only = policy.rounds.get()
    assert (only.window, only.confidence) == (None, "D")


def test_second_verification_is_told_who_was_first(first, lead, administrator):
    policies.verify(by=lead, policy=Policy.objects.get(pk=first.pk), confidence="A")
    with pytest.raises(Stale, match="周砚"):
        policies.verify(by=administrator, policy=first, confidence="B")
    assert Policy.objects.get(pk=first.pk).verified_by == lead


@pytest.mark.parametrize("confidence", ["C", "D", "x"])
def test_no_reading_gives_background_knowledge(first, lead, confidence):
    with pytest.raises(Refused):
        policies.verify(by=lead, policy=first, confidence=confidence)
    assert not Policy.objects.get(pk=first.pk).is_verified


@pytest.mark.parametrize(("confidence", "verified", "counts"), [("A", False, True), ("B", False, True), ("C", False, False),
                                                                ("D", False, False), ("D", True, True)])  # fmt: skip
def test_amounts_count_only_when_dependable_or_verified(lead, confidence, verified, counts):
    policy = make.policy(confidence=confidence, penalty_basis="fixed", penalty_value=Decimal("5.00"))
    if verified:
        policies.verify(by=lead, policy=policy)
    assert policy.counts_money is counts


def test_handler_arranges_no_rules(first, handler):
    for attempt in (
        lambda: policies.verify(by=handler, policy=first),
        lambda: policies.edit(by=handler, policy=first, ship_by_hours=1),
        lambda: policies.new_version(by=handler, policy=first, effective_from=make.at("2027-01-01 00:00")),
    ):
        with pytest.raises(Refused):
            attempt()
    assert AuditEvent.objects.count() == 0


def test_unknown_facts_are_a_programming_error(first, lead):
    with pytest.raises(TypeError):
        policies.edit(by=lead, policy=first, verified_by=lead)
