"""How the orders of a confirmed burst cluster: every order of this shop in it, what they share and how strong that is."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from appeals import verdicts
from appeals.evidence import cluster, subject, words
from appeals.evidence.document import Column, Document, Sheet
from appeals.models import Case
from casemgr.kit.workflow import Refused
from orders.models import Order, PlatformReport, ViolationOrder

# More bars than this cannot be told apart; a longer cluster is shown by hours.
MOST_BARS = 40

COLUMNS = [
    Column("序", align="right"),
    Column("订单号"),
    Column("下单时间"),
    Column("规格", 1.6),
    Column("件数", align="right"),
    Column("收件信息（脱敏）", 1.4),
    Column("平台状态"),
    Column("运单号"),
    Column("核单", 1),
    Column("通知内"),
]


def sheet(case: Case) -> Sheet:
    """The burst behind the claimed orders. Raises Refused when no confirmed finding holds any of them."""
    claimed = set(
        verdicts.claimed(case).exclude(violation_order__order=None).values_list("violation_order__order_id", flat=True)
    )
    found = cluster.of(case, sorted(claimed))
    if found is None:
        raise Refused(_("No confirmed burst holds a claimed order. Confirm the alert first, or look at the verdicts."))
    named = set(ViolationOrder.objects.filter(verdict__case=case).values_list("order_id", flat=True))
    rows = [_row(number, order, order.pk in named) for number, order in enumerate(found.orders, 1)]
    facts = [
        *subject.facts(case, len(found.orders)),
        ("其中通知所列", f"{sum(order.pk in named for order in found.orders)}笔"),
        ("下单时间", f"{words.window([found.from_at, found.to_at])}，前后{found.minutes}分钟"),
        ("共同点", found.key_text),
        ("平日同规格同时段", found.usual.text if found.usual.is_known else words.NO_RECORD),
        *_reports(found.orders),
    ]
    bars, title = _bars(found)
    return Sheet("异常订单聚集分析", facts, COLUMNS, rows, _notes(found), bars, title, table_size=7.2)


def _row(number: int, order: Order, is_named: bool) -> list[str]:
    at = order.placed_at or order.paid_at
    return [
        str(number),
        order.order_no,
        f"{timezone.localtime(at):%m-%d %H:%M:%S}" if at else words.NO_RECORD,
        "；".join(dict.fromkeys(" ".join(filter(None, (one.sku_name, one.sku_spec))) for one in order.lines.all()))
        or words.NO_RECORD,
        str(order.quantity) if order.quantity is not None else words.NO_RECORD,
        " ".join(filter(None, (order.recipient_masked, order.phone_masked, order.district + order.street)))
        or words.NO_RECORD,
        order.state_word or words.ORDER_STATES.get(order.state, words.NO_RECORD),
        "\n".join(parcel.waybill_no for parcel in order.parcels.all()) or words.NO_RECORD,
        _check(order),
        "是" if is_named else "否",
    ]


def _check(order: Order) -> str:
    review = getattr(order, "review", None)
    if review is None:
        return words.NO_RECORD
    if review.status in words.REVIEWS:
        return words.REVIEWS[review.status]
    contacts = review.contacts.all()
    return f"已联系{len(contacts)}次" if contacts else words.NO_RECORD


def _reports(orders: Sequence[Order]) -> list[tuple[str, str]]:
    """Reports of this shop that name orders of the burst: when, what kind, number, how many of the orders."""
    counted = Counter(report for order in orders for report in order.platform_reports.all())
    told = [_report(report, count) for report, count in sorted(counted.items(), key=lambda pair: pair[0].pk)]
    return [("报备/举报", "；".join(told))] if told else []


def _report(report: PlatformReport, count: int) -> str:
    number = f"，编号{report.number}" if report.number else ""
    when = words.stamp(report.filed_at) if report.filed_at else words.NO_RECORD
    return f"{when} {words.REPORTS[report.kind]}{number}（{count}笔）"


def _bars(found: cluster.Cluster) -> tuple[list[tuple[str, int]], str]:
    """Orders a minute, empty minutes included; by hours when minutes would be too many; none when days would be."""
    counts = found.per_minute()
    first, last = min(counts), max(counts)
    if found.minutes <= MOST_BARS:
        span = [first + dt.timedelta(minutes=n) for n in range(int((last - first).total_seconds() // 60) + 1)]
        return [(f"{at:%H:%M}", counts[at]) for at in span], "每分钟下单笔数（横轴为时刻）"
    hours = int((last.replace(minute=0) - first.replace(minute=0)).total_seconds() // 3600) + 1
    if hours > MOST_BARS:
        return [], ""
    span = [first.replace(minute=0) + dt.timedelta(hours=n) for n in range(hours)]
    by_hour = {at: sum(n for minute, n in counts.items() if minute.replace(minute=0) == at) for at in span}
    return [(f"{at:%d日%H时}", n) for at, n in by_hour.items()], "每小时下单笔数"


def _notes(found: cluster.Cluster) -> list[str]:
    notes = [
        f"来源：本店平台订单文件，时间为北京时间{found.from_at:%Y}年；只列本店订单。“{words.NO_RECORD}”指记录中没有，不作估计。",
        "共同点只陈述数据，不对下单人的身份或动机作判断。",
    ]
    if found.usual.is_known:
        days = "、".join(f"{day:%m-%d} {count}笔" for day, count in found.usual.counts.items())
        notes.append(f"平日同规格同时段（有订单记录的各日）：{days}。")
    return notes


DOCUMENT = Document(
    "malicious_analysis", gettext_lazy("Analysis of the burst"), "malicious_analysis", "本店订单文件与核单记录", sheet
)
