"""Everything the case page shows, in a number of queries that does not grow with the case."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext as _

from appeals import (
    checklist,
    contact_page,
    contradictions,
    evidence_page,
    matters_page,
    next_step,
    plan_page,
    queries,
    rules,
    show,
    wording,
)
from appeals.actions import answers
from appeals.enums import OUTCOME_TONE, VERDICT_TONE, Outcome, VerdictKind
from appeals.evidence import documents_for
from appeals.letters.facts import fact_rows
from appeals.models import Appeal, Case
from appeals.verdicts import CLAIMS
from appeals.workflow import APPEAL, CASE, FILING
from casemgr.kit.page_memo import page_memo
from stores.models import User
from stores.queries import agency_people_of

VERDICTS_SHOWN = 8
MESSAGES_SHOWN = 30
MATTERS_SHOWN = 10


def verdict_rows(case: Case, *, kind: str = "", show_all: bool = False) -> tuple[list[dict[str, Any]], int]:
    """Rows of the verdict table, those of one kind when asked, and how many there are in all."""
    rows = case.verdicts.select_related("violation_order__order", "overruled_by")
    if kind:
        rows = rows.filter(kind=kind)
    total = rows.count()
    claims = CLAIMS.get(case.line_of_defence, frozenset())
    out = []
    for verdict in rows if show_all else rows[:VERDICTS_SHOWN]:
        out.append(
            {
                "verdict": verdict,
                "order": verdict.violation_order.order,
                "order_no": verdict.violation_order.order_no,
                "amount": verdict.violation_order.amount,
                "tone": VERDICT_TONE[verdict.kind],
                "is_claimed": verdict.kind in claims,
            }
        )
    return out, total


def verdict_chips(case: Case) -> list[dict[str, Any]]:
    counted = dict(case.verdicts.values_list("kind").annotate(n=Count("pk")).order_by())
    return [
        {"key": key, "label": VerdictKind(key).label, "n": n}
        for key, n in sorted(counted.items(), key=lambda pair: -pair[1])
    ]


def context(case: Case, *, user: User, may_edit: bool, kind: str = "", whole: Container[str] = ()) -> dict[str, Any]:
    """The context of templates/appeals/cases/case.html for this person. Of long parts the first rows; those named in
    `whole` (all: verdicts, violations, talk) are there in full."""
    with page_memo():
        return _context(case, user, may_edit, kind, whole) | _talk(case, is_whole="talk" in whole)


def _context(case: Case, user: User, may_edit: bool, kind: str, whole: Container[str]) -> dict[str, Any]:
    filing = rules.open_filing(case)
    rows = case.matters.select_related("violation__violation_type__platform", "violation__procedure_policy")
    matters = list(rows.prefetch_related("violation__penalties__settled_by"))
    shown = filing or case.filings.filter(status="filed").order_by("-pk").first()
    return {
        "case": case,
        "may_edit": may_edit,
        "waivable": user.is_lead,
        "title": title(case, matters),
        "next": next_step.of(case, by=user, filing=filing),
        "filing": shown,
        "filing_state": FILING.state(shown.status) if shown else None,
        **(head := _head(case, matters if "violations" in whole else matters[:MATTERS_SHOWN])),
        "matters_count": len(matters),
        "penalties_shown": ":" if "violations" in whole else f":{MATTERS_SHOWN}",
        **matters_page.context(case, user, head["deadlines"]),
        **_orders(case, kind, "all" in whole),
        **_proof(case),
        **_rounds(case),
        **_around(case),
        **contact_page.context(case, matters),
        **evidence_page.context(case, user, filing),
    }


def _head(case: Case, matters: list[Any]) -> dict[str, Any]:
    """State, stepper, deadlines, attempts."""
    is_preparing = case.status in ("preparing", "reviewing")
    return {
        "state": CASE.state(case.status),
        "outcome_tone": OUTCOME_TONE.get(case.outcome, "neutral"),
        "steps": show.steps(case, reached=queries.reached(case)),
        "deadline": show.case_deadline(case),
        "deadlines": _deadlines(case),
        "matters": [{"matter": m, "seals": show.seals(m, is_preparing=is_preparing)} for m in matters],
    }


def _orders(case: Case, kind: str, show_all: bool) -> dict[str, Any]:
    rows, total = verdict_rows(case, kind=kind, show_all=show_all)
    return {
        "verdict_rows": rows,
        "verdict_total": total,
        "verdict_kind": kind,
        "verdict_chips": verdict_chips(case),
        "verdict_choices": VerdictKind.choices,
        "contradictions": contradictions.of(case),
    }


def _proof(case: Case) -> dict[str, Any]:
    """Checklist, documents and the facts of the text."""
    facts = fact_rows(case) if case.line_of_defence else []
    return {
        "checklist": _checklist(case),
        "documents": documents_for(case),
        "facts_shown": [fact for fact in facts if fact["state"] != "known"],
        "facts_known": [fact for fact in facts if fact["state"] == "known"],
        "gaps": [fact for fact in facts if fact["state"] == "missing"],
    }


def _rounds(case: Case) -> dict[str, Any]:
    """Attempts with their answers, and what they propose."""
    rows = Appeal.objects.filter(matter__case=case).exclude(status="draft").order_by("matter_id", "number")
    return {
        "appeals": [_appeal_row(appeal) for appeal in rows.prefetch_related("filings")],
        "answerable": [appeal for appeal in rules.latest_appeals(case) if appeal.status == "filed"],
        "proposed_outcome": answers.proposed_outcome(case) if case.status in ("filed", "rectifying") else "",
        "outcome_choices": [(o.value, o.label) for o in (Outcome.WON, Outcome.PARTLY_WON, Outcome.LOST)],
        "next_hints": wording.next_hints(case) if case.status in ("filed", "preparing") else [],
    }


def _talk(case: Case, *, is_whole: bool) -> dict[str, Any]:
    """What was said: the newest of it, or all."""
    count = case.messages.count()
    earlier = 0 if is_whole else max(0, count - MESSAGES_SHOWN)
    rows = case.messages.select_related("author")[earlier:]
    return {"messages_list": rows, "messages_count": count, "messages_earlier": earlier}


def _around(case: Case) -> dict[str, Any]:
    """Plan, people, alerts."""
    return {
        "plan": plan_page.rows(case),
        "filing_plan": plan_page.filing_plan(case) if case.status != "closed" else None,
        "people": agency_people_of(case.store),
        "alerts": case.alerts.all(),
    }


def _checklist(case: Case) -> checklist.Checklist:
    """The checklist, each row with the ready wording for asking the merchant."""
    found = checklist.of(case)
    for row in found.rows:
        row.request_text = wording.request_text(row.requirement.key, case) or row.need.shows
    return found


def _deadlines(case: Case) -> list[Any]:
    """Deadlines that hold, by time; each carries its place among all of the case, which stands in its address."""
    rows = list(case.deadlines.select_related("confirmed_by").order_by("pk"))
    for place, row in enumerate(rows, 1):
        row.place = place  # type: ignore[attr-defined]
    last = max((row.due_at for row in rows if row.due_at), default=case.opened_at)
    return sorted((row for row in rows if row.superseded_at is None), key=lambda row: row.due_at or last)


def _appeal_row(appeal: Any) -> dict[str, Any]:
    return {"appeal": appeal, "state": APPEAL.state(appeal.status), "filings": appeal.filings.all()}


def title(case: Case, matters: list[Any]) -> str:
    """Shop, violation and number of orders, as the head of the page says it."""
    kinds = list(dict.fromkeys(matter.violation.violation_type.name for matter in matters))
    return _("%(shop)s, %(kind)s, %(n)s orders") % {
        "shop": case.store.name,
        "kind": " + ".join(kinds),
        "n": case.order_count,
    }
