"""Xiaohongshu: order numbers begin with P (no labels of its console were found)."""

import re

from orders.notices.platform import NoticePlatform

ORDER_NO = re.compile(r"P[0-9]{18}")

XIAOHONGSHU = NoticePlatform(
    code="xiaohongshu",
    order_no=ORDER_NO,
    labelled_order_no=ORDER_NO,
    number_weight=10,
    words={"Xiaohongshu": 6, "小红书": 6, "薯店": 4, "千帆": 3, "薯条": 2},
)
