"""Asking the merchant for evidence, and the answers. Called through appeals.actions.evidence."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from appeals.actions import waking
from appeals.enums import WaitingFor
from appeals.models import Case, EvidenceRequest
from casemgr.kit import audit
from casemgr.kit.notify import tell
from casemgr.kit.workflow import Refused, Stale
from stores.models import EvidenceRequirement, User
from stores.queries import merchant_people

# While the platform decides, a question to the merchant does not change whom the case waits for.
OURS = ("intake", "diagnosing", "preparing", "reviewing", "rectifying")


def keep_waiting_for(case: Case) -> None:
    """The case waits for the merchant while a request is open, and for us again when none is left."""
    waits = WaitingFor.MERCHANT if case.requests.filter(state="open").exists() else WaitingFor.US
    between = Case.objects.filter(pk=case.pk, status__in=OURS, waiting_for__in=[WaitingFor.US, WaitingFor.MERCHANT])
    if between.update(waiting_for=waits):
        case.waiting_for = waits


@transaction.atomic
def ask(
    *, by: User, case: Case, requirement: EvidenceRequirement, text: str, due_at: dt.datetime | None = None
) -> EvidenceRequest:
    """Ask the merchant's people for one kind of evidence and tell them. One open request per kind: Refused for a second."""
    if not by.is_agency:
        raise Refused(_("The agency asks the merchant."))
    if case.status == "closed":
        raise Refused(_("The case is closed."))
    if not text.strip():
        raise Refused(_("Please write what you ask for."))
    now = timezone.now()
    if due_at is not None and due_at <= now:
        raise Refused(_("The time to answer lies in the past."))
    values = {"text": text.strip()[:500], "due_at": due_at, "requested_by": by, "requested_at": now}
    try:
        with transaction.atomic():
            request = EvidenceRequest.objects.create(case=case, requirement=requirement, **values)
    except IntegrityError as twice:
        raise Refused(_("The merchant was asked for this already: withdraw that request first.")) from twice
    audit.record(by=by, action="request.ask", of=request, after={"requirement": requirement.key, "due_at": due_at})
    keep_waiting_for(case)
    tell(
        merchant_people(case.store),
        event="request",
        key=f"request:{request.code}",
        text=gettext_noop("%(shop)s: please send us: %(what)s."),
        values={"shop": case.store.name, "what": requirement.name_zh},
        url=f"/m/requests/{request.code}/",
    )
    return request


@transaction.atomic
def answer_none(*, by: User, request: EvidenceRequest, note: str = "") -> None:
    """There is none: an answer too. The requirement stays missing until a lead waives it or something else shows it."""
    _may_answer(by)
    _close(by, request, EvidenceRequest.State.NONE, note)


@transaction.atomic
def withdraw_request(*, by: User, request: EvidenceRequest) -> None:
    """The agency does not need it any more."""
    if not by.is_agency:
        raise Refused(_("The agency asks the merchant."))
    changed = EvidenceRequest.objects.filter(pk=request.pk, state="open").update(state=EvidenceRequest.State.WITHDRAWN)
    if not changed:
        raise Stale(audit.who_was_faster(request))
    request.state = EvidenceRequest.State.WITHDRAWN
    audit.record(by=by, action="request.withdraw", of=request, before={"state": "open"}, after={"state": request.state})
    keep_waiting_for(request.case)


def answer(by: User, case: Case, requirement: EvidenceRequirement) -> None:
    """What was asked for came in: close the open request of that kind, if there is one."""
    request = case.requests.filter(requirement=requirement, state="open").first()
    if request is not None:
        request.case = case
        _close(by, request, EvidenceRequest.State.ANSWERED, "")


def _may_answer(by: User) -> None:
    if not by.is_agency and "merchant" not in by.roles:
        raise Refused(_("You may look at this, but not change it."))


def _close(by: User, request: EvidenceRequest, state: Any, note: str) -> None:
    values = {"state": state, "answered_by": by, "answered_at": timezone.now(), "answer_note": note.strip()[:300]}
    if not EvidenceRequest.objects.filter(pk=request.pk, state="open").update(**values):
        raise Stale(audit.who_was_faster(request))
    for name, value in values.items():
        setattr(request, name, value)
    audit.record(
        by=by,
        action=f"request.{state}",
        of=request,
        before={"state": "open"},
        after={"state": state},
        note=note.strip(),
    )
    keep_waiting_for(request.case)
    waking.happened(request.case)
    if not by.is_agency and request.case.owner:
        text = gettext_noop("%(code)s: the merchant answered: %(what)s.")
        values_shown = {"code": request.case.code, "what": request.requirement.name_zh}
        url = f"/cases/{request.case.code}/#evidence"
        tell(
            [request.case.owner],
            event="request.answer",
            key=f"request:{request.code}:{state}",
            text=text,
            values=values_shown,
            url=url,
        )
