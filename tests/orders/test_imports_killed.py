"""An import killed with -9 at any moment and resumed ends like one that nobody disturbed (I3)."""

from __future__ import annotations

import os
import random
import time
from typing import Any

import pytest
from django.core.files.base import ContentFile

from appeals.demo.exports import douyin_74
from casemgr.kit import jobs
from casemgr.kit.models import Job
from orders.actions import imports
from orders.models import ImportRefusal, ImportRun, Order, OrderLine, Parcel, ParcelOrder
from orders.workflow import IMPORT
from stores.models import Store
from tests import make
from tests.forks import killed_after
from tests.orders.imported import imported, received
from tests.orders.made_up_files import sub_order

pytestmark = pytest.mark.django_db(transaction=True)
KILLS = int(os.environ.get("CASEMGR_KILLS", "20"))
ORDERS = 400


def file() -> bytes:
    """Orders of two lines and a parcel each, and some rows that are refused."""
    rows = [
        sub_order(n, line, waybill_no=f"JT{n:013d}", quantity="many" if n % 50 == 0 and line == 1 else 1)
        for n in range(1, ORDERS + 1)
        for line in (1, 2)
    ]
    return douyin_74(rows)


def end_state(shop: Store, run: ImportRun) -> dict[str, Any]:
    """Everything an import leaves, but for keys, codes and clocks."""
    run.refresh_from_db()
    order = ("order_no", "state", "fulfilment", "quantity", "amount_paid", "ship_by", "shipped_at", "content_hash")
    line = ("order__order_no", "line_key", "sku_code", "quantity", "amount", "content_hash")
    return {
        "orders": list(Order.objects.filter(store=shop).order_by("order_no").values_list(*order)),
        "lines": list(
            OrderLine.objects.filter(order__store=shop).order_by("order__order_no", "line_key").values_list(*line)
        ),
        "parcels": list(
            Parcel.objects.filter(store=shop).order_by("waybill_no").values_list("waybill_no", "shipped_at")
        ),
        "links": ParcelOrder.objects.filter(order__store=shop).count(),
        "refused": list(ImportRefusal.objects.filter(run=run).values_list("line", "column", "reason_code")),
        "run": (run.status, run.rows, run.stored, run.refused, run.counts.get("done"), run.totals),
        "jobs": sorted(Job.objects.filter(store_ref=shop.pk).values_list("kind", "state")),
    }


def work_off() -> None:
    """What a worker does, after a supervisor freed what the dead one held."""
    # Waiting again, not lapsed: that a lapsed job runs in a process of its own is shown in tests/kit.
    Job.objects.filter(state=Job.State.RUNNING).update(state=Job.State.QUEUED, lease_until=None, tries=0)
    jobs.run_due()


def disturbed(shop: Store, chance: random.Random, within: float) -> tuple[ImportRun, list[int]]:
    """Import the file with kills at random moments; the run, and how far the writing was at each kill."""
    run = imports.receive(by=None, store=shop, upload=ContentFile(file()), filename="made-up.csv")
    reached: list[int] = []
    while Job.objects.filter(state__in=["queued", "running"]).exists() or run.status != "published":
        if run.status == "staged":
            imports.publish(by=None, run=run)
        if killed_after(chance.uniform(0, within) if len(reached) < 6 else 60, work_off):
            reached.append(ImportRun.objects.get(pk=run.pk).published_upto)
        run.refresh_from_db()
        broken = Job.objects.filter(state="failed").values_list("kind", "error")
        assert (run.error, list(broken)) == ("", [])
    return run, reached


@pytest.fixture
def batches_of_20(monkeypatch):
    monkeypatch.setattr("orders.imports.scratch.BATCH", 20)


def test_import_killed_at_random_moments_ends_like_an_undisturbed_one(batches_of_20):
    merchant = make.merchant()
    began = time.monotonic()
    calm_shop = make.store(on="douyin", of=merchant)
    calm = end_state(calm_shop, imported(calm_shop, file()))
    within = time.monotonic() - began
    chance, reached = random.Random(7), []
    while len(reached) < KILLS:
        shop = make.store(on="douyin", of=merchant)
        run, kills = disturbed(shop, chance, within)
        assert end_state(shop, run) == calm
        reached += kills
    # The control of the test itself: some kills came while rows were being written, not only before and after.
    assert any(0 < upto < ORDERS for upto in reached), reached


def test_without_the_kept_position_rows_would_count_twice(batches_of_20):
    """The control: a run that forgot how far it was writes no row twice, but counts those it wrote before."""
    run = received(make.store(on="douyin"), file())
    IMPORT.go(run, "publishing", by=None)
    batches: list[int] = []

    def dies_in_the_sixth(done: int) -> None:
        batches.append(done)
        if len(batches) > 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        imports.write(run=run, fence=dies_in_the_sixth)
    written = Order.objects.count()
    ImportRun.objects.filter(pk=run.pk).update(published_upto=0)
    imports.write(run=ImportRun.objects.get(pk=run.pk))
    run.refresh_from_db()
    assert sum(run.counts["done"].values()) == Order.objects.count() + written > written > 0
