"""Incidents: one cause behind several alerts and cases of a merchant. Cases join in appeals.actions.incidents."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from casemgr.kit import audit
from casemgr.kit.privacy import scrub
from casemgr.kit.workflow import Refused
from orders.models import Incident, RiskAlert
from stores.models import Merchant, User


@transaction.atomic
def create(
    *,
    by: User,
    merchant: Merchant,
    title: str,
    root_cause: str = "",
    from_at: dt.datetime | None = None,
    to_at: dt.datetime | None = None,
) -> Incident:
    """Open an incident of one merchant. Raises Refused without a title, or when it would end before it began."""
    _agency(by)
    words = scrub(title.strip())[:120]
    if not words:
        raise Refused(_("Please write in a few words what happened."))
    if to_at is not None and (from_at is None or to_at < from_at):
        raise Refused(_("It cannot have ended before it began."))
    made = Incident.objects.create(
        merchant=merchant, title=words, root_cause=root_cause, from_at=from_at, to_at=to_at, created_by=by
    )
    audit.record(by=by, action="incident.open", of=made, after={"title": words, "root_cause": root_cause})
    return made


@transaction.atomic
def add_alert(*, by: User, incident: Incident, alert: RiskAlert) -> None:
    """Say that this finding has the same cause; twice is once. Refused for another merchant's."""
    _agency(by)
    if alert.store.merchant_id != incident.merchant_id:
        raise Refused(_("An incident joins what happened at one merchant only."))
    if not incident.alerts.filter(pk=alert.pk).exists():
        incident.alerts.add(alert)
        audit.record(by=by, action="incident.alert", of=incident, after={"alert": alert.code})


def _agency(by: User) -> None:
    if not by.is_agency:
        raise Refused(_("You may look at this, but not change it."))
