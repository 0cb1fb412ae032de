"""Which numbers of a notice are orders and which are parcels (consoles, section 10, step 9)."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from orders.notices.numbers import COUNT
from orders.notices.platform import NoticePlatform

NUMBER = re.compile(
    r"(?<![0-9A-Za-z*.-])(?:PO-[0-9]{3}-[0-9]{10,}(?:-[0-9]{1,3})?|[0-9]{6}-[0-9]{15}|[A-Za-z]{0,5}[0-9]{8,24})(?![0-9*]|-[0-9]"
    r"|\.[0-9])"
)
# What the word before a number makes of it. Sub-orders are orders here: some notices name nothing else.
KINDS = (
    (
        "waybill",
        re.compile(
            r"(?:快递|物流|运单|单号为|面单|包裹)(?:单号|号|编号"
            r"|单)?[：:为是\s（(《【]{0,4}(?:[\u4e00-\u9fff]{2,4}[：:\s]{0,2})?\Z"
        ),
    ),
    (
        "other",
        re.compile(
            r"(?:商品|货品|SKU|sku|店铺|售后|工单|投诉|纠纷|申诉|违规|处罚|判罚|罚单|通知|处理|用户|买家|商家|手机"
            r"|电话|联系|流水|赔付)(?:单)?(?:ID|id|编号|编码|单号|号码|号|方式)?[：:为是\s（(《【]{0,4}\Z"
        ),
    ),
    (
        "order",
        re.compile(
            r"(?:订单|备货单|交易单)(?:编号|号码|号|ID|id|列表|明细|清单)?(?:如下|分别)?[：:为是\s（(《【“]{0,4}\Z"
        ),
    ),
)
BETWEEN = re.compile(r"[\s、，,;；/|和及与]{1,12}")
# A new thing begins: two numbers with this between them are not of one list.
LIST_END = re.compile(r"。|\n\s*\n|处罚|申诉|附件")
ELSEWHERE = re.compile(
    r"(?:明细|清单|列表|名单|详情)[^，。；\n]{0,6}(?:见|查看|下载|请至)|见附件|详见附|违规订单下载"
    r"|订单[^，。；\n]{0,6}\.(?:xlsx?|csv)",
    re.IGNORECASE,
)
AND_MORE = re.compile(rf"等(?:共|共计)?[ ]?{COUNT}[ ]?(?:个|笔|单|条|件)|等订单|[等…]\s*(?:。|\Z)")


@dataclass(frozen=True)
class Mention:
    """A long number in a text and what it is: order, waybill, other (item, ticket, phone) or unknown."""

    start: int
    end: int
    number: str
    kind: str


@dataclass(frozen=True)
class Named:
    """The orders and waybills a text names, wherever and how often it does."""

    mentions: tuple[Mention, ...]
    waybills: tuple[Mention, ...]

    @property
    def numbers(self) -> list[str]:
        return list(dict.fromkeys(mention.number for mention in self.mentions))


def long_numbers(text: str, start: int = 0, end: int | None = None) -> list[Mention]:
    """Every long number with the kind that the words before it give; after a separator that of its neighbour."""
    found: list[Mention] = []
    for match in NUMBER.finditer(text, start, len(text) if end is None else end):
        kind = _kind_before(text, match.start())
        if kind is None and found and BETWEEN.fullmatch(text, found[-1].end, match.start()):
            kind = found[-1].kind
        found.append(Mention(match.start(), match.end(), match.group(), kind or "unknown"))
    return found


def _kind_before(text: str, place: int) -> str | None:
    left = text[max(0, place - 16) : place]
    return next((kind for kind, pattern in KINDS if pattern.search(left)), None)


def named_orders(mentions: list[Mention], platform: NoticePlatform, *, without: set[str]) -> Named:
    """
    Which of the numbers are orders of this platform and which are waybills.

    A number of a shape that only orders have is an order wherever it stands; bare digits need 订单 before them.
    `without` holds the numbers of the violation itself.
    """
    orders, waybills = [], []
    for mention in mentions:
        if mention.number in without:
            continue
        is_only_orders = "-" in mention.number or not mention.number[0].isdigit()
        shaped = platform.order_no.fullmatch(mention.number)
        labelled = mention.kind == "order" and platform.labelled_order_no.fullmatch(mention.number)
        if labelled or (shaped and (is_only_orders or mention.kind == "unknown")):
            orders.append(mention)
        elif mention.kind == "waybill":
            waybills.append(mention)
    return Named(tuple(orders), tuple(waybills))


def list_facts(text: str, named: Named) -> dict[str, object]:
    """`lines` and `duplicates` of the longest list, empty where no number stands twice in it."""
    runs: list[list[Mention]] = []
    for mention in named.mentions:
        if runs and not LIST_END.search(text, runs[-1][-1].end, mention.start):
            runs[-1].append(mention)
        else:
            runs.append([mention])
    numbers = [mention.number for mention in max(runs, key=len, default=[])]
    repeated = [number for number, times in Counter(numbers).items() if times > 1]
    return {"lines": len(numbers), "duplicates": repeated} if repeated else {}


def is_list_elsewhere(text: str, named: Named, claimed: int | None) -> bool:
    """Whether the text says that the orders are listed in another place, or names only the first of them."""
    if ELSEWHERE.search(text):
        return True
    more = any(AND_MORE.match(text, mention.end) for mention in named.mentions)
    return more and (claimed is None or len(named.numbers) < claimed)
