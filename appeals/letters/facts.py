"""Every fact a letter may state: what stored data give, what a person recorded with its source, what a lead waived."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from appeals.evidence import numbering, words
from appeals.letters import agreement, grounds, malice, notice, shipping
from appeals.letters.collected import Collected, Fact, Ground
from appeals.models import Case, PlanAction, RecordedFact
from stores import reference
from stores.models.platform import in_language

# What the system counts or numbers itself: a recorded value never takes its place.
OUR_OWN = frozenset(
    {"order_count", "claimed_count", "unclaimed_sentence", "evidence_list", "timeline", "filed_on", grounds.FACT}
)
ACTIONS_NAMED = 2


def gather(case: Case) -> dict[str, Fact]:
    """Value and source of every letter variable that is known. What is not known is absent: nothing is guessed."""
    return collect(case).facts


def collect(case: Case) -> Collected:
    """The facts, and why others are missing. The number of queries does not grow with the orders of the case."""
    ground, out = Ground(case), Collected()
    notice.collect(ground, out)
    shipping.collect(ground, out)
    malice.collect(ground, out)
    agreement.collect(ground, out)
    _evidence(ground, out)
    _plan(case, out)
    out.add(grounds.FACT, *grounds.text(case))
    _recorded(case, out)
    return out


def waived_names(case: Case) -> set[str]:
    """Variables a lead let go: waived as a fact, or the number of a kind of evidence that was waived."""
    facts = set(case.facts.filter(is_waived=True).values_list("name", flat=True))
    kinds = set(case.waivers.values_list("requirement__key", flat=True))
    return facts | {row["name"] for row in reference.variables() if kinds & set(row["evidence_kinds"])}


def _evidence(ground: Ground, out: Collected) -> None:
    """The numbered list, the number of each kind in it, and what the carrier's word really is."""
    source = _("evidence of the case")
    out.add("evidence_list", "\n".join(row.line for row in ground.numbered), source)
    for row in reference.variables():
        if row["evidence_kinds"]:
            out.add(row["name"], numbering.numbers_of(ground.numbered, row["evidence_kinds"]), source)
            out.lacks(row["name"], _("There is no evidence of this kind yet."))
    kinds = {row.requirement.key for row in ground.numbered}
    proof = "承运商盖章说明" if "carrier_cert" in kinds else "与承运商沟通记录" if "carrier_comms" in kinds else ""
    out.add("carrier_proof", proof, source)


def _plan(case: Case, out: Collected) -> None:
    """The plan in words: the first two actions, and all of them with who answers for them."""
    actions = [action for action in case.plan.all() if action.status != "waived"]
    source = _("rectification plan")
    out.add("plan_actions", "；".join(map(_action, actions[:ACTIONS_NAMED])), source)
    promised = "；".join(f"{_action(action)}（负责人：{action.owner_name}）" for action in actions)
    out.add("commitment_text", f"{promised}。" if promised else "", source)
    out.lacks("plan_actions commitment_text", _("The case has no plan yet."))


def _action(action: PlanAction) -> str:
    return f"{words.day(action.due_on)}前{action.title}"


def _recorded(case: Case, out: Collected) -> None:
    """What a person recorded wins over what was computed, except where the system counts or numbers."""
    for fact in case.facts.filter(is_waived=False).select_related("recorded_by"):
        if fact.name not in OUR_OWN and not fact.name.startswith("e_"):
            out.add(fact.name, fact.value, _source(fact))


def _source(fact: RecordedFact) -> str:
    observed = f"，{timezone.localtime(fact.observed_at):%Y-%m-%d %H:%M}" if fact.observed_at else ""
    return _("%(source)s (recorded by %(name)s)") % {
        "source": f"{fact.source}{observed}",
        "name": fact.recorded_by.name,
    }


def fact_rows(case: Case) -> list[dict[str, Any]]:
    """All variables of the case's line of defence as rows {name, label, value, source, state, note, is_required}.

    state: known, recorded, waived or missing; an optional one without a value is left out. `note` says why it is missing.
    """
    letter = reference.letters().get(case.line_of_defence)
    if letter is None:
        return []
    found, waived = collect(case), waived_names(case)
    recorded = set(case.facts.filter(is_waived=False).values_list("name", flat=True)) - OUR_OWN
    meanings = {row["name"]: in_language(row["meaning_zh"], row["meaning_en"]) for row in reference.variables()}
    evidence_of = {row["name"]: row["evidence_kinds"] for row in reference.variables()}
    kinds = letter["variables"]
    rows = []
    for name in dict.fromkeys([*kinds["required"], *kinds["required_or_waived"], *kinds["optional"]]):
        fact = found.facts.get(name)
        may_be_waived = name in kinds["required_or_waived"]
        if fact is not None:
            state = "recorded" if name in recorded else "known"
        elif may_be_waived and name in waived:
            state = "waived"
        elif name in kinds["optional"]:
            continue
        else:
            state = "missing"
        rows.append(
            {
                "name": name,
                "label": meanings[name],
                "value": fact.value if fact else "",
                "source": fact.source if fact else "",
                "state": state,
                "note": "" if fact else found.why.get(name, ""),
                "is_required": name not in kinds["optional"],
                "may_be_waived": may_be_waived,
                # The number of a piece of evidence is never typed: it comes with the evidence.
                "evidence_key": next(iter(evidence_of[name]), "") if name.startswith("e_") else "",
            }
        )
    return rows
