"""WeChat shop (微信小店): tickets (工单) with a reply deadline; violation labels of the shop were not found."""

import re

from orders.notices.platform import NoticePlatform

ORDER_NO = re.compile(r"[0-9]{18,19}")

WECHAT = NoticePlatform(
    code="wechat",
    order_no=ORDER_NO,
    labelled_order_no=ORDER_NO,
    number_prefixes={"37": 3},
    number_weight=0,
    words={
        "微信小店": 7,
        "视频号": 5,
        "微信支付": 2,
        "小程序": 2,
        "用户诉求": 2,
        "下单用户": 2,
        "催发货工单": 3,
        "商家处理截止时间": 2,
        "客诉": 1,
        "小店订单号": 3,
    },
)
