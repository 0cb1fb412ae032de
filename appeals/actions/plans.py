"""What is done so that it does not happen again."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from appeals.models import Case, PlanAction
from appeals.workflow import PLAN
from casemgr.kit import audit
from casemgr.kit.workflow import Refused
from stores import reference
from stores.models import User
from stores.models.platform import in_language


@transaction.atomic
def add(*, by: User, case: Case, title: str, owner_name: str, due_on: dt.date, metric: str = "") -> PlanAction:
    """One action of the plan. Allowed at any time: a plan may begin before the platform answers and outlive the case."""
    action = PlanAction.objects.create(
        case=case,
        title=title.strip(),
        owner_name=owner_name.strip(),
        due_on=due_on,
        metric=metric.strip(),
        created_by=by,
    )
    audit.record(by=by, action="plan.add", of=action, after={"title": action.title, "due_on": due_on})
    return action


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
        )
        for row in template["actions"]
    ]


@transaction.atomic
def move(*, by: User, action: PlanAction, to: str, note: str = "") -> None:
    """planned -> doing -> done -> proven or not proven; any -> waived with a reason."""
    changes: dict[str, object] = {"done_at": timezone.now(), "done_by": by} if to == "done" else {}
    if to == "waived":
        changes["waived_reason"] = note.strip()
    PLAN.go(action, to, by=by, changes=changes, note=note)


@transaction.atomic
def hand_on(*, by: User, action: PlanAction) -> None:
    """The action lives on after the case is closed."""
    PlanAction.objects.filter(pk=action.pk).update(is_handed_on=True, updated_at=timezone.now())
    action.is_handed_on = True
    audit.record(by=by, action="plan.hand_on", of=action, after={"is_handed_on": True})
