"""Files mapped by hand, parcels and scans, and what becomes of people's data."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection

from appeals.demo.exports import douyin_74, pinduoduo_82
from casemgr.kit.workflow import Refused
from orders.models import MappingProfile, Order, OrderLine, Parcel, Scan
from tests.make import at
from tests.orders.imported import imported, received, refusals, warned
from tests.orders.made_up_files import DELIVERIES, DELIVERY_MAPPING, deliveries, order, sub_order, table

pytestmark = pytest.mark.django_db


def test_dirty_delivery_lines_are_all_accounted_for(shop):
    run = imported(shop, deliveries(300), kind="orders", mapping=DELIVERY_MAPPING)
    assert (run.encoding, run.rows, run.stored, run.refused) == ("gb18030", 300, 298, 2)
    assert {(column, value, code) for _line, column, value, code in refusals(run)} == {("订单号", "", "no_key")}
    assert warned(run)["copies"]["n"] == 18
    assert OrderLine.objects.count() == 300 - 2 - 18
    assert OrderLine.objects.filter(quantity=None).count() == 4
    total = sum(Order.objects.values_list("amount_total", flat=True), Decimal(0))
    assert run.totals["amount_total"] == str(total.quantize(Decimal("0.01")))


def test_decimal_commas_and_ten_thousands_are_read_as_written(shop):
    rows = [("D1", "10", "2016-7-30", "2016-9-30", " 晚交货", "货品3", "", "华北", "2", "1052,75元"),
            ("D1", "20", "2016-7-30", "2016-9-30", " 晚交货", "货品3", "", "华北", "", "11,50万元")]  # fmt: skip
    imported(shop, table(DELIVERIES, rows, "gb18030"), kind="orders", mapping=DELIVERY_MAPPING)
    stored = Order.objects.get()
    assert (stored.amount_total, stored.quantity) == (Decimal("116052.75"), 2)
    assert (stored.placed_at, stored.state_word) == (at("2016-07-30 00:00"), "晚交货")


def test_values_that_never_differ_within_an_order_are_the_orders_own(shop):
    headers = ("no", "sku", "paid")
    asked = {"mapping": {"order_no": "no", "sku_code": "sku", "amount_paid": "paid"}}
    same = imported(
        shop, table(headers, [("A1", "k1", "30"), ("A1", "k2", "30"), ("A2", "k1", "10")]), kind="orders", **asked
    )
    assert same.totals["amount_paid"] == "40.00"
    other = imported(shop, table(headers, [("B1", "k1", "30"), ("B1", "k2", "12")]), kind="orders", **asked)
    assert (other.totals["amount_paid"], warned(other)["levels"]["columns"]) == ("42.00", ["paid"])


def test_answer_of_a_person_wins_over_what_the_rows_seem_to_say(shop):
    headers = ("no", "sku", "paid")
    asked = {
        "mapping": {"order_no": "no", "sku_code": "sku", "amount_paid": "paid"},
        "options": {"levels": {"amount_paid": "line"}},
    }
    run = imported(shop, table(headers, [("A1", "k1", "30"), ("A1", "k2", "30")]), kind="orders", **asked)
    assert run.totals["amount_paid"] == "60.00"


def test_equal_articles_of_an_order_are_lines_of_their_own(shop):
    asked = {"mapping": {"order_no": "no", "sku_code": "sku", "quantity": "n"}}
    rows = [("A1", "k1", "1"), ("A1", "k1", "2"), ("A1", "k1", "1")]
    imported(shop, table(("no", "sku", "n"), rows), kind="orders", **asked)
    first = sorted(OrderLine.objects.values_list("line_key", "quantity"))
    imported(shop, table(("no", "sku", "n"), rows[::-1]), kind="orders", **asked)
    assert (Order.objects.get().quantity, sorted(OrderLine.objects.values_list("line_key", "quantity"))) == (3, first)


def test_file_without_line_fields_has_one_row_per_order(shop):
    asked = {"mapping": {"order_no": "no", "status": "state"}}
    run = imported(shop, table(("no", "state"), [("A1", "待发货"), ("A1", "已发货")]), kind="orders", **asked)
    assert (run.refused, Order.objects.get().state) == (1, "shipped")


def test_day_first_dates_are_read_by_the_ones_that_can_only_be_so(shop):
    asked = {"mapping": {"order_no": "no", "placed_at": "when"}}
    run = imported(shop, table(("no", "when"), [("A1", "03/04/2026"), ("A2", "25/04/2026")]), kind="orders", **asked)
    assert Order.objects.get(order_no="A1").placed_at == at("2026-04-03 00:00")
    assert warned(run)["dates"]["order"] == "dmy"


def test_dates_that_could_be_either_are_refused_until_somebody_says(shop):
    asked = {"mapping": {"order_no": "no", "placed_at": "when"}}
    content = table(("no", "when"), [("A1", "03/04/2026")])
    run = received(shop, content, kind="orders", **asked)
    assert (run.stored, run.options["ambiguous_dates"], refusals(run)) == (
        0,
        True,
        [(2, "when", "03/04/2026", "date_ambiguous")],
    )
    imported(shop, content, kind="orders", **asked, options={"date_order": "mdy"})
    assert Order.objects.get().placed_at == at("2026-03-04 00:00")


@pytest.mark.parametrize(
    ("mapping", "word"),
    [({"order_nr": "no"}, "order_nr"), ({"order_no": "nein"}, "nein"), ({"status": "no"}, "订单号")],
)
def test_mapping_that_cannot_be_is_refused_with_the_word_that_is_wrong(shop, settings, mapping, word):
    settings.LANGUAGE_CODE = "en"
    with pytest.raises(Refused) as refused:
        received(shop, table(("no", "x"), [("A1", "1")]), kind="orders", mapping=mapping)
    assert word in str(refused.value) or "order number" in str(refused.value)


def test_remembered_mapping_is_used_for_the_shops_next_file(shop, handler, douyin_shop):
    from orders.actions import imports

    content = table(("编", "价"), [("A1", "5")])
    run = received(shop, content, by=handler)
    assert run.status == "mapping"
    imports.map_columns(
        by=handler, run=run, kind="orders", mapping={"order_no": "编", "amount_paid": "价"}, options={}, remember=True
    )
    again = received(shop, table(("价", "编"), [("7", "A2")]), by=handler)
    assert (again.status, again.profile, again.mapping) == (
        "staged",
        MappingProfile.objects.get(),
        {"order_no": "编", "amount_paid": "价"},
    )
    assert received(douyin_shop, content, by=handler).status == "mapping"


def test_parcels_are_tied_to_orders_that_are_there_and_the_others_refused(shop):
    imported(shop, pinduoduo_82([order(1), order(2)]))
    first, second = Order.objects.order_by("order_no")
    headers = ("订单号", "快递公司", "快递单号", "发货时间")
    rows = [
        (first.order_no, "中通快递", "7312345678901", "2026-11-08 10:00:00"),
        (f"{first.order_no},{second.order_no}", "顺丰", "SF1234567890123", "2026-11-08 11:00:00"),
        ("261107-999", "顺丰", "SF9999999999999", "2026-11-08 11:00:00"),
    ]
    run = imported(shop, table(headers, rows))
    assert (run.kind, run.stored, run.refused) == ("parcels", 2, 1)
    assert refusals(run) == [(4, "订单号", "261107-999", "no_such_order")]
    assert sorted(Parcel.objects.values_list("waybill_no", "carrier__code")) == [
        ("7312345678901", "zto"),
        ("SF1234567890123", "sf"),
    ]
    first.refresh_from_db()
    assert (first.fulfilment, first.shipped_at) == ("shipped", at("2026-11-08 10:00"))
    assert imported(shop, table(headers, rows)).counts["done"]["unchanged"] == 2


SCANS = ("快递单号", "时间", "轨迹", "城市")
EVENTS = [
    ("JT0000000000001", "2026-11-08 18:00:00", "【义乌】已揽收", "义乌"),
    ("JT0000000000001", "2026-11-09 03:00:00", "到达杭州转运中心", "杭州"),
    ("JT0000000000001", "2026-11-10 12:00:00", "已签收，签收人：门卫 13800001234", "杭州"),
    ("JT0000000000002", "2026-11-08 17:00:00", "商家已下单", ""),
]


@pytest.mark.parametrize("events", [EVENTS, EVENTS[::-1]])
def test_scans_bring_parcels_and_orders_up_to_date_in_any_order(shop, events):
    shipped = {"status": "已发货，待签收", "shipped_at": at("2026-11-08 09:00")}
    imported(
        shop,
        pinduoduo_82(
            [order(1, waybill_no="JT0000000000001", **shipped), order(2, waybill_no="JT0000000000002", **shipped)]
        ),
    )
    for part in (events[:2], events[2:], events):
        run = imported(shop, table(SCANS, part))
    assert (run.kind, run.counts["done"]) == ("scans", {"new": 0, "changed": 0, "unchanged": 4})
    one, two = Parcel.objects.order_by("waybill_no")
    assert (one.state, one.first_scan_at, one.last_event_at, one.delivered_at) == (
        "delivered", at("2026-11-08 18:00"), at("2026-11-10 12:00"), at("2026-11-10 12:00"))  # fmt: skip
    assert (two.state, two.first_scan_at, two.last_event_at) == ("wait_pickup", None, at("2026-11-08 17:00"))
    assert list(Order.objects.order_by("order_no").values_list("picked_up_at", flat=True)) == [
        at("2026-11-08 18:00"),
        None,
    ]
    shop.refresh_from_db()
    assert shop.scans_known_since == at("2026-11-08 17:00")
    assert Scan.objects.get(state="delivered").text == "已签收，签收人：门卫 138******34"


def test_orders_that_come_after_their_scans_are_brought_up_to_date_too(shop):
    imported(shop, table(SCANS, EVENTS))
    imported(shop, pinduoduo_82([order(1, status="待发货", waybill_no="JT0000000000001")]))
    stored = Order.objects.get()
    assert (stored.fulfilment, stored.picked_up_at) == ("shipped", at("2026-11-08 18:00"))


CANARIES = ("13912345678", "欧阳翠花", "灵隐路77号9幢1203室", "33010619900101123X", "6222021234567890123")


def _texts_of_all_tables() -> str:
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        texts = []
        for name in tables:
            cursor.execute(f'SELECT * FROM "{name}"')
            texts.append(repr(cursor.fetchall()))
    return "\n".join(texts)


def test_no_clear_name_phone_or_address_of_a_file_is_in_any_table_afterwards(douyin_shop):
    phone, name, address, identity, card = CANARIES
    person = {"recipient_name": name, "recipient_phone": phone, "address": address}
    headers = (
        "主订单编号",
        "子订单编号",
        "订单提交时间",
        "收件人",
        "收件人手机号",
        "详细地址",
        "买家留言",
        "身份证号",
        "银行卡号",
        "订单应付金额",
    )
    good = ("A1", "A11", "2026-11-07 20:03:00", name, phone, address, f"打{phone}", identity, card, "10")
    slipped = ("A2", "A21", name, phone, address, "", "", "", "", "10")
    broken = ("A3", "A31", "2026-11-07 20:03:00", "", "", "", "", "", "", f"{name}{phone}{address}")
    run = imported(douyin_shop, table(headers, [good, slipped, broken]))
    assert (run.source, run.stored, run.refused) == ("douyin", 1, 2)
    stored = Order.objects.get()
    assert all([stored.key_phone, stored.key_address])
    imported(douyin_shop, douyin_74([sub_order(7, 1, **person)]))
    everything = _texts_of_all_tables()
    assert [canary for canary in CANARIES if canary in everything] == []
    assert warned(run)["dropped"]["columns"] == ["身份证号", "银行卡号"]


def test_file_without_a_header_row_leaves_no_person_in_its_column_names(shop):
    phone, name, address, *_rest = CANARIES
    rows = [("王小明", "13800001234", "文一西路969号", "开衫"), (name, phone, address, "针织裙")]
    run = received(shop, table(rows[0], rows[1:]), kind="orders", name=f"{phone}.csv")
    assert (run.status, run.headers) == ("mapping", ["#1", "#2", "#3", "开衫"])
    everything = _texts_of_all_tables()
    assert [clear for clear in (*CANARIES, *rows[0][:3]) if clear in everything] == []
