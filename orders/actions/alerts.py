"""What people do with a finding: take it up, confirm it, call it a false alarm, resolve it."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from casemgr.kit.workflow import Hurdle, Refused
from orders.detectors import ALL
from orders.models import RiskAlert
from orders.workflow import ALERT

ACTIVE_HOLDS = ("asked", "acknowledged")


@transaction.atomic
def start_review(*, by: Any, alert: RiskAlert) -> None:
    """Take an open alert up: `by` handles it from now on. Raises Refused or Stale."""
    ALERT.go(alert, "reviewing", by=by, changes={"handled_by": by})


@transaction.atomic
def confirm(*, by: Any, alert: RiskAlert, note: str = "") -> None:
    """Say that the finding is true.

    A finding about a buyer needs at least one of its orders found malicious, or a lead who writes why: appeals rest on
    it, and one suspicion alone accuses nobody. Raises Refused with what is missing.
    """
    hurdles = confirm_hurdles(alert, by=by, note=note)
    if hurdles:
        raise Refused(hurdles[0].text, hurdles)
    ALERT.go(alert, "confirmed", by=by, changes={"handled_by": by}, note=note)


def confirm_hurdles(alert: RiskAlert, *, by: Any, note: str = "") -> list[Hurdle]:
    """What stands in the way of confirming; empty where nothing does."""
    is_of_people = alert.detector in ALL and ALL[alert.detector].is_of_people
    if not is_of_people or alert.orders.filter(review__status="malicious").exists():
        return []
    if by is not None and by.is_lead:
        return [] if note.strip() else [Hurdle(_("No order was found malicious: please write why it is confirmed."))]
    text = _("Check at least one buyer first, or ask a lead to confirm: none of the orders was found malicious.")
    return [Hurdle(text, "#rows", _("check"))]


@transaction.atomic
def false_alarm(*, by: Any, alert: RiskAlert, note: str) -> None:
    """End the alert as a false alarm, with the reason; an open one is taken up first.

    Refused while a hold because of it still stands: orders nobody suspects must ship in time.
    """
    standing = alert.holds.filter(status__in=ACTIVE_HOLDS)
    if standing.exists():
        n = standing.count()
        text = ngettext("%(n)s hold still stands: release it first.", "%(n)s holds still stand: release them first.", n)
        raise Refused(text % {"n": n}, [Hurdle(text % {"n": n}, "#holds", _("release"))])
    if alert.status == "open":
        start_review(by=by, alert=alert)
    ALERT.go(alert, "false_alarm", by=by, changes={"handled_by": by}, note=note)


@transaction.atomic
def resolve(*, by: Any, alert: RiskAlert, note: str = "") -> None:
    """End a confirmed alert: what could be done is done. Raises Refused or Stale."""
    ALERT.go(alert, "resolved", by=by, changes={"handled_by": by}, note=note)
