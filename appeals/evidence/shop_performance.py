"""How the shop shipped in the thirty days before the notice, day by day, from its stored orders and parcels.

A rate stands beside the numbers it is made of; what nobody knows is counted apart and is neither late nor in time.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter

from django.db.models import Count, F, Q
from django.db.models.functions import TruncDate
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from appeals.evidence import subject, words
from appeals.evidence.document import Column, Document, Sheet
from appeals.models import Case
from casemgr.kit.clock import SHANGHAI
from casemgr.kit.workflow import Refused
from orders.models import Order, Parcel

DAYS = 30
PICKED_UP_WITHIN = dt.timedelta(hours=24)
SHIPS = ("in_time", "late", "open_end", "no_limit", "not_due")
PARCELS = ("parcels", "quick", "slow", "unscanned")
COLUMNS = [
    Column("日期", 1),
    Column("订单", 1, "right"),
    Column("按时发货", 1, "right"),
    Column("超时", 1, "right"),
    Column("未知或已关闭", 1.2, "right"),
    Column("无时限记录", 1.2, "right"),
    Column("未到期", 1, "right"),
    Column("上传运单", 1, "right"),
    Column("24小时内揽收", 1.3, "right"),
    Column("超过24小时", 1.2, "right"),
    Column("无扫描记录", 1.2, "right"),
]


def sheet(case: Case) -> Sheet:
    """Counts of each day and the rates over all of them. Raises Refused when no order of those days is stored."""
    until = _until(case)
    first = timezone.localtime(until).date() - dt.timedelta(days=DAYS)
    start = dt.datetime.combine(first, dt.time(), SHANGHAI)
    shipped, scanned = _orders(case, start, until), _parcels(case, start, until)
    if not shipped:
        raise Refused(_("No order of the thirty days before the notice is stored."))
    days = [first + dt.timedelta(days=n) for n in range((timezone.localtime(until).date() - first).days + 1)]
    rows = [_row(f"{day:%m-%d}", shipped.get(day), scanned.get(day)) for day in days]
    ships, parcels = sum(shipped.values(), Counter()), sum(scanned.values(), Counter())
    facts = [
        *subject.facts(case, case.order_count)[:-1],
        ("统计期间", f"{words.stamp(start)}至{words.stamp(until)}"),
        ("期间订单", f"{ships['orders']}笔"),
        ("按时发货率", _rate(ships["in_time"], ships["in_time"] + ships["late"], "笔")),
        ("24小时揽收率", _rate(parcels["quick"], parcels["quick"] + parcels["slow"], "件")),
    ]
    notes = [
        "来源：本店平台订单文件与承运商轨迹，只统计本店。日期按下单（没有则按付款）与上传运单号的北京时间。",
        "按时发货率=按时发货÷（按时发货+超时），只计时限已到、发货与否有记录的订单；24小时揽收率只计有首条扫描的包裹。",
        f"“{words.NO_RECORD}”指当日没有导入的订单或包裹，不等于零；“未知或已关闭”“无扫描记录”不计入比率，也不作推断。",
    ]
    return Sheet("近30日发货履约", facts, COLUMNS, [*rows, _row("合计", ships, parcels)], notes, table_size=7.6)


def _until(case: Case) -> dt.datetime:
    """The first notice of the case; without a time on it, the day the case was opened."""
    times = [at for at in case.matters.values_list("violation__noticed_at", flat=True) if at]
    return min(times, default=case.opened_at)


def _orders(case: Case, start: dt.datetime, until: dt.datetime) -> dict[dt.date, Counter[str]]:
    """Orders of each day by how they were shipped; one query."""
    due = Q(ship_by__lte=until)
    sent, open_now = Q(shipped_at__isnull=False), Q(shipped_at__isnull=True, fulfilment="unshipped")
    in_time, late = Q(shipped_at__lte=F("ship_by")), Q(shipped_at__gt=F("ship_by")) | open_now
    counts = {
        "orders": Count("pk"),
        "in_time": Count("pk", filter=due & in_time),
        "late": Count("pk", filter=due & late),
        "open_end": Count("pk", filter=due & ~sent & ~Q(fulfilment="unshipped")),
        "no_limit": Count("pk", filter=Q(ship_by=None)),
        "not_due": Count("pk", filter=Q(ship_by__gt=until)),
    }
    placed = Q(placed_at__gte=start, placed_at__lt=until)
    paid = Q(placed_at=None, paid_at__gte=start, paid_at__lt=until)
    found: dict[dt.date, Counter[str]] = {}
    for which, column in ((placed, "placed_at"), (paid, "paid_at")):
        orders = Order.objects.filter(which, store=case.store_id)
        _add(found, orders.annotate(day=TruncDate(column, tzinfo=SHANGHAI)).values("day").annotate(**counts).order_by())
    return found


def _parcels(case: Case, start: dt.datetime, until: dt.datetime) -> dict[dt.date, Counter[str]]:
    """Parcels of each day by their first scan; one query."""
    quick = Q(first_scan_at__lte=F("shipped_at") + PICKED_UP_WITHIN)
    counts = {
        "parcels": Count("pk"),
        "quick": Count("pk", filter=quick),
        "slow": Count("pk", filter=Q(first_scan_at__gt=F("shipped_at") + PICKED_UP_WITHIN)),
        "unscanned": Count("pk", filter=Q(first_scan_at=None)),
    }
    sent = Parcel.objects.filter(store=case.store_id, shipped_at__gte=start, shipped_at__lt=until)
    found: dict[dt.date, Counter[str]] = {}
    days = sent.annotate(day=TruncDate("shipped_at", tzinfo=SHANGHAI)).values("day").annotate(**counts).order_by()
    _add(found, days)
    return found


def _add(found: dict[dt.date, Counter[str]], rows: object) -> None:
    for row in rows:  # type: ignore[attr-defined]
        day = row.pop("day")
        found[day] = found.get(day, Counter()) + Counter(row)


def _row(day: str, ships: Counter[str] | None, parcels: Counter[str] | None) -> list[str]:
    """A day without any order or parcel on record is unknown, not zero."""
    told = [str(ships[key]) for key in ("orders", *SHIPS)] if ships else [words.NO_RECORD] * 6
    return [day, *told, *([str(parcels[key]) for key in PARCELS] if parcels else [words.NO_RECORD] * 4)]


def _rate(part: int, base: int, unit: str) -> str:
    """96.4%（268/278笔）; 无记录 where nothing counts."""
    return f"{part / base:.1%}（{part}/{base}{unit}）" if base else words.NO_RECORD


DOCUMENT = Document(
    "shop_performance",
    gettext_lazy("How the shop shipped in 30 days"),
    "rectify_plan",
    "本店订单文件与承运商轨迹",
    sheet,
    is_supporting=True,
)
