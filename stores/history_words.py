"""What this floor's audit rows say in words (casemgr.kit.history)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from casemgr.kit.workflow import Flow, Text

ACTIONS: dict[str, Text] = {
    "exemptionwindow.declared": _("Exemption declared"),
    "invitation.made": _("Invitation made"),
    "invitation.revoked": _("Invitation taken back"),
    "invitation.used": _("Invitation used"),
    "legalground.changed": _("Ground of law changed"),
    "legalground.created": _("Ground of law written"),
    "legalground.verified": _("Ground of law compared with its source"),
    "merchant.changed": _("Merchant changed"),
    "merchant.created": _("Merchant added"),
    "merchant.member_added": _("Person of the merchant added"),
    "merchant.member_changed": _("Place of a person of the merchant changed"),
    "merchant.member_removed": _("Person of the merchant removed"),
    "policies.exported": _("List of policies taken as a file"),
    "policy.changed": _("Version changed"),
    "policy.created": _("Version written"),
    "policy.ended": _("Version ended"),
    "policy.new_version": _("New version written"),
    "policy.verified": _("Version compared with its source"),
    "reference.loaded": _("Reference data loaded"),
    "shops.exported": _("List of shops taken as a file"),
    "store.assigned": _("Handler assigned"),
    "store.changed": _("Shop changed"),
    "store.created": _("Shop added"),
    "store.unassigned": _("Handler taken off"),
    "user.away": _("Absence entered"),
    "user.back": _("Absence ended"),
    "user.created": _("Person added"),
    "user.factor_removed": _("Second factor removed"),
    "user.factor_reset": _("Second factor reset"),
    "user.factor_set": _("Second factor set up"),
    "user.language": _("Language chosen"),
    "user.password_link": _("Link to set the password made"),
    "user.password_set": _("Password set"),
    "user.recovery_codes": _("Recovery codes made"),
    "user.renamed": _("Name changed"),
    "user.role_changed": _("Role changed"),
    "user.session_lapsed": _("Session ran out"),
    "user.sessions_ended": _("Signed out everywhere"),
    "user.sign_in_failed": _("Failed sign-in"),
    "user.signed_in": _("Signed in"),
    "user.signed_out": _("Signed out"),
    "user.switched_off": _("Person switched off"),
    "user.switched_on": _("Person switched on"),
}
FIELDS: dict[str, Text] = {
    "deputy": _("stands in"),
    "effective_to": pgettext_lazy("of a policy version", "in force until"),
    "from_on": _("first day"),
    "password": "",
    "role": pgettext_lazy("of a person", "role"),
    "shops": _("shops"),
    "to_on": _("last day"),
    "verified_by": _("verified by"),
    "verified_at": _("verified at"),
}
FLOWS: list[tuple[Flow, Text]] = []
