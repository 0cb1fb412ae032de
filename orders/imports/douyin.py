"""抖店 order export: one row per sub-order, recipients masked by the platform, every row with a state of its own."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from orders.enums import ImportKind
from orders.imports.fields import Level
from orders.imports.source import Column, Source
from stores.reference import export_headers

COLUMNS = (
    Column("order_no", ("主订单编号", "订单编号")),
    Column("sub_order_no", ("子订单编号",), Level.LINE),
    Column("status", ("订单状态",), Level.LINE),
    Column("aftersale_status", ("售后状态",), Level.LINE),
    Column("placed_at", ("订单提交时间",)),
    Column("paid_at", ("支付完成时间",)),
    Column("promised_ship_at", ("承诺发货时间",), Level.LINE),
    Column("promised_ship_from", ("建议发货时间(起)", "预约发货时间"), Level.LINE),
    Column("ship_basis", ("订单类型",)),
    Column("shipped_at", ("发货时间",), Level.LINE),
    Column("closed_at", ("订单完成时间",), Level.LINE),
    Column("recipient_name", ("收件人",)),
    Column("recipient_phone", ("收件人手机号",)),
    Column("province", ("省",)),
    Column("city", ("市",)),
    Column("district", ("区",)),
    Column("street", ("街道",)),
    Column("address", ("详细地址",)),
    Column("address_changed", ("是否修改过地址",)),
    Column("sku_code", ("商家编码",), Level.LINE),
    Column("sku_name", ("选购商品",), Level.LINE),
    Column("sku_spec", ("商品规格",), Level.LINE),
    Column("quantity", ("商品数量",), Level.LINE),
    Column("unit_price", ("商品单价",), Level.LINE),
    # 应付 is what the buyer pays for the sub-order, postage and reductions counted in: total and payment are one column.
    Column("amount_total", ("订单应付金额",), Level.LINE),
    Column("amount_paid", ("订单应付金额",), Level.LINE),
    Column("carrier", ("快递公司", "物流公司"), Level.LINE),
    Column("waybill_no", ("快递单号", "物流单号"), Level.LINE),
    Column("parcel_words", ("快递信息", "物流信息"), Level.LINE),
    Column("warehouse", ("仓库名称",)),
    Column("buyer_note", ("买家留言",)),
    Column("seller_note", ("商家备注",)),
    Column("shop", ("店铺", "店铺名称")),
)

DOUYIN = Source(
    id="douyin",
    kind=ImportKind.ORDERS,
    platform="douyin",
    label=_("Douyin order export"),
    columns=COLUMNS,
    required=("order_no", "sub_order_no", "placed_at"),
    one_row_per_order=False,
    headers=tuple(name for row in export_headers() if row["platform"] == "douyin" for name in row["headers"]),
    telltales=("主订单编号", "选购商品", "鲁班落地页ID", "APP渠道", "流量来源"),
)
