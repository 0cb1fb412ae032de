"""Every parcel of the claimed orders: number, carrier, upload, first scan, last scan, signature, each with its source."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from appeals.evidence import subject, timeline, words
from appeals.evidence.document import Column, Document, Sheet
from appeals.evidence.timeline import OrderTimeline
from appeals.models import Case
from casemgr.kit.workflow import Refused
from orders.models import Parcel, Scan

FILE, SCANS = "①", "②"
COLUMNS = [
    Column("序", align="right"),
    Column("订单号"),
    Column("运单号"),
    Column("承运商", 1),
    Column("上传运单号", 1),
    Column("首条扫描", 1),
    Column("末条扫描", 1),
    Column("签收", 1),
]


def sheet(case: Case) -> Sheet:
    """One row a parcel, one for an order without any. Raises Refused when no claimed order has a parcel."""
    rows = timeline.rows(case, only_claimed=True)
    parcels = [parcel for row in rows for parcel in _parcels(row)]
    if not parcels:
        raise Refused(_("No claimed order has a parcel on record, so there is no tracking to show."))
    by_scan = set(Scan.objects.filter(parcel__in=parcels).values_list("parcel_id", flat=True))
    years = {timezone.localtime(at).year for parcel in parcels for at in _times(parcel) if at}
    cells = [cell for number, row in enumerate(rows, 1) for cell in _cells(number, row, by_scan, len(years) > 1)]
    facts = [*subject.facts(case, len(rows)), ("包裹数", f"{len({parcel.pk for parcel in parcels})}件")]
    notes = [
        f"来源：{FILE}{words.SOURCES['file']}　{SCANS}{words.SOURCES['scan']}。",
        "订单文件不含打印面单的时间，本表不列，也不作发货时间主张。",
        f"“{words.NO_RECORD}”指记录中没有该时间，不作估计。时间均为北京时间{f'，{years.pop()}年' if len(years) == 1 else ''}。",
    ]
    return Sheet("物流轨迹汇总", facts, COLUMNS, cells, notes, table_size=7.2)


def _parcels(row: OrderTimeline) -> list[Parcel]:
    return list(row.order.parcels.all()) if row.order else []


def _times(parcel: Parcel) -> tuple[dt.datetime | None, ...]:
    return parcel.shipped_at, parcel.first_scan_at, parcel.last_event_at, parcel.delivered_at


def _cells(number: int, row: OrderTimeline, by_scan: set[int], with_year: bool) -> list[list[str]]:
    """A parcel's times are the carrier's where scans of it are stored, else they came with the order file."""
    found = _parcels(row)
    if not found:
        return [[str(number), row.order_no, *[words.NO_RECORD] * 6]]
    cells = []
    for parcel in found:
        source = SCANS if parcel.pk in by_scan else FILE
        marks = (FILE, source, source, source)
        told = [
            f"{words.short_stamp(at, with_year=with_year)}{mark if at else ''}"
            for at, mark in zip(_times(parcel), marks, strict=True)
        ]
        carrier = parcel.carrier.name_zh if parcel.carrier else parcel.carrier_word
        cells.append([str(number), row.order_no, parcel.waybill_no, carrier or words.NO_RECORD, *told])
    return cells


DOCUMENT = Document(
    "tracking_table", gettext_lazy("Tracking of the parcels"), "logistics_trace", "本店订单文件与承运商轨迹", sheet
)
