from stores.models.calendar import CalendarDay, ExemptionWindow
from stores.models.legal import LegalGround
from stores.models.link import Invitation, PasswordLink
from stores.models.person import Absence, Assignment, Membership, User
from stores.models.platform import Platform, ViolationType
from stores.models.policy import EvidenceNeed, EvidenceRequirement, Policy, PolicyRound
from stores.models.store import Merchant, Store

__all__ = [
    "Absence",
    "Assignment",
    "CalendarDay",
    "EvidenceNeed",
    "EvidenceRequirement",
    "ExemptionWindow",
    "Invitation",
    "LegalGround",
    "Membership",
    "Merchant",
    "PasswordLink",
    "Platform",
    "Policy",
    "PolicyRound",
    "Store",
    "User",
    "ViolationType",
]
