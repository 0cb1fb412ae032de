"""The fast way of an import, by column, ends like the long way, row by row: the same cells, the same rows, the same shop."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from appeals.demo.exports import douyin_74, pinduoduo_82
from casemgr.kit.privacy import KeyedHash
from casemgr.kit.values import CellError
from orders.actions import imports
from orders.imports import people
from orders.imports.cells import Reading
from orders.imports.columns import Column, Memo
from orders.imports.fields import FIELDS
from orders.imports.scratch import Scratch
from orders.models import ImportRefusal, ImportRun, Order, OrderLine, Parcel
from tests.make import at
from tests.orders.imported import imported, received
from tests.orders.made_up_files import order, sub_order
from tests.orders.test_imports_orders import everything

digits = st.text("0123456789-:/. ABEe+\t'=\"", max_size=24)
usual = st.one_of(
    st.from_regex(r"20\d\d-[01]\d-[0-3]\d [0-2]\d:[0-5]\d(:[0-5]\d)?\t?", fullmatch=True),
    st.from_regex(r"[0-9A-Z][0-9A-Z-]{4,20}\t?", fullmatch=True),
    st.sampled_from(
        ["", "\t", "NULL", "null", "-", "2026-02-31 10:00:00", "2026-11-07 24:00:00", "7.31E+13", "12345678.0"]
    ),
)


def meaning(memo: Memo, cell: str) -> object:
    value = memo[cell]
    return value.reason_code if isinstance(value, CellError) else value


@settings(deadline=None)
@given(cells=st.lists(st.one_of(usual, digits, st.text(max_size=12)), max_size=6))
@example(cells=["2026-11-07 20:03:17\t", "", "2026-11-07 20:03:18"])
@example(cells=["261107-000000000000001\t", ""])
def test_column_read_at_once_means_what_its_cells_mean_one_by_one(cells):
    for name in ("order_no", "waybill_no", "paid_at", "promised_ship_at"):
        field = FIELDS["orders"][name]
        column, slow = Column.of(field, 0, Reading(), is_raw=True), Memo(Reading().reader(field), is_raw=True)
        found = [one.reason_code if isinstance(one, CellError) else one for one in column.values(cells)]
        assert found == [meaning(slow, cell) for cell in cells]


places = st.sampled_from(
    ["浙江省", "杭州市", "余杭区", "五常街道", "三墩镇", "北京市", "义乌市", "区", "**", "-", "无", ""]
)
addresses = st.one_of(
    st.text("浙江省杭州余杭区五常街道文一西路三十百零座幢橦号楼单元室镇乡村969301-Aa北京 ,*(", max_size=24),
    st.builds("{}{}文一西路{}号3幢2单元501室".format, places, places, st.integers(1, 999)),
)
names = st.one_of(
    st.sampled_from(["王小明", "欧阳娜娜", "李**", "张", "王 明", "Tom", "王小明[1234]", ""]), st.text(max_size=5)
)
phones = st.one_of(
    st.from_regex(r"1\d{10}", fullmatch=True),
    st.sampled_from(["138****1234", "18412345678-1234", "021-55556666", "１３８00001234", "", "-"]),
)


@settings(deadline=None)
@given(name=names, phone=phones, address=addresses, where=st.tuples(places, places, places, places))
@example(
    name="王小明",
    phone="13800001234",
    address="文一西路969号3幢501室",
    where=("浙江省", "杭州市", "余杭区", "五常街道"),
)
def test_recipient_of_the_usual_shape_is_masked_and_keyed_as_any_other(name, phone, address, where):
    hasher, fields = KeyedHash(b"made-up-key-of-a-merchant"), list(people.FIELDS[2:])
    cells = dict(zip(fields, (name, phone, *where, address), strict=True))
    told = people.Teller(fields, hasher, "pinduoduo").tell(list(cells.values()))
    known = people.known_of(cells, hasher, platform="pinduoduo")
    assert {
        column: text for column, text in zip(people.columns_of(cells), told, strict=True) if text is not None
    } == known


def one_row_orders() -> list[dict]:
    """Orders of one row: some shipped, some broken, doubled, contradicted; clear, masked and missing recipients."""
    person = {"recipient_name": "王小明", "recipient_phone": "13800001234", "address": "文一西路969号3幢501室"}
    rows = [
        order(n, **(person if n % 3 else {}), promised_ship_at=at("2026-11-09 20:03") if n % 2 else None)
        for n in range(1, 40)
    ]
    for n in range(0, 30, 4):
        rows[n] |= {
            "status": "已发货，待签收",
            "shipped_at": at("2026-11-08 09:00"),
            "waybill_no": f"JT{n:013d}",
            "carrier": "极兔",
        }
    rows[5] |= {"status": "等候鸽子送达"}
    rows[6] |= {"amount_paid": "many", "postage": Decimal("6.00")}
    rows[7] |= {"buyer_note": '写着"引号", 还有逗号', "postage": Decimal("6.00")}
    rows.insert(9, rows[8])
    rows.insert(12, rows[11] | {"quantity": 5})
    return rows


def several_row_orders() -> list[dict]:
    rows = [
        sub_order(n, line, quantity=n, status="已发货" if (n + line) % 3 else "待发货", waybill_no=f"JT{n:013d}")
        for n in range(1, 21)
        for line in range(1, 2 + n % 3)
    ]
    rows[4] |= {"unit_price": "dear"}
    rows.insert(8, rows[7])
    rows.insert(11, rows[10] | {"quantity": 9})
    return rows


def facts(run: ImportRun) -> tuple:
    refused = list(
        ImportRefusal.objects.filter(run=run).order_by("line").values_list("line", "column", "value", "reason_code")
    )
    told = [one for one in run.warnings if one["code"] != "same_file"]
    counts = {name: found for name, found in run.counts.items() if name != "alerts"}
    return refused, run.rows, run.stored, run.refused, counts, run.totals, told, run.preview


@pytest.mark.django_db
@pytest.mark.parametrize("scattered", [False, True], ids=["together", "scattered"])
@pytest.mark.parametrize("kind", ["one row", "several rows"])
@pytest.mark.parametrize("batch", [7, 5_000])
def test_both_ways_through_a_file_end_in_the_same_state(shop, douyin_shop, monkeypatch, kind, scattered, batch):
    monkeypatch.setattr("orders.imports.scratch.BATCH", batch)
    into, rows = (shop, one_row_orders()) if kind == "one row" else (douyin_shop, several_row_orders())
    if scattered:
        random.Random(3).shuffle(rows)
    content = pinduoduo_82(rows) if kind == "one row" else douyin_74(rows)
    fast = facts(imported(into, content)), everything()
    assert fast[0][3] == 2
    assert Order.objects.count() > 15
    OrderLine.objects.all().delete()
    Parcel.objects.all().delete()
    Order.objects.all().delete()
    monkeypatch.setattr("orders.imports.staging.goes_by_column", lambda layout: False)
    assert (facts(imported(into, content)), everything()) == fast


@pytest.mark.django_db
def test_only_the_line_of_an_order_changed_is_a_change(shop):
    imported(shop, pinduoduo_82([order(1), order(2)]))
    run = imported(shop, pinduoduo_82([order(1, sku_spec="雾蓝 L"), order(2)]))
    assert run.counts["done"] == {"new": 0, "changed": 1, "unchanged": 1}
    assert set(OrderLine.objects.values_list("order__order_no", "sku_spec")) == {
        (order(1)["order_no"], "雾蓝 L"),
        (order(2)["order_no"], "米白 M"),
    }


@pytest.mark.django_db
def test_unchanged_order_that_changes_between_check_and_import_is_written(shop):
    """Orders that the shop has just so are not made when the file is checked; what counts is how they are when written."""
    content = pinduoduo_82([order(1), order(2)])
    imported(shop, content)
    run = received(shop, content)
    with Scratch.reading(imports.files.scratch_of(run.file)) as scratch:
        assert [(batch.items.numbers, len(batch.items.kept)) for batch in scratch.batches()] == [([], 2)]
    Order.objects.filter(order_no=order(2)["order_no"]).update(content_hash="", state_word="")
    run = imports.publish_now(by=None, run=run)
    assert (run.status, run.counts["done"]) == ("published", {"new": 0, "changed": 1, "unchanged": 1})
    assert Order.objects.get(order_no=order(2)["order_no"]).state_word == "待发货"
