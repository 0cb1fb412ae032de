"""The fields a column of a file can mean: one vocabulary for sources, hand mapping, the command and the API.

Names are those of the design ("Field names of files and API"). `names` are column names seen in exports of many shops;
they only propose a mapping, a source has its own table.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from orders.enums import ImportKind


class Reads(StrEnum):
    """How a cell of the field is read."""

    NUMBER = "number"  # an order, waybill or article number: digits that must survive
    TEXT = "text"
    NOTE = "note"  # free text that may name people
    WORD = "word"  # a status in the platform's words
    AMOUNT = "amount"
    QUANTITY = "quantity"
    MOMENT = "moment"
    DEADLINE = "deadline"  # a moment; a date alone is its last second
    FLAG = "flag"
    PERSON = "person"  # masked and hashed at the door, never kept


class Level(StrEnum):
    """Whether rows of one order repeat a value (order) or each carry a part of it (line)."""

    ORDER = "order"
    LINE = "line"


@dataclass(frozen=True)
class Field:
    name: str
    label: str | Promise
    reads: Reads
    names: tuple[str, ...] = ()
    longest: int = 64
    level: Level = Level.ORDER


def _f(name: str, label: str | Promise, reads: Reads, names: str = "", *, longest: int = 64, level: Level = Level.ORDER) -> Field:
    return Field(name, label, reads, (name, *names.split()), longest, level)


_ORDER_FIELDS = (
    _f("order_no", _("order number"), Reads.NUMBER,
       "订单号 订单编号 主订单编号 主订单号 线上订单号 平台订单号 订单id order_id orderid order-id orderno"),
    _f("sub_order_no", _("sub-order number"), Reads.NUMBER,
       "子订单编号 子订单号 子订单id 订单行 行号 order-item-id order_item_id lineitem_id", level=Level.LINE),
    _f("shop", _("shop named in the file"), Reads.TEXT, "店铺 店铺名称 来源店铺 店铺id 店铺编号 shop_id seller_id", longest=120),
    _f("buyer_id", _("buyer account"), Reads.PERSON, "买家会员名 下单帐号 下单账号 买家账号 买家id 买家昵称 customer_id customerid buyer"),
    _f("recipient_token", _("recipient token"), Reads.PERSON, "oaid open_address_id openaddressid 收件人标识"),
    _f("recipient_name", _("recipient"), Reads.PERSON,
       "收件人 收货人 收件人姓名 收货人姓名 客户姓名 recipient-name shipping_name 收货人名称"),
    _f("recipient_phone", _("recipient's phone"), Reads.PERSON,
       "收件人手机号 收件人手机 收件人电话 联系手机 收货人电话 收货手机 收货人手机 手机 手机号 联系电话 ship-phone-number shipping_phone"),
    _f("province", _("province"), Reads.PERSON, "省 省份 收货省份 收货地址-省 ship-state shipping_province customer_state", longest=40),
    _f("city", _("city"), Reads.PERSON, "市 城市 收货城市 收货地址-市 ship-city shipping_city customer_city", longest=40),
    _f("district", _("district"), Reads.PERSON, "区 区县 区/县 收货区县 收货地址-区", longest=40),
    _f("street", _("street"), Reads.PERSON, "街道 街道/镇 乡镇 收货地址-街道", longest=80),
    _f("address", _("address"), Reads.PERSON, "详细地址 收货地址 收件人地址 收件地址 客户地址 ship-address-1 shipping_street", longest=200),
    _f("placed_at", _("placed"), Reads.MOMENT,
       "下单时间 订单创建时间 订单提交时间 订单成交时间 订单下单时间 买家下单时间 创建时间 订单日期 下单日期 销售时间 "
       "created_at purchase-date order_purchase_timestamp invoicedate order_date"),
    _f("paid_at", _("paid"), Reads.MOMENT,
       "支付时间 付款时间 订单付款时间 支付完成时间 买家付款时间 订单支付时间 付款确认时间 付款日期 payments-date order_approved_at"),
    _f("grouped_at", _("group formed"), Reads.MOMENT, "成团时间"),
    _f("balance_paid_at", _("balance paid"), Reads.MOMENT, "尾款支付时间 尾款付款时间"),
    _f("promised_ship_at", _("ship by"), Reads.DEADLINE,
       "承诺发货时间 最晚发货时间 应发货时间 预售/承诺发货时间 发货截止时间 shipping_limit_date ship_by"),
    _f("promised_ship_from", _("ship not before"), Reads.MOMENT, "建议发货时间(起) 预售订单开始发货时间"),
    _f("ship_basis", _("kind of promise"), Reads.TEXT, "发货类型", longest=16),
    _f("shipped_at", _("shipped"), Reads.MOMENT,
       "发货时间 订单发货时间 实际发货时间 fulfilled_at order_delivered_carrier_date 发货日期"),
    _f("picked_up_at", _("picked up"), Reads.MOMENT, "揽收时间 揽件时间"),
    _f("delivered_at", _("delivered"), Reads.MOMENT,
       "确认收货时间 签收时间 订单确认收货时间 收货时间 order_delivered_customer_date"),
    _f("closed_at", _("closed"), Reads.MOMENT, "订单完成时间 订单关闭时间 关闭时间 完成时间 cancelled_at"),
    _f("status", _("state"), Reads.WORD, "订单状态 状态 交易状态 order_status fulfillment_status"),
    _f("aftersale_status", _("after-sale state"), Reads.WORD, "售后状态 退款/售后状态"),
    _f("refund_state", _("refund state"), Reads.WORD, "退款状态"),
    _f("refund_asked_at", _("refund asked"), Reads.MOMENT, "退款申请时间 申请退款时间 售后申请时间"),
    _f("refunded_at", _("refunded"), Reads.MOMENT, "退款时间 退款成功时间"),
    _f("platform_review", _("under review by the platform"), Reads.FLAG, "是否审核中"),
    _f("hold", _("held by the platform"), Reads.FLAG, "是否暂停发货"),
    _f("urged_at", _("buyer urged shipping"), Reads.MOMENT, "催发货时间"),
    _f("address_changed", _("address changed"), Reads.FLAG, "是否修改过地址"),
    _f("sku_code", _("article code"), Reads.NUMBER,
       "商家编码 商家编码-规格维度 sku编码 货号 规格编码 sku编码(自定义) sku stockcode lineitem_sku product_id 商品编码",
       longest=80, level=Level.LINE),
    _f("sku_name", _("article"), Reads.TEXT,
       "商品 商品名称 选购商品 宝贝标题 商品标题 sku名称 名称 货品 product-name lineitem_name description 品名",
       longest=200, level=Level.LINE),
    _f("sku_spec", _("variant"), Reads.TEXT, "商品规格 商品属性 sku规格 宝贝规格 规格 颜色规格 商品属性sku", longest=200, level=Level.LINE),
    _f("quantity", _("quantity"), Reads.QUANTITY,
       "商品数量 数量 购买数量 订购数量 sku件数 成交数量 销售数量 宝贝总数量 件数 quantity-purchased lineitem_quantity",
       level=Level.LINE),
    _f("unit_price", _("unit price"), Reads.AMOUNT, "商品单价 单价 商品价格 京东价 unitprice lineitem_price price", level=Level.LINE),
    _f("amount_total", _("order total"), Reads.AMOUNT, "总金额 订单金额 商品总价 销售金额 订单总额 total", level=Level.LINE),
    _f("amount_paid", _("paid amount"), Reads.AMOUNT,
       "用户实付金额 买家实付金额 买家实际支付金额 订单实际支付金额 用户应付金额 订单应付金额 实付款 实付金额 买家实付 应付金额 payment_value",
       level=Level.LINE),
    _f("refund_amount", _("refunded amount"), Reads.AMOUNT, "退款金额 商品已退款金额 refunded_amount", level=Level.LINE),
    _f("carrier", _("carrier"), Reads.TEXT, "快递公司 物流公司 承运商 快递", longest=40, level=Level.LINE),
    _f("waybill_no", _("waybill number"), Reads.NUMBER, "快递单号 物流单号 运单号 tracking_number 运单编号", longest=400, level=Level.LINE),
    _f("warehouse", _("warehouse"), Reads.TEXT, "仓库 仓库名称 发货仓库", longest=80),
    _f("buyer_note", _("buyer's note"), Reads.NOTE, "买家留言 用户备注 买家备注", longest=500),
    _f("seller_note", _("seller's note"), Reads.NOTE, "商家备注 卖家备注 订单备注", longest=500),
)  # fmt: skip

_PARCEL_FIELDS = (
    _f("waybill_no", _("waybill number"), Reads.NUMBER, "快递单号 物流单号 运单号 运单编号 tracking_number", longest=400),
    _f("order_no", _("order number"), Reads.NUMBER, "订单号 订单编号 主订单编号 线上订单号 平台订单号 order_id", longest=2_000),
    _f("carrier", _("carrier"), Reads.TEXT, "快递公司 物流公司 承运商 快递", longest=40),
    _f("shipped_at", _("shipped"), Reads.MOMENT, "发货时间 上传时间 出库时间 发货日期"),
)

_SCAN_FIELDS = (
    _f("waybill_no", _("waybill number"), Reads.NUMBER, "快递单号 物流单号 运单号 运单编号 tracking_number", longest=128),
    _f("event_at", _("time of the scan"), Reads.MOMENT, "时间 扫描时间 操作时间 轨迹时间 time event_time"),
    _f("event_text", _("what the carrier says"), Reads.NOTE, "轨迹 轨迹内容 描述 物流信息 内容 context 操作描述", longest=300),
    _f("state", _("tracking state"), Reads.WORD, "状态 轨迹状态 物流状态 操作类型"),
    _f("city", _("city"), Reads.TEXT, "城市 所在城市 操作城市 网点城市", longest=40),
    _f("carrier", _("carrier"), Reads.TEXT, "快递公司 物流公司 承运商", longest=40),
)

FIELDS: dict[str, dict[str, Field]] = {
    ImportKind.ORDERS: {one.name: one for one in _ORDER_FIELDS},
    ImportKind.PARCELS: {one.name: one for one in _PARCEL_FIELDS},
    ImportKind.SCANS: {one.name: one for one in _SCAN_FIELDS},
}
REQUIRED: dict[str, tuple[str, ...]] = {
    ImportKind.ORDERS: ("order_no",),
    ImportKind.PARCELS: ("waybill_no", "order_no"),
    ImportKind.SCANS: ("waybill_no", "event_at"),
}
# Sums over the lines of an order: asked about when columns are mapped by hand.
SUMMED = ("quantity", "amount_total", "amount_paid", "refund_amount")
# Any of these tells lines of one order apart or says something of one line only.
LINE_MARKS = ("sub_order_no", "sku_code", "sku_name", "sku_spec", "quantity", "unit_price")

_UNIT = re.compile(r"\((?:元|件|¥|rmb|cny)\)$")


def header_key(header: str) -> str:
    """A column name to compare by: NFKC, lower case, no blanks, no unit behind it (`商品总价（元）` is `商品总价`)."""
    return _UNIT.sub("", re.sub(r"\s+", "", unicodedata.normalize("NFKC", header)).casefold())


def propose(kind: str, headers: Iterable[str]) -> dict[str, str]:
    """field -> column of the file, where a column has a name known for the field; each field's better names first."""
    by_key: dict[str, str] = {}
    for header in headers:
        by_key.setdefault(header_key(header), header)
    found: dict[str, str] = {}
    for field in FIELDS[kind].values():
        name = next((by_key[key] for key in map(header_key, field.names) if key in by_key), None)
        if name is not None:
            found[field.name] = name
    return found
