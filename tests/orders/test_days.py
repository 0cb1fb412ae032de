"""Orders by day: what became of them, never guessed, and every number leads to its rows."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.urls import reverse

from orders.days import Fate, last_days, parse
from orders.models import Order
from tests import make

pytestmark = pytest.mark.django_db
NOW = make.at("2026-11-24 14:20")
HOUR = dt.timedelta(hours=1)


@pytest.fixture(autouse=True)
def _afternoon():
    with time_machine.travel(NOW, tick=False):
        yield


def counted(shop) -> dict[str, dict[str, int]]:
    days = last_days(Order.objects.filter(store=shop), NOW, days=3)
    return {f"{day.date:%d}": day.counts for day in days}


def test_each_order_stands_on_its_day_with_the_worst_that_is_known_of_it(shop):
    shop.scans_known_since = make.at("2026-11-01 00:00")
    shop.save()
    day = make.at("2026-11-23 10:00")
    make.order(shop, placed_at=day, ship_by=NOW - HOUR)
    make.order(shop, placed_at=day, ship_by=day + HOUR, shipped_at=day + 2 * HOUR, fulfilment="shipped")
    silent = make.order(shop, placed_at=day, ship_by=NOW, shipped_at=day + HOUR, fulfilment="shipped")
    make.parcel(silent, shipped_at=day + HOUR)
    make.order(shop, placed_at=day, ship_by=None)
    make.order(shop, placed_at=make.at("2026-11-22 23:59"), ship_by=NOW + HOUR)
    make.order(shop, placed_at=make.at("2026-11-21 23:59"), ship_by=NOW - HOUR)
    assert counted(shop) == {
        "22": {"late": 0, "unscanned": 0, "other": 1},
        "23": {"late": 2, "unscanned": 1, "other": 1},
        "24": {"late": 0, "unscanned": 0, "other": 0},
    }


def test_a_missing_scan_of_a_shop_without_tracking_says_nothing(shop):
    assert shop.scans_known_since is None
    order = make.order(shop, placed_at=NOW - HOUR, ship_by=NOW, shipped_at=NOW - HOUR, fulfilment="shipped")
    make.parcel(order, shipped_at=NOW - HOUR)
    assert counted(shop)["24"] == {"late": 0, "unscanned": 0, "other": 1}


def test_a_number_of_the_shop_page_leads_to_exactly_its_orders(shop, as_, handler):
    late = make.order(shop, placed_at=NOW - 20 * HOUR, ship_by=NOW - HOUR)
    make.order(shop, placed_at=NOW - 20 * HOUR, ship_by=NOW + HOUR)
    browser = as_(handler)
    page = browser.get(reverse("shop", args=[shop.code])).content.decode()
    address = f"{reverse('orders')}?shop={shop.code}&amp;placed=2026-11-23:late"
    assert f'<a class="ink" href="{address}">1</a>' in page
    rows = browser.get(address.replace("&amp;", "&")).context["rows"]
    assert [row["order"].order_no for row in rows] == [late.order_no]


def test_days_of_a_shop_are_one_question(shop, django_assert_num_queries):
    for _n in range(5):
        make.order(shop, placed_at=NOW - HOUR)
    with django_assert_num_queries(1):
        last_days(Order.objects.filter(store=shop), NOW, days=30)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("2026-11-14", (dt.date(2026, 11, 14), "")),
        ("2026-11-14:late", (dt.date(2026, 11, 14), Fate.LATE)),
        ("2026-11-14:nonsense", (dt.date(2026, 11, 14), "")),
        ("2026-11-31", None),
        ("", None),
    ],
)
def test_a_filter_by_day_that_is_no_day_narrows_nothing(text, asked):
    assert parse(text) == asked
