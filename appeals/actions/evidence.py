"""Evidence of a case: taking it in, letting it go, doing without it, making our own from stored facts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from appeals import rules
from appeals.actions import requests
from appeals.actions.requests import answer_none, ask, withdraw_request
from appeals.enums import EvidenceSource
from appeals.evidence import DOCUMENTS, files, intake
from appeals.evidence.intake import Accepted, Upload
from appeals.evidence.refusals import NotTaken
from appeals.evidence.typesetting import typeset
from appeals.models import Case, EvidenceItem, EvidenceWaiver
from casemgr.kit import audit
from casemgr.kit.notify import tell
from casemgr.kit.workflow import Refused, Stale
from stores.models import EvidenceNeed, EvidenceRequirement, User

__all__ = ["add", "answer_none", "ask", "generate", "replace", "unwaive", "waive", "withdraw", "withdraw_request"]


def add(
    *,
    by: User,
    case: Case,
    requirement: EvidenceRequirement,
    uploads: Sequence[Upload],
    declared_true: bool,
    captured_at: dt.datetime | None = None,
    source_note: str = "",
    title: str = "",
) -> list[EvidenceItem]:
    """Take in files for one line of the checklist, all of them or none; an open request for it is answered.

    `declared_true`: the uploader's word that nothing was changed (rule 11). A file that is there already (same bytes, same
    line) is not kept twice: the item it is already comes back. Raises Refused; what was written is thrown away.
    """
    _may_add(by, case, requirement)
    _check_statement(declared_true, captured_at)
    if not uploads:
        raise Refused(_("Please choose at least one photo or file."))
    if len(uploads) > intake.MOST_FILES:
        raise NotTaken("too_many", limit=intake.MOST_FILES)
    values = {"source_note": source_note.strip()[:200], "captured_at": captured_at, "title": title}
    with files.Shelf(f"evidence/{case.code}") as shelf:
        taken = [_take(shelf, intake.accept(upload, requirement_key=requirement.key)) for upload in uploads]
        with transaction.atomic():
            _lock(case)
            _check_room(case, taken)
            items = [_keep(by, case, requirement, fields, values, shelf) for fields in taken]
            requests.answer(by, case, requirement)
            _tell_owner(by, case, items)
    return items


def replace(
    *,
    by: User,
    item: EvidenceItem,
    upload: Upload,
    declared_true: bool,
    captured_at: dt.datetime | None = None,
    source_note: str = "",
) -> EvidenceItem:
    """A new version of an uploaded item, such as a legible photo. The old one stays as history, filed or not."""
    case = item.case
    _may_add(by, case, item.requirement)
    _not_sealed(case)
    _check_statement(declared_true, captured_at)
    if item.source == EvidenceSource.GENERATED:
        raise Refused(_("This document is made from our data: make it again instead."))
    with files.Shelf(f"evidence/{case.code}") as shelf:
        fields = _take(shelf, intake.accept(upload, requirement_key=item.requirement.key))
        with transaction.atomic():
            _lock(case)
            _check_room(case, [fields])
            _still_current(item)
            fields |= {
                "title": item.title,
                "version": item.version + 1,
                "replaces": item,
                "declared_true_at": timezone.now(),
            }
            fields |= {"captured_at": captured_at, "source_note": source_note.strip()[:200] or item.source_note}
            fresh = _create(by, case, item.requirement, fields)
            audit.record(by=by, action="evidence.replace", of=fresh, before={"item": item}, after=_shown(fresh))
            requests.answer(by, case, item.requirement)
    return fresh


@transaction.atomic
def withdraw(*, by: User, item: EvidenceItem, reason: str) -> None:
    """Take an item off the checklist, with the reason. What was filed stays (rule 4): Refused."""
    if not (by.is_agency or item.uploaded_by_id == by.pk):
        raise Refused(_("Only the agency or whoever uploaded it takes it back."))
    if item.protected_at is not None:
        raise Refused(_("This was filed: it can neither be changed nor taken away."))
    if not reason.strip():
        raise Refused(_("Please write the reason."))
    _not_sealed(item.case)
    values = {"withdrawn_at": timezone.now(), "withdrawn_by": by, "withdrawn_reason": reason.strip()[:300]}
    if not EvidenceItem.objects.filter(pk=item.pk, withdrawn_at=None, protected_at=None).update(**values):
        raise Stale(audit.who_was_faster(item))
    for name, value in values.items():
        setattr(item, name, value)
    audit.record(by=by, action="evidence.withdraw", of=item, before=_shown(item), note=reason.strip())


@transaction.atomic
def waive(*, by: User, case: Case, requirement: EvidenceRequirement, reason: str) -> EvidenceWaiver:
    """A lead lets a required kind of evidence go, with the reason."""
    if not by.is_lead:
        raise Refused(_("A lead waives evidence."))
    if not reason.strip():
        raise Refused(_("Please write the reason."))
    _is_open(case)
    waiver, made = EvidenceWaiver.objects.get_or_create(
        case=case,
        requirement=requirement,
        defaults={"reason": reason.strip()[:300], "waived_by": by, "waived_at": timezone.now()},
    )
    if not made:
        raise Stale(audit.who_was_faster(waiver))
    audit.record(by=by, action="evidence.waive", of=waiver, after={"requirement": requirement.key}, note=reason.strip())
    return waiver


@transaction.atomic
def unwaive(*, by: User, case: Case, requirement: EvidenceRequirement) -> None:
    """The requirement counts again."""
    if not by.is_lead:
        raise Refused(_("A lead waives evidence."))
    waiver = case.waivers.filter(requirement=requirement).first()
    if waiver is None:
        raise Refused(_("This was not waived."))
    audit.record(
        by=by, action="evidence.unwaive", of=waiver, before={"requirement": requirement.key, "reason": waiver.reason}
    )
    waiver.delete()


def generate(*, by: User | None, case: Case, document: str) -> EvidenceItem:
    """Make one of our own documents from what is stored now. Same facts: the item that is there; other facts: a new
    version that replaces it. Typeset before the transaction: it takes a second. Raises Refused when nothing can be shown.
    """
    made_of = DOCUMENTS.get(document)
    if made_of is None:
        raise Refused(_("There is no such document."))
    if by is not None and not by.is_agency:
        raise Refused(_("The agency makes its documents."))
    _is_open(case)
    _not_sealed(case)
    requirement = EvidenceRequirement.objects.get(key=made_of.requirement)
    sheet = made_of.sheet(case)
    facts_hash = sheet.facts_hash()
    current = _current_document(case, document)
    if current is not None and current.facts_hash == facts_hash:
        return current
    now = timezone.now()
    data = sheet.as_data(made_on=f"{timezone.localdate(now):%Y-%m-%d}")
    made = typeset("sheet.typ", data, timestamp=int(now.timestamp()), with_pictures=True)
    with files.Shelf(f"evidence/{case.code}") as shelf:
        fields = shelf.put_document(made.pdf, made.pictures)
        with transaction.atomic():
            _lock(case)
            current = _current_document(case, document)
            if current is not None and current.facts_hash == facts_hash:
                shelf.drop()  # a colleague made the same in this very moment
                return current
            fields |= {"title": sheet.title, "document": document, "facts_hash": facts_hash, "uploaded_at": now}
            fields |= {"replaces": current, "version": current.version + 1 if current else 1}
            item = _create(by, case, requirement, fields, source=EvidenceSource.GENERATED)
            audit.record(by=by, action="evidence.generate", of=item, before={"item": current}, after=_shown(item))
    return item


def _current_document(case: Case, document: str) -> EvidenceItem | None:
    made = case.evidence.filter(document=document, withdrawn_at=None, replaced_by=None)
    return made.order_by("-pk").first()


def _may_add(by: User, case: Case, requirement: EvidenceRequirement) -> None:
    """Agency people to any case they see; merchant people to what they were asked for or what the checklist needs."""
    if not Case.objects.visible_to(by).filter(pk=case.pk).exists():
        raise Refused(_("There is no such case."))
    _is_open(case)
    if by.is_agency:
        return
    if "merchant" not in by.roles:
        raise Refused(_("You may look at this, but not change it."))
    asked = case.requests.filter(requirement=requirement, state="open").exists()
    needs = EvidenceNeed.objects.filter(line_of_defence=case.line_of_defence, requirement=requirement)
    if not asked and not needs.exclude(level="not").exists():
        raise Refused(_("This is not needed for the case; ask your handler."))


def _is_open(case: Case) -> None:
    if case.status == "closed":
        raise Refused(_("The case is closed."))


def _not_sealed(case: Case) -> None:
    """What a colleague approved is what is filed: until then nothing of it is exchanged under their hands."""
    filing = rules.open_filing(case)
    if filing is not None and filing.status in ("approved", "filing"):
        raise Refused(_("The appeal is approved as it is. Send it back for changes first."))


def _check_statement(declared_true: bool, captured_at: dt.datetime | None) -> None:
    if not declared_true:
        raise Refused(_("Please confirm that the files show what really happened and were not changed."))
    if captured_at is not None and captured_at > timezone.now():
        raise Refused(_("The time it was taken lies in the future."))


def _lock(case: Case) -> None:
    # One writer of a case's evidence at a time: SQLite by its one writer, PostgreSQL by this lock.
    Case.objects.select_for_update().get(pk=case.pk)


def _check_room(case: Case, taken: Sequence[dict[str, Any]]) -> None:
    stored = (
        EvidenceItem.objects.filter(case__store__merchant=case.store.merchant_id).aggregate(total=Sum("size"))["total"]
        or 0
    )
    if stored + sum(fields["size"] for fields in taken) > intake.MERCHANT_MOST_BYTES:
        raise NotTaken("full")


def _take(shelf: files.Shelf, accepted: Accepted) -> dict[str, Any]:
    """Put one judged file on the shelf; gives the columns that describe it. Its bytes are let go: twenty may follow."""
    original = shelf.put(accepted.original, accepted.suffix if accepted.shown is None else ".original")
    return {
        "file": original,
        "shown_file": original if accepted.shown is None else shelf.put(accepted.shown, accepted.suffix),
        "original_name": accepted.name,
        "content_type": accepted.content_type,
        "size": accepted.size,
        "sha256": accepted.sha256,
        "width": accepted.width,
        "height": accepted.height,
    }


def _keep(
    by: User,
    case: Case,
    requirement: EvidenceRequirement,
    fields: dict[str, Any],
    values: dict[str, Any],
    shelf: files.Shelf,
) -> EvidenceItem:
    current = case.evidence.filter(requirement=requirement, withdrawn_at=None, replaced_by=None)
    same = current.filter(sha256=fields["sha256"]).first()
    if same is not None:
        shelf.drop_these([fields["file"], fields["shown_file"]])
        return same
    count = current.count()
    title = values["title"].strip() or requirement.name_zh
    numbered = {"title": (f"{title}（{count + 1}）" if count else title)[:120], "declared_true_at": timezone.now()}
    item = _create(by, case, requirement, {**fields, **values, **numbered})
    audit.record(by=by, action="evidence.add", of=item, after=_shown(item))
    return item


def _create(
    by: User | None, case: Case, requirement: EvidenceRequirement, fields: dict[str, Any], source: str = ""
) -> EvidenceItem:
    origin = source or (EvidenceSource.HANDLER if by is not None and by.is_agency else EvidenceSource.MERCHANT)
    values = {"uploaded_at": timezone.now(), **fields}
    return EvidenceItem.objects.create(case=case, requirement=requirement, source=origin, uploaded_by=by, **values)


def _still_current(item: EvidenceItem) -> None:
    if not EvidenceItem.objects.filter(pk=item.pk, withdrawn_at=None, replaced_by=None).exists():
        raise Stale(audit.who_was_faster(item))


def _shown(item: EvidenceItem) -> dict[str, Any]:
    return {"requirement": item.requirement.key, "title": item.title, "sha256": item.sha256, "version": item.version}


def _tell_owner(by: User, case: Case, items: Sequence[EvidenceItem]) -> None:
    if by.is_agency or case.owner is None:
        return
    text = gettext_noop("%(code)s: %(name)s sent %(n)s files.")
    values = {"code": case.code, "name": by.name, "n": len(items)}
    tell(
        [case.owner],
        event="evidence",
        key=f"evidence:{items[-1].code}",
        text=text,
        values=values,
        url=f"/cases/{case.code}/#evidence",
    )
