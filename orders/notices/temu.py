"""Temu: violations of semi-managed orders and of stocking (consoles, section 2)."""

import re

from orders.notices.platform import NoticePlatform

# A sub-order carries its place behind the number of the order.
ORDER_NO = re.compile(r"PO-[0-9]{3}-[0-9]{10,}(?:-[0-9]{1,3})?")

TEMU = NoticePlatform(
    code="temu",
    order_no=ORDER_NO,
    labelled_order_no=ORDER_NO,
    number_weight=10,
    words={"Temu": 6, "TEMU": 6, "备货单": 3, "预估违规金额": 3, "减免后违规金额": 3, "自动同意": 2},
)
