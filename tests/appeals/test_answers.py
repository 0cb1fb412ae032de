"""What an answer of the platform leaves behind."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from appeals.actions import answers, deadlines, moves
from appeals.actions.answers import Answer
from appeals.models import Case
from casemgr.kit.workflow import Refused
from tests import make
from tests.appeals.cast import appeal_in, opened


def filed_case(shop, handler, orders):
    case = opened(shop, handler, orders=orders)
    Case.objects.filter(pk=case.pk).update(status="filed")
    case.refresh_from_db()
    return case, case.matters.get()


def test_part_accepted_without_numbers_leaves_each_order_undecided(shop, handler):
    case, matter = filed_case(shop, handler, [make.order(shop) for _n in range(3)])
    answers.record(by=handler, appeal=appeal_in("filed", matter), answer=Answer("rejected", "不成立", timezone.now()))
    second = appeal_in("filed", matter, number=2)
    part = Answer("partly_accepted", "3笔中2笔撤销", timezone.now(), code="partly", accepted_count=2, upheld_count=1)
    answers.record(by=handler, appeal=second, answer=part)
    assert list(case.verdicts.values_list("is_revoked", flat=True)) == [None, None, None]


def test_part_accepted_by_number_clears_those_and_upholds_the_rest(shop, handler):
    orders = [make.order(shop) for _n in range(3)]
    case, matter = filed_case(shop, handler, orders)
    numbers = [orders[0].order_no, orders[2].order_no]
    part = Answer("partly_accepted", "部分成立", timezone.now(), revoked_order_nos=numbers, accepted_count=2)
    answers.record(by=handler, appeal=appeal_in("filed", matter), answer=part)
    assert list(case.verdicts.values_list("is_revoked", flat=True)) == [True, False, True]


def test_void_answer_gives_the_attempt_back_by_a_lead_with_proof_only(shop, handler, lead):
    _case, matter = filed_case(shop, handler, [])
    type(matter).objects.filter(pk=matter.pk).update(attempts_used=1)
    appeal = appeal_in("filed", matter)
    void = Answer("void", "附件格式不符，未受理", timezone.now(), proof="截图 04:12")
    with pytest.raises(Refused):
        answers.record(by=handler, appeal=appeal, answer=void)
    answers.record(by=lead, appeal=appeal, answer=void)
    matter.refresh_from_db()
    assert matter.attempts_used == 0


def test_case_that_is_not_fought_has_no_appeal_deadline_left_to_miss(shop, handler, lead):
    case = opened(shop, handler, due_in_hours=1)
    moves.take_in(by=handler, case=case)
    moves.diagnose(by=handler, case=case, root_cause="merchant_late", line_of_defence="", cost_estimate="约 ¥15")
    moves.consent(by=lead, case=case)
    moves.do_not_fight(by=handler, case=case)
    deadlines.watch(now=timezone.now() + dt.timedelta(hours=3))
    case.refresh_from_db()
    assert (case.status, case.outcome, case.is_overdue, case.next_due_at) == ("rectifying", "accepted", False, None)
