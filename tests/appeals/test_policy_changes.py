"""A corrected rule: which open cases it touches, what would change, and that only a lead's choice changes anything."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone

from appeals.actions import cases, deadlines, policy_changes
from appeals.models import Case
from appeals.policy_touch import touched
from casemgr.kit.models import AuditEvent
from casemgr.kit.workflow import Refused, Stale
from orders.actions.violations import Statement
from stores.actions import policies
from stores.models import Policy
from tests import make
from tests.appeals.cast import appeal_in, filing_in

NOTICED = make.at("2026-11-20 10:00")
CORRECTED_FROM = make.at("2026-11-18 00:00")


@pytest.fixture
def old(db) -> Policy:
    return make.policy("late_shipment", window=72, attempts=1, ship_by_hours=48, penalty_basis="fixed",
                       penalty_value=Decimal(3), confidence="B")  # fmt: skip


@pytest.fixture
def case(shop, handler, old) -> Case:
    """A notice without deadline, amount or number of attempts, over one order paid on the 19th."""
    with time_machine.travel(NOTICED, tick=False):
        paid = NOTICED - dt.timedelta(days=1)
        due = paid + dt.timedelta(hours=48)
        order = make.order(
            shop, paid_at=paid, placed_at=paid, ship_by=due, ship_by_source="computed", ship_by_policy=old
        )
        return opened(shop, handler, [order.order_no])


def opened(shop, handler, order_nos, **fields) -> Case:
    rule = make.violation_type("late_shipment")
    number = f"V{Case.objects.count()}"
    statement = Statement(rule, "in_force", number, NOTICED, order_nos=order_nos, **fields)
    return cases.open_case(by=handler, store=shop, statements=[statement])


@pytest.fixture
def new(old, lead) -> Policy:
    """Written afterwards: the platform had changed its rule on the 18th."""
    rounds = [{**policies.rounds_of(old)[0], "window": 48}]
    return policies.new_version(
        by=lead, policy=old, effective_from=CORRECTED_FROM, rounds=rounds, ship_by_hours=24, penalty_value=Decimal(5)
    )


def found(rule):
    return touched(rule, Case.objects.all())


def test_differences_name_deadline_hours_and_penalty(case, new):
    (one,) = found(new.violation_type)
    assert [(line.key, line.old, line.new) for line in one.differences] == [
        ("due_at", NOTICED + dt.timedelta(hours=72), NOTICED + dt.timedelta(hours=48)),
        ("ship_by_hours", 48, 24),
        ("penalty", Decimal(3), Decimal(5)),
    ]


def test_looking_changes_nothing_and_a_new_version_alone_neither(case, new, handler, as_):
    before = list(case.deadlines.values())
    page = as_(handler).get("/policies/pinduoduo/late_shipment/cases/")
    assert [row["case"] for row in page.context["rows"]] == [case]
    assert list(case.deadlines.values()) == before


def test_lead_applies_it_once_to_the_chosen_case(case, new, lead, shop, handler):
    with time_machine.travel(NOTICED, tick=False):
        other = opened(shop, handler, [])
    other.violations.update(procedure_policy=new.violation_type.policies.get(version=1))
    values = {"by": lead, "rule": new.violation_type, "codes": [case.code], "seen_version": 2}
    assert [policy_changes.apply(**values) for _run in range(2)] == [1, 0]
    violation = case.violations.get()
    assert (violation.procedure_policy, violation.conduct_policy) == (new, new)
    (held,) = case.deadlines.filter(superseded_at=None)
    assert (held.due_at, held.source, held.is_estimated) == (NOTICED + dt.timedelta(hours=48), "policy", True)
    order = violation.named_orders.get().order
    assert (order.ship_by, order.ship_by_policy) == (NOTICED, new)
    case.refresh_from_db()
    assert (case.next_due_at, case.stake_amount) == (held.due_at, Decimal(5))
    assert case.safe_until is not None
    assert AuditEvent.objects.filter(action="policy.applied").count() == 1
    assert [one.case for one in found(new.violation_type)] == [other]


@pytest.mark.parametrize("source", ["notice", "confirmed"])
def test_deadline_of_the_notice_or_of_a_person_is_never_moved(source, case, new, lead, handler):
    row = case.deadlines.get()
    if source == "notice":
        case.deadlines.update(source="notice", is_estimated=False)
    else:
        deadlines.confirm(by=handler, deadline=row, due_at=row.due_at)
    policy_changes.apply(by=lead, rule=new.violation_type, codes=[case.code], seen_version=2)
    assert [one.due_at for one in case.deadlines.all()] == [row.due_at]
    assert case.violations.get().procedure_policy == new


def test_deadline_of_the_next_round_counts_from_the_answer(case, new, lead):
    answered = NOTICED + dt.timedelta(days=1)
    appeal = appeal_in("rejected", case.matters.get())
    type(appeal).objects.filter(pk=appeal.pk).update(answered_at=answered)
    case.deadlines.update(kind="next_round", due_at=answered + dt.timedelta(hours=72))
    policy_changes.apply(by=lead, rule=new.violation_type, codes=[case.code], seen_version=2)
    assert case.deadlines.get(superseded_at=None).due_at == answered + dt.timedelta(hours=48)


def test_filed_attempt_stays_as_it_was(case, new, lead, handler):
    matter = case.matters.get()
    type(matter).objects.filter(pk=matter.pk).update(attempts_allowed=1, attempts_used=1)
    appeal_in("filed", matter)
    filing_in("filed", case, handler)
    deadlines.meet(by=handler, case=case, at=NOTICED)
    before = (list(case.filings.values()), list(matter.appeals.values()), list(case.deadlines.values()))
    policy_changes.apply(by=lead, rule=new.violation_type, codes=[case.code], seen_version=2)
    assert (list(case.filings.values()), list(matter.appeals.values()), list(case.deadlines.values())) == before
    matter.refresh_from_db()
    assert (matter.attempts_allowed, matter.attempts_used) == (1, 1)


@pytest.mark.parametrize(("stated", "allowed"), [(None, 3), (2, 2)])
def test_attempts_follow_a_dependable_rule_only_where_the_notice_is_silent(stated, allowed, shop, handler, lead, old):
    old.rounds.update(confidence="B")
    with time_machine.travel(NOTICED, tick=False):
        case = opened(shop, handler, [], attempts_stated=stated)
    rounds = [{**policies.rounds_of(old)[0], "attempts": 3}]
    policies.new_version(by=lead, policy=old, effective_from=CORRECTED_FROM, rounds=rounds)
    policy_changes.apply(by=lead, rule=old.violation_type, codes=[case.code], seen_version=2)
    assert case.matters.get().attempts_allowed == allowed


def test_closed_cases_and_those_of_another_time_are_not_touched(case, new):
    Case.objects.filter(pk=case.pk).update(status="closed", outcome="withdrawn", closed_at=timezone.now())
    assert found(new.violation_type) == []
    Case.objects.filter(pk=case.pk).update(status="preparing")
    early = CORRECTED_FROM - dt.timedelta(days=1)
    case.violations.update(noticed_at=early)
    case.violations.get().named_orders.update(order=None)
    assert found(new.violation_type) == []


def test_page_drawn_before_a_further_version_is_refused(case, new, lead):
    policies.new_version(by=lead, policy=new, effective_from=make.at("2026-11-19 00:00"), ship_by_hours=36)
    with pytest.raises(Stale):
        policy_changes.apply(by=lead, rule=new.violation_type, codes=[case.code], seen_version=2)
    assert case.deadlines.filter(superseded_at=None).get().due_at == NOTICED + dt.timedelta(hours=72)


def test_handler_sees_the_differences_and_only_a_lead_applies_them(case, new, handler, other_handler, lead, as_):
    address, body = "/policies/pinduoduo/late_shipment/cases/", {"case": case.code, "seen_version": "2"}
    with pytest.raises(Refused):
        policy_changes.apply(by=handler, rule=new.violation_type, codes=[case.code], seen_version=2)
    assert as_(handler).post(address, body).status_code == 403
    assert as_(other_handler).get(address).context["rows"] == []
    assert as_(lead).post(address, body).status_code == 302
    assert case.violations.get().procedure_policy == new


def test_list_asks_the_same_number_of_questions_for_many_cases(case, new, shop, handler, django_assert_num_queries):
    with django_assert_num_queries(8):
        found(new.violation_type)
    with time_machine.travel(NOTICED, tick=False):
        for _more in range(3):
            opened(shop, handler, [])
    type(case.violations.get()).objects.update(procedure_policy=new.violation_type.policies.get(version=1))
    with django_assert_num_queries(8):
        found(new.violation_type)


def test_page_of_the_rule_says_how_many_open_cases_lean_on_another_version(case, new, handler, as_):
    """The new version has other rounds: the history of the page tells of it without stumbling."""
    page = as_(handler).get("/policies/pinduoduo/late_shipment/").content.decode()
    assert "有 1 个未结案件当初依据的版本" in page
    assert "/policies/pinduoduo/late_shipment/cases/" in page
