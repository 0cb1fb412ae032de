"""A ticket of hours: answered in the console, written down, closed; no attempt is spent."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from appeals.actions import cases, deadlines, tickets
from appeals.models import Case
from casemgr.kit.workflow import Refused
from orders.actions.violations import Statement
from tests import make


@pytest.fixture
def ticket(shop, handler) -> Case:
    """催发货 with six hours to answer."""
    statement = Statement(make.violation_type("late_shipment", on=shop.platform.code), "ticket", violation_no="GD1")
    due = deadlines.Due("ticket_reply", timezone.now() + dt.timedelta(hours=6), "notice", "6小时内")
    return cases.open_case(by=handler, store=shop, statements=[statement], dues=[due], owner=handler)


def test_ticket_answered_in_time_is_met_and_closes_without_an_attempt(ticket, handler, as_):
    browser = as_(handler)
    now = timezone.localtime()
    typed = {"answered_at": f"{now:%Y-%m-%dT%H:%M:%S}", "words": "已催促仓库，今晚发出。联系13812345678"}
    browser.post(reverse("case-ticket", args=[ticket.code]), typed)
    ticket.refresh_from_db()
    assert ticket.deadlines.get().met_at is not None
    assert (ticket.waiting_for, ticket.next_due_at, ticket.matters.get().attempts_used) == ("platform", None, 0)
    assert "13812345678" not in ticket.platform_contacts.get().words
    page = browser.get(reverse("case", args=[ticket.code])).content.decode()
    assert 'value="withdrawn"' in page
    browser.post(reverse("case-close", args=[ticket.code]), {"outcome": "withdrawn", "note": "工单已回复"})
    ticket.refresh_from_db()
    assert (ticket.status, ticket.outcome) == ("closed", "withdrawn")


def test_answer_written_down_after_the_alarm_counts_by_the_console_s_time(ticket, handler):
    due_at = ticket.deadlines.get().due_at
    later = due_at + dt.timedelta(hours=1)
    deadlines.watch(now=later)
    ticket.refresh_from_db()
    assert ticket.is_overdue
    tickets.answer(by=handler, case=ticket, answered_at=timezone.now(), words="已回复")
    ticket.refresh_from_db()
    row = ticket.deadlines.get()
    assert (ticket.is_overdue, row.missed_at, row.met_at is not None) == (False, None, True)


def test_ticket_is_answered_once_and_only_where_one_waits(ticket, handler, shop):
    now = timezone.now()
    tickets.answer(by=handler, case=ticket, answered_at=now, words="已回复")
    with pytest.raises(Refused):
        tickets.answer(by=handler, case=ticket, answered_at=now, words="已回复")


def test_late_answer_stays_a_missed_deadline(ticket, handler):
    ticket.deadlines.update(due_at=timezone.now() - dt.timedelta(hours=1))
    tickets.answer(by=handler, case=ticket, answered_at=timezone.now(), words="已回复")
    row = ticket.deadlines.get()
    assert (row.missed_at is not None, row.met_at) == (True, None)
