"""Grounds of law for a letter: only verified ones are ever written, and only those somebody chose for the case."""

from __future__ import annotations

from dataclasses import dataclass

from appeals.models import Case
from stores.models import LegalGround

# The choice is kept as the recorded value of this variable: the keys of the grounds.
FACT = "law_ref"


@dataclass(frozen=True)
class GroundRow:
    ground: LegalGround
    is_chosen: bool


def rows(case: Case) -> list[GroundRow]:
    """The grounds of the case's line of defence, verified or not, and which are chosen. Two queries."""
    chosen = _chosen(case)
    found = LegalGround.objects.filter(line_of_defence=case.line_of_defence).select_related("verified_by")
    return [GroundRow(ground, ground.key in chosen and ground.verified_at is not None) for ground in found]


def text(case: Case) -> tuple[str, str]:
    """The sentences of the chosen grounds as they stand verified now, and where they come from; empty without any."""
    used = [row.ground for row in rows(case) if row.is_chosen]
    told = "".join(f"{ground.text.rstrip('。')}（{ground.article}）。" for ground in used)
    return told, "；".join(dict.fromkeys(ground.source for ground in used))


def _chosen(case: Case) -> set[str]:
    fact = case.facts.filter(name=FACT, is_waived=False).first()
    return set(fact.value.split()) if fact else set()
