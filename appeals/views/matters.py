"""The violations of a case: move one, join two cases, a ticket answered in the console, and reading a pasted answer."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from appeals import intake
from appeals.access import case_for
from appeals.actions import splitting, tickets, updates
from appeals.forms.case import AnswerForm
from appeals.forms.matters import TicketAnswerForm
from appeals.models import Case
from appeals.views.steps import matter_of, step, valid
from casemgr.kit.workflow import Refused
from orders import notices
from stores.access import PersonRequest


def _other(request: PersonRequest) -> Case:
    """The case named in the form, which this person may work on; 404 for what they may not see."""
    code = request.POST.get("to", "").strip().upper()
    if not code:
        raise Refused(_("Name another open case of the same shop."))
    found, may_edit = case_for(request.user, code)
    if not may_edit:
        raise Http404
    return found


@step("#violations")
def move(request: PersonRequest, case: Case, violation: str) -> HttpResponse:
    """POST to=C-…: to that case; an empty `to`: to a new one. Goes on at the case that has it now."""
    matter = matter_of(case, violation)
    to = _other(request) if request.POST.get("to") else None
    went = splitting.move(by=request.user, matter=matter, to=to)
    messages.success(request, _("%(no)s is now in %(code)s.") % {"no": matter.violation, "code": went.code})
    return redirect(reverse("case", args=[went.code]) + "#violations")


@step("#violations")
def merge(request: PersonRequest, case: Case) -> HttpResponse:
    into = _other(request)
    splitting.merge(by=request.user, case=case, into=into)
    text = _("%(code)s is closed; all it held is here. Its evidence and talk stay there.")
    messages.success(request, text % {"code": case.code})
    return redirect(reverse("case", args=[into.code]) + "#violations")


@step("#deadlines")
def answer_ticket(request: PersonRequest, case: Case) -> None:
    tickets.answer(by=request.user, case=case, **valid(TicketAnswerForm(request.POST)))
    messages.success(request, _("The answer is written down. No attempt was spent."))


@step()
def read_answer(request: PersonRequest, case: Case, violation: str) -> HttpResponse:
    """The pasted answer as the answer form, prefilled, for a person to confirm. Saves nothing."""
    matter = matter_of(case, violation)
    appeal = matter.appeals.filter(status="filed").order_by("-number").first()
    if appeal is None:
        raise Http404
    text = request.POST.get("text", "")[:10_000]
    now = timezone.localtime()
    initial: dict[str, Any] = intake.read_answer_fields(notices.read_answer(text, received_at=now), text, now)
    context = {"case": case, "appeal": appeal, "form": AnswerForm(initial=initial, auto_id="answer_%s")}
    return render(request, "appeals/notices/answer.html", {**context, "is_read": bool(initial.get("result"))})


@step("#talk")
def take_update(request: PersonRequest, case: Case, violation: str) -> None:
    """A pasted message about a known violation that answers no filed attempt."""
    is_revoked = updates.take(by=request.user, matter=matter_of(case, violation), text=request.POST.get("text", ""))
    said = _("The penalty is marked as revoked.") if is_revoked else _("The message is kept in the case.")
    messages.success(request, said)
