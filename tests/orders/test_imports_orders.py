"""Orders by file: what is stored, what is refused, what is never doubled."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal

import pytest

from appeals.demo.exports import douyin_74, pinduoduo_27, pinduoduo_82
from orders.models import Order, OrderLine, Parcel, ParcelOrder
from tests import make
from tests.make import at
from tests.orders.imported import imported, received, refusals, warned
from tests.orders.made_up_files import order, sub_order, table

pytestmark = pytest.mark.django_db


def everything() -> dict[str, list[tuple]]:
    """The end state of an import, without keys and times of writing."""
    orders = Order.objects.order_by("order_no")
    skipped = {"id", "import_run", "created_at", "updated_at", "store"}
    names = [field.name for field in Order._meta.fields if field.name not in skipped]
    lines = OrderLine.objects.order_by("order__order_no", "line_key")
    return {
        "orders": list(orders.values_list(*names)),
        "lines": list(
            lines.values_list(
                "order__order_no", "line_key", "sub_order_no", "sku_key", "quantity", "amount", "content_hash"
            )
        ),
        "parcels": list(
            Parcel.objects.order_by("waybill_no").values_list("waybill_no", "carrier_word", "shipped_at", "state")
        ),
        "ties": sorted(ParcelOrder.objects.values_list("parcel__waybill_no", "order__order_no")),
    }


def test_pinduoduo_file_is_recognised_and_stored_as_the_platform_wrote_it(shop):
    row = order(
        1, promised_ship_at=at("2026-11-09 20:03"), postage=Decimal("6.00"), buyer_note="改到周六，电话13800001234"
    )
    run = imported(shop, pinduoduo_82([row]))
    assert (run.source, run.rows, run.stored, run.refused) == ("pinduoduo", 1, 1, 0)
    assert run.totals == {"amount_total": "205.00", "amount_paid": "189.00", "refund_amount": "0.00"}
    stored = Order.objects.get()
    assert (stored.order_no, stored.state, stored.state_word, stored.fulfilment) == (
        row["order_no"],
        "paid",
        "待发货",
        "unshipped",
    )
    assert (stored.placed_at, stored.paid_at) == (row["placed_at"], row["paid_at"])
    assert (stored.ship_by, stored.ship_by_source) == (row["promised_ship_at"], "file")
    assert (stored.amount_total, stored.amount_paid, stored.quantity) == (Decimal("205.00"), Decimal("189.00"), 1)
    assert (stored.city, stored.street, stored.key_phone, stored.buyer_note) == (
        "金华市",
        "稠城街道",
        "",
        "改到周六，电话138******34",
    )
    line = stored.lines.get()
    assert (line.sku_code, line.sku_name, line.sku_spec, line.amount) == (
        "KS-01",
        "羊毛开衫",
        "米白 M",
        Decimal("189.00"),
    )


def test_default_pinduoduo_columns_are_enough(shop):
    run = imported(shop, pinduoduo_27([order(1)]))
    assert run.source == "pinduoduo"
    stored = Order.objects.get()
    assert (stored.paid_at, stored.province, stored.key_area, stored.fulfilment) == (None, "", "", "unshipped")


def test_douyin_sub_orders_become_lines_of_one_order(douyin_shop):
    rows = [sub_order(1, 1), sub_order(2, 1), sub_order(1, 2, amount_paid=Decimal("60.50"), quantity=3)]
    imported(douyin_shop, douyin_74(rows))
    stored = Order.objects.get(order_no=rows[0]["order_no"])
    assert (stored.quantity, stored.amount_paid, stored.amount_total) == (4, Decimal("160.50"), Decimal("160.50"))
    assert (stored.recipient_masked, stored.phone_masked, stored.address_masked) == ("王**", "138******34", "****")
    assert sorted(stored.lines.values_list("sub_order_no", "quantity")) == [
        (rows[0]["sub_order_no"], 1), (rows[2]["sub_order_no"], 3)]  # fmt: skip


@pytest.mark.parametrize(
    ("states", "state", "fulfilment"),
    [
        (("待发货", "已关闭"), "paid", "unshipped"),
        (("已发货", "已关闭"), "shipped", "shipped"),
        (("已发货", "待发货"), "partly_shipped", "unshipped"),
        (("已发货", "已完成"), "shipped", "shipped"),
        (("已关闭", "已关闭"), "closed", "closed"),
    ],
)
def test_order_is_shipped_when_every_open_line_is(douyin_shop, states, state, fulfilment):
    imported(douyin_shop, douyin_74(sub_order(1, line, status=word) for line, word in enumerate(states, 1)))
    stored = Order.objects.get()
    assert (stored.state, stored.fulfilment) == (state, fulfilment)


def test_importing_a_file_again_changes_nothing(shop):
    content = pinduoduo_82(
        order(n, status="已发货，待签收", waybill_no=f"JT{n:013d}", carrier="极兔速递") for n in range(1, 8)
    )
    imported(shop, content)
    before, written = everything(), list(Order.objects.values_list("pk", "updated_at", "import_run"))
    again = imported(shop, content)
    assert again.counts["done"] == {"new": 0, "changed": 0, "unchanged": 7}
    assert everything() == before
    assert list(Order.objects.values_list("pk", "updated_at", "import_run")) == written
    assert "same_file" in warned(again)


@pytest.mark.parametrize("way", ["shuffled", "split"])
def test_shuffled_and_split_files_end_in_the_same_state(douyin_shop, merchant, way):
    rows = [
        sub_order(n, line, quantity=n, status="已发货" if n % 3 else "待发货")
        for n in range(1, 21)
        for line in (1, 2, 3)
    ]
    imported(douyin_shop, douyin_74(rows))
    whole = everything()
    OrderLine.objects.all().delete()
    Order.objects.all().delete()
    random.Random(3).shuffle(rows)
    for part in [rows] if way == "shuffled" else [rows[:31], rows[31:]]:
        imported(douyin_shop, douyin_74(part))
    assert everything() == whole


def test_changed_rows_are_written_and_counted_and_nothing_else(shop):
    rows = [order(n) for n in range(1, 5)]
    imported(shop, pinduoduo_82(rows))
    rows[2] |= {"status": "已发货，待签收", "shipped_at": at("2026-11-08 09:00"), "waybill_no": "JT0000000000001"}
    run = imported(shop, pinduoduo_82([*rows, order(9)]))
    assert run.counts["expected"] == run.counts["done"] == {"new": 1, "changed": 1, "unchanged": 3}
    stored = Order.objects.get(order_no=rows[2]["order_no"])
    assert (stored.fulfilment, stored.shipped_at) == ("shipped", at("2026-11-08 09:00"))


def test_second_row_of_a_one_row_order_replaces_the_first(shop):
    rows = [order(1, amount_paid=Decimal("10.00")), order(2), order(1, amount_paid=Decimal("20.00"))]
    run = imported(shop, pinduoduo_82(rows))
    assert (run.rows, run.stored, run.refused) == (3, 2, 1)
    assert refusals(run) == [(2, "订单号", rows[0]["order_no"], "replaced:4")]
    assert Order.objects.get(order_no=rows[0]["order_no"]).amount_paid == Decimal("20.00")


def test_same_sub_order_with_other_contents_is_replaced_by_the_last(douyin_shop):
    rows = [sub_order(1, 1, quantity=1), sub_order(1, 2), sub_order(1, 1, quantity=5)]
    run = imported(douyin_shop, douyin_74(rows))
    assert refusals(run) == [(2, "子订单编号", rows[0]["sub_order_no"], "replaced:4")]
    assert Order.objects.get().quantity == 6


def test_rows_equal_in_every_cell_count_once_and_as_stored(shop):
    run = imported(shop, pinduoduo_82([order(1), order(2), order(1)]))
    assert (run.rows, run.stored, run.refused, run.totals["amount_paid"]) == (3, 3, 0, "378.00")
    assert warned(run)["copies"] == {"code": "copies", "n": 1, "line": 4}


@pytest.mark.parametrize(
    ("column", "cell", "shown", "code"),
    [
        ("用户实付金额(元)", "12.3.4", "12.3.4", "amount_broken"),
        ("用户实付金额(元)", "-20.00", "-20.00", "amount_negative"),
        ("商品数量(件)", "两件", "*件", "quantity_broken"),
        ("支付时间", "2026-11-31 20:05", "2026-11-31 20:05", "date_broken"),
        ("支付时间", "王小明 13800001234", "*** 138******34", "date_broken"),
        ("订单号", "2.61107E+14", "2.61107E+14", "ruined_number"),
        ("快递单号", "7.31E+13", "7.31E+13", "ruined_number"),
    ],
)
def test_broken_cell_refuses_its_row_and_only_it(shop, column, cell, shown, code):
    text = pinduoduo_82([order(1), order(2)]).decode("utf-8-sig").splitlines()
    headers = text[0].split(",")
    cells = text[1].split(",")
    cells[headers.index(column)] = cell
    run = imported(shop, "\n".join([text[0], ",".join(cells), text[2]]).encode())
    assert (run.rows, run.stored, run.refused) == (2, 1, 1)
    assert refusals(run) == [(2, column, shown, code)]


def test_empty_amount_date_and_quantity_are_unknown_and_refuse_nothing(shop):
    run = imported(shop, pinduoduo_82([order(1, amount_paid=None, amount_total=None, quantity=None, paid_at=None)]))
    assert run.refused == 0
    stored = Order.objects.get()
    assert (stored.amount_paid, stored.amount_total, stored.quantity, stored.paid_at) == (None, None, None, None)


def test_unknown_status_word_is_kept_and_warned(shop):
    run = imported(shop, pinduoduo_82([order(1, status="等候鸽子送达")]))
    stored = Order.objects.get()
    assert (stored.state, stored.state_word, stored.fulfilment) == ("", "等候鸽子送达", "unshipped")
    assert warned(run)["unknown_words"]["words"] == ["等候鸽子送达"]


def test_fulfilment_is_unknown_where_a_file_says_nothing_of_it(shop):
    headers = ("订单号", "下单时间", "实付金额", "商品名称", "数量")
    asked = {"mapping": {"order_no": "订单号", "placed_at": "下单时间", "amount_paid": "实付金额"}}
    run = imported(shop, table(headers, [("A1", "2026-11-07 20:03", "10", "开衫", "1")]), kind="orders", **asked)
    assert Order.objects.get().fulfilment == "unknown"
    assert "no_fulfilment" in warned(run)


def test_narrower_file_takes_nothing_away_from_what_is_known(shop):
    full = order(1, promised_ship_at=at("2026-11-10 08:00"), seller_note="加急")
    imported(shop, pinduoduo_82([full]))
    before = Order.objects.get()
    run = imported(shop, pinduoduo_27([full | {"status": "已发货，待签收", "shipped_at": at("2026-11-08 10:00")}]))
    after = Order.objects.get()
    assert run.counts["done"]["changed"] == 1
    for name in ("paid_at", "ship_by", "ship_by_source", "key_area", "city", "street"):
        assert getattr(after, name) == getattr(before, name), name
    assert after.fulfilment == "shipped"


def test_ship_by_is_computed_from_the_rule_in_force_when_the_clock_started(shop):
    old = make.policy("late_shipment", clock_start="paid_at", ship_by_hours=48, effective_to=at("2026-11-08 00:00"))
    new = make.policy(
        "late_shipment", version=2, clock_start="paid_at", ship_by_hours=24, effective_from=at("2026-11-08 00:00")
    )
    rows = [order(1, paid_at=at("2026-11-07 23:59")), order(2, paid_at=at("2026-11-08 00:00")), order(3, paid_at=None)]
    imported(shop, pinduoduo_82(rows))
    found = list(Order.objects.order_by("order_no").values_list("ship_by", "ship_by_source", "ship_by_policy"))
    assert found == [
        (at("2026-11-09 23:59"), "computed", old.pk),
        (at("2026-11-09 00:00"), "computed", new.pk),
        (None, "", None),
    ]


def test_order_with_a_waybill_gets_its_parcel_and_carrier(shop):
    shipped = {"status": "已发货，待签收", "shipped_at": at("2026-11-08 09:00"), "carrier": "极兔速递"}
    imported(
        shop,
        pinduoduo_82(
            [order(1, waybill_no="JT0000000000001", **shipped), order(2, waybill_no="jt0000000000001", **shipped)]
        ),
    )
    parcel = Parcel.objects.get()
    assert (parcel.waybill_no, parcel.carrier.code, parcel.shipped_at) == (
        "JT0000000000001",
        "jt",
        at("2026-11-08 09:00"),
    )
    assert parcel.orders.count() == 2


def test_lines_that_left_a_file_stay(douyin_shop):
    imported(douyin_shop, douyin_74([sub_order(1, 1), sub_order(1, 2)]))
    imported(douyin_shop, douyin_74([sub_order(1, 1)]))
    assert Order.objects.get().quantity == 2


def test_order_scattered_over_a_file_of_several_batches_is_one_order(douyin_shop, monkeypatch):
    monkeypatch.setattr("orders.imports.scratch.BATCH", 7)
    rows = [sub_order(n, line) for line in (1, 2, 3) for n in range(1, 12)]
    run = imported(douyin_shop, douyin_74(rows))
    assert run.counts["done"]["new"] == 11
    assert set(Order.objects.values_list("quantity", flat=True)) == {3}


def test_times_of_a_file_are_read_in_its_own_zone(shop):
    headers = ("order_no", "placed_at")
    asked = {"mapping": dict(zip(headers, headers, strict=True)), "options": {"timezone": "Europe/London"}}
    imported(shop, table(headers, [("A1", "2026-11-07 20:03:00")]), kind="orders", **asked)
    assert Order.objects.get().placed_at == dt.datetime(2026, 11, 7, 20, 3, tzinfo=dt.UTC)


def test_file_of_another_shop_is_warned_of(shop):
    text = pinduoduo_82([order(1)]).decode("utf-8-sig").splitlines()
    run = received(shop, "\n".join([text[0] + ",店铺", text[1] + ",别人的店"]).encode())
    assert warned(run)["other_shop"]["names"] == ["别人的店"]
