"""Kuaishou: only its ledger words are known (consoles, section 4), not the shape of its order numbers."""

import re

from orders.notices.platform import NoticePlatform

KUAISHOU = NoticePlatform(
    code="kuaishou",
    order_no=re.compile(r"(?!)"),
    labelled_order_no=re.compile(r"[0-9]{13,19}"),
    words={"Kuaishou": 6, "快手": 6, "晚发立赔": 4, "晚揽立赔": 4, "售后商责": 2},
)
