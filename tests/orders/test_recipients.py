"""Clear recipients: kept only where a merchant asked for it, sealed per order, shown one at a time, erased for good."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from casemgr.kit import jobs
from casemgr.kit.models import AuditEvent
from casemgr.kit.privacy.key_ring import Unreadable
from casemgr.kit.workflow import Refused
from orders.actions import buyers, imports, recipients
from orders.imports import recipients as sealed_recipients
from orders.models import Order
from tests.orders.imported import imported, received
from tests.orders.made_up_files import table

pytestmark = pytest.mark.django_db

MAPPING = {
    "order_no": "订单编号",
    "recipient_name": "收件人",
    "recipient_phone": "手机",
    "address": "收货地址",
    "buyer_note": "留言",
    "amount_paid": "实付",
}
NAME, PHONE, ADDRESS = "欧阳若曦", "13812345678", "浙江省杭州市余杭区五常街道文一西路969号3幢2单元501室"


def orders_file(*rows: tuple[str, ...]) -> bytes:
    return table(list(MAPPING.values()), rows or [row()])


def row(number: int = 1, name: str = NAME, phone: str = PHONE, address: str = ADDRESS) -> tuple[str, ...]:
    return (f"2611070000000{number}", name, phone, address, "放门口", "99.00")


def taken_in(shop, *rows):
    return imported(shop, orders_file(*rows), mapping=MAPPING, kind="orders")


def switch(lead, merchant, is_on: bool) -> None:
    recipients.keep(by=lead, merchant=merchant, is_kept=is_on)
    jobs.run_due()
    merchant.refresh_from_db()


@pytest.fixture
def keeping(shop, lead):
    switch(lead, shop.merchant, True)
    return shop


def sealed_of(order: Order) -> bytes | None:
    return Order.objects.filter(pk=order.pk).values_list("recipient_sealed", flat=True).get()


def test_merchant_that_did_not_ask_keeps_masks_only(shop):
    taken_in(shop)
    order = Order.objects.get()
    assert (order.recipient_masked, order.phone_masked, sealed_of(order)) == ("欧***", "138******78", None)
    assert sealed_recipients.opened(order) == {}


def test_kept_recipient_is_sealed_and_opens_as_the_file_had_it(keeping):
    taken_in(keeping)
    order = Order.objects.get()
    assert sealed_recipients.opened(order) == {"name": NAME, "phone": PHONE, "address": ADDRESS}
    assert (order.recipient_masked, order.phone_masked) == ("欧***", "138******78")
    assert PHONE.encode() not in bytes(sealed_of(order))


def test_masked_cells_are_never_kept_as_clear(keeping):
    taken_in(keeping, row(1, "张**", "138****5678", "浙江省杭州市****"), row(2, "张**", PHONE, "浙江省杭州市****"))
    first, second = Order.objects.order_by("order_no")
    assert (sealed_of(first), sealed_recipients.opened(second)) == (None, {"phone": PHONE})


def test_recipient_moved_to_another_order_does_not_open(keeping):
    taken_in(keeping, row(1), row(2, "钱多多", "13912345678"))
    first, second = Order.objects.order_by("order_no")
    Order.objects.filter(pk=second.pk).update(recipient_sealed=sealed_of(first))
    with pytest.raises(Unreadable):
        sealed_recipients.opened(second)


def test_unchanged_file_writes_no_recipient_again_and_a_changed_name_does(keeping):
    taken_in(keeping)
    before = sealed_of(Order.objects.get())
    assert taken_in(keeping).counts["done"] == {"new": 0, "changed": 0, "unchanged": 1}
    assert sealed_of(Order.objects.get()) == before
    # The same mask and the same phone: only the sealed name tells that it is another.
    assert taken_in(keeping, row(1, "欧阳若兮")).counts["done"] == {"new": 0, "changed": 1, "unchanged": 0}
    assert sealed_recipients.opened(Order.objects.get())["name"] == "欧阳若兮"


def test_switching_off_erases_and_switching_on_again_brings_back_what_is_imported_again(keeping, lead):
    taken_in(keeping)
    switch(lead, keeping.merchant, False)
    assert sealed_of(Order.objects.get()) is None
    switch(lead, keeping.merchant, True)
    taken_in(keeping)
    assert sealed_recipients.opened(Order.objects.get())["phone"] == PHONE
    assert [row.after for row in AuditEvent.objects.filter(action="merchant.keep_recipient").order_by("pk")] == [
        {"keep_recipient": True},
        {"keep_recipient": False},
        {"keep_recipient": True},
    ]


def test_file_checked_before_the_switch_went_off_writes_no_recipient_after_it(keeping, lead, handler):
    run = received(keeping, orders_file(), mapping=MAPPING, kind="orders")
    switch(lead, keeping.merchant, False)
    imports.publish_now(by=handler, run=run)
    assert (run.stored, sealed_of(Order.objects.get())) == (1, None)


def test_only_leads_switch(keeping, handler, lead, as_):
    address = reverse("shop-recipients", args=[keeping.code])
    with pytest.raises(Refused):
        recipients.keep(by=handler, merchant=keeping.merchant, is_kept=False)
    assert as_(handler).post(address).status_code == 403
    assert as_(lead).post(address).status_code == 302
    keeping.merchant.refresh_from_db()
    assert keeping.merchant.keep_recipient is False


def test_lists_pages_and_exports_never_fetch_the_sealed_recipient(keeping, handler, as_):
    taken_in(keeping)
    order = Order.objects.get()
    for address in (
        reverse("orders"),
        reverse("orders") + "?format=csv",
        reverse("order", args=[keeping.code, order.order_no]),
    ):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            answer = as_(handler).get(address)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert [one["sql"] for one in asked if "recipient_sealed" in one["sql"]] == []
        assert (PHONE in body.decode(), NAME in body.decode()) == (False, False)


def look(browser, order, **said):
    return browser.post(reverse("order-recipient", args=[order.store.code, order.order_no]), said)


def test_recipient_is_shown_once_with_a_purpose_and_written_down_without_the_data(keeping, handler, as_):
    taken_in(keeping)
    order, browser = Order.objects.get(), as_(handler)
    asked = browser.get(reverse("order-recipient", args=[keeping.code, order.order_no]))
    assert (PHONE in asked.content.decode(), AuditEvent.objects.filter(action="recipient.shown").count()) == (False, 0)

    answer = look(browser, order, purpose="contact", words="核实地址，电话13812345678")
    page = answer.content.decode()
    assert all(text in page for text in (NAME, PHONE, ADDRESS))
    assert "no-store" in answer["Cache-Control"]

    event = AuditEvent.objects.get(action="recipient.shown")
    assert (event.actor_name, event.note) == (handler.name, "核实地址，电话138******78")
    assert event.after == {"purpose": "contact", "shown": ["address", "name", "phone"]}
    again = browser.get(reverse("order-recipient", args=[keeping.code, order.order_no])).content.decode()
    assert (PHONE in again, "核实地址" in again) == (False, True)
    assert PHONE not in json.dumps(dict(browser.session))


@pytest.mark.parametrize(
    "said", [{}, {"purpose": "contact"}, {"purpose": "contact", "words": " "}, {"purpose": "x", "words": "y"}]
)
def test_nothing_is_shown_without_a_purpose_in_words(said, keeping, handler, as_):
    taken_in(keeping)
    answer = look(as_(handler), Order.objects.get(), **said)
    assert (answer.status_code, PHONE in answer.content.decode()) == (200, False)
    assert AuditEvent.objects.filter(action="recipient.shown").count() == 0


@pytest.mark.parametrize("person", ["owner", "other_handler", "stranger"])
def test_people_without_the_right_find_no_recipient(person, keeping, as_, request):
    taken_in(keeping)
    user = request.getfixturevalue(person)
    answer = look(as_(user), Order.objects.get(), purpose="contact", words="x")
    assert answer.status_code == 404
    with pytest.raises(Refused):
        recipients.show(by=user, order=Order.objects.get(), purpose="contact", words="x")


def test_page_says_what_is_not_kept(shop, handler, as_):
    taken_in(shop)
    answer = look(as_(handler), Order.objects.get(), purpose="contact", words="x")
    assert answer.context["is_kept"] is False
    assert AuditEvent.objects.filter(action="recipient.shown").count() == 0


def test_one_buyer_is_found_by_phone_or_order_and_exported_with_all_their_orders(keeping, tmp_path):
    taken_in(keeping, row(1), row(2), row(3, "钱多多", "13912345678"))
    for known in (["--phone", "+86 13812345678"], ["--order", "26110700000002"]):
        path = tmp_path / f"{known[0]}.json"
        call_command("buyer", "--merchant", keeping.merchant.code, *known, "--export", str(path), stdout=StringIO())
        told = json.loads(path.read_text())
        assert [one["order_no"] for one in told["orders"]] == ["26110700000001", "26110700000002"]
        assert told["orders"][0]["recipient"] == {"name": NAME, "phone": PHONE, "address": ADDRESS}
        assert path.stat().st_mode & 0o777 == 0o600


def test_one_buyer_is_erased_and_counts_and_strangers_stay(keeping, tmp_path):
    run = taken_in(keeping, row(1), row(2), row(3, "钱多多", "13912345678"))
    out = StringIO()
    call_command("buyer", "--merchant", keeping.merchant.code, "--phone", PHONE, "--erase", "--json", stdout=out)
    assert json.loads(out.getvalue()) == {"orders": 2, "contact_notes": 0, "previews": 1, "files": 1, "cases": []}
    gone = Order.objects.filter(order_no__in=["26110700000001", "26110700000002"])
    empty = dict.fromkeys((*buyers.MASKS, *buyers.NOTES, *buyers.KEYS), "")
    assert list(gone.values(*empty)) == [empty] * 2
    assert all(sealed_of(order) is None for order in gone)
    other = Order.objects.get(order_no="26110700000003")
    assert (sealed_recipients.opened(other)["phone"], other.phone_masked) == ("13912345678", "139******78")
    run.refresh_from_db()
    assert (run.rows, run.stored, run.sealed_file, Order.objects.count()) == (3, 3, "", 3)
    assert list(buyers.orders_of(keeping.merchant, phone=PHONE)) == []
