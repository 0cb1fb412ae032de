"""What becomes of a file: received, checked, imported, cancelled, killed and resumed; by page and by command."""

from __future__ import annotations

import json
import random
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from appeals.demo.exports import douyin_74, pinduoduo_82
from casemgr.kit import jobs
from casemgr.kit.models import AuditEvent, Job, Notification
from casemgr.kit.workflow import Refused, Stale
from orders.actions import imports
from orders.imports import files, publishing
from orders.models import ImportRefusal, ImportRun, Order, OrderLine
from orders.workflow import IMPORT
from tests import make
from tests.orders.imported import imported, received
from tests.orders.made_up_files import DELIVERY_MAPPING, deliveries, order, sub_order, table

pytestmark = pytest.mark.django_db


def folders(settings) -> list[Path]:
    root = Path(settings.MEDIA_ROOT) / "imports"
    return list(root.iterdir()) if root.exists() else []


def test_checked_file_has_written_nothing_but_its_preview(shop, handler, settings):
    run = received(shop, pinduoduo_82([order(1), order(2)]), by=handler)
    assert (run.status, run.rows, Order.objects.count(), len(folders(settings))) == ("staged", 2, 0, 1)
    assert [row["values"]["order_no"] for row in run.preview] == [order(1)["order_no"], order(2)["order_no"]]


def test_cancelled_file_leaves_no_preview_and_no_refused_rows(shop, handler):
    run = received(shop, pinduoduo_82([order(1), order(1, quantity=2)]), by=handler)
    assert ImportRefusal.objects.count() == 1
    imports.cancel(by=handler, run=run)
    run.refresh_from_db()
    assert (run.status, run.preview, ImportRefusal.objects.count(), Order.objects.count()) == ("cancelled", [], 0, 0)
    with pytest.raises(Refused):
        imports.publish(by=handler, run=run)


def test_cancelled_file_is_deleted_and_of_an_imported_one_only_the_sealed_original_stays(
    shop, handler, settings, django_capture_on_commit_callbacks
):
    run = received(shop, pinduoduo_82([order(1)]), by=handler)
    with django_capture_on_commit_callbacks(execute=True):
        imports.cancel(by=handler, run=run)
    assert folders(settings) == []
    run = received(shop, pinduoduo_82([order(1)]), by=handler)
    with django_capture_on_commit_callbacks(execute=True):
        imports.publish_now(by=handler, run=run)
    assert [[path.name for path in folder.iterdir()] for folder in folders(settings)] == [["original"]]


@pytest.mark.parametrize(
    "content", [b"", b"%PDF-1.7 nothing", "只有一行字".encode(), b"PK\x03\x04broken", b"\x00\x01\x02" * 50]
)
def test_what_is_no_table_is_refused_in_words_and_leaves_nothing(shop, settings, content):
    with pytest.raises(Refused) as refused:
        received(shop, content)
    assert len(str(refused.value)) > 10
    assert (ImportRun.objects.count(), folders(settings)) == (0, [])


def test_file_beyond_the_limit_is_refused_before_it_fills_the_disk(shop, settings):
    settings.IMPORT_MAX_BYTES = 100
    with pytest.raises(Refused):
        received(shop, pinduoduo_82([order(1)]))
    assert folders(settings) == []


def test_file_that_breaks_further_down_fails_in_words(shop, settings):
    run = received(shop, pinduoduo_82(order(n) for n in range(1, 60)) + b'261107-1,"never closed\n')
    assert (run.status, run.file, Order.objects.count()) == ("failed", "", 0)
    assert run.error


def test_import_twice_at_once_writes_once(shop, handler):
    run = received(shop, pinduoduo_82([order(1)]), by=handler)
    second = ImportRun.objects.get(pk=run.pk)
    imports.publish(by=handler, run=run)
    with pytest.raises(Stale):
        imports.publish(by=handler, run=second)
    jobs.run_due()
    assert Order.objects.count() == 1


def killed_after(batches: int):
    """A fence that lets so many batches pass and then dies, as a worker does that is killed."""
    passed = []

    def fence(done: int) -> None:
        passed.append(done)
        if len(passed) > batches:
            raise KeyboardInterrupt

    return fence


