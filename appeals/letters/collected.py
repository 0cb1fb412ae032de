"""Values for the variables of a letter, each with its source; and why one is missing, where that can be said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from appeals.evidence import cluster, numbering, timeline
from appeals.evidence.cluster import Cluster
from appeals.evidence.numbering import Numbered
from appeals.evidence.timeline import OrderTimeline
from appeals.models import Case, CaseViolation
from orders.models import Penalty


@dataclass(frozen=True)
class Fact:
    """One value as it goes into the text (Chinese), and where it comes from (in the reader's language)."""

    value: str
    source: str


@dataclass
class Collected:
    """Facts by variable; `why` says of a missing one what is lacking."""

    facts: dict[str, Fact] = field(default_factory=dict)
    why: dict[str, str] = field(default_factory=dict)
    # Variables whose sentence would be untrue of a claimed order: nobody fills them, not even by hand.
    barred: set[str] = field(default_factory=set)

    def add(self, name: str, value: object, source: object) -> None:
        """Keep a value; an empty one is none."""
        if str(value) and name not in self.barred:
            self.facts[name] = Fact(str(value), str(source))

    def lacks(self, names: str, why: object) -> None:
        """Say why these variables (separated by blanks) have no value."""
        self.why.update(dict.fromkeys(names.split(), str(why)))

    def bar(self, names: str, why: object) -> None:
        """These variables stay empty because what the text says with them does not hold for every claimed order."""
        self.lacks(names, why)
        self.barred.update(names.split())
        for name in names.split():
            self.facts.pop(name, None)


class Ground:
    """What the facts of one case are read from, each part once."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.line = case.line_of_defence

    @cached_property
    def matters(self) -> list[CaseViolation]:
        found = self.case.matters.select_related("violation__violation_type").prefetch_related("violation__penalties")
        return list(found.order_by("pk"))

    @cached_property
    def claimed(self) -> list[OrderTimeline]:
        """Claimed orders only: an order that was our fault is never among them (rule 11)."""
        return timeline.rows(self.case, only_claimed=True)

    @cached_property
    def numbered(self) -> list[Numbered]:
        return numbering.of(self.case)

    @cached_property
    def cluster(self) -> Cluster | None:
        return cluster.of(self.case, [row.order.pk for row in self.claimed if row.order])

    @cached_property
    def matched_count(self) -> int:
        return self.case.verdicts.exclude(violation_order__order=None).count()

    def penalties(self) -> Iterator[tuple[CaseViolation, Penalty]]:
        for matter in self.matters:
            for penalty in matter.violation.penalties.all():
                yield matter, penalty

    @property
    def is_leniency(self) -> bool:
        return self.line == "leniency"
