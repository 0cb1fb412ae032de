"""What the case page shows of plans: the filing's, backwards from its deadline, and the rectification's with its figures."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from appeals import metrics, pace
from appeals.actions import plans, trainings
from appeals.models import Case, EvidenceItem, PlanAction, TrainingSession
from appeals.workflow import PLAN
from casemgr.kit.workflow import Move, State, Text

STEPS: dict[str, Text] = {
    "asked": gettext_lazy("cause found, evidence asked for"),
    "evidence": gettext_lazy("evidence complete"),
    "text": gettext_lazy("text ready for review"),
    "review": gettext_lazy("review done"),
    "filing": gettext_lazy("filing begun"),
    "alarm": gettext_lazy("alarm unless filed"),
}
WORDS: dict[str, tuple[str, Text]] = {
    "proven": ("ok", gettext_lazy("better: looks proven")),
    "not_proven": ("warn", gettext_lazy("not better: looks not proven")),
    "too_little": ("neutral", gettext_lazy("too little data to say")),
    "unknown": ("neutral", gettext_lazy("not known: no data of that time")),
}


def filing_plan(case: Case) -> dict[str, Any] | None:
    """The plan of the next filing: its steps with their moments, which is on and whether it is late; None without one."""
    found = pace.of([case]).get(case.pk)
    if found is None:
        return None
    now = timezone.now()
    rows = []
    for number, moment in enumerate(found.moments):
        is_now = number == found.done
        state = "done" if number < found.done else "late" if is_now and moment.by < now else "now" if is_now else "todo"
        rows.append({"label": STEPS[moment.step], "by": moment.by, "state": state})
    return {
        "rows": rows,
        "late": next((row for row in rows if row["state"] == "late"), None),
        "due_at": found.deadline.due_at,
        "is_estimated": found.deadline.is_estimated,
    }


@dataclass
class Session:
    """A training that was held, and the sheet that was signed if it is there."""

    session: TrainingSession
    present: list[str]
    absent: list[str]
    sheet: EvidenceItem | None


@dataclass
class Row:
    """One action of the plan as the page shows it."""

    action: PlanAction
    state: State
    moves: list[Move]
    measured: list[dict[str, Any]] = field(default_factory=list)
    proposal: tuple[str, Text] | None = None
    proposes: str = ""
    metric_label: Text = ""
    ready_at: dt.datetime | None = None
    can_measure: bool = False
    sessions: list[Session] = field(default_factory=list)
    next_on: dt.date | None = None
    is_late: bool = False


def rows(case: Case) -> list[Row]:
    """The plan of a case with figures and trainings, in a number of queries that does not grow with it."""
    actions = list(case.plan.prefetch_related("sessions__attendance"))
    sheets = _sheets(case, actions)
    return [_row(action, sheets) for action in actions]


def _sheets(case: Case, actions: list[PlanAction]) -> dict[str, EvidenceItem]:
    notes = [trainings.sheet_note(action, one.held_on) for action in actions for one in action.sessions.all()]
    if not notes:
        return {}
    there = case.evidence.filter(source_note__in=notes, withdrawn_at=None, replaced_by=None)
    return {item.source_note: item for item in there}


def _row(action: PlanAction, sheets: dict[str, EvidenceItem]) -> Row:
    row = Row(action, PLAN.state(action.status), PLAN.moves_from(action.status))
    if action.metric_key in metrics.METRICS:
        _add_figures(row)
    if action.is_training:
        row.sessions = [_session(action, one, sheets) for one in action.sessions.all()]
        row.next_on = trainings.next_on(action, row.sessions[0].session.held_on if row.sessions else None)
        row.is_late = row.next_on is not None and row.next_on < timezone.localdate()
    return row


def _session(action: PlanAction, one: TrainingSession, sheets: dict[str, EvidenceItem]) -> Session:
    people = list(one.attendance.all())
    return Session(
        one,
        [person.name for person in people if person.is_present],
        [person.name for person in people if not person.is_present],
        sheets.get(trainings.sheet_note(action, one.held_on)),
    )


def _add_figures(row: Row) -> None:
    action, metric = row.action, metrics.METRICS[row.action.metric_key]
    row.metric_label = metric.label
    row.measured = [_figure(metric, _("before"), action.before_value, action.before_base)]
    row.ready_at = plans.measurable_from(action)
    row.can_measure = row.ready_at is not None and row.ready_at <= timezone.now()
    if action.measured_at is None:
        return
    row.measured.append(_figure(metric, _("after"), action.after_value, action.after_base))
    row.proposes = metrics.judged(
        action.metric_key,
        before=action.before_value,
        before_base=action.before_base,
        after=action.after_value,
        after_base=action.after_base,
    )
    row.proposal = WORDS.get(row.proposes)


def _figure(metric: metrics.Metric, label: str, value: Decimal | None, base: int | None) -> dict[str, Any]:
    """A figure with its base; without a value it says so and shows no number."""
    number = "–" if value is None else f"{value.normalize():f}"
    words = number if value is None else _PATTERNS.get(metric.unit, "%(n)s") % {"n": number}
    rests = _("%(what)s: %(n)s") % {"what": metric.base_label, "n": base or 0}
    return {"label": label, "words": words, "base": rests, "is_few": value is not None and (base or 0) < metric.fewest}


_PATTERNS: dict[str, Text] = {"share": "%(n)s%%", "hours": gettext_lazy("%(n)s h")}
