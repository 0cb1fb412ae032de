"""The file that came in: sealed while it waits and for a while after, clear only while a job reads it."""

from __future__ import annotations

import datetime as dt
import os
import time
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone

from casemgr.kit.models import AuditEvent, DataKey
from casemgr.kit.workflow import Refused
from orders.actions import import_files, imports
from orders.imports import files
from orders.imports.runs import table_of
from orders.models import ImportRefusal, Order
from tests.orders.imported import imported, received
from tests.orders.made_up_files import table

pytestmark = pytest.mark.django_db

MAPPING = {"order_no": "订单编号", "recipient_phone": "手机", "amount_paid": "实付"}
PHONE = "13812345678"


def content(*rows: tuple[str, ...], headers: tuple[str, ...] = ()) -> bytes:
    return table([*MAPPING.values(), *headers], rows or [("1001", PHONE, "9.00")])


def taken_in(shop, file: bytes):
    return imported(shop, file, mapping=MAPPING, kind="orders")


def on_disk(settings) -> dict[str, bytes]:
    """Every file of this installation by its place."""
    root = Path(settings.MEDIA_ROOT).parent
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_file_is_sealed_while_it_waits_and_after(shop, settings, django_capture_on_commit_callbacks, handler):
    run = received(shop, content(), mapping=MAPPING, kind="orders")
    assert [place for place, stored in on_disk(settings).items() if PHONE.encode() in stored] == []
    with django_capture_on_commit_callbacks(execute=True):
        imports.publish_now(by=handler, run=run)
    run.refresh_from_db()
    assert (run.file, Path(run.sealed_file).name) == ("", "original")
    assert timezone.now() + dt.timedelta(days=29) < run.sealed_until < timezone.now() + dt.timedelta(days=31)
    assert [place for place, stored in on_disk(settings).items() if PHONE.encode() in stored] == []
    with files.opened(run.sealed_file) as original:
        assert original.read() == content()


def test_clear_copy_is_there_only_while_it_is_read_and_for_this_user_only(shop, settings):
    run = received(shop, content(), mapping=MAPPING, kind="orders")
    with table_of(run) as opened:
        (copy,) = Path(settings.MEDIA_ROOT).with_name("reading").iterdir()
        assert (copy.stat().st_mode & 0o777, opened.headers) == (0o600, list(MAPPING.values()))
    assert not copy.exists()


def test_clear_copy_that_a_killed_job_left_is_swept(settings):
    folder = Path(settings.MEDIA_ROOT).with_name("reading")
    folder.mkdir(parents=True)
    for name, age in (("old", 4 * 3600), ("new", 60)):
        (folder / name).write_bytes(b"clear")
        os.utime(folder / name, (time.time() - age,) * 2)
    files.sweep()
    assert [path.name for path in folder.iterdir()] == ["new"]


def test_sweep_leaves_the_sealed_originals_of_imported_files(shop, settings):
    run = taken_in(shop, content())
    folder = (Path(settings.MEDIA_ROOT) / run.sealed_file).parent
    os.utime(folder, (time.time() - 3 * 24 * 3600,) * 2)
    assert (files.sweep(), folder.exists()) == (0, True)


@pytest.mark.parametrize("column", ["身份证号", "银行卡号"])
def test_file_with_identity_or_bank_numbers_is_kept_until_it_is_imported_only(
    column, shop, settings, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        run = taken_in(shop, content(("1001", PHONE, "9.00", "330106199001011234"), headers=(column,)))
    assert (run.sealed_file, run.sealed_until) == ("", None)
    assert [place for place in on_disk(settings) if "imports" in place] == []
    assert DataKey.objects.get(name=f"import:{run.code}").destroyed_at is not None


def test_cancelled_or_refused_file_leaves_no_key_that_opens_it(shop, handler):
    run = received(shop, content(), mapping=MAPPING, kind="orders")
    imports.cancel(by=handler, run=run)
    assert DataKey.objects.get(name=f"import:{run.code}").destroyed_at is not None
    with pytest.raises(Refused):
        received(shop, b"%PDF-1.7 nothing")
    assert DataKey.objects.count() == 1


def test_original_is_taken_away_byte_for_byte_and_written_down(shop, handler, as_):
    run = taken_in(shop, content())
    answer = as_(handler).get(reverse("import-original", args=[run.code]))
    assert b"".join(answer.streaming_content) == content()
    assert (answer["Content-Disposition"], answer["Cache-Control"]) == (
        'attachment; filename="made-up.csv"',
        "private, no-store",
    )
    assert AuditEvent.objects.get(action="import.original_taken").actor_name == handler.name


def test_original_past_its_time_is_gone_and_the_page_says_so(shop, handler, as_):
    run = taken_in(shop, content())
    later = run.sealed_until + dt.timedelta(seconds=1)
    assert import_files.end_keeping(run=run, now=run.sealed_until - dt.timedelta(seconds=1)) is False
    assert files.opened(run.sealed_file).read() == content()
    assert [import_files.end_keeping(run=run, now=later) for _time in range(2)] == [True, False]
    with pytest.raises(FileNotFoundError):
        files.opened(run.sealed_file)
    assert as_(handler).get(reverse("import-original", args=[run.code])).status_code == 409
    assert as_(handler).get(reverse("import", args=[run.code])).context["is_original_kept"] is False


def test_refused_rows_come_as_the_file_had_them_and_can_be_mended_and_imported(shop, handler, as_):
    bad = ("1002", PHONE, "many")
    run = taken_in(shop, content(("1001", PHONE, "9.00"), bad, ('=HYPERLINK("x")', PHONE, "some")))
    answer = as_(handler).get(reverse("import-refused", args=[run.code]))
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    header, first, second = text.splitlines()
    assert header.split(",")[:3] == list(MAPPING.values())
    assert first.startswith("1002,13812345678,many,")
    assert second.startswith("\"'=HYPERLINK")

    mended = text.replace("many", "12.00").replace("some", "5.00")
    again = taken_in(shop, mended.encode("utf-8-sig"))
    assert (again.stored, again.refused) == (2, 0)
    assert set(Order.objects.values_list("order_no", flat=True)) == {"1001", "1002", '=HYPERLINK("x")'}


def test_without_the_original_refused_rows_are_line_column_value_and_reason(shop, handler, as_, settings):
    settings.IMPORT_KEEP_DAYS = 0
    run = taken_in(shop, content(("1001", PHONE, "9.00"), ("1002", PHONE, "many")))
    assert (run.sealed_file, ImportRefusal.objects.filter(run=run).count()) == ("", 1)
    text = b"".join(as_(handler).get(reverse("import-refused", args=[run.code])).streaming_content).decode("utf-8-sig")
    assert text.splitlines()[1].startswith("3,实付,m***,")
