"""What live screening reads: it goes from the new orders through indexes, and never through all orders of a shop."""

from __future__ import annotations

import datetime as dt
import re

import pytest
import time_machine
from django.db import connection

from orders.models import Order
from orders.screening import screen
from tests.orders.screening_cases import NOW, key, minute, orders, spread

pytestmark = pytest.mark.django_db
# A statement is explained as it runs, with its values: what SQLite and PostgreSQL plan may differ with them.
EXPLAIN = {"sqlite": "EXPLAIN QUERY PLAN ", "postgresql": "EXPLAIN "}
SCANS = re.compile(r"SCAN (?:orders_order|o)\b|Seq Scan on orders_order\b")
INDEXES = re.compile(r"(?:INDEX|Scan using|Scan on) (order_\w+)")


@pytest.fixture(autouse=True)
def _evening_of_the_promotion():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def busy_shop(douyin_shop):
    """A shop with three thousand orders of two months; the statistics are there, as after an import."""
    moments = [NOW - dt.timedelta(days=60) + dt.timedelta(minutes=25 * n) for n in range(3_000)]
    for place in range(0, 3_000, 100):
        part = moments[place : place + 100]
        kinds = {"key_masked": key(f"m{place}"), "key_address": key(f"a{place}"), "key_area": key("r")}
        orders(douyin_shop, part, **kinds, fulfilment="shipped", shipped_at=NOW, ship_by=part[-1])
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
            # Three thousand rows are few enough to be read whole: what shows is whether an index serves.
            cursor.execute("SET LOCAL enable_seqscan = off")
    return douyin_shop


def plans(shop, **options) -> str:
    """The plans of all statements about orders that one screening runs, one line each step."""
    lines: list[str] = []

    def explained(execute, sql, params, many, context):
        if sql.startswith(("SELECT", "WITH")) and Order._meta.db_table in sql:
            with connection.cursor() as cursor:
                cursor.cursor.execute(EXPLAIN[connection.vendor] + sql, params)
                lines.extend(str(row[-1]) for row in cursor.cursor.fetchall())
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explained):
        screen(stores=[shop], at=NOW, dry_run=True, **options)
    return "\n".join(lines)


def test_live_screening_reads_only_through_indexes_around_what_is_new(busy_shop):
    orders(busy_shop, spread(12, 5), key_masked=key("new"), updated_at=NOW)
    orders(busy_shop, spread(12, 5, start=20), key_address=key("door"), updated_at=NOW)
    shown = plans(busy_shop, since=NOW)
    assert SCANS.findall(shown) == []
    # With one shop in the table an hour of the shop and an hour of all shops are the same to PostgreSQL.
    used = {name.replace("order_placed", "order_store_placed") for name in INDEXES.findall(shown)}
    assert used == {
        "order_store_updated",
        "order_day_masked",
        "order_day_address",
        "order_day_area",
        "order_store_placed",
        "order_due_open",
        "order_due_unknown",
    }


def test_the_same_question_without_what_is_new_reads_the_whole_shop(busy_shop):
    orders(busy_shop, spread(12, 5), key_masked=key("new"), updated_at=NOW)
    around, whole = (set(INDEXES.findall(plans(busy_shop, since=since))) for since in (NOW, None))
    assert "order_store_updated" in around
    assert whole != around


def test_orders_that_arrive_three_weeks_late_are_found_with_what_stood_there(busy_shop):
    then = minute(-21 * 24 * 60)
    old = orders(busy_shop, [then] * 6, key_masked=key("late"), updated_at=NOW - dt.timedelta(days=20))
    new = orders(busy_shop, [then + dt.timedelta(minutes=29)] * 6, key_masked=key("late"), updated_at=NOW)
    result = screen(stores=[busy_shop], at=NOW, since=NOW, dry_run=True)
    assert (result.findings, result.suppressed_old) == ([], 1)
    fresh = screen(stores=[busy_shop], at=then + dt.timedelta(days=1), since=then, dry_run=True)
    assert [len(finding.orders) for finding in fresh.findings if finding.detector == "burst_buyer"] == [len(old + new)]


def test_a_window_over_midnight_and_one_of_three_days_are_read_whole(busy_shop):
    midnight = NOW.astimezone(dt.UTC).replace(hour=0, minute=0)
    orders(busy_shop, [midnight - dt.timedelta(minutes=10)] * 6, key_masked=key("n"), updated_at=minute(-500))
    orders(busy_shop, [midnight + dt.timedelta(minutes=10)] * 6, key_masked=key("n"), updated_at=NOW)
    assert len(screen(stores=[busy_shop], at=NOW, since=NOW, dry_run=True).findings) == 1
    Order.objects.filter(key_masked=key("n"), placed_at__lt=midnight).update(
        placed_at=midnight - dt.timedelta(hours=70)
    )
    wide = {"burst_buyer.window_minutes": 3 * 24 * 60}
    assert len(screen(stores=[busy_shop], at=NOW, since=NOW, dry_run=True, overrides=wide).findings) == 1
    assert screen(stores=[busy_shop], at=NOW, since=NOW, dry_run=True).findings == []
