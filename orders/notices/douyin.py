"""Douyin shop (抖店): 违规管理, notices copied or forwarded (consoles, section 3)."""

import re

from orders.notices.platform import NoticePlatform

# A letter A may follow the number in exports; it is no part of it.
ORDER_NO = re.compile(r"[0-9]{18,19}")

DOUYIN = NoticePlatform(
    code="douyin",
    order_no=ORDER_NO,
    labelled_order_no=ORDER_NO,
    number_prefixes={"69": 3, "49": 2, "50": 2},
    number_weight=0,
    words={
        "Douyin": 6,
        "抖店": 6,
        "抖音": 6,
        "奖惩中心": 4,
        "飞鸽": 4,
        "判罚": 3,
        "限制发品": 2,
        "违规积分": 1,
        "违规详情": 1,
        "违规依据": 1,
        "违规单号": 1,
        "罚单编号": 1,
        "发运超时": 2,
    },
)
