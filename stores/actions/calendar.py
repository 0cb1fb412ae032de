"""What is done to the calendar: the windows that a platform grants. Days off are kept in the admin."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from casemgr.kit import audit
from casemgr.kit.workflow import Refused
from stores.actions.people import check_right
from stores.models import ExemptionWindow, Platform, User


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
