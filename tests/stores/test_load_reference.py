"""Loading the reference facts: once or twice is the same, and what a person changed stays."""

from __future__ import annotations

import io
import json

import pytest
from django.core import serializers
from django.core.management import call_command

from casemgr.kit.models import AuditEvent
from orders.models import Carrier
from stores import reference
from stores.actions import policies
from stores.actions import reference as loading
from stores.models import (
    CalendarDay,
    EvidenceNeed,
    EvidenceRequirement,
    Platform,
    Policy,
    PolicyRound,
    ViolationType,
)
from tests import make

KINDS = [Platform, ViolationType, Policy, PolicyRound, EvidenceRequirement, EvidenceNeed, CalendarDay, Carrier]

pytestmark = pytest.mark.django_db


def load() -> dict[str, int]:
    out = io.StringIO()
    call_command("load_reference", "--json", stdout=out)
    return json.loads(out.getvalue())


def everything() -> str:
    return "".join(serializers.serialize("json", kind.objects.order_by("pk")) for kind in KINDS)


def test_loading_adds_every_row_of_the_reference():
    assert load() == {
        "platforms": len(reference.platforms()),
        "violation_types": len(reference.violation_types()),
        "policies": len(reference.policies()),
        "evidence_requirements": 18,
        "evidence_needs": 7 * 18,
        "calendar_days": len(reference.calendar()),
        "legal_grounds": sum(len(letter["law_hints"]) for letter in reference.letters().values()),
        "carriers": len(reference.carriers()),
    }


def test_loading_twice_equals_once():
    load()
    before, rows = everything(), AuditEvent.objects.count()
    assert set(load().values()) == {0}
    assert everything() == before
    assert AuditEvent.objects.count() == rows


def test_loading_keeps_what_a_person_changed(administrator):
    load()
    Platform.objects.filter(code="pinduoduo").update(text_max=300, name_zh="拼多多商家版")
    late = Policy.objects.get(violation_type__platform__code="pinduoduo", violation_type__key="late_shipment")
    policies.verify(by=administrator, policy=late, confidence="A")
    policies.new_version(by=administrator, policy=late, effective_from=make.at("2026-12-01 00:00"), ship_by_hours=36)
    CalendarDay.objects.filter(on="2026-10-01").update(name="another name")
    before = everything()
    load()
    assert everything() == before


def test_nothing_loaded_is_verified_by_anybody():
    load()
    assert Policy.objects.exclude(verified_at=None, verified_by=None).count() == 0


def test_loaded_amounts_stand_only_with_confidence_a_or_b():
    load()
    amounts = {
        (one["platform"], one["violation_type"])
        for one in reference.policies()
        if one["penalty"]["value"] and one["penalty"]["confidence"] in ("A", "B")
    }
    stored = Policy.objects.exclude(penalty_value=None).values_list(
        "violation_type__platform__code", "violation_type__key"
    )
    assert set(stored) == amounts


def test_placeholder_amount_never_becomes_money():
    row = next(one for one in reference.policies() if one["penalty"]["value"])
    placeholder = {**row, "penalty": {**row["penalty"], "confidence": "D", "floor": "1.00", "cap": "9.00"}}
    facts = loading.policy_facts(placeholder)
    named = [facts[name] for name in ("penalty_basis", "penalty_value", "penalty_floor", "penalty_cap")]
    assert named == ["unknown", None, None, None]
    assert facts["penalty_note"] == row["penalty"]["text"]


def test_carrier_patterns_keep_their_strength():
    load()
    row = next(one for one in reference.carriers() if one["strong"])
    kept = Carrier.objects.get(code=row["code"]).patterns
    assert [(one["pattern"], one["strength"]) for one in kept] == [
        *((one["pattern"], "strong") for one in row["strong"]),
        *((one["pattern"], "medium") for one in row["medium"]),
    ]
