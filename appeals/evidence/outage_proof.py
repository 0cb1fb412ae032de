"""What is on file about an outage: announced windows of exemption, carriers' notices, and which claimed orders fall into them.

Only what is stored: announcements entered with their source, and files of the case. No outage is inferred from late scans.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from appeals.evidence import subject, timeline, words
from appeals.evidence.document import Column, Document, Sheet
from appeals.evidence.timeline import OrderTimeline
from appeals.models import Case, EvidenceItem
from casemgr.kit.workflow import Refused
from stores.models import ExemptionWindow

# Kinds of evidence in which a carrier or an authority speaks.
NOTICES = ("carrier_cert", "carrier_comms", "force_majeure")
EFFECTS = {"pause": "时限暂停", "extend": "时限顺延", "waive": "免于处罚"}
COLUMNS = [
    Column("序", align="right"),
    Column("订单号"),
    Column("付款时间", 1),
    Column("最晚发货时限", 1),
    Column("收货地", 1.4),
    Column("承运商", 1),
    Column("首条扫描", 1),
    Column("所在时段", 1.2),
]


def sheet(case: Case) -> Sheet:
    """Windows and notices on file, then every claimed order. Raises Refused when nothing of the kind is on file."""
    rows = timeline.rows(case, only_claimed=True)
    windows = [window for window in _windows(case) if any(_falls_in(window, row) for row in rows)]
    notices = list(
        case.evidence.filter(requirement__key__in=NOTICES, withdrawn_at=None, replaced_by=None, document="")
        .select_related("requirement")
        .order_by("pk")
    )
    if not rows or not (windows or notices):
        raise Refused(_("No announced exemption covers a claimed order, and no carrier's notice is on file."))
    cells = [_cells(number, row, windows) for number, row in enumerate(rows, 1)]
    facts = [*subject.facts(case, len(rows)), *_told(windows), *(_notice(item) for item in notices)]
    notes = [
        "来源：平台公告的免责时段（按所注出处登记）、本案已收到的承运商或官方材料、本店平台订单文件。只列本店订单。",
        f"“所在时段”按付款至最晚发货时限与公告起止相交、且公告的类型、地区、承运商适用判断；不适用写“不在内”，缺少判断所需记录写“{words.NO_RECORD}”。",
    ]
    return Sheet("停运与免责时段", facts, COLUMNS, cells, notes, table_size=7.2)


def _windows(case: Case) -> list[ExemptionWindow]:
    """Announcements of this platform about the violations of the case."""
    keys = set(case.matters.values_list("violation__violation_type__key", flat=True))
    found = ExemptionWindow.objects.filter(platform=case.store.platform_id).order_by("from_at", "pk")
    return [window for window in found if not window.violation_keys or keys & set(window.violation_keys)]


def _falls_in(window: ExemptionWindow, row: OrderTimeline) -> bool | None:
    """Whether an order's time to ship meets the window; None where the order lacks what decides it."""
    order = row.order
    if order is None or order.paid_at is None or order.ship_by is None:
        return None
    if order.ship_by <= window.from_at or order.paid_at >= window.to_at:
        return False
    place = f"{order.province}{order.city}{order.district}"
    if window.regions and not any(region in place for region in window.regions):
        return False if order.province else None  # a town alone does not say which province it is in
    if window.carriers:
        names = _carrier_names(row)
        return bool(names & set(window.carriers)) if names else None
    return True


def _carrier_names(row: OrderTimeline) -> set[str]:
    """Codes and names of the order's carriers: an announcement may use either."""
    parcels = row.order.parcels.all() if row.order else []
    told = {word for parcel in parcels if parcel.carrier for word in (parcel.carrier.code, parcel.carrier.name_zh)}
    return told | {parcel.carrier_word for parcel in parcels if parcel.carrier_word}


def _told(windows: Sequence[ExemptionWindow]) -> list[tuple[str, str]]:
    return [(f"公告{number}", _announcement(window)) for number, window in enumerate(windows, 1)]


def _announcement(window: ExemptionWindow) -> str:
    """From when to when, what it does, where and for whom, and where it was read."""
    parts = [f"{words.stamp(window.from_at)}至{words.stamp(window.to_at)}", EFFECTS[window.effect]]
    if window.extend_hours:
        parts[-1] += f"{window.extend_hours}小时"
    if window.regions:
        parts.append(f"地区：{'、'.join(window.regions)}")
    if window.carriers:
        parts.append(f"承运商：{'、'.join(window.carriers)}")
    return f"{'，'.join(parts)}（出处：{window.source}）"


def _notice(item: EvidenceItem) -> tuple[str, str]:
    at = words.stamp(item.captured_at or item.uploaded_at)
    return item.requirement.name_zh, f"{item.title}（来源：{item.source_note or '商家提供'}；{at}）"


def _cells(number: int, row: OrderTimeline, windows: Sequence[ExemptionWindow]) -> list[str]:
    order = row.order
    paid, due, scan = row.first("paid"), row.first("ship_by"), row.first("first_scan")
    parcels = order.parcels.all() if order else []
    carriers = "、".join(dict.fromkeys(p.carrier.name_zh if p.carrier else p.carrier_word for p in parcels))
    inside = [_falls_in(window, row) for window in windows]
    where = "、".join(f"公告{place}" for place, hit in enumerate(inside, 1) if hit)
    return [
        str(number),
        row.order_no,
        words.stamp(paid.at) if paid and paid.at else words.NO_RECORD,
        words.stamp(due.at) if due and due.at else words.NO_RECORD,
        (f"{order.province}{order.city}{order.district}" if order else "") or words.NO_RECORD,
        carriers or words.NO_RECORD,
        words.stamp(scan.at) if scan and scan.at else words.NO_RECORD,
        where or (words.NO_RECORD if None in inside or not windows else "不在内"),
    ]


DOCUMENT = Document(
    "outage_proof",
    gettext_lazy("Outage and exemption on file"),
    "force_majeure",
    "平台公告、承运商材料与本店订单文件",
    sheet,
    is_supporting=True,
)
