"""Trainings of a plan: when they were held and who was there, when they are due again, and the sheet that was signed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from appeals.actions import evidence
from appeals.evidence.intake import Upload
from appeals.models import Attendance, EvidenceItem, PlanAction, TrainingSession
from casemgr.kit import audit
from casemgr.kit.notify import tell
from casemgr.kit.privacy import scrub
from casemgr.kit.workflow import Refused, Stale
from stores.models import EvidenceRequirement, User
from stores.queries import merchant_people

# The checklist line on which the signed sheet stands: a training is part of the rectification.
SHEET_OF = "rectify_plan"
AHEAD = dt.timedelta(days=7)
MOST_PEOPLE = 500


@transaction.atomic
def record(
    *,
    by: User,
    action: PlanAction,
    held_on: dt.date,
    topic: str = "",
    present: Sequence[str] = (),
    absent: Sequence[str] = (),
) -> TrainingSession:
    """A training that was held, with who was there and who was not. Raises Refused for a day to come, without a name,
    or for a name on both lists; Stale when somebody recorded that day first."""
    if not action.is_training:
        raise Refused(_("This action is no training."))
    if held_on > timezone.localdate():
        raise Refused(_("This day is still to come."))
    there, missing = names(present), names(absent)
    if not there:
        raise Refused(_("Write down who was there, one name a line."))
    if both := set(there) & set(missing):
        raise Refused(_("%(name)s stands on both lists.") % {"name": min(both)})
    if len(there) + len(missing) > MOST_PEOPLE:
        raise Refused(_("These are more than %(n)s names.") % {"n": MOST_PEOPLE})
    session = TrainingSession(action=action, held_on=held_on, topic=scrub(topic.strip())[:200], recorded_by=by)
    try:
        with transaction.atomic():
            session.save()
    except IntegrityError as error:
        known = TrainingSession.objects.get(action=action, held_on=held_on)
        raise Stale(audit.who_was_faster(known)) from error
    people = [*((name, True) for name in there), *((name, False) for name in missing)]
    Attendance.objects.bulk_create(
        Attendance(session=session, name=name, is_present=is_present) for name, is_present in people
    )
    after = {"title": action.title, "held_on": held_on, "present": len(there), "absent": len(missing)}
    audit.record(by=by, action="training.record", of=session, after=after)
    return session


def names(lines: Iterable[str]) -> list[str]:
    """Names as typed or pasted, each once, in their order; numbers that stand beside a name are masked."""
    cleaned = (scrub(" ".join(line.split()))[:40].strip() for line in lines)
    return list(dict.fromkeys(name for name in cleaned if name))


def next_on(action: PlanAction, last: dt.date | None) -> dt.date | None:
    """When the training is due next: first by its date, then so many days after it was held last; None when it is over."""
    if not action.is_training or action.status == "waived":
        return None
    if last is None:
        return action.due_on if action.status in ("planned", "doing") else None
    return last + dt.timedelta(days=action.repeat_days) if action.repeat_days else None


def remind(*, today: dt.date | None = None) -> int:
    """Tell owner and merchant of trainings due within a week or already late, once for each date. Returns how many
    trainings are due. A closed case is reminded of what was handed on."""
    today = today or timezone.localdate()
    trainings = PlanAction.objects.filter(is_training=True, case__erased_at=None).exclude(status="waived")
    rows = trainings.annotate(last=Max("sessions__held_on")).select_related("case__owner", "case__store")
    count = 0
    for action in rows.order_by("pk"):
        due = next_on(action, action.last)
        lives = action.is_handed_on or action.case.status != "closed"
        if due is not None and lives and due - AHEAD <= today:
            _remind(action, due)
            count += 1
    return count


@transaction.atomic
def _remind(action: PlanAction, due: dt.date) -> None:
    case, key = action.case, f"training:{action.code}:{due}"
    values = {"code": case.code, "title": action.title, "on": f"{due:%Y-%m-%d}"}
    text = gettext_noop("%(code)s: the training “%(title)s” is due on %(on)s.")
    agency = [case.owner] if case.owner else []
    tell(agency, event="training", key=key, text=text, values=values, url=f"/cases/{case.code}/#plan")
    people = merchant_people(case.store)
    tell(people, event="training", key=key, text=text, values=values, url=f"/m/cases/{case.code}/")


def sheet_note(action: PlanAction, held_on: dt.date) -> str:
    """What ties a signed sheet among the evidence to its session: the source of the file, in words people can read."""
    return f"{action.code} {held_on:%Y-%m-%d} 培训签到表"


def add_sheet(
    *, by: User, session: TrainingSession, uploads: Sequence[Upload], declared_true: bool
) -> list[EvidenceItem]:
    """The sheet that people signed, as evidence of the case. Refused as any other evidence (appeals.actions.evidence)."""
    action = session.action
    return evidence.add(
        by=by,
        case=action.case,
        requirement=EvidenceRequirement.objects.get(key=SHEET_OF),
        uploads=uploads,
        declared_true=declared_true,
        source_note=sheet_note(action, session.held_on),
        title=f"培训签到表（{session.held_on:%Y-%m-%d}）",
    )
