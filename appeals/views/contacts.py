"""Contacts with the platform and buyers, the engagement, and what became of penalties. What is refused stays typed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from appeals import contact_page, contact_rules, team_page
from appeals.access import case_for
from appeals.actions import buyers, contacts, engagements, penalties
from appeals.forms import contacts as forms
from appeals.models import Case, PlatformContact
from appeals.views.steps import fresh, matter_of, step, valid
from casemgr.kit.workflow import Refused
from orders.models import Order
from stores.access import PersonRequest, agency_page
from stores.views.doors import must_lead

either = require_http_methods(["GET", "HEAD", "POST"])


def _worked_on(request: PersonRequest, code: str) -> Case:
    case, may_edit = case_for(request.user, code)
    if not may_edit:
        raise Http404
    return case


def _done(form: django_forms.Form, do: Callable[[], Any]) -> bool:
    """Whether a form that was sent is right and `do` went well; a refusal stands above it, with what was typed."""
    if not form.is_bound or not form.is_valid():
        return False
    try:
        do()
    except Refused as refused:
        form.add_error(None, str(refused.sentence))
        return False
    return True


def _show(request: PersonRequest, name: str, form: django_forms.Form, **context: Any) -> HttpResponse:
    status = 422 if form.errors else 200
    return render(request, f"appeals/contacts/{name}.html", {"form": form, **context}, status=status)


def _back(case: Case, anchor: str) -> HttpResponse:
    return redirect(reverse("case", args=[case.code]) + anchor)


def _platform_contact(case: Case, code: str) -> PlatformContact | None:
    return case.platform_contacts.filter(code=code).first()


@agency_page
@either
def platform(request: PersonRequest, code: str) -> HttpResponse:
    """Record a contact with the platform; `after` names the one that it follows up."""
    case = _worked_on(request, code)
    follows = _platform_contact(case, request.GET.get("after", ""))
    initial: dict[str, Any] = {"contacted_at": timezone.now()}
    if follows is not None:
        initial |= {"channel": follows.channel, "agent": follows.agent, "ticket_no": follows.ticket_no}
    form = forms.PlatformContactForm(request.POST or None, initial=initial)
    if _done(form, lambda: contacts.add(by=request.user, case=case, told=form.told, follows=follows)):
        messages.success(request, _("Contact recorded."))
        return _back(case, "#platform")
    return _show(request, "platform", form, case=case, follows=follows)


@step("#platform")
def followed_up(request: PersonRequest, case: Case, contact: str) -> None:
    found = _platform_contact(case, contact)
    if found is None:
        raise Http404
    contacts.follow_up(by=request.user, contact=found)


def _order_of(case: Case, order_no: str) -> Order:
    verdict = case.verdicts.select_related("violation_order__order").filter(violation_order__order_no=order_no).first()
    if verdict is None or verdict.violation_order.order is None:
        raise Http404
    return verdict.violation_order.order


@agency_page
@either
def buyer(request: PersonRequest, code: str, order_no: str) -> HttpResponse:
    """The buyer of one order: texts to paste, limits, what was said; a POST checks a text, or records a contact."""
    case = _worked_on(request, code)
    order = _order_of(case, order_no)
    form = forms.BuyerContactForm(request.POST or None, initial={"contacted_at": timezone.now()})
    if request.POST.get("do") == "check":
        return _checked(request, case, order)
    if _done(form, lambda: buyers.record(by=request.user, case=case, order=order, said=form.said)):
        messages.success(request, _("Contact recorded."))
        return redirect("case-buyer", case.code, order.order_no)
    return _show(request, "buyer", form, case=case, **contact_page.buyer_page(case, order))


def _checked(request: PersonRequest, case: Case, order: Order) -> HttpResponse:
    """The page again with what was typed: the text to copy when it may be said, else why not."""
    text = request.POST.get("text", "")
    form = forms.BuyerContactForm(initial={name: request.POST.get(name) for name in forms.BuyerContactForm.base_fields})
    found = contact_rules.forbidden_in(text)
    shown = {"checked": "" if found else text.strip(), "stopped": found, **contact_page.buyer_page(case, order)}
    return _show(request, "buyer", form, case=case, **shown)


@agency_page
@either
def answer(request: PersonRequest, code: str, order_no: str, contact: str) -> HttpResponse:
    """What came back to one contact, written down later."""
    case = _worked_on(request, code)
    order = _order_of(case, order_no)
    found = contact_page.contact_of_buyer(case, order, contact)
    if found is None:
        raise Http404
    initial = {"reply": "answered", "offer_result": found.offer_result, "result_at": timezone.now()}
    form = forms.ReplyForm(request.POST or None, initial=initial)
    if _done(form, lambda: buyers.answered(by=request.user, contact=found, back=form.back)):
        messages.success(request, _("Answer recorded."))
        return redirect("case-buyer", case.code, order.order_no)
    warning = contact_page.refund_warning()
    return _show(request, "answer", form, case=case, order=order, contact=found, refund_warning=warning)


@agency_page
@either
def engagement(request: PersonRequest, code: str) -> HttpResponse:
    """Leads edit the engagement of a case; handlers see it on the case page."""
    case = _worked_on(request, code)
    must_lead(request.user)
    known = contact_page.engagement(case)
    initial = {name: getattr(known, name) for name in engagements.FIELDS} if known else {}
    if known and known.authorisation:
        initial["authorisation"] = known.authorisation.code
    form = forms.EngagementForm(request.POST or None, initial=initial, case=case)
    if request.method == "POST":
        fresh(request, case, "engagement.save", typed="terms")
    if _done(form, lambda: engagements.save(by=request.user, case=case, values=form.cleaned_data)):
        messages.success(request, _("Saved."))
        return _back(case, "#engagement")
    return _show(request, "engagement", form, case=case, as_of=team_page.last_event(case))


@step("#penalties")
def penalty(request: PersonRequest, case: Case, violation: str, place: int) -> None:
    matter = matter_of(case, violation)
    found = next(iter(matter.violation.penalties.order_by("pk")[place - 1 : place]), None) if place else None
    if found is None:
        raise Http404
    fresh(request, case, "penalty.settle", of=str(matter.pk), typed="note")
    penalties.settle(by=request.user, matter=matter, penalty=found, **valid(forms.PenaltyForm(request.POST)))
    messages.success(request, _("Saved."))


@step("#penalties")
def penalties_confirm(request: PersonRequest, case: Case) -> None:
    done = penalties.confirm_proposed(by=request.user, case=case)
    messages.success(request, _("%(n)s penalties settled.") % {"n": done})
