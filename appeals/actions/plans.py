"""What is done so that it does not happen again, and the figures that show whether it worked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Min
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from appeals import metrics
from appeals.models import Attendance, Case, PlanAction, TrainingSession
from appeals.workflow import PLAN
from casemgr.kit import audit
from casemgr.kit.notify import tell
from casemgr.kit.privacy import scrub
from casemgr.kit.workflow import Refused
from stores import reference
from stores.models import User
from stores.models.platform import in_language

# Templates that are trainings, and after how many days they are held again.
TRAININGS = {"train_out_of_stock": 180, "train_and_sign": 180}
DAYS, MOST_DAYS = 14, 90


@transaction.atomic
def add(
    *,
    by: User,
    case: Case,
    title: str,
    owner_name: str,
    due_on: dt.date,
    metric: str = "",
    metric_key: str = "",
    metric_days: int = DAYS,
    is_training: bool = False,
    repeat_days: int | None = None,
) -> PlanAction:
    """One action of the plan. Allowed at any time: a plan may begin before the platform answers and outlive the case.

    With a `metric_key` (appeals.metrics) the figure before is measured now, over the days before the violation. Raises
    Refused for a figure that there is not.
    """
    if metric_key and metric_key not in metrics.METRICS:
        raise Refused(_("There is no such figure."))
    action = PlanAction(
        case=case,
        title=scrub(title.strip()),
        owner_name=scrub(owner_name.strip()),
        due_on=due_on,
        metric=scrub(metric.strip()),
        metric_key=metric_key,
        metric_days=min(max(metric_days, 1), MOST_DAYS),
        is_training=is_training,
        repeat_days=repeat_days if is_training else None,
        created_by=by,
    )
    if metric_key:
        end = _happened_at(case)
        found = metrics.measure(metric_key, store=case.store, start=end - _span(action), end=end)
        action.before_value, action.before_base = found.value, found.base
    action.save()
    after = {"title": action.title, "due_on": due_on, "metric_key": metric_key, "before_value": action.before_value}
    audit.record(by=by, action="plan.add", of=action, after={k: v for k, v in after.items() if v not in ("", None)})
    return action


def _happened_at(case: Case) -> dt.datetime:
    """Where the time before ends: at the earliest notice of the case."""
    first = case.matters.aggregate(at=Min("violation__noticed_at"))["at"]
    return min(first or case.opened_at, case.opened_at)


def _span(action: PlanAction) -> dt.timedelta:
    return dt.timedelta(days=action.metric_days)


@transaction.atomic
def propose(*, by: User, case: Case) -> list[PlanAction]:
    """The template's actions for the case's root cause, dates counted from today. Raises Refused without a root cause,
    or when the case has a plan already."""
    if case.plan.exists():
        raise Refused(_("The case has a plan already."))
    template = next((plan for plan in reference.plans() if case.root_cause in plan["root_causes"]), None)
    if template is None:
        raise Refused(_("There is no plan template for this root cause: add actions by hand."))
    today = timezone.localdate()
    return [
        add(
            by=by,
            case=case,
            title=in_language(row["action_zh"], row["action_en"]),
            owner_name=in_language(row["owner_zh"], row["owner_en"]),
            due_on=today + dt.timedelta(days=row["days"]),
            metric=in_language(row["metric_zh"], row["metric_en"]),
            metric_key=metrics.OF_TEMPLATE.get(row["key"], ""),
            is_training=row["key"] in TRAININGS,
            repeat_days=TRAININGS.get(row["key"]),
        )
        for row in template["actions"]
    ]


@transaction.atomic
def move(*, by: User, action: PlanAction, to: str, note: str = "") -> None:
    """planned -> doing -> done -> proven or not proven; any -> waived with a reason."""
    changes: dict[str, object] = {"done_at": timezone.now(), "done_by": by} if to == "done" else {}
    if to == "waived":
        changes["waived_reason"] = scrub(note.strip())
    PLAN.go(action, to, by=by, changes=changes, note=note)


@transaction.atomic
def hand_on(*, by: User, action: PlanAction) -> None:
    """The action lives on after the case is closed."""
    PlanAction.objects.filter(pk=action.pk).update(is_handed_on=True, updated_at=timezone.now())
    action.is_handed_on = True
    audit.record(by=by, action="plan.hand_on", of=action, after={"is_handed_on": True})


def measurable_from(action: PlanAction) -> dt.datetime | None:
    """From when on the figure after can be measured; None while the action is not done or has no figure of ours."""
    return action.done_at + _span(action) if action.done_at and action.metric_key in metrics.METRICS else None


@transaction.atomic
def measure(*, by: User | None, action: PlanAction) -> bool:
    """Measure the figure after: over the same number of days from when the action was done. False when somebody did it
    in this very moment. A person may measure again, such as after a late import; the daily run measures once.

    Raises Refused before those days are over.
    """
    ready = measurable_from(action)
    if ready is None:
        raise Refused(_("This action is not done yet, or it has no figure that we compute."))
    if ready > timezone.now():
        raise Refused(_("The days to look at are not over yet."))
    found = metrics.measure(action.metric_key, store=action.case.store, start=ready - _span(action), end=ready)
    before = {"after_value": action.after_value, "after_base": action.after_base}
    values = {"after_value": found.value, "after_base": found.base}
    was, now = action.measured_at, timezone.now()
    if not PlanAction.objects.filter(pk=action.pk, measured_at=was).update(**values, measured_at=now, updated_at=now):
        return False
    action.after_value, action.after_base, action.measured_at = found.value, found.base, now
    audit.record(by=by, action="plan.measure", of=action, before=before if was else {}, after=values)
    return True


def due_to_measure(now: dt.datetime) -> Iterable[PlanAction]:
    """Actions whose days are over and that were never measured, the earliest done first."""
    rows = PlanAction.objects.filter(measured_at=None, done_at__lte=now, metric_key__in=metrics.METRICS)
    rows = rows.exclude(status="waived").exclude(case__erased_at__isnull=False)
    for action in rows.select_related("case__store", "case__owner").order_by("done_at", "pk"):
        ready = measurable_from(action)
        if ready is not None and ready <= now:
            yield action


def measure_due(*, now: dt.datetime | None = None) -> int:
    """Measure what is due and tell the owner of the case that there is something to confirm. May run any number of times."""
    count = 0
    for action in due_to_measure(now or timezone.now()):
        with transaction.atomic():
            if not measure(by=None, action=action):
                continue
            count += 1
            if action.case.owner is not None and action.status == "done":
                _tell_owner(action, action.case.owner)
    return count


def _tell_owner(action: PlanAction, owner: User) -> None:
    tell(
        [owner],
        event="plan",
        key=f"plan:{action.code}:measured",
        text=gettext_noop("%(code)s: “%(title)s” was measured. Please say whether it worked."),
        values={"code": action.case.code, "title": action.title},
        url=f"/cases/{action.case.code}/#plan",
    )


def wipe_texts(case: Case) -> None:
    """What people wrote in the plan of a case that retention ends; dates, states and figures stay, attendance goes."""
    case.plan.filter(status="waived").update(waived_reason="–")
    case.plan.update(title="", owner_name="", metric="")
    TrainingSession.objects.filter(action__case=case).update(topic="")
    Attendance.objects.filter(session__action__case=case).delete()
