"""Page, list, merchant's page and task decide a deadline alike, to the second (C4)."""

from __future__ import annotations

import datetime as dt
import re

import pytest
import time_machine
from django.urls import reverse

from appeals import show
from appeals.actions import deadlines
from appeals.tasks import watch_deadlines
from casemgr.kit.clock import ladder
from tests import make
from tests.appeals.cast import opened

DUE = make.at("2026-11-25 18:05")
SECOND = dt.timedelta(seconds=1)


def said_missed(answer) -> bool:
    """Whether the deadline of a page is in the tone of a missed one."""
    return bool(re.search(r'class="[^"]*\bmissed\b', answer.content.decode()))


@pytest.mark.parametrize(("moment", "is_missed"), [(DUE - SECOND, False), (DUE, False), (DUE + SECOND, True)])
def test_deadline_is_missed_for_all_of_them_from_the_same_second_on(moment, is_missed, shop, handler, owner, as_):
    with time_machine.travel(DUE - dt.timedelta(hours=48), tick=False):
        case = opened(shop, handler)
    assert case.next_due_at == DUE
    with time_machine.travel(moment, tick=False):
        page = said_missed(as_(handler).get(reverse("case", args=[case.code])))
        row = said_missed(as_(handler).get(reverse("cases")))
        today = said_missed(as_(handler).get(reverse("today")))
        phone = said_missed(as_(owner).get(reverse("m-case", args=[case.code])))
        shown = show.case_deadline(case)
        assert shown is not None
        watch_deadlines()
    case.refresh_from_db()
    decided = {page, row, today, phone, shown["tone"] == "missed", case.is_overdue}
    assert decided == {is_missed}


def test_task_that_counts_the_second_itself_would_be_seen(shop, handler):
    """The control: at the very second, a clock one second fast says missed and the page does not."""
    with time_machine.travel(DUE - dt.timedelta(hours=48), tick=False):
        case = opened(shop, handler)
    deadlines.watch(now=DUE + SECOND)
    case.refresh_from_db()
    assert (case.is_overdue, ladder(DUE, DUE)) == (True, "now")
