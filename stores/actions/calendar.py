"""What is done to the calendar: days off, make-up working days, and the windows a platform grants."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from casemgr.kit import audit
from casemgr.kit.workflow import Refused
from stores.actions.people import check_right
from stores.models import CalendarDay, ExemptionWindow, Platform, User


@transaction.atomic
def set_day(*, by: User | None, on: dt.date, is_working: bool, name: str, source: str) -> CalendarDay:
    """Say of one day whether it is worked, against what the week says. Said again, the later word counts."""
    check_right(by)
    before = CalendarDay.objects.filter(on=on).values("is_working", "name", "source").first()
    values = {"is_working": is_working, "name": name, "source": source}
    day, _is_new = CalendarDay.objects.update_or_create(on=on, defaults=values)
    if before != values:
        audit.record(by=by, action="calendarday.set", of=day, before=before, after={"on": on, **values})
    return day


@transaction.atomic
def declare_window(
    *,
    by: User | None,
    platform: Platform,
    from_at: dt.datetime,
    to_at: dt.datetime,
    effect: str,
    source: str,
    extend_hours: int | None = None,
    violation_keys: Sequence[str] = (),
    regions: Sequence[str] = (),
    carriers: Sequence[str] = (),
) -> ExemptionWindow:
    """A platform's pause, extension (with hours) or waiver between two moments; empty lists mean all.

    Refused when it ends before it begins, or is an extension that does not say by how much.
    """
    check_right(by)
    if to_at <= from_at:
        raise Refused(_("The window must end after it begins."))
    if (effect == ExemptionWindow.Effect.EXTEND) != (extend_hours is not None):
        raise Refused(_("An extension says by how many hours; nothing else does."))
    window = ExemptionWindow.objects.create(
        platform=platform, from_at=from_at, to_at=to_at, effect=effect, source=source, extend_hours=extend_hours,
        violation_keys=list(violation_keys), regions=list(regions), carriers=list(carriers),
    )  # fmt: skip
    after = {"platform": platform, "from_at": from_at, "to_at": to_at, "effect": effect, "extend_hours": extend_hours}
    audit.record(by=by, action="exemptionwindow.declared", of=window, after=after)
    return window
