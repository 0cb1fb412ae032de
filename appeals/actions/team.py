"""How people share the work: who has a case, what is laid aside for a while, who looked at what and when."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from appeals.actions import moves
from appeals.actions.waking import AWAKE, next_step_at
from appeals.models import Case, CaseLook
from casemgr.kit import audit
from casemgr.kit.notify import tell
from casemgr.kit.privacy import scrub
from casemgr.kit.templatetags.ui import when
from casemgr.kit.workflow import Refused, Stale
from stores.models import User

# A case whose deadline nobody knows is looked at again within this time.
LONGEST_UNKNOWN = dt.timedelta(days=7)
# An open page counts as such while it was heard of within this time; a look is written no more often than LOOK_EVERY.
HERE = dt.timedelta(seconds=60)
LOOK_EVERY = dt.timedelta(seconds=60)


@transaction.atomic
def hand_over(*, by: User, case: Case, to: User, had: str | None = None) -> None:
    """Give the case to `to` and tell who gets it and who had it. `had` is the code of the owner whom the person saw ("" for
    none): Stale with the one who has it now when it is somebody else by then."""
    owner = case.owner
    if case.status == "closed":
        raise Refused(_("The case is closed."))
    if had is not None and had != (owner.code if owner else ""):
        raise Stale(_has_it(owner) + " " + audit.who_was_faster(case))
    if owner == to:
        raise Refused(_("%(name)s has it already.") % {"name": to.name})
    moves.take_over(by=by, case=case, owner=to)
    people = [person for person in (owner, to) if person is not None and person != by]
    tell(
        people,
        event="case.assign",
        key=f"case:{case.code}:owner:{to.code}:{timezone.now():%Y%m%d%H%M%S}",
        text=gettext_noop("%(code)s of %(shop)s is with %(to)s now (by %(by)s)."),
        values={"code": case.code, "shop": case.store.name, "to": to.name, "by": by.name},
        url=f"/cases/{case.code}/",
    )


def take(*, by: User, case: Case, had: str) -> None:
    """Make the case one's own. Raises Stale, naming who has it, when it changed hands since it was looked at."""
    hand_over(by=by, case=case, to=by, had=had)


def _has_it(owner: User | None) -> str:
    return _("%(name)s has this case now.") % {"name": owner.name} if owner else _("Nobody has this case now.")


@transaction.atomic
def snooze(*, by: User, case: Case, until: dt.datetime, reason: str) -> None:
    """Out of its owner's way until a moment, with the reason; never beyond the next step. It wakes by itself then, and at
    once when something happens (appeals.actions.waking). Refused with a sentence for a moment that is too late."""
    now, words = timezone.now(), scrub(reason.strip())[:200]
    if not by.is_agency or case.status == "closed":
        raise Refused(_("Only open cases are laid aside, by people of the agency."))
    if not words:
        raise Refused(_("Please write what you are waiting for."))
    if until <= now:
        raise Refused(_("This moment is over."))
    limit = snooze_limit(case, now)
    if limit <= now:
        raise Refused(_("The next step of this case is due: it cannot be laid aside."))
    if until > limit:
        raise Refused(_beyond(case, limit))
    values = {"snoozed_until": until, "snooze_reason": words}
    standing = Case.objects.filter(pk=case.pk, next_due_at=case.next_due_at, safe_until=case.safe_until)
    if not standing.exclude(status="closed").update(**values):
        raise Stale(audit.who_was_faster(case))
    before = {"snoozed_until": case.snoozed_until}
    case.snoozed_until, case.snooze_reason = until, words
    audit.record(by=by, action="case.snooze", of=case, before=before, after={"snoozed_until": until}, note=words)


def snooze_limit(case: Case, now: dt.datetime) -> dt.datetime:
    """Until when the case may be laid aside at most."""
    return next_step_at(case) or now + LONGEST_UNKNOWN


def _beyond(case: Case, limit: dt.datetime) -> str:
    if next_step_at(case) is None:
        return _("No deadline of this case is known: it can be laid aside for 7 days at most, until %(at)s.") % {
            "at": when(limit)
        }
    return _("The next step must be begun by %(at)s: it can be laid aside until then at most.") % {"at": when(limit)}


@transaction.atomic
def wake(*, by: User, case: Case) -> None:
    """Take a case up again before its time. Raises Refused for one that is not laid aside."""
    before = {"snoozed_until": case.snoozed_until}
    if not Case.objects.filter(pk=case.pk, snoozed_until__gt=timezone.now()).update(**AWAKE):
        raise Refused(_("This case is not laid aside."))
    case.snoozed_until, case.snooze_reason = None, ""
    audit.record(by=by, action="case.wake", of=case, before=before)


def look(*, by: User, case: Case) -> None:
    """Note that somebody sees the case as it stands now, and has it open. No audit: nothing of the case changes."""
    _note(by, case, seen_at=timezone.now())


def here(*, by: User, case: Case) -> None:
    """Note that somebody's page of the case is still open; what is new since it was drawn stays new."""
    _note(by, case)


def _note(by: User, case: Case, **seen: dt.datetime) -> None:
    now = timezone.now()
    if not CaseLook.objects.filter(case=case, user=by).update(here_at=now, **seen):
        # Two pages opened at once: the second finds the row of the first.
        CaseLook.objects.bulk_create([CaseLook(case=case, user=by, seen_at=now, here_at=now)], ignore_conflicts=True)
