"""Imports write straight into the tables: twice the same is nothing to write, and two at once find each other's rows."""

from __future__ import annotations

import threading

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from appeals.demo.exports import pinduoduo_82
from casemgr.kit.bulk import add
from orders.actions import imports
from orders.imports import publishing
from orders.models import ImportRun, Order, OrderLine, Parcel, ParcelOrder
from orders.workflow import IMPORT
from tests import make
from tests.orders.imported import imported, received
from tests.orders.made_up_files import order

WRITTEN = tuple(model._meta.db_table for model in (Order, OrderLine, Parcel, ParcelOrder))
PARCEL = ("store_id", "waybill_no", "carrier_word", "state", "created_at")


def parcel(shop, number: str) -> tuple[object, ...]:
    return (shop.pk, number, "", "", "2026-11-07 00:00:00")


@pytest.mark.django_db
def test_keys_drawn_beforehand_are_those_of_the_rows_and_the_next_row_gets_another(shop):
    with transaction.atomic():
        keys = add(Parcel, PARCEL, [parcel(shop, "A"), parcel(shop, "B")])
    assert dict(Parcel.objects.values_list("pk", "waybill_no")) == dict(zip(keys, "AB", strict=True))
    later = Parcel.objects.create(store=shop, waybill_no="C", created_at=make.at("2026-11-07 20:00"))
    assert later.pk > max(keys)


@pytest.mark.django_db
def test_unchanged_file_is_read_and_compared_but_writes_no_row(shop):
    content = pinduoduo_82(order(n, waybill_no=f"JT{n:013d}", carrier="极兔") for n in range(1, 8))
    imported(shop, content)
    run = received(shop, content)
    with CaptureQueriesContext(connection) as asked:
        imports.publish_now(by=None, run=run)
    begun = [one["sql"].lstrip().upper() for one in asked]
    writes = [sql for sql in begun if sql.startswith(("INSERT", "UPDATE", "COPY")) and any(
        f"{verb} {name}" in sql.replace('"', "") for name in map(str.upper, WRITTEN) for verb in ("INTO", "UPDATE", "COPY")
    )]  # fmt: skip
    assert writes == []
    run.refresh_from_db()
    assert run.counts["done"] == {"new": 0, "changed": 0, "unchanged": 7}
    assert not Order.objects.filter(import_run=run).exists()


def written_beside_another(shop, run: ImportRun) -> bool:
    """Write the run while another writer holds order 2, not committed yet; whether all its batches were written."""
    holds, may_commit = threading.Event(), threading.Event()

    def other() -> None:
        try:
            with transaction.atomic():
                make.order(shop, order(2)["order_no"])
                holds.set()
                may_commit.wait(timeout=1)
        finally:
            connection.close()

    faster = threading.Thread(target=other)
    faster.start()
    holds.wait(timeout=10)
    try:
        return publishing.write_batches(run)
    finally:
        faster.join()


def ready(shop) -> ImportRun:
    run = received(shop, pinduoduo_82(order(n) for n in range(1, 4)))
    IMPORT.go(run, "publishing", by=None)
    return run


@pytest.mark.django_db(transaction=True)
def test_batch_begins_anew_when_another_writer_was_faster_with_one_of_its_orders(shop):
    run = ready(shop)
    assert written_beside_another(shop, run)
    assert run.counts["done"] == {"new": 2, "changed": 1, "unchanged": 0}
    assert Order.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_without_a_second_try_the_batch_would_fail(shop, monkeypatch):
    """The control; on SQLite writers take turns, and the first try finds the other's order already."""
    monkeypatch.setattr(publishing, "_TRIES", 1)
    run = ready(shop)
    if connection.vendor == "sqlite":
        assert written_beside_another(shop, run)
    else:
        with pytest.raises(IntegrityError):
            written_beside_another(shop, run)
        assert Order.objects.count() == 1
