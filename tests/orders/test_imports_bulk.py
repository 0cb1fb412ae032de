"""Writing many rows at once: counted right, written once, found by index whatever the size of the table."""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from casemgr.kit.bulk import EARLIER, KEPT_IF_BLANK, Counts, existing, matching, upsert
from orders.models import Order, Parcel
from tests import make
from tests.make import at

pytestmark = pytest.mark.django_db
COLUMNS = ("store_id", "waybill_no", "carrier_word", "shipped_at", "state", "created_at")
KEY = ("store_id", "waybill_no")
UPDATE = {"carrier_word": KEPT_IF_BLANK, "shipped_at": EARLIER}


def put(shop, *rows: tuple[str, str, str | None]) -> Counts:
    """Write parcels given as (number, carrier's word, ship time)."""
    full = [(shop.pk, number, word, shipped_at, "", "2026-11-07 00:00:00") for number, word, shipped_at in rows]
    with transaction.atomic():
        return upsert(Parcel, COLUMNS, full, KEY, guard=None, update=UPDATE, once=("created_at", "state"))


def test_upsert_counts_what_it_did_and_leaves_alone_what_is_the_same(shop):
    assert put(shop, ("A", "中通", None), ("B", "圆通", None)) == Counts(2, 0, 0)
    assert put(shop, ("A", "中通", None), ("B", "申通", None), ("C", "", None)) == Counts(1, 1, 1)
    assert put(shop) == Counts(0, 0, 0)


def test_earlier_moments_and_known_words_are_kept(shop):
    put(shop, ("A", "中通", "2026-11-07 10:00:00"))
    assert put(shop, ("A", "", "2026-11-07 12:00:00")) == Counts(0, 0, 1)
    assert put(shop, ("A", "", "2026-11-07 08:00:00")) == Counts(0, 1, 0)
    stored = Parcel.objects.get()
    assert (stored.carrier_word, stored.shipped_at) == ("中通", at("2026-11-07 16:00"))


def test_two_rows_with_one_key_are_a_mistake_of_the_caller(shop):
    with pytest.raises(ValueError, match="same key"):
        put(shop, ("A", "中通", None), ("A", "圆通", None))


@pytest.mark.parametrize("is_in_scope", [False, True])
def test_rows_are_looked_up_by_index_and_not_by_walking_the_table(shop, is_in_scope):
    numbers = [make.order(shop).order_no for _number in range(30)]
    wanted = [*numbers, "unknown"]
    with CaptureQueriesContext(connection) as asked:
        if is_in_scope:
            found = matching(Order, ("store_id", shop.pk), "order_no", wanted, ("content_hash",)).keys()
        else:
            keys = [(shop.pk, number) for number in wanted]
            found = {number for _store, number in existing(Order, ("store_id", "order_no"), keys, ("content_hash",))}
    assert found == set(numbers)
    how = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
    with connection.cursor() as cursor:
        cursor.execute(f"{how} {asked[-1]['sql']}")
        plan = "\n".join(str(row[-1]) for row in cursor.fetchall())
    index = "Index Scan using order_no_once" if connection.vendor == "postgresql" else "(store_id=? AND order_no=?)"
    assert index in plan


def test_what_is_looked_up_in_a_shop_is_that_shops_alone(shop):
    mine, other = make.order(shop).order_no, make.order(make.store("别家店")).order_no
    found = matching(Order, ("store_id", shop.pk), "order_no", [mine, other], ("store_id",))
    assert found == {mine: (shop.pk,)}
    assert matching(Order, ("store_id", shop.pk), "order_no", ["zzz"], ("id",)) == {}
