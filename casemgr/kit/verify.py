"""Checks of this floor: the audit trail as it was sealed, and the triggers that keep it."""

from __future__ import annotations

from django.db import connection

from casemgr.kit import chain, triggers
from casemgr.kit.verifying import Report, verifies

WORDS: dict[chain.Ill, str] = {
    "changed": "the row is not as it was sealed",
    "missing": "a sealed row is gone",
    "inserted": "a row that was never sealed stands between sealed ones",
    "text": "a text of the row is not the one it was written with, or is gone without having been erased",
    "seal": "the seal of the rows from here on does not fit its own hash or the seal before it",
    "head": "the newest seal kept outside is not in the chain: its end was cut off, or all of it written anew. After a"
    " restore or a reset on purpose, delete the file that CASEMGR_AUDIT_HEAD names",
}


@verifies("kit.audit")
def audit_chain(report: Report) -> None:
    """Every sealed row, its texts, every seal and the head outside; the first bad row is named first."""
    counts: dict[str, int] = {}
    first = None
    for fault in chain.faults(counts):
        first = first if first is not None else fault
        report.add(f"#{fault.row}", f"{WORDS[fault.kind]} ({fault.about})" if fault.about else WORDS[fault.kind])
    report.seen = counts.get("rows", 0)
    tail = chain.tail()
    head = chain.newest()
    report.facts = {
        "seals": counts.get("seals", 0),
        "texts_erased": counts.get("erased", 0),
        "first_bad_row": first.row if first else None,
        "head": head.hash if head else None,
        "kept_outside": chain.read_head() is not None,
        "unsealed_rows": tail.rows,
        "unsealed_seconds": None if tail.seconds is None else round(tail.seconds),
    }


@verifies("kit.triggers")
def guarded(report: Report) -> None:
    """The triggers that refuse changes stand and say what the rules say."""
    rules = triggers.all_rules()
    report.seen = len(rules)
    for name in triggers.missing(connection, rules):
        report.add(name, "the trigger is missing, switched off or not what the rules say")
