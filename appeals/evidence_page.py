"""What the case page shows of evidence and text beyond checklist and facts: incident, versions, limits, grounds."""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from typing import Any

from appeals import checklist, incident_page
from appeals.evidence import intake
from appeals.letters import draft as letters
from appeals.letters import grounds
from appeals.models import Case, EvidenceItem, Filing
from stores.models import User

PIECES = re.compile(r"[^，。；：\n]*[，。；：\n]?")


def context(case: Case, user: User, filing: Filing | None) -> dict[str, Any]:
    """For templates/appeals/cases/_evidence.html and _letter.html; the number of queries is constant."""
    found = checklist.of(case)
    is_draft = filing is not None and filing.status == "draft"
    return {
        **incident_page.of_case(case, user, found),
        "versions": _versions(case),
        "upload_limits": intake.limits(),
        "box_limit": letters.text_limit(case),
        "grounds": grounds.rows(case) if case.line_of_defence else [],
        "text_differences": differences(filing) if filing is not None and is_draft else [],
        "is_renumbered": filing is not None and is_draft and letters.is_renumbered(filing),
    }


def _versions(case: Case) -> list[dict[str, Any]]:
    """Earlier versions and withdrawn items, newest first: they are history, never gone."""
    old: dict[int, list[EvidenceItem]] = defaultdict(list)
    rows = case.evidence.select_related("requirement", "withdrawn_by").prefetch_related("replaced_by").order_by("-pk")
    for item in rows:
        if item.withdrawn_at or item.replaced_by.all():
            old[item.requirement_id].append(item)
    return [{"name": items[0].requirement.name, "items": items} for items in old.values()]


def differences(filing: Filing) -> list[dict[str, Any]]:
    """Where an edited text is another one than the facts gave when they were last asked: side by side, piece by piece."""
    pairs = (("box", filing.box_text, filing.box_draft), ("letter", filing.letter_text, filing.letter_draft))
    return [
        {"which": which, "mine": mine, "fresh": fresh}
        for which, text, draft in pairs
        if draft and text and text != draft
        for mine, fresh in [compare(text, draft)]
    ]


def compare(text: str, draft: str) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """Both texts as parts for <c-diff>: what stands only in the text is marked on the left, only in the draft on the right."""
    left, right = PIECES.findall(text), PIECES.findall(draft)
    mine: list[dict[str, str]] = []
    fresh: list[dict[str, str]] = []
    for op, a, b, c, d in difflib.SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        same = op == "equal"
        for parts, pieces, mark in ((mine, left[a:b], "del"), (fresh, right[c:d], "add")):
            if pieces:
                parts.append({"op": "same" if same else mark, "text": "".join(pieces)})
    return mine, fresh
