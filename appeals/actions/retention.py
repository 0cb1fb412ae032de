"""The retention run: what ends of cases, and everything else that ends when its time is over (rule 4)."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import QuerySet, Sum
from django.utils import timezone

from appeals.actions import contacts, engagements, penalties, plans
from appeals.evidence import files
from appeals.models import Case, EvidenceItem, Filing, Message, PackFile
from casemgr.kit import audit, retention
from casemgr.kit.privacy import sealing
from orders.actions.retention import RULES as ORDER_RULES


def due(at: dt.datetime) -> QuerySet[Case]:
    """Cases that were closed longer ago than they are kept (CASEMGR_CASE_YEARS)."""
    before = at - retention.years(settings.CASE_YEARS)
    return Case.objects.filter(status="closed", closed_at__lt=before, erased_at=None)


def end_cases(at: dt.datetime) -> int:
    """Erase what is due, case by case; how many. What a killed run left of the files goes too."""
    done = sum(erase(case=case, at=at) for case in due(at).order_by("pk"))
    _remove_files()
    return done


@transaction.atomic
def erase(*, case: Case, at: dt.datetime) -> bool:
    """Destroy the key of a case that is due at `at`, and the texts people wrote in it; False when it is not due (any more).

    What stays: the case, its filings and attempts, the rows of evidence and packs with their hashes, the audit trail.
    """
    now = timezone.now()
    if not due(at).filter(pk=case.pk).update(erased_at=now, snooze_reason=""):
        return False
    case.erased_at = now
    items = EvidenceItem.objects.filter(case=case)
    packed = PackFile.objects.filter(filing__case=case)
    sizes = [rows.aggregate(sum=Sum("size"))["sum"] or 0 for rows in (items, packed)]
    sealing.destroy(files.key_name(case), reason="retention", by=None)
    texts = audit.erase_texts(by=None, thread=case.code)
    Filing.objects.filter(case=case).wipe_texts()
    Message.objects.filter(case=case).update(text="")
    plans.wipe_texts(case)
    contacts.wipe_texts(case)
    engagements.wipe_texts(case)
    penalties.wipe_texts(case)
    after = {"files": items.count() + packed.count(), "bytes": sum(sizes), "audit_texts": texts}
    audit.record(by=None, action="case.erased", of=case, after=after)
    return True


def _remove_files() -> None:
    """Nobody can read the files of erased cases any more; now they take no room either."""
    cases = Case.objects.filter(erased_at__isnull=False)
    of_cases = set(cases.values_list("code", flat=True))
    of_filings = set(Filing.objects.filter(case__in=cases).values_list("code", flat=True))
    for folder, codes in (("evidence", of_cases), ("receipts", of_filings), ("packs", of_filings)):
        for name in default_storage.listdir(folder)[0] if default_storage.exists(folder) else ():
            # A folder is named by the code, a pack's by the code and something random.
            if "-".join(name.split("-")[:2]) in codes:
                place = f"{folder}/{name}"
                files.remove([*(f"{place}/{one}" for one in default_storage.listdir(place)[1]), place])


RULES = [retention.Rule("cases", lambda at: due(at).count(), end_cases), *ORDER_RULES, *retention.RULES]


def run(*, at: dt.datetime, dry_run: bool = False) -> dict[str, int]:
    """Everything that is over at `at`: name -> how many ended, or would end. Safe to run again, and to be killed."""
    return retention.run(RULES, at=at, dry_run=dry_run)
