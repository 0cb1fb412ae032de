"""How things of the appeal floor look on a page: deadlines, steppers, seals. Presentation only, no queries, no writes."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from appeals.case_rows import CaseRow
from appeals.enums import DeadlineKind, DeadlineSource, WaitingFor
from appeals.models import Case, CaseViolation
from appeals.workflow import CASE
from casemgr.kit.clock import ladder
from casemgr.kit.templatetags.ui import duration

_KINDS, _SOURCES = dict(DeadlineKind.choices), dict(DeadlineSource.choices)


def deadline(
    due_at: dt.datetime | None, *, source: str = "", since: dt.datetime | None = None, kind: str = ""
) -> dict[str, Any]:
    """What the deadline component shows. `source` is a word of DeadlineSource; unknown time says so, it is never late."""
    name = str(_KINDS.get(kind, ""))
    if due_at is None:
        return {
            "words": _("deadline unknown"),
            "tone": "soon",
            "due_at": None,
            "sub": name,
            "percent": None,
            "estimated": True,
        }
    now = timezone.now()
    start = since or due_at - dt.timedelta(hours=72)
    whole = (due_at - start).total_seconds()
    percent = 100 if whole <= 0 else min(100, max(0, round(100 * (now - start).total_seconds() / whole)))
    label = str(_SOURCES.get(source, ""))
    return {
        "words": duration(due_at, 2),
        "tone": ladder(due_at, now),
        "due_at": due_at,
        "sub": " · ".join(part for part in (name, label) if part),
        "percent": percent,
        "estimated": source in ("estimated", "policy"),
    }


def case_deadline(case: Case | CaseRow) -> dict[str, Any] | None:
    """The case's next deadline; none for a closed case or while it waits for the platform without one."""
    waits = case.status in ("filed", "rectifying") or case.waiting_for == WaitingFor.PLATFORM
    if case.status == "closed" or (case.next_due_at is None and waits):
        return None
    return deadline(case.next_due_at, source=case.next_due_source, since=case.opened_at, kind=case.next_due_kind)


def steps(case: Case, *, reached: dict[str, dt.datetime], for_merchant: bool = False) -> list[dict[str, Any]]:
    """The stepper of a case: one step per state of the flow, with when each was last reached."""
    keys = [state.key for state in CASE.states]
    here = keys.index(case.status)
    out = []
    for place, state in enumerate(CASE.states):
        at = reached.get(state.key)
        skipped = at is None and place < here
        mark = "now" if place == here else "done" if place < here and not skipped else "todo"
        label = state.merchant_label if for_merchant else state.label
        out.append({"label": label, "note": at, "state": "done" if case.status == "closed" and place == here else mark})
    return out


def seals(matter: CaseViolation, *, is_preparing: bool) -> dict[str, Any]:
    """Attempts of one violation as small seals: spent, the one in preparation, free; unknown numbers in words."""
    return attempts(matter.attempts_used, matter.attempts_allowed, is_preparing=is_preparing)


def attempts(used: int, allowed: int | None, *, is_preparing: bool) -> dict[str, Any]:
    """The same from the bare numbers."""
    marks = [{"state": "spent", "label": _("used")} for _n in range(used)]
    if is_preparing and (allowed is None or used < allowed):
        marks.append({"state": "prep", "label": _("being prepared")})
    marks += [{"state": "free", "label": _("free")} for _n in range((allowed or 0) - len(marks))]
    if allowed is None:
        words = pgettext("attempts", "%(used)s used, number allowed unknown") % {"used": used}
    else:
        words = pgettext("attempts", "%(used)s of %(allowed)s used") % {"used": used, "allowed": allowed}
    return {"seals": marks, "text": words}
