"""What happened to each order of a case, step by step, each with its time and where we know it from.

A step without a time on record is shown as such; none is estimated (texts.md 3, chronology).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from django.db.models import Prefetch
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from appeals import verdicts
from appeals.evidence import words
from appeals.models import Case, Verdict
from casemgr.kit.page_memo import once_a_page
from orders.models import Order, Parcel, PlatformReport

LABELS: dict[str, Promise] = {
    "placed": _("placed"),
    "paid": _("paid"),
    "grouped": _("group formed"),
    "balance_paid": _("balance paid"),
    "ship_by": _("ship by"),
    "scan_limit": _("first scan due"),
    "uploaded": _("waybill uploaded"),
    "first_scan": _("first scan"),
    "delivered": _("signed for"),
    "urged": _("buyer urged shipping"),
    "refund_asked": _("refund asked"),
    "refunded": _("refunded"),
    "closed": _("order closed"),
    "contact": _("buyer contacted"),
    "review": _("result of the check"),
    "report": _("reported to the platform"),
}
SOURCE_LABELS: dict[str, Promise] = {
    "file": _("order file of the platform"),
    "computed": _("computed from the rule"),
    "scan": _("carrier's scans"),
    "order_review": _("record of the check"),
    "report": _("record of the report"),
}
# Steps every shipped order has: where one is missing the timeline says so.
EXPECTED = ("uploaded", "first_scan", "delivered")
# Column of the order -> step; all as the platform's file gave them.
FROM_FILE = (
    ("placed_at", "placed"),
    ("paid_at", "paid"),
    ("grouped_at", "grouped"),
    ("balance_paid_at", "balance_paid"),
    ("urged_at", "urged"),
    ("refund_asked_at", "refund_asked"),
    ("refunded_at", "refunded"),
    ("closed_at", "closed"),
)


@dataclass(frozen=True)
class Step:
    """One step of one order. `at` None: nothing is on record. `detail` is what the platform may read (Chinese)."""

    key: str
    at: dt.datetime | None
    source: str = ""
    detail: str = ""

    @property
    def label(self) -> str:
        return str(LABELS[self.key])

    @property
    def source_label(self) -> str:
        return str(SOURCE_LABELS.get(self.source, ""))

    @property
    def label_zh(self) -> str:
        return words.STEPS[self.key]

    @property
    def source_zh(self) -> str:
        return words.SOURCES.get(self.source, "")


@dataclass
class OrderTimeline:
    """The steps of one order in order of time, those without a record last."""

    order_no: str
    verdict: Verdict
    order: Order | None
    is_claimed: bool
    steps: list[Step] = field(default_factory=list)

    def all(self, key: str) -> list[Step]:
        return [step for step in self.steps if step.key == key and step.at]

    def first(self, key: str) -> Step | None:
        return next((step for step in self.steps if step.key == key and step.at), None)


@once_a_page
def rows(case: Case, *, only_claimed: bool = False) -> list[OrderTimeline]:
    """The timeline of every order of the case (or of the claimed ones), in nine queries whatever their number."""
    claims = verdicts.CLAIMS.get(case.line_of_defence, verdicts.CLAIMABLE)
    found = case.verdicts.select_related("violation_order__order__review").prefetch_related(
        Prefetch(
            "violation_order__order__parcels", Parcel.objects.filter(store=case.store_id).select_related("carrier")
        ),
        Prefetch(
            "violation_order__order__platform_reports",
            PlatformReport.objects.filter(store=case.store_id, status__in=["filed", "accepted"]),
        ),
        "violation_order__order__review__contacts",
        "violation_order__order__lines",
    )
    if only_claimed:
        found = found.filter(kind__in=claims)
    return [_timeline(case, verdict, verdict.kind in claims) for verdict in found]


def _timeline(case: Case, verdict: Verdict, is_claimed: bool) -> OrderTimeline:
    order = verdict.violation_order.order
    if order is not None and order.store_id != case.store_id:
        order = None  # another shop's order is never shown to this shop's platform (rule 7)
    made = OrderTimeline(verdict.violation_order.order_no, verdict, order, is_claimed)
    if order is not None:
        known = [*_from_file(order), *_limits(order, verdict), *_shipping(order), *_checks(order), *_reports(order)]
        made.steps = sorted(known, key=lambda step: step.at or dt.datetime.max.replace(tzinfo=dt.UTC))
    made.steps += [Step(key, None) for key in EXPECTED if made.first(key) is None]
    return made


def _from_file(order: Order) -> list[Step]:
    return [Step(key, getattr(order, column), "file") for column, key in FROM_FILE if getattr(order, column)]


def _limits(order: Order, verdict: Verdict) -> list[Step]:
    """The limits that count: ship-by of the order, and the scan limit its verdict was measured against."""
    steps = []
    if order.ship_by:
        steps.append(Step("ship_by", order.ship_by, "file" if order.ship_by_source == "file" else "computed"))
    for fact in verdict.facts:
        if fact["name"] == "scan_limit":
            steps.append(Step("scan_limit", dt.datetime.fromisoformat(fact["value"]), "computed"))
    return steps


def _shipping(order: Order) -> list[Step]:
    """Uploads, first scans and signatures, of each parcel; the order's own columns where no parcel tells."""
    steps = []
    for parcel in order.parcels.all():
        name = parcel.carrier.name_zh if parcel.carrier else parcel.carrier_word
        detail = f"{name}{parcel.waybill_no}"
        for key, at, source in (
            ("uploaded", parcel.shipped_at, "file"),
            ("first_scan", parcel.first_scan_at, "scan"),
            ("delivered", parcel.delivered_at, "scan"),
        ):
            if at:
                steps.append(Step(key, at, source, detail))
    have = {step.key for step in steps}
    for key, at in (
        ("uploaded", order.shipped_at),
        ("first_scan", order.picked_up_at),
        ("delivered", order.delivered_at),
    ):
        if at and key not in have:
            steps.append(Step(key, at, "file"))
    return steps


def _checks(order: Order) -> list[Step]:
    review = getattr(order, "review", None)
    if review is None:
        return []
    steps = [
        Step(
            "contact",
            contact.at,
            "order_review",
            f"{words.CHANNELS[contact.channel]}，{words.CONTACT_RESULTS[contact.result]}",
        )
        for contact in review.contacts.all()
    ]
    if review.decided_at and review.status in words.REVIEWS:
        steps.append(Step("review", review.decided_at, "order_review", words.REVIEWS[review.status]))
    return steps


def _reports(order: Order) -> list[Step]:
    return [
        Step(
            "report",
            report.filed_at,
            "report",
            f"{words.REPORTS[report.kind]}{f'，编号{report.number}' if report.number else ''}",
        )
        for report in order.platform_reports.all()
        if report.filed_at
    ]
