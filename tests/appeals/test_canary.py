"""A buyer's data, put in at every door, is found nowhere in clear: database and its log, files, broker, logs (V1, V2)."""

from __future__ import annotations

import base64
import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse

from appeals.actions import evidence, filings, talk
from appeals.models import Case
from casemgr.kit import job_kinds, jobs
from orders.actions import imports, recipients
from orders.models import ImportRun, Order
from stores.models import EvidenceRequirement
from tests import make
from tests.appeals.cast import appeal_in, filing_in, opened
from tests.appeals.test_evidence import given, photo
from tests.orders.made_up_files import table
from tests.orders.test_recipients import switch

pytestmark = pytest.mark.django_db(transaction=True)

PHONE, IDENTITY = "13877665544", "11010519491231002X"
NAME, DOOR = "龚婉清", "听雨巷88号7幢903室"
ADDRESS = f"浙江省杭州市余杭区五常街道{DOOR}"
CANARIES = (PHONE, IDENTITY, NAME, DOOR)
COLUMNS = ("订单编号", "收件人", "手机", "收货地址", "留言", "卖家备注", "实付", "身份证号")
FIELDS = ("order_no", "recipient_name", "recipient_phone", "address", "buyer_note", "seller_note", "amount_paid")


@job_kinds.handles("tests.quotes_a_row", label="x")
def _quotes_a_row(running: jobs.Running) -> None:
    raise ValueError(f"DETAIL: Failing row contains (1, {PHONE}, {IDENTITY}).")


def spellings(canary: str) -> Iterator[bytes]:
    """A text as tables, JSON, messages and SQLite may hold it."""
    yield canary.encode()
    yield canary.encode("gb18030")
    yield json.dumps(canary)[1:-1].encode()
    for start in range(3):  # base64 depends on where in a longer text it begins
        yield base64.b64encode(b"-" * start + canary.encode())[start + (start > 0) : -4]


def places(caplog: Any, capfd: Any) -> Iterator[tuple[str, bytes]]:
    """(name, contents) of every place in which something could have been left."""
    if connection.vendor == "postgresql":
        for name in connection.introspection.table_names():
            with connection.cursor() as cursor, cursor.copy(f'COPY "{name}" TO STDOUT') as rows:
                yield f"table {name}", b"".join(bytes(row) for row in rows)
    else:
        for path in Path(connection.settings_dict["NAME"]).parent.glob("*sqlite3*"):
            if path.name.startswith(Path(connection.settings_dict["NAME"]).name):
                yield f"database {path.suffix}", path.read_bytes()
    private = Path(django_settings.MEDIA_ROOT).parent
    for folder in (private, Path(django_settings.BROKER_DIR)):
        for path in folder.rglob("*"):
            if path.is_file() and path.suffix != ".lock":
                yield f"file {path.relative_to(folder)}", path.read_bytes()
    told = capfd.readouterr()
    yield "log", "\n".join([caplog.text, told.out, told.err]).encode()


def found(caplog: Any, capfd: Any) -> list[tuple[str, str]]:
    """(place, canary) wherever one can be read."""
    return [
        (name, canary)
        for name, contents in places(caplog, capfd)
        for canary in CANARIES
        if any(spelling in contents for spelling in spellings(canary))
    ]


def orders_file() -> bytes:
    note = f"请打{PHONE}，身份证{IDENTITY}"
    good = ("2611079001", NAME, PHONE, ADDRESS, note, note, "99.00", IDENTITY)
    refused = ("2611079002", NAME, PHONE, ADDRESS, "", "", f"{PHONE}", IDENTITY)
    wrong = ("2611079003", NAME, PHONE, ADDRESS, "", "", f"电话{PHONE}", IDENTITY)
    return table(COLUMNS, [good, ("2611079004", *good[1:]), refused, wrong])


def imported_by_page(browser: Any, shop: Any) -> ImportRun:
    """A file with a person in it goes through the pages: sent in, mapped, checked, imported, screened."""
    upload = SimpleUploadedFile(f"订单_{PHONE}.csv", orders_file())
    browser.post(reverse("import-new"), {"store": shop.code, "kind": "orders", "file": upload})
    run = ImportRun.objects.get()
    browser.get(reverse("import-mapping", args=[run.code]))
    if run.status == "mapping":
        mapping = dict(zip(FIELDS, COLUMNS, strict=False))
        imports.map_columns(by=None, run=run, kind="orders", mapping=mapping, options={}, remember=True)
    jobs.run_due()
    browser.get(reverse("import", args=[run.code]))
    browser.post(reverse("import-publish", args=[run.code]))
    jobs.run_due()
    browser.get(reverse("import", args=[run.code]))
    run.refresh_from_db()
    assert (run.status, run.stored, run.refused) == ("published", 2, 2)
    return run


