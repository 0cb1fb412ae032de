"""The timeline of the claimed orders, one row each: every time with its source, 无记录 where there is none."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from appeals.evidence import subject, timeline, words
from appeals.evidence.document import Column, Document, Sheet
from appeals.evidence.timeline import EXPECTED, OrderTimeline
from appeals.models import Case
from casemgr.kit.workflow import Refused

# Columns in this order; those in ALWAYS stand even when no order has a record, the others only when one has.
STEPS = (
    "placed",
    "paid",
    "ship_by",
    "uploaded",
    "scan_limit",
    "first_scan",
    "delivered",
    "refunded",
    "contact",
    "report",
)
ALWAYS = ("placed", "paid", "ship_by", *EXPECTED)
# Shares of the width; contacts and reports say what besides when.
WIDTHS = {"contact": 1.5, "report": 2}
MARKS = "①②③④⑤"


def sheet(case: Case) -> Sheet:
    """The rows of `case`'s claimed orders. Raises Refused when none is claimed."""
    rows = timeline.rows(case, only_claimed=True)
    if not rows:
        raise Refused(_("No order of this case is claimed, so there is no timeline to show."))
    keys = [key for key in STEPS if key in ALWAYS or any(row.first(key) for row in rows)]
    sources = list(dict.fromkeys(step.source for row in rows for step in row.steps if step.at and step.key in keys))
    marks = {source: MARKS[index] for index, source in enumerate(sources)}
    years = {timezone.localtime(step.at).year for row in rows for step in row.steps if step.at}
    with_year = len(years) > 1
    columns = [
        Column("序", align="right"),
        Column("订单号"),
        Column("运单号"),
        *(Column(words.STEPS[key], WIDTHS.get(key, 1)) for key in keys),
    ]
    cells = [
        [str(number), row.order_no, _waybills(row), *(_cell(row, key, marks, with_year) for key in keys)]
        for number, row in enumerate(rows, 1)
    ]
    legend = "　".join(f"{mark}{words.SOURCES[source]}" for source, mark in marks.items())
    notes = [
        f"时间来源：{legend}",
        f"“{words.NO_RECORD}”指记录中没有该时间，不作估计。时间均为北京时间{f'，{years.pop()}年' if len(years) == 1 else ''}。",
    ]
    return Sheet("订单时间线", subject.facts(case, len(rows)), columns, cells, notes, table_size=7.2)


def _waybills(row: OrderTimeline) -> str:
    if row.order is None:
        return words.NO_RECORD
    return "\n".join(parcel.waybill_no for parcel in row.order.parcels.all()) or words.NO_RECORD


def _cell(row: OrderTimeline, key: str, marks: dict[str, str], with_year: bool) -> str:
    """All times of one step, as several parcels or contacts may have several; the first detail of a report."""
    found = row.all(key)
    if not found:
        return words.NO_RECORD
    times = list(
        dict.fromkeys(f"{words.short_stamp(step.at, with_year=with_year)}{marks[step.source]}" for step in found)
    )
    details = "；".join(dict.fromkeys(step.detail for step in found)) if key in ("contact", "report") else ""
    return "\n".join([*times, details]) if details else "\n".join(times)


DOCUMENT = Document(
    "order_timeline", gettext_lazy("Timeline of the orders"), "logistics_trace", "本店订单文件与承运商轨迹", sheet
)
