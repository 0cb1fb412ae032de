"""Lists ask the database as often for fifty rows as for ten."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from appeals import case_rows
from appeals.exports import cases
from appeals.models import Case
from appeals.queries import merchant_counts, nav_counts
from casemgr.kit.paging import Pages
from stores.models import Platform, Store, User, ViolationType
from tests import make
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
        found = merchant_counts(owner)
    assert found == {"requests": 0, "holds": 0, "declarations": 0, "consents": 0, "unread": 1}
    assert (counts["mine"], counts["overdue"], counts["review"], counts["unread"]) == (1, 0, 0, 0)


@pytest.mark.parametrize(("name", "number"), [("cases", 8), ("notifications", 4), ("policies", 8)])
def test_a_list_of_agency_people_asks_a_fixed_number_of_questions(name, number, shop, handler, as_):
    browser = as_(handler)
    for many in (1, 9, 40):
        for _n in range(many):
            opened(shop, handler)
        assert queries(browser, reverse(name)) == number


def test_the_list_of_orders_asks_as_often_for_fifty_rows_as_for_one(shop, handler, as_):
    browser, seen = as_(handler), []
    for many in (1, 9, 40):
        for _n in range(many):
            order = make.order(shop, ship_by=timezone.now())
            make.line(order)
            make.alert(shop, orders=[order])
            order.holds.create(store=shop, reason="核实", asked_by=handler, asked_at=timezone.now())
        seen.append(queries(browser, reverse("orders")))
    assert seen == [11, 11, 11]


def test_names_with_markup_stay_text_in_the_list(shop, handler, lead, as_):
    opened(shop, handler)
    Store.objects.update(name="<b>店")
    User.objects.filter(pk=handler.pk).update(name="<i>人")
    ViolationType.objects.update(name_zh="<u>类")
    Platform.objects.update(name_zh='">台', short_zh="<")
    shown = as_(lead).get(reverse("cases")).content.decode()
    assert [tag for tag in ("<b>", "<i>人", "<u>", '">台') if tag in shown] == []
    assert [text for text in ("&lt;b&gt;店", "&lt;i&gt;人", "&lt;u&gt;类", "&quot;&gt;台") if text not in shown] == []


def test_a_case_of_two_violations_is_one_row_with_both_kinds_and_the_attempts_of_the_first(shop, handler):
    case = opened(shop, handler)
    second = make.violation(shop, key="late_shipment")
    case.matters.create(violation=second, attempts_used=1, attempts_allowed=1)
    (row,) = case_rows.fetch(Case.objects.filter(pk=case.pk))
    assert (list(row.kinds), row.attempts) == (["虚假交易", "延迟发货"], (0, 2))


def test_a_state_is_listed_in_the_order_of_its_index_without_sorting(shop, lead):
    for _n in range(30):
        opened(shop, lead)
    rows = cases(lead, QueryDict("status=diagnosing")).values_list("pk", flat=True)
    assert not sorts(rows[:10])
    assert sorts(rows.order_by("opened_at")[:10])


def sorts(rows) -> bool:
    """Whether the database sorts what it found; PostgreSQL is kept from reading so few rows whole."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_bitmapscan = off")
    plan = rows.explain()
    return "TEMP B-TREE" in plan or "Sort" in plan


def test_orders_to_ship_stand_under_their_hour_of_the_office_and_overdue_ones_first(shop, handler, as_):
    with time_machine.travel(make.at("2026-11-23 09:30"), tick=False):
        for due in ("2026-11-23 09:00", "2026-11-23 12:10", "2026-11-23 12:50", "2026-11-24 09:00"):
            make.order(shop, ship_by=make.at(due), amount_paid=Decimal(10))
        make.order(shop, ship_by=make.at("2026-11-24 10:00"))
        shown = as_(handler).get(reverse("today")).context
    rows = [(row["hour"], row["n"], row["amount"]) for row in shown["ship_hours"]]
    at = make.at
    assert rows == [(None, 1, 10), (at("2026-11-23 12:00"), 2, 20), (at("2026-11-24 09:00"), 1, 10)]
    assert shown["to_ship"] == 4


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
