"""A version of a rule in words, line by line, and two versions side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from casemgr.kit.templatetags.ui import money
from stores import reference
from stores.enums import CountedFrom, PenaltyBasis, WindowUnit
from stores.models import Policy, PolicyRound
from stores.models.platform import in_language
from stores.queries import BEGINNING


@dataclass(frozen=True)
class Fact:
    """One line of a version. `is_known` False: the words say that it is not known. `aside`: what to beware of."""

    key: str
    label: str
    words: str
    is_known: bool = True
    aside: str = ""


@dataclass(frozen=True)
class Change:
    """One line of two versions: empty words where a version does not have the line."""

    label: str
    old: str
    new: str
    aside: str = ""


@cache
def _english() -> dict[str, str]:
    """The reference's own words in English, by the Chinese ones that are stored."""
    pairs: dict[str, str] = {}
    for row in reference.policies():
        penalty = row["penalty"]
        pairs |= {row["source"]: row["source_en"], row["note"]: row["note_en"], penalty["text"]: penalty["text_en"]}
        pairs[row["restrictions"]] = row["restrictions_en"]
    return pairs


def for_reader(text: str) -> str:
    """A text of a version in the reader's language where the reference has it in both; else as somebody wrote it."""
    return in_language(text, _english().get(text) or text)


def since(policy: Policy) -> str:
    """The day a version begins, or that its beginning is not known."""
    if policy.effective_from <= BEGINNING:
        return _("beginning unknown")
    return _("from %(day)s") % {"day": f"{timezone.localtime(policy.effective_from):%Y-%m-%d}"}


def _unknown() -> str:
    return pgettext("a fact of a rule", "unknown")


def hours(number: int | None) -> str:
    """Within so many hours, or unknown."""
    if number is None:
        return _unknown()
    return ngettext("within %(n)s hour", "within %(n)s hours", number) % {"n": number}


def penalty(policy: Policy) -> str:
    """What the version says a violation costs, in words; never a number that is not there."""
    value = policy.penalty_value
    if policy.penalty_basis == PenaltyBasis.NONE:
        return _("no money")
    if value is None or policy.penalty_basis == PenaltyBasis.UNKNOWN:
        return _("amount unknown")
    if policy.penalty_basis == PenaltyBasis.FIXED:
        return money(value)
    parts = [_("%(n)s%% of the paid amount") % {"n": f"{value.normalize():f}"}]
    if policy.penalty_floor is not None:
        parts.append(_("at least %(sum)s") % {"sum": money(policy.penalty_floor)})
    if policy.penalty_cap is not None:
        parts.append(_("at most %(sum)s") % {"sum": money(policy.penalty_cap)})
    return _(", ").join(parts)


def window(one: PolicyRound) -> str:
    """How long a round is open: 72 hours from the notice. Unknown where the notice tells."""
    if one.window is None:
        return _("unknown, the notice tells")
    units = {
        WindowUnit.HOURS: ngettext("%(n)s hour", "%(n)s hours", one.window),
        WindowUnit.NATURAL_DAYS: ngettext("%(n)s day", "%(n)s days", one.window),
        WindowUnit.WORKING_DAYS: ngettext("%(n)s working day", "%(n)s working days", one.window),
    }
    starts = _("from the answer") if one.counted_from == CountedFrom.ANSWER else _("from the notice")
    words = f"{units[WindowUnit(one.unit)] % {'n': one.window}}{_(', ')}{starts}"
    if one.unit != WindowUnit.HOURS and one.counts_first_day:
        words += _(", ") + _("first day counted")
    return words


def attempts(one: PolicyRound) -> str:
    """How often a round can be tried, or unknown."""
    if one.attempts is None:
        return _unknown()
    return ngettext("%(n)s attempt", "%(n)s attempts", one.attempts) % {"n": one.attempts}


def _round_facts(one: PolicyRound) -> list[Fact]:
    name = in_language(one.name_zh, one.name_en)
    named = {"n": one.number, "name": name}
    ours = _("our default, not from the platform") if one.confidence == "D" and one.window is not None else ""
    return [
        Fact(
            f"{one.number}.window",
            _("Round %(n)s, %(name)s: window") % named,
            window(one),
            one.window is not None,
            ours,
        ),
        Fact(
            f"{one.number}.attempts",
            _("Round %(n)s, %(name)s: attempts") % named,
            attempts(one),
            one.attempts is not None,
        ),
    ]


def facts(policy: Policy, evidence: Mapping[str, str]) -> list[Fact]:
    """Every line of a version, conduct first, then what it costs, then its rounds. `evidence`: key -> name."""
    costs = penalty(policy)
    has_amount = policy.penalty_value is not None
    uncounted = _("not counted in sums until it is verified") if has_amount and not policy.counts_money else ""
    named = [evidence.get(key, key) for key in policy.evidence_keys]
    lines = [
        Fact("clock_start", _("Clock starts at"), policy.get_clock_start_display()),
        Fact("ship_by_hours", _("Ship"), hours(policy.ship_by_hours), policy.ship_by_hours is not None),
        Fact("first_scan_hours", _("First scan"), hours(policy.first_scan_hours), policy.first_scan_hours is not None),
        Fact("penalty", _("Penalty"), costs, has_amount or policy.penalty_basis == PenaltyBasis.NONE, uncounted),
        Fact("penalty_note", _("In words"), for_reader(policy.penalty_note)),
        Fact(
            "points",
            _("Points"),
            _unknown() if policy.points is None else str(policy.points),
            policy.points is not None,
        ),
        Fact(
            "restrictions", _("Restrictions"), for_reader(policy.restrictions) or _unknown(), bool(policy.restrictions)
        ),
        Fact(
            "evidence_keys",
            _("Evidence named"),
            pgettext("between words of a list", ", ").join(named) or _unknown(),
            bool(named),
        ),
    ]
    rounds = [fact for one in policy.rounds.all() for fact in _round_facts(one)]
    return [line for line in lines if line.words] + rounds


def compare(old: list[Fact], new: list[Fact]) -> tuple[list[Change], list[Fact]]:
    """The lines that differ, in the order of the new version, lines it lost at the end; and those that are the same."""
    before, after = {fact.key: fact for fact in old}, {fact.key: fact for fact in new}
    changes, same = [], []
    for key, fact in after.items():
        if key in before and before[key].words == fact.words:
            same.append(fact)
        else:
            changes.append(Change(fact.label, before[key].words if key in before else "", fact.words, fact.aside))
    changes += [Change(fact.label, fact.words, "") for key, fact in before.items() if key not in after]
    return changes, same
