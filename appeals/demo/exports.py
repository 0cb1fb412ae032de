"""Made-up order exports in the shape in which 拼多多 and 抖店 write theirs, out of plain facts. Every value is invented.

Rows are dicts in the field names of the imports (orders/imports/fields.py): texts as they are, moments as aware
datetimes, amounts as Decimal. What a row does not say stays as empty as the platform leaves it.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from casemgr.kit.clock import SHANGHAI
from casemgr.kit.privacy import mask_address, mask_name, mask_phone
from stores.reference import export_headers

Row = Mapping[str, Any]

_PINDUODUO = {
    "商品": "sku_name", "订单号": "order_no", "订单状态": "status", "商品数量(件)": "quantity", "是否审核中": "platform_review",
    "支付时间": "paid_at", "承诺发货时间": "promised_ship_at", "发货时间": "shipped_at", "确认收货时间": "delivered_at",
    "商品规格": "sku_spec", "商家编码-规格维度": "sku_code", "商家备注": "seller_note", "买家留言": "buyer_note",
    "售后状态": "aftersale_status", "订单成交时间": "placed_at", "商品总价(元)": "amount_total", "邮费(元)": "postage",
    "用户实付金额(元)": "amount_paid", "商家实收金额(元)": "amount_paid", "快递单号": "waybill_no", "快递公司": "carrier",
    "省": "province", "市": "city", "区": "district", "街道/镇": "street", "仓库名称": "warehouse",
}  # fmt: skip
_DOUYIN = {
    "主订单编号": "order_no", "子订单编号": "sub_order_no", "选购商品": "sku_name", "商品规格": "sku_spec",
    "商品数量": "quantity", "商家编码": "sku_code", "商品单价": "unit_price", "订单应付金额": "amount_paid", "运费": "postage",
    "收件人": "recipient_name", "收件人手机号": "recipient_phone", "省": "province", "市": "city", "区": "district",
    "街道": "street", "详细地址": "address", "是否修改过地址": "address_changed", "买家留言": "buyer_note",
    "订单提交时间": "placed_at", "商家备注": "seller_note", "订单完成时间": "closed_at", "支付完成时间": "paid_at",
    "订单状态": "status", "承诺发货时间": "promised_ship_at", "售后状态": "aftersale_status", "仓库名称": "warehouse",
    "发货时间": "shipped_at",
}  # fmt: skip
# Both platforms put a tab behind long numbers, so that spreadsheets leave them alone.
_TABBED = frozenset({"order_no", "sub_order_no", "waybill_no"})
_MASKS = {"recipient_name": mask_name, "recipient_phone": mask_phone, "address": mask_address}
_EMPTY = {
    "pinduoduo": {"aftersale_status": "无售后或售后取消", "postage": "0"},
    "douyin": {"aftersale_status": "-", "postage": "0"},
}


def pinduoduo_82(rows: Iterable[Row]) -> bytes:
    """A 拼多多 export with all columns ticked: one row per order, no recipient, 省市区 and 街道 in columns."""
    return _csv("pinduoduo_full_2023", _PINDUODUO, rows, "pinduoduo")


def pinduoduo_27(rows: Iterable[Row]) -> bytes:
    """A 拼多多 export with the default columns: no promise, no payment time, no place at all."""
    return _csv("pinduoduo_default_2026", _PINDUODUO, rows, "pinduoduo")


def douyin_74(rows: Iterable[Row]) -> bytes:
    """A 抖店 export: one row per sub-order, recipients masked as the platform masks them."""
    return _csv("douyin_2026_a", _DOUYIN, rows, "douyin")


def _csv(shape: str, fields: Mapping[str, str], rows: Iterable[Row], platform: str) -> bytes:
    headers: Sequence[str] = next(row["headers"] for row in export_headers() if row["id"] == shape)
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(headers)
    empty = _EMPTY[platform]
    for row in rows:
        writer.writerow([_cell(fields[header], row, empty) if header in fields else "" for header in headers])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _cell(field: str, row: Row, empty: Mapping[str, str]) -> str:
    value = row.get(field)
    if value is None or value == "":
        return empty.get(field, "")
    if field in _MASKS:
        return _MASKS[field](str(value))
    if isinstance(value, dt.datetime):
        return value.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    return f"{value}\t" if field in _TABBED else str(value)
