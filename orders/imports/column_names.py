"""Column names seen in exports of many shops and shop systems, by the field they mean. They only propose a mapping."""

from __future__ import annotations

ORDER_COLUMNS: dict[str, str] = {
    "order_no": ("订单号 订单编号 主订单编号 主订单号 线上订单号 平台订单号 订单id order_id orderid order-id orderno"),
    "sub_order_no": "子订单编号 子订单号 子订单id 订单行 行号 order-item-id order_item_id lineitem_id",
    "shop": "店铺 店铺名称 来源店铺 店铺id 店铺编号 shop_id seller_id",
    "buyer_id": "买家会员名 下单帐号 下单账号 买家账号 买家id 买家昵称 customer_id customerid buyer",
    "recipient_token": "oaid open_address_id openaddressid 收件人标识",
    "recipient_name": "收件人 收货人 收件人姓名 收货人姓名 客户姓名 recipient-name shipping_name 收货人名称",
    "recipient_phone": (
        "收件人手机号 收件人手机 收件人电话 联系手机 收货人电话 收货手机 收货人手机 手机 手机号 联系电话 "
        "ship-phone-number shipping_phone"
    ),
    "province": "省 省份 收货省份 收货地址-省 ship-state shipping_province customer_state",
    "city": "市 城市 收货城市 收货地址-市 ship-city shipping_city customer_city",
    "district": "区 区县 区/县 收货区县 收货地址-区",
    "street": "街道 街道/镇 乡镇 收货地址-街道",
    "address": "详细地址 收货地址 收件人地址 收件地址 客户地址 ship-address-1 shipping_street",
    "placed_at": (
        "下单时间 订单创建时间 订单提交时间 订单成交时间 订单下单时间 买家下单时间 创建时间 订单日期 "
        "下单日期 销售时间 created_at purchase-date order_purchase_timestamp invoicedate order_date"
    ),
    "paid_at": (
        "支付时间 付款时间 订单付款时间 支付完成时间 买家付款时间 订单支付时间 付款确认时间 付款日期 "
        "payments-date order_approved_at"
    ),
    "grouped_at": "成团时间",
    "balance_paid_at": "尾款支付时间 尾款付款时间",
    "promised_ship_at": "承诺发货时间 最晚发货时间 应发货时间 预售/承诺发货时间 发货截止时间 shipping_limit_date ship_by",
    "promised_ship_from": "建议发货时间(起) 预售订单开始发货时间",
    "ship_basis": "发货类型",
    "shipped_at": "发货时间 订单发货时间 实际发货时间 fulfilled_at order_delivered_carrier_date 发货日期",
    "picked_up_at": "揽收时间 揽件时间",
    "delivered_at": "确认收货时间 签收时间 订单确认收货时间 收货时间 order_delivered_customer_date",
    "closed_at": "订单完成时间 订单关闭时间 关闭时间 完成时间 cancelled_at",
    "status": "订单状态 状态 交易状态 order_status fulfillment_status",
    "aftersale_status": "售后状态 退款/售后状态",
    "refund_state": "退款状态",
    "refund_asked_at": "退款申请时间 申请退款时间 售后申请时间",
    "refunded_at": "退款时间 退款成功时间",
    "platform_review": "是否审核中",
    "hold": "是否暂停发货",
    "urged_at": "催发货时间",
    "address_changed": "是否修改过地址",
    "sku_code": (
        "商家编码 商家编码-规格维度 sku编码 货号 规格编码 sku编码(自定义) sku stockcode lineitem_sku "
        "product_id 商品编码"
    ),
    "sku_name": (
        "商品 商品名称 选购商品 宝贝标题 商品标题 sku名称 名称 货品 product-name lineitem_name description 品名"
    ),
    "sku_spec": "商品规格 商品属性 sku规格 宝贝规格 规格 颜色规格 商品属性sku",
    "quantity": (
        "商品数量 数量 购买数量 订购数量 sku件数 成交数量 销售数量 宝贝总数量 件数 quantity-purchased lineitem_quantity"
    ),
    "unit_price": "商品单价 单价 商品价格 京东价 unitprice lineitem_price price",
    "amount_total": "总金额 订单金额 商品总价 销售金额 订单总额 total",
    "amount_paid": (
        "用户实付金额 买家实付金额 买家实际支付金额 订单实际支付金额 用户应付金额 订单应付金额 实付款 "
        "实付金额 买家实付 应付金额 payment_value"
    ),
    "refund_amount": "退款金额 商品已退款金额 refunded_amount",
    "carrier": "快递公司 物流公司 承运商 快递",
    "waybill_no": "快递单号 物流单号 运单号 tracking_number 运单编号",
    "warehouse": "仓库 仓库名称 发货仓库",
    "seller_note": "商家备注 卖家备注 订单备注",
    "buyer_note": "买家留言 用户备注 买家备注",
}
PARCEL_COLUMNS: dict[str, str] = {
    "waybill_no": "快递单号 物流单号 运单号 运单编号 tracking_number",
    "order_no": "订单号 订单编号 主订单编号 线上订单号 平台订单号 order_id",
    "carrier": "快递公司 物流公司 承运商 快递",
    "shipped_at": "发货时间 上传时间 出库时间 发货日期",
}
SCAN_COLUMNS: dict[str, str] = {
    "waybill_no": "快递单号 物流单号 运单号 运单编号 tracking_number",
    "event_at": "时间 扫描时间 操作时间 轨迹时间 time event_time",
    "event_text": "轨迹 轨迹内容 描述 物流信息 内容 context 操作描述",
    "state": "状态 轨迹状态 物流状态 操作类型",
    "city": "城市 所在城市 操作城市 网点城市",
    "carrier": "快递公司 物流公司 承运商",
}
