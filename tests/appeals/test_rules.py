"""Rules of the domain that may never break, as far as the appeal floor keeps them (3, 5, 8, 11)."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from appeals.actions import answers, cases, deadlines, moves
from appeals.actions.answers import Answer
from appeals.models import Case, Deadline
from appeals.verdicts import claimed
from appeals.workflow import CASE
from casemgr.kit.models import AuditEvent, Notification
from casemgr.kit.workflow import Refused
from orders.actions.violations import AlreadyRegistered, Statement
from tests import make
from tests.appeals.cast import appeal_in, case_in, filing_in, matter_of, opened

# Rule 3: no deadline passes unnoticed; the system closes nothing.


def test_passed_deadline_marks_overdue_and_alarms_once_but_closes_nothing(shop, handler, lead):
    case = opened(shop, handler, due_in_hours=1)
    later = timezone.now() + dt.timedelta(hours=2)
    deadlines.watch(now=later)
    deadlines.watch(now=later + dt.timedelta(minutes=1))
    case.refresh_from_db()
    assert (case.is_overdue, case.status) == (True, "intake")
    told = Notification.objects.filter(key__endswith=":missed").values_list("recipient__name", flat=True)
    assert sorted(told) == sorted([handler.name, lead.name])


def test_system_never_closes_a_case(shop, handler):
    case = opened(shop, handler)
    with pytest.raises(Refused):
        moves.close(by=None, case=case, outcome="withdrawn", note="x")


def test_only_a_lead_closes_as_expired_and_only_after_the_deadline(shop, handler, lead):
    case = opened(shop, handler, due_in_hours=1)
    with pytest.raises(Refused):
        moves.close(by=lead, case=case, outcome="expired", note="looked")
    deadlines.watch(now=timezone.now() + dt.timedelta(hours=2))
    case.refresh_from_db()
    with pytest.raises(Refused):
        moves.close(by=handler, case=case, outcome="expired", note="林晓岚看过后台")
    moves.close(by=lead, case=case, outcome="expired", note="交接漏看；周砚看过后台")
    assert case.status == "closed"


def test_estimated_deadline_warns_and_blocks_no_filing_right(shop, handler):
    make.policy("false_transaction", window=72, confidence="C")
    statement = Statement(make.violation_type(), "in_force", violation_no="1", noticed_at=timezone.now())
    case = cases.open_case(by=handler, store=shop, statements=[statement])
    deadline = case.deadlines.get()
    assert (deadline.is_estimated, deadline.source) == (True, "policy")
    assert [hurdle.href for hurdle in CASE.hurdles(case, "diagnosing", by=handler)] == ["#deadlines"]
    deadlines.confirm(by=handler, deadline=deadline, due_at=deadline.due_at)
    moves.take_in(by=handler, case=case)
    assert case.status == "diagnosing"


def test_rejection_opens_the_next_deadline(shop, handler):
    case = case_in("filed", shop, owner=handler)
    appeal = appeal_in("filed", matter_of(case, attempts_allowed=2, attempts_used=1))
    due = timezone.now() + dt.timedelta(hours=30)
    answers.record(
        by=handler,
        appeal=appeal,
        answer=Answer("rejected", "申诉不通过", timezone.now(), code="evidence_missing", due_at=due),
    )
    assert list(Deadline.objects.values_list("kind", "due_at", "source")) == [("next_round", due, "answer")]


# Rule 5: a change, its audit row and its messages are one transaction.


def test_failed_step_leaves_neither_change_nor_audit_nor_message(shop, handler, monkeypatch):
    case = opened(shop, handler)
    before = (AuditEvent.objects.count(), Notification.objects.count())

    def broken(**_facts):
        raise RuntimeError("power cut")

    monkeypatch.setattr(cases, "judge", broken)
    with pytest.raises(RuntimeError):
        moves.take_in(by=handler, case=case)
    fresh = Case.objects.get(pk=case.pk)
    assert (fresh.status, AuditEvent.objects.count(), Notification.objects.count()) == ("intake", *before)


def test_each_move_leaves_one_audit_row_with_before_and_after(shop, handler):
    case = opened(shop, handler)
    moves.take_in(by=handler, case=case)
    row = AuditEvent.objects.get(action="case.diagnosing")
    assert (row.actor_name, row.before["status"], row.after["status"], row.thread) == (
        handler.name,
        "intake",
        "diagnosing",
        case.code,
    )


def test_audit_rows_cannot_be_changed_or_deleted(shop, handler):
    opened(shop, handler)
    row = AuditEvent.objects.first()
    for spoil in (row.save, row.delete, AuditEvent.objects.all().delete, lambda: AuditEvent.objects.update(note="x")):
        with pytest.raises(TypeError):
            spoil()


# Rule 8: doing it again doubles nothing.


def test_same_notice_twice_is_one_case(shop, handler, lead):
    case = opened(shop, handler, violation_no="90202611180031")
    with pytest.raises(AlreadyRegistered) as told:
        opened(shop, lead, violation_no="90202611180031")
    assert cases.existing_case(told.value) == case
    assert Case.objects.count() == 1


def test_unnumbered_notice_is_known_by_its_text(shop, handler):
    opened(shop, handler, violation_no="", text="关于缺货违规的通知 涉及2单")
    with pytest.raises(AlreadyRegistered):
        opened(shop, handler, violation_no="", text="关于缺货违规的通知\n涉及2单")


def test_judging_twice_changes_nothing_the_second_time(shop, handler):
    order = make.order(shop, ship_by=timezone.now(), ship_by_source="file")
    case = opened(shop, handler, orders=[order])
    assert cases.judge(by=handler, case=case) == 0


# Rule 11: evidence is collected, never made; what is ours is never claimed.


def test_order_that_is_our_fault_is_claimed_by_no_line_of_defence(shop, handler):
    due = timezone.now() - dt.timedelta(days=2)
    late = make.order(
        shop, ship_by=due, ship_by_source="file", shipped_at=due + dt.timedelta(hours=5), fulfilment="shipped"
    )
    case = opened(shop, handler, orders=[late], key="late_shipment")
    assert case.verdicts.get().kind == "ours"
    for line in (
        "shipped_in_time",
        "carrier_fault",
        "force_majeure",
        "agreed_delay",
        "malicious_order",
        "platform_error",
    ):
        case.line_of_defence = line
        assert list(claimed(case)) == []


def test_real_brushing_is_not_defended(shop, handler):
    case = case_in("diagnosing", shop, owner=handler)
    with pytest.raises(Refused):
        moves.diagnose(by=handler, case=case, root_cause="real_brushing", line_of_defence="malicious_order")
    moves.diagnose(by=handler, case=case, root_cause="real_brushing", line_of_defence="leniency")
    assert case.line_of_defence == "leniency"


def test_real_brushing_slipped_in_by_hand_is_stopped_at_the_guard(shop, handler):
    case = case_in("diagnosing", shop, owner=handler, root_cause="real_brushing", line_of_defence="malicious_order")
    with pytest.raises(Refused):
        moves.start_preparing(by=handler, case=case)


def test_unknown_is_never_claimed_and_never_late(shop, handler):
    order = make.order(shop, fulfilment="unknown", ship_by=None)
    case = opened(shop, handler, orders=[order], key="late_shipment")
    assert case.verdicts.get().kind == "unknown"
    case.line_of_defence = "shipped_in_time"
    assert list(claimed(case)) == []


def test_filing_counts_as_filed_only_through_a_recorded_filing(shop, handler):
    case = case_in("reviewing", shop, owner=handler)
    draft = filing_in("approved", case, handler)
    with pytest.raises(Refused):
        CASE.go(case, "filed", by=handler, filing=draft)
