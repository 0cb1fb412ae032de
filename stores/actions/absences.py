"""Days on which somebody of the agency is away: entered by themselves or by a lead, so that work goes to others."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from casemgr.kit import audit
from casemgr.kit.notify import tell
from casemgr.kit.workflow import Refused
from stores.models import Absence, User


@transaction.atomic
def add(*, by: User, user: User, from_on: dt.date, to_on: dt.date, deputy: User | None = None) -> Absence:
    """`user` is away from the first to the last day, both included; `deputy` stands in and is told.

    Raises Refused for somebody else's absence (leads enter it), days that are over, days that are entered already, and a
    deputy who is nobody of the agency or away on one of the days.
    """
    _check_right(by, user)
    if to_on < from_on:
        raise Refused(_("The last day lies before the first."))
    if to_on < timezone.localdate():
        raise Refused(_("These days are over."))
    if Absence.objects.filter(user=user, from_on__lte=to_on, to_on__gte=from_on).exists():
        raise Refused(_("Some of these days are entered already."))
    if deputy is not None:
        _check_deputy(user, deputy, from_on, to_on)
    absence = Absence.objects.create(user=user, from_on=from_on, to_on=to_on, deputy=deputy)
    audit.record(by=by, action="user.away", of=user, after=_facts(absence))
    if deputy is not None and deputy != by:
        tell(
            [deputy],
            event="absence",
            key=f"absence:{absence.pk}",
            text=gettext_noop("You stand in for %(name)s from %(from)s to %(to)s."),
            values={"name": user.name, "from": from_on.isoformat(), "to": to_on.isoformat()},
            url="/me/absences/",
        )
    return absence


@transaction.atomic
def end(*, by: User, absence: Absence) -> None:
    """Back earlier, or not away after all: what is left of the absence is taken out, days that were stay."""
    _check_right(by, absence.user)
    yesterday = timezone.localdate() - dt.timedelta(days=1)
    before = _facts(absence)
    if absence.from_on > yesterday:
        done, _rows = Absence.objects.filter(pk=absence.pk).delete()
    else:
        done = Absence.objects.filter(pk=absence.pk, to_on__gt=yesterday).update(to_on=yesterday)
    if done:
        audit.record(by=by, action="user.back", of=absence.user, before=before)


def _facts(absence: Absence) -> dict[str, object]:
    return {"from_on": absence.from_on, "to_on": absence.to_on, "deputy": absence.deputy}


def _check_right(by: User, user: User) -> None:
    if not user.is_agency:
        raise Refused(_("Absences are kept for people of the agency."))
    if by != user and not by.is_lead:
        raise Refused(_("Others’ absences are entered by a lead."))


def _check_deputy(user: User, deputy: User, from_on: dt.date, to_on: dt.date) -> None:
    if deputy == user or not deputy.is_agency or not deputy.is_active:
        raise Refused(_("Somebody else of the agency stands in."))
    if Absence.objects.filter(user=deputy, from_on__lte=to_on, to_on__gte=from_on).exists():
        raise Refused(_("%(name)s is away on some of these days too.") % {"name": deputy.name})
