"""Checks of this floor: every file against its hash, kept columns of cases, and the rules that may never break."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.core.files.storage import default_storage
from django.db.models import Count, F, Q

from appeals.actions import cases, deadlines
from appeals.evidence import files, left_over
from appeals.evidence.files import Condition
from appeals.models import Appeal, Case, CaseViolation, EvidenceItem, Filing, PackFile, PlanAction
from appeals.workflow import APPEAL, CASE, FILING, PLAN
from casemgr.kit.verifying import CHUNK, Report, compare, states, verifies

FOLDERS = ("evidence", "packs", "receipts")
# A file is written before its row: younger ones without a row are on their way, not left over.
UNDERWAY = dt.timedelta(hours=1)
WRONG = {Condition.CHANGED: "not the bytes that were stored", Condition.GONE: "the file is gone"}


@verifies("appeals.files")
def stored_files(report: Report) -> None:
    """The bytes of every piece of evidence and every file of a pack against the hash in its row; receipts are there."""
    for name, sha256, case in _hashed():
        report.seen += 1
        condition = files.condition(name, sha256, case)
        if condition in WRONG:
            report.add(name, WRONG[condition])
        elif condition is Condition.ERASED:
            report.facts["erased"] = report.facts.get("erased", 0) + 1
    for name, case in _unhashed():
        report.seen += 1
        if case.erased_at is None and not default_storage.exists(name):
            report.add(name, WRONG[Condition.GONE])


def _hashed() -> Iterator[tuple[str, str, Case]]:
    for item in EvidenceItem.objects.select_related("case").order_by("pk").iterator(chunk_size=CHUNK):
        yield item.file, item.sha256, item.case
    for row in PackFile.objects.select_related("filing__case").order_by("pk").iterator(chunk_size=CHUNK):
        yield row.file, row.sha256, row.filing.case


def _unhashed() -> Iterator[tuple[str, Case]]:
    """Files whose rows keep no hash: the copy others are shown, made from the original, and receipts."""
    for item in EvidenceItem.objects.exclude(shown_file=F("file")).select_related("case").iterator(chunk_size=CHUNK):
        yield item.shown_file, item.case
    for filing in Filing.objects.exclude(receipt_file="").select_related("case").iterator(chunk_size=CHUNK):
        yield filing.receipt_file, filing.case


@verifies("appeals.orphans")
def orphans(report: Report) -> None:
    """Files of evidence, packs and receipts that no row points to."""
    for seen, paths in left_over.found(FOLDERS, untouched_for=UNDERWAY):
        report.seen += seen
        for path in paths:
            report.add(path, "no row points to this file")


@verifies("appeals.kept")
def kept_columns(report: Report) -> None:
    """Next deadline, money at stake and counts of every case, computed anew from their rows."""
    for case in Case.objects.order_by("pk").iterator(chunk_size=CHUNK):
        slow: dict[str, Any] = {**deadlines.next_due_of(case), **cases.counts_of(case)}
        compare(report, case.code, {name: getattr(case, name) for name in slow}, slow)


@verifies("appeals.rules")
def rules(report: Report) -> None:
    """Attempts are counted once, frozen packs are complete, and what was filed is protected."""
    spent = Count("appeals", filter=~Q(appeals__status__in=["draft", "void"]))
    matters = CaseViolation.objects.annotate(spent=spent).select_related("case")
    report.seen += CaseViolation.objects.count() + Filing.objects.count()
    for matter in matters.exclude(attempts_used=F("spent") + F("attempts_alone")).iterator(chunk_size=CHUNK):
        fault = f"{matter.attempts_used} attempts counted, {matter.spent} filed and {matter.attempts_alone} made alone"
        report.add(matter.case.code, fault)
    for filing in Filing.objects.filter(frozen_at__isnull=False).prefetch_related("pack_files").iterator(CHUNK):
        fault = _fault_of_pack(filing)
        if fault:
            report.add(filing.code, fault)
    filed = Filing.objects.filter(status="filed")
    for lone in filed.filter(appeals=None):
        report.add(lone.code, "filed, but for no violation")
    # Nothing that was there when a case was last filed may still be open to change.
    open_to_change = Q(case__evidence__protected_at=None, case__evidence__withdrawn_at=None)
    for loose in filed.filter(open_to_change, case__evidence__uploaded_at__lte=F("approved_at")).distinct():
        report.add(loose.code, "evidence that went into it is not protected")


def _fault_of_pack(filing: Filing) -> str:
    rows = list(filing.pack_files.all())
    kinds = [row.kind for row in rows]
    if not {"letter", "archive", "manifest"} <= set(kinds):
        return "the pack lacks files"
    if kinds.count("image") != filing.pack.get("images") or sorted(r.position for r in rows) != [
        *range(1, len(rows) + 1)
    ]:
        return "the pack has other pictures than when it was frozen"
    if filing.pack_sha256 not in {row.sha256 for row in rows if row.kind == "archive"}:
        return "the archive is not the one that was frozen"
    return ""


@verifies("appeals.states")
def states_of_flows(report: Report) -> None:
    """Every status is a state of its flow table."""
    for model, flow in ((Case, CASE), (Filing, FILING), (Appeal, APPEAL), (PlanAction, PLAN)):
        states(report, model, flow)
