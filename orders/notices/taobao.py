"""Taobao and Tmall share one console; only Tmall has 旗舰店 (consoles, section 5: shop-level labels were not found)."""

import re

from orders.notices.platform import NoticePlatform

ORDER_NO = re.compile(r"[0-9]{18,19}")
LABELLED_ORDER_NO = re.compile(r"[0-9]{15,19}")
PREFIXES = {"1": 1, "2": 2, "3": 1, "4": 1, "37": 0}
SHARED_WORDS = {
    "小二": 2,
    "千牛": 5,
    "一般违规扣分": 2,
    "严重违规扣分": 2,
    "赔付红包": 2,
    "阿里": 2,
    "旺旺": 4,
    "卖家": 1,
    "处罚内容": 1,
    "交易体验分": 1,
}

TAOBAO = NoticePlatform(
    code="taobao",
    order_no=ORDER_NO,
    labelled_order_no=LABELLED_ORDER_NO,
    number_prefixes=PREFIXES,
    number_weight=0,
    words={**SHARED_WORDS, "淘宝": 6, "C店": 2, "删除涉及商品销量": 1, "处罚状态": 1},
)
TMALL = NoticePlatform(
    code="tmall",
    order_no=ORDER_NO,
    labelled_order_no=LABELLED_ORDER_NO,
    number_prefixes=PREFIXES,
    number_weight=0,
    words={**SHARED_WORDS, "天猫": 7, "旗舰店": 1, "专营店": 1, "专卖店": 1},
)
