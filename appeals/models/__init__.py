from appeals.models.case import Appeal, Case, CaseViolation, Deadline, Verdict
from appeals.models.evidence import EvidenceItem, EvidenceRequest, EvidenceWaiver, RecordedFact
from appeals.models.filing import Filing, FrozenFiling, PackFile
from appeals.models.talk import Message, PlanAction

__all__ = [
    "Appeal",
    "Case",
    "CaseViolation",
    "Deadline",
    "EvidenceItem",
    "EvidenceRequest",
    "EvidenceWaiver",
    "Filing",
    "FrozenFiling",
    "Message",
    "PackFile",
    "PlanAction",
    "RecordedFact",
    "Verdict",
]
