"""JD: order numbers of bare digits, so that only those beside 订单 count (no labels of its console were found)."""

import re

from orders.notices.platform import NoticePlatform

LABELLED_ORDER_NO = re.compile(r"[0-9]{12}")
NOWHERE = re.compile(r"(?!)")

JD = NoticePlatform(
    code="jd",
    order_no=NOWHERE,
    labelled_order_no=LABELLED_ORDER_NO,
    words={"京东": 6, "京麦": 6, "赔付类型": 2, "延迟发货赔付": 1, "商家账户": 1, "实际出库": 2, "咚咚": 4},
)
