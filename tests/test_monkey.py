"""Random sequences of steps through pages, admin and tasks never leave the flow tables (C6)."""

from __future__ import annotations

import os
import random
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction
from django.utils import timezone

from appeals import workflow as appeal_flows
from appeals.models import Appeal, Case, Filing, PlanAction
from appeals.tasks import watch_deadlines
from casemgr.kit import jobs, sweeping
from casemgr.kit.models import AuditEvent
from casemgr.kit.workflow import Flow, Refused
from orders import workflow as order_flows
from orders.models import Hold, ImportRun, OrderReview, PlatformReport, RiskAlert
from orders.tasks import screen_clock
from tests.test_strangers import ADDRESSES, url_of
from tests.world import world_of

STEPS = int(os.environ.get("CASEMGR_MONKEY_STEPS", "120"))
FLOWS: dict[type, Flow] = {
    Case: appeal_flows.CASE,
    Filing: appeal_flows.FILING,
    Appeal: appeal_flows.APPEAL,
    PlanAction: appeal_flows.PLAN,
    RiskAlert: order_flows.ALERT,
    Hold: order_flows.HOLD,
    OrderReview: order_flows.REVIEW,
    PlatformReport: order_flows.REPORT,
    ImportRun: order_flows.IMPORT,
}
# What a person could type or choose, by the name of the field; texts for everything else.
WORDS: dict[str, list[str]] = {
    "outcome": ["won", "partly_won", "lost", "accepted", "withdrawn", "expired", "duplicate", "nonsense"],
    "to": ["doing", "done", "proven", "not_proven", "waived", "hand_on", "ours", "malicious_order", "nonsense"],
    "root_cause": ["malicious_order", "stock_error", "carrier", "real_brushing"],
    "line_of_defence": ["malicious_order", "shipped_in_time", "leniency"],
    "result": ["accepted", "partly_accepted", "rejected", "more_wanted", "void"],
    "kind": ["appeal", "supplement", "malicious_buyer", "orders", "nonsense"],
    "source": ["notice", "estimated"],
    "due_at": ["2030-01-01T00:00", "2020-01-01T00:00"],
    "filed_at": ["2026-11-01T10:00", "2030-01-01T10:00"],
    "answered_at": ["2026-11-02T10:00"],
    "due_on": ["2026-12-01"],
    "verdict": ["genuine", "malicious", "unreachable"],
    "channel": ["phone", "chat"],
    "answer": ["accepted", "refused", "expired"],
    "agreed": ["1"],
    "declared_true": ["1"],
    "confirm": ["1"],
    "is_looked_up": ["1"],
    "allowed": ["0", "1", "5"],
    "version": ["0", "1", "7"],
}
TEXTS = ["", "理由：已核对", "x" * 20, "看过了，没有问题，全部逐张核对"]
FIELDS = [*WORDS, "note", "reason", "text", "box_text", "letter_text", "second_look", "title", "owner_name", "value", "name",
          "source_text", "cost_estimate", "was_not_submitted", "proof", "told", "number", "report_no", "result_text"]  # fmt: skip


def body(chance: random.Random, world: dict[str, Any], name: str, handler) -> dict[str, str]:
    said = {field: chance.choice(WORDS.get(field, TEXTS)) for field in FIELDS if chance.random() < 0.8}
    return {**world["bodies"].get(name, {}), "owner": handler.code, "orders": "CANARY-ORDER-7788", **said}


def step(chance: random.Random, world: dict[str, Any], browsers: list, handler) -> str:
    """One random thing that somebody, or the clock, does."""
    if chance.random() < 0.15:
        task = chance.choice([watch_deadlines, screen_clock, sweeping.sweep, jobs.run_due])
        with transaction.atomic():
            task()
        return task.__name__
    if chance.random() < 0.3:
        return push(chance, handler)
    # Cases, filings and alerts hold the flows: two thirds of the steps are theirs.
    rooms = ("case", "filing", "alert", "order", "import", "m") if chance.random() < 0.7 else ("case", "filing")
    name, args = chance.choice([pair for pair in ADDRESSES if pair[1] and pair[0].split("-")[0] in rooms])
    browser = chance.choice(browsers)
    with transaction.atomic():
        answer = browser.post(url_of(world, name, args), body(chance, world, name, handler))
    assert answer.status_code < 500, f"{name}: {answer.status_code}"
    return name


def push(chance: random.Random, person) -> str:
    """What an action that forgot its own rules would try: any thing to any state, by the one writer of its flow."""
    model, flow = chance.choice(list(FLOWS.items()))
    thing = chance.choice(list(model.objects.all()) or [None])
    target = chance.choice([key for key, _label in flow.choices])
    closing = {"outcome": "won", "closed_at": timezone.now()} if (model, target) == (Case, "closed") else {}
    try:
        with transaction.atomic():
            flow.go(thing, target, by=person, changes=closing, note="看过了")
    except (Refused, IntegrityError, AttributeError, TypeError):
        pass  # by the table, a guard, a constraint; or a guard that wants facts which nobody gave
    return f"{flow.name} to {target}"


def strays() -> list[str]:
    """Things in a state that their table does not have, or that got there by no arrow of it."""
    found = []
    for model, flow in FLOWS.items():
        known = {key for key, _label in flow.choices}
        found += [
            f"{model.__name__} is {state}" for state in set(model.objects.values_list("status", flat=True)) - known
        ]
        moved = AuditEvent.objects.filter(object_kind=model._meta.model_name, action__startswith=flow.name + ".")
        for before, after in moved.values_list("before__status", "after__status"):
            if before and after and before != after and flow.move(before, after) is None:
                found.append(f"{model.__name__}: {before} became {after}")
    return found


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(6))
def test_random_steps_never_leave_the_tables(seed, shop, handler, owner, lead, administrator, as_):
    world, chance = world_of(shop, handler, owner), random.Random(seed)
    # The world stands in the middle of its flows; some sequences begin at the beginning.
    if seed % 2:
        Filing.objects.filter(frozen_at=None).delete()
        Case.objects.update(status="intake")
    browsers = [as_(person) for person in (handler, lead, owner, administrator)]
    said = []
    for _n in range(STEPS):
        said.append(step(chance, world, browsers, handler))
        assert strays() == [], said
    assert AuditEvent.objects.filter(after__has_key="status").count() >= 5, "little moved: the steps prove nothing"


@pytest.mark.django_db
def test_state_outside_the_table_would_be_seen(shop, handler, owner):
    """The control."""
    world_of(shop, handler, owner)
    Case.objects.update(status="won")
    AuditEvent.objects.create(
        at="2026-11-01T00:00Z", origin="page", action="alert.open", object_kind="riskalert", object_code="A-1",
        before={"status": "resolved"}, after={"status": "open"},
    )  # fmt: skip
    assert strays() == ["Case is won", "RiskAlert: resolved became open"]


def test_every_model_with_a_status_has_its_table():
    with_status = {
        model for app in ("stores", "orders", "appeals") for model in apps.get_app_config(app).get_models()
        if any(field.name == "status" for field in model._meta.fields)
    }  # fmt: skip
    assert with_status == set(FLOWS)
