"""Violations that move from case to case, and cases that are joined: nothing is lost, nothing filed moves."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from appeals.actions import cases, deadlines, moves, splitting
from appeals.models import Case, Filing
from casemgr.kit.models import AuditEvent
from casemgr.kit.workflow import Refused, Stale
from orders.actions.violations import Statement
from stores.enums import LineOfDefence, RootCause
from tests import make
from tests.appeals.cast import appeal_in, filing_in, opened


def two_in_one(shop, by, **fields) -> Case:
    """One case of two violations: A with two orders and its own deadline in 24 h, B with one order, due in 48 h."""
    now = timezone.now().replace(microsecond=0)
    statements, dues = [], []
    for name, hours, count in (("A", 24, 2), ("B", 48, 1)):
        due_at = now + dt.timedelta(hours=hours)
        parsed = {"deadlines": [{"kind": "appeal", "due_at": due_at.isoformat(), "text": name}]}
        statements.append(
            Statement(
                violation_type=make.violation_type(on=shop.platform.code),
                stage="in_force",
                violation_no=f"9000000{name}",
                noticed_at=now,
                parsed=parsed,
                order_nos=[make.order(shop).order_no for _n in range(count)],
                amount_total=100 * count,
            )
        )
        dues.append(deadlines.Due("appeal", due_at, "notice", name))
    return cases.open_case(by=by, store=shop, statements=statements, dues=dues, owner=by, **fields)


def matter(case, no):
    return case.matters.select_related("case", "violation").get(violation__violation_no=no)


def shape(case):
    case.refresh_from_db()
    open_dues = case.deadlines.filter(met_at=None, missed_at=None, superseded_at=None)
    return (
        sorted(m.violation.violation_no for m in case.matters.all()),
        case.verdicts.count(),
        case.order_count,
        case.stake_amount,
        [due.source_text for due in open_dues],
        case.next_due_at == min(due.due_at for due in open_dues) if open_dues else None,
    )


def test_moved_violation_takes_its_orders_money_and_deadline_to_a_new_case(shop, handler):
    case = two_in_one(shop, handler)
    new = splitting.move(by=handler, matter=matter(case, "9000000A"))
    assert shape(new) == (["9000000A"], 2, 2, 200, ["A"], True)
    assert shape(case) == (["9000000B"], 1, 1, 100, ["B"], True)
    assert (new.owner, new.status) == (handler, "intake")
    said = AuditEvent.objects.filter(action__startswith="case.violation").values_list("action", "thread")
    assert set(said) == {("case.violation_out", case.code), ("case.violation_in", new.code)}


def test_deadline_corrected_by_hand_goes_along_because_no_notice_names_it(shop, handler):
    case = two_in_one(shop, handler)
    corrected = timezone.now() + dt.timedelta(hours=5)
    row = case.deadlines.get(source_text="A")
    deadlines.confirm(by=handler, deadline=row, due_at=corrected)
    new = splitting.move(by=handler, matter=matter(case, "9000000A"))
    assert new.deadlines.filter(due_at=corrected, confirmed_by=handler).exists()


def test_violation_joins_the_open_draft_of_the_case_it_goes_to(shop, handler):
    case, other = two_in_one(shop, handler), opened(shop, handler, orders=[make.order(shop)])
    other.deadlines.all().update(is_estimated=False)
    moves.take_in(by=handler, case=other)
    moves.diagnose(by=handler, case=other, root_cause=RootCause.CARRIER, line_of_defence=LineOfDefence.LENIENCY)
    moves.start_preparing(by=handler, case=other)
    splitting.move(by=handler, matter=matter(case, "9000000A"), to=other)
    assert Filing.objects.get(case=other).appeals.filter(matter__violation__violation_no="9000000A").exists()


def test_violation_of_a_frozen_pack_stays(shop, handler):
    case = two_in_one(shop, handler)
    Case.objects.filter(pk=case.pk).update(status="preparing")
    filed = appeal_in("filed", matter(case, "9000000A"))
    frozen = filing_in("dropped", case, handler)
    frozen.appeals.add(filed)
    Filing.objects.filter(pk=frozen.pk).update(frozen_at=timezone.now())
    with pytest.raises(Refused, match="9000000A"):
        splitting.move(by=handler, matter=matter(case, "9000000A"))
    assert splitting.move(by=handler, matter=matter(case, "9000000B")).matters.count() == 1


@pytest.mark.parametrize("status", ["reviewing", "filed", "rectifying"])
def test_violation_does_not_leave_a_case_past_its_preparation(shop, handler, status):
    case = two_in_one(shop, handler)
    Case.objects.filter(pk=case.pk).update(status=status)
    with pytest.raises(Refused):
        splitting.move(by=handler, matter=matter(case, "9000000A"))


def test_only_violation_of_a_case_and_another_shop_are_refused(shop, handler, stranger):
    alone = opened(shop, handler)
    with pytest.raises(Refused):
        splitting.move(by=handler, matter=alone.matters.select_related("case", "violation").get())
    elsewhere = opened(make.store(of=shop.merchant), handler)
    with pytest.raises(Refused):
        splitting.move(by=handler, matter=matter(two_in_one(shop, handler), "9000000A"), to=elsewhere)


def test_case_that_was_moved_on_meanwhile_is_not_parted(shop, handler):
    case = two_in_one(shop, handler)
    seen = matter(case, "9000000A")
    Case.objects.filter(pk=case.pk).update(status="diagnosing")
    with pytest.raises(Stale):
        splitting.move(by=handler, matter=seen)


def test_joined_case_closes_as_duplicate_and_its_deadline_lives_on(shop, handler):
    case, into = two_in_one(shop, handler), opened(shop, handler, orders=[make.order(shop)], due_in_hours=72)
    moves.take_in(by=handler, case=case)
    splitting.merge(by=handler, case=case, into=into)
    case.refresh_from_db()
    assert (case.status, case.outcome, case.duplicate_of, case.order_count) == ("closed", "duplicate", into, 0)
    numbers, verdicts, orders, _stake, dues, is_next = shape(into)
    assert (len(numbers), verdicts, orders, set(dues), is_next) == (3, 4, 4, {"A", "B", "申诉截止时间"}, True)


def test_page_moves_a_violation_and_shows_an_empty_case_after_joining(shop, handler, as_):
    case, into = two_in_one(shop, handler), opened(shop, handler)
    browser = as_(handler)
    code = matter(case, "9000000A").violation.code
    answer = browser.post(reverse("case-violation-move", args=[case.code, code]), {"to": into.code})
    assert answer.url.startswith(reverse("case", args=[into.code]))
    assert browser.post(reverse("case-merge", args=[case.code]), {"to": into.code}).status_code == 302
    page = browser.get(reverse("case", args=[case.code]))
    assert into.code in page.content.decode()


def test_case_of_a_stranger_cannot_be_named(shop, handler, as_, stranger):
    foreign = opened(stranger.shops().get(), handler)
    case = two_in_one(shop, handler)
    answer = as_(handler).post(reverse("case-merge", args=[case.code]), {"to": foreign.code})
    assert answer.status_code == 404
