"""What every step with a piece of evidence asks first, and how its row is written."""

from __future__ import annotations

from typing import Any

from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from appeals import rules
from appeals.actions import deadlines
from appeals.enums import EvidenceSource
from appeals.evidence import intake
from appeals.evidence.refusals import NotTaken
from appeals.models import Case, EvidenceItem
from casemgr.kit.workflow import Refused
from stores.enums import NeedLevel
from stores.models import EvidenceNeed, EvidenceRequirement, User


def may_add(by: User, case: Case, requirement: EvidenceRequirement) -> None:
    """Agency people to any case they see; merchant people to what they were asked for or what the checklist needs."""
    if not Case.objects.visible_to(by).filter(pk=case.pk).exists():
        raise Refused(_("There is no such case."))
    is_open(case)
    if by.is_agency:
        return
    if "merchant" not in by.roles:
        raise Refused(_("You may look at this, but not change it."))
    asked = case.requests.filter(requirement=requirement, state="open").exists()
    needs = EvidenceNeed.objects.filter(line_of_defence=case.line_of_defence, requirement=requirement)
    if not asked and not needs.exclude(level=NeedLevel.NOT_USED).exists():
        raise Refused(_("This is not needed for the case; ask your handler."))


def is_open(case: Case) -> None:
    """Raises Refused for a closed case."""
    if case.status == "closed":
        raise Refused(_("The case is closed."))


def not_sealed(case: Case) -> None:
    """What a colleague approved is what is filed: until then nothing of it is exchanged under their hands."""
    filing = rules.open_filing(case)
    if filing is not None and filing.status in ("approved", "filing"):
        raise Refused(_("The appeal is approved as it is. Send it back for changes first."))


def lock(case: Case) -> None:
    """One writer of a case's evidence at a time: on SQLite by its one writer, on PostgreSQL by this lock."""
    Case.objects.select_for_update().get(pk=case.pk)


def check_room(case: Case, size: int) -> None:
    """Raises NotTaken when `size` more bytes would be too much for all evidence of the merchant together."""
    of_merchant = EvidenceItem.objects.filter(case__store__merchant=case.store.merchant_id)
    stored = of_merchant.aggregate(total=Sum("size"))["total"] or 0
    if stored + size > intake.MERCHANT_MOST_BYTES:
        raise NotTaken("full")


def create(
    by: User | None, case: Case, requirement: EvidenceRequirement, fields: dict[str, Any], source: str = ""
) -> EvidenceItem:
    """One row. `fields` are its columns; the source is who brought it, unless given."""
    origin = source or (EvidenceSource.HANDLER if by is not None and by.is_agency else EvidenceSource.MERCHANT)
    values = {"uploaded_at": timezone.now(), **fields}
    made = EvidenceItem.objects.create(case=case, requirement=requirement, source=origin, uploaded_by=by, **values)
    deadlines.keep_safe(case)
    return made


def shown(item: EvidenceItem) -> dict[str, Any]:
    """What the audit row tells of an item."""
    return {"requirement": item.requirement.key, "title": item.title, "sha256": item.sha256, "version": item.version}