def case_worked_on(handler: Any, lead: Any, shop: Any) -> Case:
    """Alert, case, notice, talk, evidence, pack: with the person in every text."""
    said = f"买家{PHONE}投诉，证件{IDENTITY}"
    orders = list(Order.objects.all())
    make.alert(shop, orders=orders)
    case = opened(shop, handler, orders=orders, text=said)
    kind = EvidenceRequirement.objects.get_or_create(key="notice", defaults={"name_zh": "通知", "name_en": "notice"})[0]
    uploads = [given(f"截图{PHONE}.jpg", photo()), given("名单.csv", orders_file())]
    evidence.add(by=handler, case=case, requirement=kind, uploads=uploads, declared_true=True)
    talk.say(by=handler, case=case, text=said)
    filing = filing_in("approved", case, lead, box_text="正文", letter_text="全文")
    filing.appeals.add(appeal_in("draft", case.matters.get()))
    filings.claim(by=handler, filing=filing)
    return case


def a_day(browser: Any, handler: Any, lead: Any, shop: Any) -> Case:
    make.policy("false_transaction")
    imported_by_page(browser, shop)
    case = case_worked_on(handler, lead, shop)
    jobs.enqueue("tests.quotes_a_row", key="quotes", payload={})
    jobs.run_due()
    order = Order.objects.order_by("order_no")[0]
    if shop.merchant.keep_recipient:
        recipients.show(by=handler, order=order, purpose="contact", words=f"打电话{PHONE}")
    return case


def pages(case: Case, shop: Any) -> list[str]:
    order, run = Order.objects.order_by("order_no")[0], ImportRun.objects.get()
    filing = case.filings.get()
    return [
        *map(reverse, ("orders", "alerts", "cases", "imports")),
        reverse("orders") + "?format=csv",
        reverse("order", args=[shop.code, order.order_no]),
        reverse("order-recipient", args=[shop.code, order.order_no]),
        reverse("order-contact", args=[shop.code, order.order_no]),
        reverse("alert", args=[order.alerts.get().code]),
        reverse("import", args=[run.code]),
        reverse("case", args=[case.code]),
        reverse("case-timeline", args=[case.code]),
        reverse("filing", args=[filing.code]),
    ]


@pytest.mark.parametrize("keeps", [False, True])
def test_buyers_data_put_in_at_every_door_is_nowhere_in_clear(keeps, shop, handler, lead, as_, caplog, capfd):
    if keeps:
        switch(lead, shop.merchant, True)
    with caplog.at_level(logging.INFO):
        case = a_day(as_(handler), handler, lead, shop)
    assert Order.objects.filter(recipient_sealed__isnull=False).count() == (2 if keeps else 0)
    assert found(caplog, capfd) == []

    # V1: what people see is masked too, in pages and in what they take away.
    for address in pages(case, shop):
        answer = as_(handler).get(address)
        body = (b"".join(answer.streaming_content) if answer.streaming else answer.content).decode()
        assert [(address, canary) for canary in CANARIES if canary in body] == []
        assert answer.status_code == 200, address
    order = Order.objects.order_by("order_no")[0]
    assert len(re.findall(r"\d", order.phone_masked)) <= len(PHONE) - 6
    assert (order.recipient_masked, "88" in order.address_masked) == ("龚**", False)


def test_the_search_finds_what_is_there_in_clear(shop, settings, caplog, capfd):
    """The negative control: each place is looked into, or the test above proves nothing."""
    make.order(shop, buyer_note=f"{NAME} {PHONE}")
    ImportRun.objects.create(
        store=shop, kind="orders", filename="x", size=1, sha256="0" * 64, preview=[{"address": ADDRESS}]
    )
    jobs.Job.objects.create(key="k", kind="tests.quotes_a_row", payload={"identity": IDENTITY})
    (Path(settings.MEDIA_ROOT) / "evidence").mkdir(parents=True)
    (Path(settings.MEDIA_ROOT) / "evidence" / "x.csv").write_bytes(f"a,{NAME}".encode("gb18030"))
    message = Path(settings.BROKER_DIR) / "queue" / "canary.msg"
    message.parent.mkdir(parents=True, exist_ok=True)  # with another broker there is no folder
    message.write_bytes(json.dumps({"body": base64.b64encode(f"[{PHONE}]".encode()).decode()}).encode())
    logging.getLogger("x").warning("the phone is %s", PHONE)
    try:
        seen = found(caplog, capfd)
    finally:
        message.unlink()
    assert {canary for place, canary in seen if place.startswith(("table", "database"))} == set(CANARIES)
    assert [canary for place, canary in seen if place.endswith("evidence/x.csv")] == [NAME]
    assert [canary for place, canary in seen if place.endswith("canary.msg")] == [PHONE]
    assert [canary for place, canary in seen if place == "log"] == [PHONE]