@pytest.mark.parametrize("batches", range(5))
def test_killed_import_goes_on_where_it_stopped(douyin_shop, monkeypatch, batches):
    monkeypatch.setattr("orders.imports.scratch.BATCH", 6)
    rows = [sub_order(n, line, waybill_no=f"JT{n:013d}") for n in range(1, 16) for line in (1, 2)]
    run = received(douyin_shop, douyin_74(rows))
    IMPORT.go(run, "publishing", by=None)
    with pytest.raises(KeyboardInterrupt):
        imports.write(run=run, fence=killed_after(batches))
    assert Order.objects.count() == 3 * batches
    imports.write(run=ImportRun.objects.get(pk=run.pk))
    run.refresh_from_db()
    assert (run.status, run.counts["done"]["new"], run.counts["rows_done"]) == ("published", 15, 30)
    assert (run.totals["amount_paid"], OrderLine.objects.count()) == ("3000.00", 30)


def test_batch_that_another_worker_wrote_is_not_written_or_counted_twice(shop, monkeypatch):
    monkeypatch.setattr("orders.imports.scratch.BATCH", 2)
    run = received(shop, pinduoduo_82(order(n) for n in range(1, 6)))
    IMPORT.go(run, "publishing", by=None)
    slow = ImportRun.objects.get(pk=run.pk)
    imports.write(run=run)
    run.refresh_from_db()
    written = list(Order.objects.values())
    assert publishing.write_batches(slow) is False
    run.refresh_from_db()
    assert run.counts["done"] == {"new": 5, "changed": 0, "unchanged": 0}
    assert list(Order.objects.values()) == written


def test_lost_scratch_file_is_made_again_from_the_file(shop, monkeypatch):
    run = received(shop, pinduoduo_82(order(n) for n in range(1, 4)))
    files.scratch_of(run.file).unlink()
    imports.publish_now(by=None, run=run)
    assert Order.objects.count() == 3


def test_every_job_of_an_import_may_run_again(shop):
    imported(shop, pinduoduo_82([order(1)]))
    before = list(Order.objects.values())
    for job in Job.objects.all():
        Job.objects.filter(pk=job.pk).update(state="queued", tries=0)
        assert jobs.run_now(job).state == "done"
    assert list(Order.objects.values()) == before


def test_every_step_leaves_an_audit_row(shop, handler):
    run = received(shop, pinduoduo_82([order(1)]), by=handler)
    imports.publish(by=handler, run=run)
    jobs.run_due()
    steps = AuditEvent.objects.filter(object_code=run.code).order_by("pk").values_list("action", "actor_name")
    assert list(steps) == [
        ("import.received", handler.name), ("import.staging", handler.name), ("import.staged", ""),
        ("import.publishing", handler.name), ("import.published", ""),
    ]  # fmt: skip


def test_orphaned_folder_is_swept_and_a_used_one_is_not(shop, settings, monkeypatch):
    run = received(shop, pinduoduo_82([order(1)]))
    orphan = Path(settings.MEDIA_ROOT) / "imports" / "orphan"
    orphan.mkdir()
    monkeypatch.setattr("orders.imports.files._ORPHANED", -1)
    assert files.sweep() == 1
    assert [folder.name for folder in folders(settings)] == [Path(run.file).parent.name]


def command(*args: str) -> dict:
    out = StringIO()
    call_command("import_file", *args, "--json", stdout=out)
    return json.loads(out.getvalue())


def test_command_imports_and_tells_what_it_did(shop, tmp_path):
    path = tmp_path / "made-up.csv"
    path.write_bytes(pinduoduo_82([order(1), order(2), order(1, quantity=3), order(3, quantity=None)]))
    told = command("orders", str(path), "--store", shop.code)
    assert told.pop("seconds") >= 0
    assert told.pop("run") == ImportRun.objects.get().code
    assert told == {
        "rows": 4, "stored": 3, "refused": 1, "shops": 1, "warnings": [],
        "orders": {"new": 3, "changed": 0, "unchanged": 0},
        "totals": {"amount_total": "597.00", "amount_paid": "567.00", "refund_amount": "0.00"},
        "refusals": [{"line": 2, "column": "订单号", "value": order(1)["order_no"], "reason": "replaced by line 4"}],
    }  # fmt: skip
    assert command("orders", str(path), "--store", shop.code)["orders"] == {"new": 0, "changed": 0, "unchanged": 3}


