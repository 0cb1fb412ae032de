from stores.models.calendar import CalendarDay, ExemptionWindow
from stores.models.link import Invitation, PasswordLink
from stores.models.person import Assignment, Membership, User
from stores.models.platform import Platform, ViolationType
from stores.models.policy import EvidenceNeed, EvidenceRequirement, Policy, PolicyRound
from stores.models.store import Merchant, Store

__all__ = [
    "Assignment",
    "CalendarDay",
    "EvidenceNeed",
    "EvidenceRequirement",
    "ExemptionWindow",
    "Invitation",
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
