"""What the database keeps of this floor: nothing filed can be altered or deleted, by any path (rule 4)."""

from __future__ import annotations

from casemgr.kit.triggers import Rule

_FROZEN = "EXISTS (SELECT 1 FROM appeals_filing f WHERE f.id = {row}.filing_id AND f.frozen_at IS NOT NULL)"

RULES = [
    Rule(
        "pack_file",
        "appeals_packfile",
        "files of a frozen pack are never changed, deleted or added",
        # The files are written in the transaction of the claim, while the filing is being filed.
        closed="EXISTS (SELECT 1 FROM appeals_filing f WHERE f.id = NEW.filing_id AND f.status = 'filed')",
    ),
    Rule(
        "filing_pack",
        "appeals_filing",
        "the pack of a frozen filing is never changed or deleted",
        held="OLD.frozen_at IS NOT NULL",
        fixed=("id", "code", "case_id", "round", "is_supplement", "pack", "pack_sha256", "frozen_at"),
        keys=("id", "code"),
    ),
    Rule(
        "filing_text",
        "appeals_filing",
        "the text of a frozen filing is never changed",
        held="OLD.frozen_at IS NOT NULL",
        fixed=("box_text", "letter_text"),
        # Retention: when the key of the case is gone, its texts may go too. Nothing else may stand in their place.
        allowed="NEW.box_text = '' AND NEW.letter_text = ''"
        " AND EXISTS (SELECT 1 FROM appeals_case c WHERE c.id = OLD.case_id AND c.erased_at IS NOT NULL)",
        may_delete=True,
    ),
    Rule(
        "filing_receipt",
        "appeals_filing",
        "what was recorded of a filed attempt is never changed",
        held="OLD.status = 'filed'",
        fixed=(
            "status", "filed_at", "receipt_no", "receipt_file", "recorded_by_id", "recorded_at", "is_recorded_late",
            "sent_by_id", "approved_by_id", "approved_at", "claimed_by_id", "claimed_at",
        ),
        may_delete=True,
    ),
    Rule(
        "filing_appeals",
        "appeals_appeal_filings",
        "which attempts a frozen filing stands for is never changed",
        held=_FROZEN.format(row="OLD"),
        closed=_FROZEN.format(row="NEW"),
    ),
    Rule(
        "appeal",
        "appeals_appeal",
        "a filed attempt is never deleted nor moved to another violation",
        held="OLD.status <> 'draft'",
        fixed=("id", "matter_id", "number", "made_alone"),
    ),
    Rule(
        "evidence",
        "appeals_evidenceitem",
        "filed evidence is never changed or deleted",
        held="OLD.protected_at IS NOT NULL",
        keys=("id", "code"),
    ),
]  # fmt: skip
