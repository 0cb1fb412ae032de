"""Facts of times and parcels over the claimed orders: windows, carriers, the chronology, what was done for buyers."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _

from appeals.evidence import words
from appeals.evidence.timeline import EXPECTED, OrderTimeline
from appeals.letters.collected import Collected, Ground

CHRONOLOGY = (
    "placed",
    "paid",
    "ship_by",
    "uploaded",
    "scan_limit",
    "first_scan",
    "delivered",
    "refund_asked",
    "refunded",
    "contact",
    "report",
)
# So few orders are told one by one; more are told as windows, the rows stand in the evidence.
TOLD_ONE_BY_ONE = 3


def collect(ground: Ground, out: Collected) -> None:
    """carrier_name, ship_by_window, first_scan_window, scan_found_at, timeline, remedy_done. A window stands only when
    every claimed order has the time: one without would make the sentence untrue."""
    rows = ground.claimed
    if not rows:
        return
    limit = "scan_limit" if any(row.first("scan_limit") for row in rows) else "ship_by"
    _window(rows, out, "ship_by_window", limit)
    _window(rows, out, "first_scan_window", "first_scan")
    _check_in_time(ground, limit, out)
    if "first_scan_window" in out.facts:
        out.facts["scan_found_at"] = out.facts["first_scan_window"]
    out.lacks("scan_found_at", out.why.get("first_scan_window", ""))
    _carriers(rows, out)
    _remedies(rows, out)
    out.add("timeline", _chronology(ground), _("orders, scans, checks and reports on record"))


def _window(rows: list[OrderTimeline], out: Collected, name: str, key: str) -> None:
    """Earliest and latest first occurrence of a step. Computed limits say so (rule 10)."""
    steps = [row.first(key) for row in rows]
    known = [step for step in steps if step is not None]
    lacking = len(rows) - len(known)
    if lacking:
        out.lacks(name, _("%(n)s of the claimed orders have no such time on record.") % {"n": lacking})
        return
    text = words.window(step.at for step in known if step.at)
    computed = any(step.source == "computed" for step in known)
    suffix = "（上传单号后的揽收时限，按规则推算）" if key == "scan_limit" else "（按规则推算）" if computed else ""
    out.add(name, text + suffix, "、".join(dict.fromkeys(step.source_label for step in known)))


def _check_in_time(ground: Ground, limit: str, out: Collected) -> None:
    """The text says that every claimed order was scanned before its limit: an overruled verdict may claim one that was not."""
    pairs = [(row.order_no, row.first("first_scan"), row.first(limit)) for row in ground.claimed]
    late = [number for number, scan, due in pairs if scan and due and scan.at and due.at and scan.at > due.at]
    if ground.line == "shipped_in_time" and late:
        text = _(
            "%(n)s of the claimed orders were scanned after their limit, such as %(order)s: look at their verdicts."
        )
        out.bar("first_scan_window", text % {"n": len(late), "order": late[0]})


def _carriers(rows: list[OrderTimeline], out: Collected) -> None:
    parcels = [parcel for row in rows if row.order for parcel in row.order.parcels.all()]
    names = dict.fromkeys(parcel.carrier.name_zh if parcel.carrier else parcel.carrier_word for parcel in parcels)
    if names and all(names):
        out.add("carrier_name", "、".join(names), _("parcels of the claimed orders"))
    out.lacks("carrier_name", _("The carrier of some parcels is not known."))


def _remedies(rows: list[OrderTimeline], out: Collected) -> None:
    """What was done for the buyers, counted from the orders; nothing where nothing is on record."""
    refunded = sum(1 for row in rows if row.first("refunded"))
    shipped = sum(1 for row in rows if not row.first("refunded") and row.first("uploaded"))
    parts = [f"{count}笔{what}" for count, what in ((refunded, "已退款"), (shipped, "已发出")) if count]
    if parts:
        out.add("remedy_done", f"{len(rows)}笔中{'、'.join(parts)}", _("order file of the platform"))


def _chronology(ground: Ground) -> str:
    """One line per event: time—event—source; what is not on record says so and stands last."""
    rows = ground.claimed
    told = _one_by_one(rows) if len(rows) <= TOLD_ONE_BY_ONE else _as_windows(rows)
    told += [
        (matter.violation.noticed_at, f"平台通知{matter.violation.violation_type.name_zh}", words.SOURCES["notice"])
        for matter in ground.matters[:3]
        if matter.violation.noticed_at
    ]
    lines = [
        f"{when}—{event}—{source}" for _at, when, event, source in sorted(map(_line, told), key=lambda line: line[0])
    ]
    return "\n".join(lines + _without_record(rows))


Told = tuple[dt.datetime | list[dt.datetime], str, str]


def _line(told: Told) -> tuple[dt.datetime, str, str, str]:
    at, event, source = told
    moments = at if isinstance(at, list) else [at]
    return min(moments), words.window(moments), event, source


def _one_by_one(rows: list[OrderTimeline]) -> list[Told]:
    return [
        (step.at, f"订单{row.order_no}{step.label_zh}{f'（{step.detail}）' if step.detail else ''}", step.source_zh)
        for row in rows
        for step in row.steps
        if step.at and step.key in CHRONOLOGY
    ]


def _as_windows(rows: list[OrderTimeline]) -> list[Told]:
    told: list[Told] = []
    for key in CHRONOLOGY:
        steps = [step for row in rows for step in row.all(key)]
        having = sum(1 for row in rows if row.first(key))
        if not steps:
            continue
        count = f"{having}笔" if having == len(rows) else f"{len(rows)}笔中{having}笔"
        details = "；".join(dict.fromkeys(step.detail for step in steps)) if key == "report" else ""
        event = f"主张的{count}{steps[0].label_zh}{f'（{details}）' if details else ''}"
        source = "、".join(dict.fromkeys(step.source_zh for step in steps))
        told.append(([step.at for step in steps if step.at], event, source))
    return told


def _without_record(rows: list[OrderTimeline]) -> list[str]:
    """Expected steps that some orders lack: counted, never guessed."""
    lines = []
    for key in EXPECTED:
        lacking = sum(1 for row in rows if row.first(key) is None)
        if lacking:
            count = f"主张的{len(rows)}笔" if lacking == len(rows) else f"主张的{len(rows)}笔中{lacking}笔"
            lines.append(
                f"{words.NO_RECORD}—{count}{words.STEPS[key]}—{words.SOURCES['scan' if key != 'uploaded' else 'file']}"
            )
    return lines
