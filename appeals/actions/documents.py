"""Documents that the product makes itself from stored facts. Called through appeals.actions.evidence."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from appeals.actions import items
from appeals.enums import EvidenceSource
from appeals.evidence import DOCUMENTS, files
from appeals.evidence.typesetting import typeset
from appeals.models import Case, EvidenceItem
from casemgr.kit import audit
from casemgr.kit.workflow import Refused
from stores.models import EvidenceRequirement, User


def generate(*, by: User | None, case: Case, document: str) -> EvidenceItem:
    """Make one of our own documents from what is stored now. Same facts: the item that is there; other facts: a new
    version that replaces it. Typeset before the transaction: it takes a second. Raises Refused when nothing can be shown.
    """
    made_of = DOCUMENTS.get(document)
    if made_of is None:
        raise Refused(_("There is no such document."))
    if by is not None and not by.is_agency:
        raise Refused(_("The agency makes its documents."))
    items.is_open(case)
    items.not_sealed(case)
    requirement = EvidenceRequirement.objects.get(key=made_of.requirement)
    sheet = made_of.sheet(case)
    facts_hash = sheet.facts_hash()
    current = _current_document(case, document)
    if current is not None and current.facts_hash == facts_hash:
        return current
    now = timezone.now()
    data = sheet.as_data(made_on=f"{timezone.localdate(now):%Y-%m-%d}")
    made = typeset("sheet.typ", data, timestamp=int(now.timestamp()), with_pictures=True)
    with files.Shelf(f"evidence/{case.code}", case) as shelf:
        fields = shelf.put_document(made.pdf, made.pictures)
        with transaction.atomic():
            items.lock(case)
            current = _current_document(case, document)
            if current is not None and current.facts_hash == facts_hash:
                shelf.drop()  # a colleague made the same in this very moment
                return current
            fields |= {"title": sheet.title, "document": document, "facts_hash": facts_hash, "uploaded_at": now}
            fields |= {"replaces": current, "version": current.version + 1 if current else 1}
            item = items.create(by, case, requirement, fields, source=EvidenceSource.GENERATED)
            audit.record(by=by, action="evidence.generate", of=item, before={"item": current}, after=items.shown(item))
    return item


def _current_document(case: Case, document: str) -> EvidenceItem | None:
    made = case.evidence.filter(document=document, withdrawn_at=None, replaced_by=None)
    return made.order_by("-pk").first()
