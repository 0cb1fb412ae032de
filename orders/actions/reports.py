"""Telling the platform before the deadline (报备, 举报): prepared here, filed by hand in its console, recorded here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from casemgr.kit import audit
from casemgr.kit.workflow import Refused
from orders.enums import ReportKind
from orders.models import Order, PlatformReport, RiskAlert
from orders.workflow import REPORT


@transaction.atomic
def prepare(*, by: Any, alert: RiskAlert, kind: str, orders: Sequence[Order], note: str = "") -> PlatformReport:
    """Make a report over some orders of the alert, to be filed in the console.

    Raises Refused without orders, for orders that are not the alert's, and for a report against buyers that names an
    order found genuine.
    """
    if kind not in ReportKind.values:
        raise Refused(_("Choose what is reported."))
    if not orders:
        raise Refused(_("Choose at least one order."))
    keys = [order.pk for order in orders]
    if alert.orders.filter(pk__in=keys).count() < len(keys):
        raise Refused(_("Some of these orders do not belong to the alert."))
    if kind == ReportKind.MALICIOUS_BUYER and alert.orders.filter(pk__in=keys, review__status="genuine").exists():
        raise Refused(_("An order found genuine cannot be reported as malicious. Please take it out."))
    report = PlatformReport.objects.create(
        store=alert.store, alert=alert, kind=kind, note=note.strip()[:300], created_by=by
    )
    report.orders.set(orders)
    after = {"kind": kind, "orders": [order.order_no for order in orders]}
    audit.record(by=by, action="platform_report.prepare", of=report, after=after, note=note)
    return report


@transaction.atomic
def record_filed(
    *,
    by: Any,
    report: PlatformReport,
    number: str,
    filed_at: dt.datetime | None,
    extends_ship_by_to: dt.datetime | None = None,
) -> None:
    """Keep that the report was filed: the platform's number where the console gives one, the console's time, and until
    when the platform said it extends the ship-by time. Raises Refused or Stale."""
    if filed_at is not None and filed_at > timezone.now() + dt.timedelta(minutes=5):  # consoles' clocks differ a little
        raise Refused(_("The time of filing lies in the future. Please check it."))
    if extends_ship_by_to is not None and filed_at is not None and extends_ship_by_to <= filed_at:
        raise Refused(_("The extended ship-by time must be after the filing."))
    changes = {"number": number.strip(), "filed_at": filed_at, "extends_ship_by_to": extends_ship_by_to}
    REPORT.go(report, "filed", by=by, changes=changes, number=number, filed_at=filed_at)


@transaction.atomic
def record_answer(
    *,
    by: Any,
    report: PlatformReport,
    is_accepted: bool,
    note: str = "",
    extends_ship_by_to: dt.datetime | None = None,
) -> None:
    """Keep the platform's answer. A later ship-by time counts for the clock once the report is accepted."""
    changes = {"extends_ship_by_to": extends_ship_by_to or report.extends_ship_by_to} if is_accepted else {}
    REPORT.go(report, "accepted" if is_accepted else "refused", by=by, changes=changes, note=note)


@transaction.atomic
def expire(*, by: Any, report: PlatformReport, note: str = "") -> None:
    """Close a report that was not filed in time or never answered. Raises Refused or Stale."""
    REPORT.go(report, "expired", by=by, note=note)
