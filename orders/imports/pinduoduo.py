"""拼多多 order export: one row per order, any choice of its 82 columns, no recipient names, no street addresses."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from orders.enums import ImportKind
from orders.imports.source import Column, Source
from stores.reference import export_headers

COLUMNS = (
    Column("order_no", ("订单号", "订单编号")),
    Column("status", ("订单状态",)),
    # 成交 is when the group was complete: the order came to be, and its clock started.
    Column("placed_at", ("订单成交时间", "订单创建时间", "下单时间")),
    Column("grouped_at", ("成团时间", "订单成交时间")),
    Column("paid_at", ("支付时间",)),
    Column("promised_ship_at", ("承诺发货时间",)),
    Column("shipped_at", ("发货时间",)),
    Column("delivered_at", ("确认收货时间",)),
    Column("aftersale_status", ("售后状态",)),
    Column("platform_review", ("是否审核中",)),
    Column("recipient_name", ("收货人", "收件人")),
    Column("recipient_phone", ("手机", "收货人手机号")),
    Column("province", ("省",)),
    Column("city", ("市",)),
    Column("district", ("区",)),
    Column("street", ("街道/镇", "街道")),
    Column("address", ("详细地址", "收货地址")),
    Column("sku_code", ("商家编码-规格维度", "商家编码")),
    Column("sku_name", ("商品", "商品名称")),
    Column("sku_spec", ("商品规格",)),
    Column("quantity", ("商品数量(件)",)),
    # What the platform shows as the order's total is goods and postage; no single column has it.
    Column("amount_total", ("商品总价(元)",)),
    Column("postage", ("邮费(元)",)),
    Column("amount_paid", ("用户实付金额(元)",)),
    Column("carrier", ("快递公司",)),
    Column("waybill_no", ("快递单号",)),
    Column("warehouse", ("仓库名称",)),
    Column("buyer_note", ("买家留言",)),
    Column("seller_note", ("商家备注",)),
    Column("shop", ("店铺", "店铺名称")),
)

PINDUODUO = Source(
    id="pinduoduo",
    kind=ImportKind.ORDERS,
    platform="pinduoduo",
    label=_("Pinduoduo order export"),
    columns=COLUMNS,
    required=("order_no", "status"),
    one_row_per_order=True,
    headers=tuple(name for row in export_headers() if row["platform"] == "pinduoduo" for name in row["headers"]),
    telltales=("订单成交时间", "多多支付立减金额(元)", "商家实收金额(元)", "样式ID", "商家编码-规格维度", "团ID"),
)
