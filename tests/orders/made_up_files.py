"""Made-up files of every kind the imports read. Every value in them is invented."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from tests.make import at


def table(headers: Sequence[str], rows: Iterable[Sequence[str]], encoding: str = "utf-8-sig") -> bytes:
    """A CSV file of these cells."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([headers, *rows])
    return text.getvalue().encode(encoding)


def order(number: int = 1, **said: Any) -> dict[str, Any]:
    """The facts of one paid 拼多多 order, as appeals.demo.exports takes them."""
    return {
        "order_no": f"261107-{number:015d}",
        "status": "待发货",
        "placed_at": at("2026-11-07 20:03"),
        "paid_at": at("2026-11-07 20:02"),
        "sku_name": "羊毛开衫",
        "sku_spec": "米白 M",
        "sku_code": "KS-01",
        "quantity": 1,
        "amount_total": Decimal("199.00"),
        "amount_paid": Decimal("189.00"),
        "province": "浙江省",
        "city": "金华市",
        "district": "义乌市",
        "street": "稠城街道",
        **said,
    }


def sub_order(number: int = 1, line: int = 1, **said: Any) -> dict[str, Any]:
    """The facts of one 抖店 sub-order: `line` of order `number`."""
    return {
        "order_no": f"69200000000{number:08d}",
        "sub_order_no": f"6920000000{line}{number:08d}",
        "status": "待发货",
        "placed_at": at("2026-11-07 20:03"),
        "paid_at": at("2026-11-07 20:04"),
        "promised_ship_at": at("2026-11-09 20:04"),
        "sku_name": "双面呢大衣",
        "sku_spec": "S",
        "sku_code": f"DY-0{line}",
        "quantity": 1,
        "unit_price": Decimal("120.00"),
        "amount_paid": Decimal("100.00"),
        "recipient_name": "王小明",
        "recipient_phone": "13800001234",
        "province": "浙江省",
        "city": "杭州市",
        "district": "余杭区",
        "street": "五常街道",
        "address": "文一西路969号3幢501室",
        **said,
    }


DELIVERIES = (
    "订单号",
    "订单行",
    "销售时间",
    "交货时间",
    "货品交货状况",
    "货品",
    "货品用户反馈",
    "销售区域",
    "数量",
    "销售金额",
)
DELIVERY_MAPPING = {
    "order_no": "订单号",
    "sub_order_no": "订单行",
    "placed_at": "销售时间",
    "delivered_at": "交货时间",
    "status": "货品交货状况",
    "sku_name": "货品",
    "quantity": "数量",
    "amount_total": "销售金额",
}


def deliveries(count: int = 300, *, copies: int = 18, without_number: int = 2, without_quantity: int = 4) -> bytes:
    """Delivery lines as an ERP of the eastern provinces writes them, with all its faults.

    GB18030; decimal commas with 元 and 万元; copies of whole lines; empty order numbers and quantities; a blank before the
    state; dates without leading zeros. One line in four belongs to the order of the line before it.
    """
    chance = random.Random(8)
    rows: list[list[str]] = []
    number = 100_000
    for place in range(count - copies):
        if place % 4:
            number += chance.randint(1, 900)
        amount = (
            f"{chance.randint(20, 9_999)},{chance.randint(0, 99):02d}元"
            if place % 7
            else f"{chance.randint(1, 40)},50万元"
        )
        month = chance.randint(1, 9)
        line = "20" if place % 4 == 0 and place else "10"
        rows.append([f"D{number}", line, f"2016-{month}-3", f"2016-{month + 2}-3", " 按时交货" if place % 9 else " 晚交货",
                     f"货品{chance.randint(1, 4)}", "质量合格", "华北", str(chance.randint(1, 30)), amount])  # fmt: skip
    for row in chance.sample(rows[:-copies], without_quantity):
        row[8] = ""
    for row in chance.sample(rows[:-copies], without_number):
        row[0] = ""
    whole = [row for row in rows if row[0] and row[8]]
    return table(DELIVERIES, [*rows, *chance.sample(whole, copies)], "gb18030")
