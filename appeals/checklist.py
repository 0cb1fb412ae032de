"""The checklist of a case: what its line of defence needs, what is there, what is waived, what is missing."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from appeals.evidence import SUPPORTING
from appeals.models import Case, EvidenceItem, EvidenceRequest, EvidenceWaiver
from casemgr.kit.page_memo import once_a_page
from stores.enums import NeedLevel
from stores.models import EvidenceNeed, EvidenceRequirement


@dataclass
class Row:
    """One kind of evidence of a case. `is_met` is about this row alone; a group is met by any of its rows."""

    need: EvidenceNeed
    items: list[EvidenceItem] = field(default_factory=list)
    waiver: EvidenceWaiver | None = None
    request: EvidenceRequest | None = None
    is_met_by_group: bool = False
    request_text: str = ""

    @property
    def requirement(self) -> EvidenceRequirement:
        return self.need.requirement

    @property
    def is_required(self) -> bool:
        return self.need.level in (NeedLevel.REQUIRED, NeedLevel.REQUIRED_ONE_OF)

    @property
    def has_proof(self) -> bool:
        """Whether something here shows it by itself; our own records of a chat or a report only stand beside."""
        return any(item.document not in SUPPORTING for item in self.items)

    @property
    def is_met(self) -> bool:
        return self.has_proof or self.waiver is not None

    @property
    def is_missing(self) -> bool:
        return self.is_required and not self.is_met and not self.is_met_by_group


@dataclass
class Checklist:
    """All rows of a case in the order of the matrix, and the items that no row asks for."""

    rows: list[Row]
    others: list[EvidenceItem]

    @property
    def required(self) -> list[Row]:
        return [row for row in self.rows if row.is_required]

    @property
    def missing(self) -> list[Row]:
        """What stands between the case and its review: of a group only the first row is named."""
        seen: set[str] = set()
        out = []
        for row in self.rows:
            if not row.is_missing or (row.need.group and row.need.group in seen):
                continue
            seen.add(row.need.group)
            out.append(row)
        return out

    @property
    def met_count(self) -> int:
        return sum(1 for row in self.required if not row.is_missing)


@once_a_page
def of(case: Case) -> Checklist:
    """The checklist of `case`, in five queries whatever its size. Without a line of defence there are no rows."""
    items: dict[int, list[EvidenceItem]] = defaultdict(list)
    current = case.evidence.filter(withdrawn_at=None, replaced_by=None).select_related("requirement", "uploaded_by")
    for item in current:
        items[item.requirement_id].append(item)
    waivers = {waiver.requirement_id: waiver for waiver in case.waivers.select_related("waived_by")}
    requests = {request.requirement_id: request for request in case.requests.exclude(state="withdrawn").order_by("pk")}
    needs = EvidenceNeed.objects.filter(line_of_defence=case.line_of_defence).exclude(level=NeedLevel.NOT_USED)
    rows = [
        Row(
            need,
            items.pop(need.requirement_id, []),
            waivers.get(need.requirement_id),
            requests.get(need.requirement_id),
        )
        for need in needs.select_related("requirement")
    ]
    met_groups = {row.need.group for row in rows if row.need.group and row.is_met}
    for row in rows:
        row.is_met_by_group = bool(row.need.group) and row.need.group in met_groups
    return Checklist(rows, [item for group in items.values() for item in group])
