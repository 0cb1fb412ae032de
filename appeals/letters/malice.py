"""Facts of a burst: how the claimed orders cluster, who was asked, what was reported in time, which were genuine."""

from __future__ import annotations

from collections import Counter

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from appeals.evidence import words
from appeals.evidence.cluster import Cluster
from appeals.letters.collected import Collected, Ground
from orders.models import Order, OrderReview, PlatformReport, ReviewContact

CLUSTER = "cluster_from cluster_to cluster_minutes cluster_key_text usual_rate"
# What one order's contacts come to, the strongest first.
ANSWERS = ("denied", "confirmed", "answered", "declined", "no_answer")
ANSWER_WORDS = {
    "denied": "否认",
    "confirmed": "确认本人下单",
    "answered": "有答复",
    "declined": "拒答",
    "no_answer": "未答",
}


def collect(ground: Ground, out: Collected) -> None:
    """cluster_*, usual_rate, contact_*, report_*, genuine_count. Each stands only when it is true of every claimed order."""
    orders = [row.order for row in ground.claimed if row.order]
    if not orders:
        return
    _cluster(ground.cluster, orders, out)
    _not_shipped(ground, out)
    _contacts(orders, out)
    _report(ground, orders, out)


def _not_shipped(ground: Ground, out: Collected) -> None:
    """The text says that no claimed order has a waybill or was completed: one that has makes it untrue."""
    if ground.line != "malicious_order":
        return
    shipped = [row.order_no for row in ground.claimed if row.first("uploaded") or row.first("delivered")]
    if shipped:
        text = _(
            "%(n)s of the claimed orders have a waybill number or were delivered, such as %(order)s: look at their verdicts."
        )
        out.bar("not_shipped_short not_shipped_reason", text % {"n": len(shipped), "order": shipped[0]})


def _cluster(cluster: Cluster | None, orders: list[Order], out: Collected) -> None:
    if cluster is None:
        out.lacks(CLUSTER, _("No confirmed burst holds the claimed orders."))
        return
    outside = [order for order in orders if not cluster.holds(order)]
    if outside:
        text = ngettext(
            "%(n)s claimed order is in no confirmed burst.",
            "%(n)s claimed orders are in no confirmed burst.",
            len(outside),
        )
        out.lacks(CLUSTER, text % {"n": len(outside)})
        return
    source = _("confirmed alert %(codes)s") % {"codes": "、".join(alert.code for alert in cluster.alerts)}
    out.add("cluster_from", words.moment(cluster.from_at), source)
    out.add("cluster_to", words.moment(cluster.to_at), source)
    out.add("cluster_minutes", cluster.minutes, source)
    out.add("cluster_key_text", cluster.key_text, source)
    if cluster.usual.is_known:
        out.add("usual_rate", cluster.usual.text, _("orders of this shop on earlier days"))
    out.lacks("usual_rate", _("Too few earlier days of orders are on record."))
    _genuine(cluster, out)


def _genuine(cluster: Cluster, out: Collected) -> None:
    """Orders of the burst found genuine; the sentence says they were shipped or refunded, so all of them must be."""
    genuine = [order for order in cluster.orders if (review := _review(order)) and review.status == "genuine"]
    if genuine and all(order.shipped_at or order.parcels.all() or order.refunded_at for order in genuine):
        out.add("genuine_count", len(genuine), _("checks of the orders"))


def _review(order: Order) -> OrderReview | None:
    return getattr(order, "review", None)


def _contacts(orders: list[Order], out: Collected) -> None:
    """When the first buyer was contacted and what came of it. Who was not contacted is never written as contacted."""
    reached = [
        (order, contacts)
        for order in orders
        if (review := _review(order)) and (contacts := list(review.contacts.all()))
    ]
    if len(reached) < len(orders):
        text = _("%(n)s of the claimed orders have no contact on record.") % {"n": len(orders) - len(reached)}
        out.lacks("contact_at contact_result", text)
        return
    counts = Counter(_outcome(contacts) for _order, contacts in reached)
    parts = [f"{ANSWER_WORDS[key]}{counts[key]}笔" for key in ANSWERS if counts[key]]
    source = _("contacts recorded with the checks")
    out.add("contact_at", words.moment(min(contact.at for _order, contacts in reached for contact in contacts)), source)
    out.add("contact_result", f"{len(orders)}笔均已联系，{'、'.join(parts)}", source)


def _outcome(contacts: list[ReviewContact]) -> str:
    said = {contact.answers.get("q1") for contact in contacts if contact.result == "answered"}
    if "denied" in said:
        return "denied"
    if said & {"self", "family"}:
        return "confirmed"
    results = {contact.result for contact in contacts}
    return next(key for key in ANSWERS if key in results)


def _report(ground: Ground, orders: list[Order], out: Collected) -> None:
    """The report that names every claimed order, filed before the first of them was due."""
    kinds = {"malicious_order": "malicious_buyer", "carrier_fault": "carrier", "force_majeure": "force_majeure"}
    wanted = kinds.get(ground.line, "")
    by_order = {order.pk: _reports_of(order, wanted) for order in orders}
    lacking = sum(1 for found in by_order.values() if not found)
    if lacking:
        out.lacks(
            "report_at report_no", _("%(n)s of the claimed orders are in no report to the platform.") % {"n": lacking}
        )
        return
    reports = sorted(
        {report for found in by_order.values() for report in found}, key=lambda report: (report.filed_at, report.pk)
    )
    limits = [step.at for row in ground.claimed if (step := row.first("ship_by")) and step.at]
    last = reports[-1].filed_at
    if len(limits) < len(orders) or last is None or last >= min(limits):
        out.lacks("report_at report_no", _("The report does not lie before the ship-by time of every claimed order."))
        return
    source = _("report to the platform %(codes)s") % {"codes": "、".join(report.code for report in reports)}
    out.add("report_at", words.window(report.filed_at for report in reports if report.filed_at), source)
    if all(report.number for report in reports):
        out.add("report_no", "、".join(dict.fromkeys(report.number for report in reports)), source)
    out.lacks("report_no", _("The report has no number yet."))


def _reports_of(order: Order, wanted: str) -> list[PlatformReport]:
    """The earliest filed report of the wanted kind that names this order, as a list of none or one."""
    found = [
        report for report in order.platform_reports.all() if report.filed_at and (not wanted or report.kind == wanted)
    ]
    return sorted(found, key=lambda report: (report.filed_at, report.pk))[:1]
