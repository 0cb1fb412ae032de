from appeals.models.case import Appeal, Case, CaseViolation, Deadline, Verdict
from appeals.models.contact import BuyerContact, Engagement, PlatformContact
from appeals.models.evidence import EvidenceItem, EvidenceRequest, EvidenceWaiver, RecordedFact
from appeals.models.filing import Filing, FrozenFiling, PackFile
from appeals.models.plan import Attendance, PlanAction, TrainingSession
from appeals.models.talk import Message
from appeals.models.team import CaseLook, SavedView

__all__ = [
    "Appeal",
    "Attendance",
    "BuyerContact",
    "Case",
    "CaseLook",
    "CaseViolation",
    "Deadline",
    "Engagement",
    "EvidenceItem",
    "EvidenceRequest",
    "EvidenceWaiver",
    "Filing",
    "FrozenFiling",
    "Message",
    "PackFile",
    "PlanAction",
    "PlatformContact",
    "RecordedFact",
    "SavedView",
    "TrainingSession",
    "Verdict",
]
