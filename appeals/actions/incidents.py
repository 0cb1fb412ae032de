"""Cases of one incident: joining and leaving it, and using a piece of evidence in a second case."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from appeals.actions import items, requests, waking
from appeals.enums import EvidenceSource
from appeals.evidence import files
from appeals.models import Case, EvidenceItem
from casemgr.kit import audit
from casemgr.kit.workflow import Refused, Stale
from orders.actions import incidents
from orders.models import Incident
from stores.models import User

# What speaks of one shop's own orders: it never goes to another shop's platform (rule 7 of the domain).
OF_ONE_SHOP = frozenset(
    {
        "notice", "chat_log", "logistics_trace", "buyer_statement", "malicious_analysis", "platform_report", "rectify_plan",
    }
)  # fmt: skip


@transaction.atomic
def open_for(*, by: User, case: Case, title: str) -> Incident:
    """Open an incident from a case: the case is its first, its alerts come along."""
    made = incidents.create(by=by, merchant=case.store.merchant, title=title, root_cause=case.root_cause)
    for alert in case.alerts.all():
        incidents.add_alert(by=by, incident=made, alert=alert)
    join(by=by, case=case, incident=made)
    return made


@transaction.atomic
def join(*, by: User, case: Case, incident: Incident) -> None:
    """Put the case under an incident of its merchant. Refused for another merchant's, Stale when it has one already."""
    _may(by, case)
    if incident.merchant_id != case.store.merchant_id:
        raise Refused(_("An incident joins what happened at one merchant only."))
    if not Case.objects.filter(pk=case.pk, incident=None).update(incident=incident, updated_at=timezone.now()):
        raise Stale(audit.who_was_faster(case))
    case.incident = incident
    audit.record(by=by, action="case.incident", of=case, before={"incident": None}, after={"incident": incident.code})


@transaction.atomic
def leave(*, by: User, case: Case) -> None:
    """Take the case out of its incident. What was shared stays: it is evidence of this case."""
    _may(by, case)
    if case.incident is None:
        raise Refused(_("The case belongs to no incident."))
    was = case.incident
    if not Case.objects.filter(pk=case.pk, incident=was).update(incident=None, updated_at=timezone.now()):
        raise Stale(audit.who_was_faster(case))
    case.incident = None
    audit.record(by=by, action="case.incident_left", of=case, before={"incident": was.code}, after={"incident": None})


def share(*, by: User, item: EvidenceItem, to: Case) -> EvidenceItem:
    """Use an uploaded item in another case of the incident: the same bytes, sealed there under that case's key.

    An item with these bytes that is there already comes back. Refused for another merchant's or incident's case, for what
    speaks of one shop's orders where the shops differ, and when the stored bytes are not what was taken in.
    """
    _may_share(by, item, to)
    original, shown = files.read(item.file), files.read(item.shown_file)
    if files.sha256(original) != item.sha256:
        raise Refused(_("“%(title)s” is not what was taken in: its bytes changed on disk.") % {"title": item.title})
    suffix = item.shown_file[item.shown_file.rfind(".") :]
    with files.Shelf(f"evidence/{to.code}", to) as shelf:
        kept = shelf.put(original, item.file[item.file.rfind(".") :])
        seen = kept if item.shown_file == item.file else shelf.put(shown, suffix)
        with transaction.atomic():
            items.lock(to)
            there = to.evidence.filter(
                requirement=item.requirement_id, sha256=item.sha256, withdrawn_at=None, replaced_by=None
            )
            if (same := there.first()) is not None:
                shelf.drop()
                return same
            items.check_room(to, item.size)
            return _write(by, item, to, kept, seen)


def _write(by: User, item: EvidenceItem, to: Case, kept: str, seen: str) -> EvidenceItem:
    same = ("title", "original_name", "content_type", "size", "sha256", "width", "height", "captured_at", "source_note")
    fields = {name: getattr(item, name) for name in (*same, "declared_true_at")}
    fields |= {"file": kept, "shown_file": seen, "shared_from": item}
    made = items.create(by, to, item.requirement, fields, source=item.source)
    audit.record(
        by=by, action="evidence.shared_in", of=made, after={**items.shown(made), "from": item.case.code, "item": item}
    )
    audit.record(by=by, action="evidence.shared_out", of=item, after={"to": to.code, "sha256": item.sha256})
    requests.answer(by, to, item.requirement)
    waking.happened(to)
    return made


def _may(by: User, case: Case) -> None:
    if not by.is_agency or not Case.objects.visible_to(by).filter(pk=case.pk).exists():
        raise Refused(_("There is no such case."))
    if case.status == "closed":
        raise Refused(_("The case is closed."))


def _may_share(by: User, item: EvidenceItem, to: Case) -> None:
    origin = item.case
    if not Case.objects.visible_to(by).filter(pk=origin.pk).exists():
        raise Refused(_("There is no such case."))
    _may(by, to)
    items.may_add(by, to, item.requirement)
    items.not_sealed(to)
    if origin.pk == to.pk or origin.incident_id is None or origin.incident_id != to.incident_id:
        raise Refused(_("Evidence is shared between the cases of one incident."))
    if origin.store.merchant_id != to.store.merchant_id:
        raise Refused(_("An incident joins what happened at one merchant only."))
    if origin.erased_at or item.withdrawn_at or item.replaced_by.exists():
        raise Refused(_("Only evidence that holds can be used in another case."))
    if item.source == EvidenceSource.GENERATED:
        raise Refused(_("A document is made from the orders of its own case: make it there."))
    if origin.store_id != to.store_id and item.requirement.key in OF_ONE_SHOP:
        raise Refused(_("This speaks of the orders of one shop and never goes to another shop's platform."))
