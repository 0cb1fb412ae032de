"""Evidence of a case: taking it in, letting it go, doing without it, making our own from stored facts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from appeals.actions import deadlines, items, requests, waking
from appeals.actions.documents import generate
from appeals.actions.requests import answer_none, ask, withdraw_request
from appeals.enums import EvidenceSource
from appeals.evidence import files, intake
from appeals.evidence.intake import Accepted, Upload
from appeals.evidence.refusals import NotTaken
from appeals.models import Case, EvidenceItem, EvidenceWaiver
from casemgr.kit import audit
from casemgr.kit.notify import tell
from casemgr.kit.workflow import Refused, Stale
from stores.models import EvidenceRequirement, User

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
    items.may_add(by, case, requirement)
    _check_statement(declared_true, captured_at)
    if not uploads:
        raise Refused(_("Please choose at least one photo or file."))
    if len(uploads) > intake.MOST_FILES:
        raise NotTaken("too_many", limit=intake.MOST_FILES)
    values = {"source_note": source_note.strip()[:200], "captured_at": captured_at, "title": title}
    with files.Shelf(f"evidence/{case.code}", case) as shelf:
        taken = [_take(shelf, intake.accept(upload, requirement_key=requirement.key)) for upload in uploads]
        with transaction.atomic():
            items.lock(case)
            items.check_room(case, sum(fields["size"] for fields in taken))
            kept = [_keep(by, case, requirement, fields, values, shelf) for fields in taken]
            requests.answer(by, case, requirement)
            waking.happened(case)
            _tell_owner(by, case, kept)
    return kept


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
    items.may_add(by, case, item.requirement)
    items.not_sealed(case)
    _check_statement(declared_true, captured_at)
    if item.source == EvidenceSource.GENERATED:
        raise Refused(_("This document is made from our data: make it again instead."))
    with files.Shelf(f"evidence/{case.code}", case) as shelf:
        fields = _take(shelf, intake.accept(upload, requirement_key=item.requirement.key))
        with transaction.atomic():
            items.lock(case)
            items.check_room(case, fields["size"])
            _still_current(item)
            fields |= {
                "title": item.title,
                "version": item.version + 1,
                "replaces": item,
                "declared_true_at": timezone.now(),
            }
            fields |= {"captured_at": captured_at, "source_note": source_note.strip()[:200] or item.source_note}
            fresh = items.create(by, case, item.requirement, fields)
            audit.record(by=by, action="evidence.replace", of=fresh, before={"item": item}, after=items.shown(fresh))
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
    items.not_sealed(item.case)
    values = {"withdrawn_at": timezone.now(), "withdrawn_by": by, "withdrawn_reason": reason.strip()[:300]}
    if not EvidenceItem.objects.filter(pk=item.pk, withdrawn_at=None, protected_at=None).update(**values):
        raise Stale(audit.who_was_faster(item))
    for name, value in values.items():
        setattr(item, name, value)
    audit.record(by=by, action="evidence.withdraw", of=item, before=items.shown(item), note=reason.strip())
    deadlines.keep_safe(item.case)


@transaction.atomic
def waive(*, by: User, case: Case, requirement: EvidenceRequirement, reason: str) -> EvidenceWaiver:
    """A lead lets a required kind of evidence go, with the reason."""
    if not by.is_lead:
        raise Refused(_("A lead waives evidence."))
    if not reason.strip():
        raise Refused(_("Please write the reason."))
    items.is_open(case)
    waiver, made = EvidenceWaiver.objects.get_or_create(
        case=case,
        requirement=requirement,
        defaults={"reason": reason.strip()[:300], "waived_by": by, "waived_at": timezone.now()},
    )
    if not made:
        raise Stale(audit.who_was_faster(waiver))
    audit.record(by=by, action="evidence.waive", of=waiver, after={"requirement": requirement.key}, note=reason.strip())
    deadlines.keep_safe(case)
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
    deadlines.keep_safe(case)


def _check_statement(declared_true: bool, captured_at: dt.datetime | None) -> None:
    if not declared_true:
        raise Refused(_("Please confirm that the files show what really happened and were not changed."))
    if captured_at is not None and captured_at > timezone.now():
        raise Refused(_("The time it was taken lies in the future."))


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
    item = items.create(by, case, requirement, {**fields, **values, **numbered})
    audit.record(by=by, action="evidence.add", of=item, after=items.shown(item))
    return item


def _still_current(item: EvidenceItem) -> None:
    if not EvidenceItem.objects.filter(pk=item.pk, withdrawn_at=None, replaced_by=None).exists():
        raise Stale(audit.who_was_faster(item))


def _tell_owner(by: User, case: Case, kept: Sequence[EvidenceItem]) -> None:
    if by.is_agency or case.owner is None:
        return
    text = gettext_noop("%(code)s: %(name)s sent %(n)s files.")
    values = {"code": case.code, "name": by.name, "n": len(kept)}
    tell(
        [case.owner],
        event="evidence",
        key=f"evidence:{kept[-1].code}",
        text=text,
        values=values,
        url=f"/cases/{case.code}/#evidence",
    )
