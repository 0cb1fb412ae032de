"""Lists ask the database as often for fifty rows as for ten."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from appeals.exports import cases
from appeals.models import Case
from appeals.queries import merchant_counts, nav_counts
from casemgr.kit.paging import Pages
from tests.appeals.cast import opened


def queries(browser, url: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(url).status_code == 200
    return len(captured)


@pytest.mark.parametrize("name", ["cases", "today", "progress"])
def test_number_of_queries_does_not_grow_with_the_cases(name, shop, handler, owner, as_):
    browser = as_(owner if name == "progress" else handler)
    opened(shop, handler)
    few = queries(browser, reverse(name))
    for _n in range(9):
        opened(shop, handler)
    ten = queries(browser, reverse(name))
    for _n in range(40):
        opened(shop, handler)
    assert (ten, queries(browser, reverse(name))) == (few, few)


def test_the_frame_asks_once_for_all_its_badges(shop, handler, owner, as_, django_assert_num_queries):
    opened(shop, handler)
    with django_assert_num_queries(1):
        counts = nav_counts(handler)
    with django_assert_num_queries(1):
        assert merchant_counts(owner) == {"todo": 0, "unread": 1}
    assert (counts["mine"], counts["overdue"], counts["review"], counts["unread"]) == (1, 0, 0, 0)


@pytest.mark.parametrize(("name", "number"), [("cases", 7), ("notifications", 4), ("policies", 8)])
def test_a_list_of_agency_people_asks_a_fixed_number_of_questions(name, number, shop, handler, as_):
    browser = as_(handler)
    for many in (1, 9, 40):
        for _n in range(many):
            opened(shop, handler)
        assert queries(browser, reverse(name)) == number


def test_the_last_page_of_cases_continues_the_order_of_the_first(shop, lead, as_):
    now = timezone.now()
    made = [opened(shop, lead) for _n in range(3)]
    for case, due in zip(made, (None, now, now - dt.timedelta(hours=1)), strict=True):
        Case.objects.filter(pk=case.pk).update(next_due_at=due)
    rows = cases(lead, QueryDict())
    shown = [row.pk for number in (1, 2, 3) for row in Pages(rows, 1).page(number)]
    assert shown == [made[2].pk, made[1].pk, made[0].pk]
    assert shown == [row.pk for row in rows]


@pytest.mark.parametrize("asked", ["status=diagnosing", "q=绿叶", "waiting_for=us", "view=open", "shop=none"])
def test_a_filter_keeps_the_order_and_asks_no_more_than_eight_questions(asked, shop, lead, as_):
    first, second = opened(shop, lead), opened(shop, lead)
    Case.objects.filter(pk=second.pk).update(next_due_at=timezone.now())
    Case.objects.filter(pk=first.pk).update(next_due_at=None)
    assert queries(as_(lead), f"{reverse('cases')}?{asked}") <= 8
    found = [row.pk for row in Pages(cases(lead, QueryDict(asked)), 50).page(1)]
    assert found == [pk for pk in (second.pk, first.pk) if pk in found]
