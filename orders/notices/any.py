"""Any other platform, or one that the text does not give away: the shapes that several platforms share."""

import re

from orders.notices.platform import NoticePlatform

ANY = NoticePlatform(
    code=None,
    order_no=re.compile(r"[0-9]{6}-[0-9]{15}|P[0-9]{18}|PO-[0-9]{3}-[0-9]{10,}|[0-9]{18,19}"),
    labelled_order_no=re.compile(r"[0-9]{6}-[0-9]{15}|P[0-9]{18}|PO-[0-9]{3}-[0-9]{10,}|[0-9]{10,20}"),
)
