"""The first version of the text for the console's box and of the full letter, filled from facts alone."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from appeals.evidence import numbering
from appeals.letters.facts import collect, waived_names
from appeals.letters.skeleton import Filling, gaps_in, mark
from appeals.models import Case, Filing
from casemgr.kit.workflow import Refused
from stores import reference
from stores.enums import LineOfDefence, RootCause

__all__ = ["Draft", "draft", "gaps_in", "is_renumbered", "over_by", "text_limit"]

PARTS = ("head", "facts", "chronology", "evidence", "grounds", "request", "commitment", "close")


@dataclass
class Draft:
    """Two texts, the names of what they still lack, and by how many characters the box text is too long (0: it fits)."""

    box_text: str
    letter_text: str
    gaps: list[str] = field(default_factory=list)
    over_by: int = 0


def draft(filing: Filing) -> Draft:
    """Fill the skeletons of the case's line of defence. Chinese always: platforms read Chinese.

    Raises Refused without a line of defence, and for real brushing with anything but leniency (rule 11).
    """
    case = filing.case
    letter = reference.letters().get(case.line_of_defence)
    if letter is None:
        raise Refused(_("Choose the line of defence first."))
    if case.root_cause == RootCause.REAL_BRUSHING and case.line_of_defence != LineOfDefence.LENIENCY:
        raise Refused(_("Real brushing is not defended: choose leniency, or do not fight and rectify."))
    kinds = letter["variables"]
    facts = collect(case).facts
    waived = waived_names(case) & set(kinds["required_or_waived"])
    needed = {*kinds["required"], *kinds["required_or_waived"]}
    filling = Filling({name: fact.value for name, fact in facts.items()}, needed, waived)
    statement = _missing_statement(case)
    box = filling.fill(letter["short"]["template"]) + statement
    full = _letter(filling, letter["letter"], letter["headings_zh"]) + (f"\n\n{statement}" if statement else "")
    return Draft(box, full, gaps_in(f"{box}\n{full}"), over_by(case, box))


def _letter(filling: Filling, parts: dict[str, str], headings: dict[str, str]) -> str:
    """The parts under their headings; a part that comes out empty is left out with its heading."""
    written = []
    for part in PARTS:
        text = filling.fill(parts[part]).strip()
        if text.strip("。；，"):
            written.append(f"{headings[part]}\n{text}" if headings[part] else text)
    return "\n\n".join(written)


def _missing_statement(case: Case) -> str:
    """A mark for what only the merchant can say: that the orders are not of their own making, that it admits them."""
    if case.line_of_defence == LineOfDefence.MALICIOUS_ORDER and case.declared_at is None:
        return mark("declaration")
    if case.line_of_defence == LineOfDefence.LENIENCY and case.consent_at is None:
        return mark("consent")
    return ""


def text_limit(case: Case) -> int:
    """Characters the box takes: the platform's number where it is known, else what our short texts are written for."""
    letter = reference.letters().get(case.line_of_defence)
    return case.store.platform.text_max or (letter["short"]["max_chars"] if letter else 0)


def over_by(case: Case, box_text: str) -> int:
    """How many characters the box text is too long; 0 when it fits or nothing is known."""
    limit = text_limit(case)
    return max(0, len(box_text) - limit) if limit else 0


def is_renumbered(filing: Filing) -> bool:
    """Whether evidence changed after the letter was written, so that its 证据 numbers point elsewhere."""
    return numbering.changed_since(filing.letter_text, numbering.of(filing.case))
