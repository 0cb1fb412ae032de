"""What was reported to the platform about the claimed orders: kind, number, when, what became of it, before which limit."""

from __future__ import annotations

from django.db.models import Prefetch
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from appeals.evidence import subject, timeline, words
from appeals.evidence.document import Column, Document, Sheet
from appeals.evidence.timeline import OrderTimeline
from appeals.models import Case
from casemgr.kit.workflow import Refused
from orders.models import Order, PlatformReport

COLUMNS = [
    Column("序", align="right"),
    Column("订单号"),
    Column("报备/举报类型", 1.3),
    Column("平台编号", 1.6),
    Column("提交时间", 1.3),
    Column("状态", 1),
    Column("最晚发货时限", 1.3),
    Column("时限前提交", align="left"),
    Column("时限延至", 1.3),
]


def sheet(case: Case) -> Sheet:
    """One row an order and report. Raises Refused when no claimed order was ever reported."""
    rows = timeline.rows(case, only_claimed=True)
    reports = _by_order(case, [row.order.pk for row in rows if row.order])
    if not any(reports.values()):
        raise Refused(_("No report to the platform names a claimed order."))
    cells = [
        cell
        for number, row in enumerate(rows, 1)
        for cell in _cells(number, row, reports.get(row.order.pk if row.order else 0, []))
    ]
    distinct = {report.pk for found in reports.values() for report in found}
    covered = sum(1 for found in reports.values() if found)
    facts = [*subject.facts(case, len(rows)), ("报备/举报", f"{len(distinct)}件，涉及上述订单{covered}笔")]
    notes = [
        "来源：报备/举报记录，提交时间与编号以平台后台显示为准，由经办人登记；平台回执截图另附。",
        f"最晚发货时限带“*”的按规则推算，其余出自平台订单文件。“{words.NO_RECORD}”指没有登记，不作推断。时间均为北京时间。",
    ]
    return Sheet("报备与举报记录", facts, COLUMNS, cells, notes, table_size=7.2)


def _by_order(case: Case, orders: list[int]) -> dict[int, list[PlatformReport]]:
    """Reports of this shop that were filed, by order, the earliest first. Two queries."""
    filed = PlatformReport.objects.filter(store=case.store_id, filed_at__isnull=False).order_by("filed_at", "pk")
    found = Order.objects.filter(pk__in=orders).prefetch_related(Prefetch("platform_reports", filed))
    return {order.pk: list(order.platform_reports.all()) for order in found}


def _cells(number: int, row: OrderTimeline, found: list[PlatformReport]) -> list[list[str]]:
    due = row.order.ship_by if row.order else None
    is_computed = due is not None and row.order is not None and row.order.ship_by_source != "file"
    limit = f"{words.stamp(due)}{'*' if is_computed else ''}" if due else words.NO_RECORD
    if not found:
        return [[str(number), row.order_no, *[words.NO_RECORD] * 4, limit, words.NO_RECORD, words.NO_RECORD]]
    return [
        [
            str(number),
            row.order_no,
            words.REPORTS[report.kind],
            report.number or words.NO_RECORD,
            words.stamp(report.filed_at) if report.filed_at else words.NO_RECORD,
            words.REPORT_STATES[report.status],
            limit,
            words.NO_RECORD if not (due and report.filed_at) else "是" if report.filed_at < due else "否",
            words.stamp(report.extends_ship_by_to) if report.extends_ship_by_to else "未延长",
        ]
        for report in found
    ]


DOCUMENT = Document(
    "platform_reports",
    gettext_lazy("Reports to the platform"),
    "platform_report",
    "本店报备与举报记录",
    sheet,
    is_supporting=True,
)