def test_command_takes_a_mapping(shop, tmp_path):
    path = tmp_path / "made-up.csv"
    path.write_bytes(deliveries(60, copies=3))
    pairs = [f"{field}={column}" for field, column in DELIVERY_MAPPING.items()]
    told = command("orders", str(path), "--store", shop.code, "--map", *pairs)
    assert (told["rows"], told["stored"], told["refused"]) == (60, 58, 2)


def test_command_reads_files_with_our_own_field_names(shop, tmp_path):
    imported(shop, pinduoduo_82([order(1)]))
    path = tmp_path / "parcels.csv"
    path.write_bytes(
        table(
            ("order_no", "carrier", "waybill_no", "shipped_at"), [(order(1)["order_no"], "中通", "7312345678901", "")]
        )
    )
    assert command("parcels", str(path), "--store", shop.code)["parcels"] == {"new": 1, "changed": 0, "unchanged": 0}


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (("stock", "x.csv", "--store", "S"), 3),
        (("orders", "x.csv", "--create-shops", "--shop-column", "店铺"), 3),
        (("orders", "x.csv", "--store", "S-NONE"), 1),
    ],
)
def test_command_says_what_it_cannot_do_by_its_exit_code(db, args, code):
    with pytest.raises(CommandError) as fault:
        call_command("import_file", *args)
    assert fault.value.returncode == code


def test_command_refuses_a_file_whose_columns_nobody_knows(
    shop, tmp_path, settings, django_capture_on_commit_callbacks
):
    path = tmp_path / "odd.csv"
    path.write_bytes(table(("甲", "乙"), [("1", "2")]))
    with django_capture_on_commit_callbacks(execute=True), pytest.raises(CommandError) as fault:
        call_command("import_file", "orders", str(path), "--store", shop.code)
    assert (fault.value.returncode, "甲, 乙" in str(fault.value), folders(settings)) == (1, True, [])


def test_same_order_number_in_two_shops_is_two_orders(shop, merchant):
    other = make.store("绿叶二店", of=merchant)
    content = pinduoduo_82([order(1)])
    imported(shop, content)
    imported(other, content)
    assert sorted(Order.objects.values_list("store", "order_no")) == sorted(
        [(shop.pk, order(1)["order_no"]), (other.pk, order(1)["order_no"])]
    )


def test_whoever_sent_a_file_in_is_told_once_how_it_ended(shop, handler):
    run = received(shop, pinduoduo_82([order(1)]), by=handler)
    imports.publish_now(by=handler, run=run)
    jobs.run_due()
    told = Notification.objects.get()
    assert (told.recipient, told.event, told.url) == (handler, "import.published", f"/imports/{run.code}/")


def mutilated(content: bytes, chance: random.Random) -> bytes:
    """The file with a few of its parts damaged, doubled, cut off or torn out."""
    damaged = bytearray(content)
    for _time in range(chance.randint(1, 6)):
        at = chance.randrange(len(damaged))
        way = chance.randrange(5)
        if way == 0:
            damaged[at] = chance.randrange(256)
        elif way == 1:
            del damaged[at : at + chance.randint(1, 400)]
        elif way == 2:
            damaged[at:at] = chance.choice(
                [b'"', b",", b"\n", b"\t", b"\x00", b"9" * 30, "９〇".encode(), b"\xff\xfe", b"=1+1"]
            )
        elif way == 3:
            damaged[at:at] = damaged[at : at + chance.randint(1, 300)]
        else:
            damaged = damaged[: max(1, at)]
        damaged = damaged or bytearray(b"x")
    return bytes(damaged)


@pytest.mark.parametrize("seed", range(4))
def test_any_mutilated_file_is_imported_or_answered_in_words(shop, douyin_shop, seed):
    chance = random.Random(seed)
    whole = [pinduoduo_82(order(n, waybill_no=f"JT{n:013d}") for n in range(1, 9)), deliveries(30, copies=2),
             douyin_74(sub_order(n, line) for n in range(1, 5) for line in (1, 2))]  # fmt: skip
    ends = set()
    for _time in range(40):
        content = mutilated(chance.choice(whole), chance)
        try:
            run = received(chance.choice([shop, douyin_shop]), content)
        except Refused:
            ends.add("refused")
            continue
        ends.add(run.status)
        assert run.status in ("mapping", "staged", "failed")
        assert (run.status != "staged") or run.rows == run.stored + run.refused
        if run.status == "staged" and run.stored:
            assert imports.publish_now(by=None, run=run).status == "published"
    assert "staged" in ends
