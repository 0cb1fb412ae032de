"""What the database keeps of this floor: the audit trail, its texts and its seals are only ever added to."""

from __future__ import annotations

from casemgr.kit.triggers import Rule

RULES = [
    Rule("audit_event", "kit_auditevent", "audit rows are never changed or deleted"),
    Rule(
        "audit_text",
        "kit_audittext",
        "texts of audit rows are never changed or deleted, only erased with the moment",
        # Retention (casemgr.kit.audit.erase_texts): text and salt go, the row and its moment stay.
        allowed="NEW.id = OLD.id AND NEW.event_id = OLD.event_id AND NEW.place = OLD.place"
        " AND NEW.text = '' AND NEW.salt = '' AND NEW.erased_at IS NOT NULL AND OLD.erased_at IS NULL",
    ),
    Rule(
        "audit_seal",
        "kit_auditseal",
        "audit seals are never changed or deleted",
        keys=("id", "last_id", "previous", "hash"),
    ),
]
