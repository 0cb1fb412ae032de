"""The merchant's words for a case: one sentence per state, filled from what is known, never from a guess."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from appeals import rules
from appeals.enums import Outcome
from appeals.models import Case
from casemgr.kit.templatetags.ui import when
from stores import reference

VARIABLE = re.compile(r"\{\{(\w+)\}\}")


def fill(template: str, values: dict[str, Any]) -> str:
    """`{{name}}` replaced by values; a name without a value becomes a dash, so that a gap is seen and not hidden."""
    return VARIABLE.sub(lambda found: str(values.get(found.group(1)) or "–"), template)


def _pick(row: Mapping[str, Any]) -> str:
    return row["portal_zh"] if (get_language() or "zh").startswith("zh") else row["en"]


class Facts(NamedTuple):
    """What else the sentences about a case are made of (appeals.merchant_lists.facts)."""

    open_requests: int
    open_actions: int
    revoked: int  # orders that the platform cleared by number
    filed_at: dt.datetime | None  # when the last filing was filed


def sentence(case: Case, facts: Facts) -> str:
    """What happens with the case now, in everyday words."""
    appeals = [appeal for matter in case.matters.all() for appeal in matter.appeals.all()]
    answered = sorted((appeal for appeal in appeals if appeal.answer_result), key=lambda appeal: -appeal.number)
    variant = None
    if case.status == "preparing":
        variant = "next_round" if answered else None if facts.open_requests else "nothing_open"
    rows = [row for row in reference.merchant_sentences() if row["state"] == case.status]
    row = next((row for row in rows if row["variant"] == variant), rows[0])
    values = {
        "handler": case.owner.name if case.owner else _("our team"),
        "order_count": case.order_count,
        "open_requests": facts.open_requests,
        "open_actions": facts.open_actions,
        "due_at": when(case.next_due_at) if case.next_due_at else _("not known yet"),
        "eta": when(case.next_due_at) if case.next_due_at else _("not known yet"),
        "round": len(answered),
        "answer_plain": str(answered[0].get_answer_result_display()) if answered else "",
        "filed_at": when(facts.filed_at) if facts.filed_at else "",
        "outcome_sentence": outcome_sentence(case, facts),
        "impact_sentence": case.closing_note,
    }
    return fill(_pick(row), values).replace("–。", "").strip()


def outcome_sentence(case: Case, facts: Facts) -> str:
    """The outcome in one sentence, with the number of orders cleared where it is known."""
    row = next((row for row in reference.outcome_sentences() if row["outcome"] == case.outcome), None)
    if row is None:
        return ""
    text = row["zh"] if (get_language() or "zh").startswith("zh") else row["en"]
    return fill(
        text,
        {
            "order_count": case.order_count,
            "accepted_count": cleared_count(case, facts),
            "reason_plain": case.closing_note,
            "lead": case.owner.name if case.owner else _("our team"),
            "other_code": case.duplicate_of.code if case.duplicate_of else "",
        },
    )


def cleared_count(case: Case, facts: Facts) -> int:
    """How many orders the platform cleared: by number where it named them, else the count it stated."""
    if case.outcome not in (Outcome.WON, Outcome.PARTLY_WON):
        return 0
    stated = [appeal.accepted_count or 0 for matter in case.matters.all() for appeal in matter.appeals.all()]
    return max(facts.revoked, sum(stated))


def request_text(key: str, case: Case) -> str:
    """The ready wording for asking the merchant for a kind of evidence; empty where there is none."""
    row = next((row for row in reference.requests() if row["evidence_kind"] == key), None)
    return fill(_pick(row), {"order_count": case.order_count, "date": ""}).replace("–", "") if row else ""


def next_hints(case: Case) -> list[str]:
    """What the next round must add, after the last answer of the platform."""
    is_chinese = (get_language() or "zh").startswith("zh")
    for appeal in rules.latest_appeals(case):
        for row in reference.answers_next():
            if appeal.answer_result and (row["result"], row["reason"] or "") == (
                appeal.answer_result,
                appeal.answer_code,
            ):
                return list(row["next_zh"] if is_chinese else row["next_en"])
    return []
