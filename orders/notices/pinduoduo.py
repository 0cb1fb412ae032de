"""Pinduoduo: 店铺违规管理 pages, 站内信, warning cards (consoles, section 1)."""

import re

from orders.notices.platform import NoticePlatform

ORDER_NO = re.compile(r"[0-9]{6}-[0-9]{15}")

PINDUODUO = NoticePlatform(
    code="pinduoduo",
    order_no=ORDER_NO,
    labelled_order_no=ORDER_NO,
    number_weight=10,
    words={
        "Pinduoduo": 6,
        "拼多多": 6,
        "多多买菜": 4,
        "成团": 2,
        "违规单量": 2,
        "违规通知时间": 2,
        "店铺违规管理": 3,
        "待完善资料": 2,
        "主动认罚": 2,
        "平台优惠券": 1,
        "平台券": 1,
        "当前进度": 1,
        "违规单编号": 1,
        "平台处理时间": 1,
        "平台跟进中": 1,
        "货款扣款": 1,
        "违规订单下载": 1,
    },
)
