"""The people, for leads and administrators: who is here, who is invited, and what is arranged for one of them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from stores.access import agency_page, any_person_page, visible
from stores.actions import factors, links, members, people
from stores.entry_forms import InviteToAgency, MembershipForm, RoleForm
from stores.models import Invitation, Membership, User
from stores.queries import everybody_of_agency, everybody_of_merchants, person_by_code, waiting_invitations
from stores.views.links import handed_over
from stores.views.listing import PAGE
from stores.views.shop_forms import filled_in

either = require_http_methods(["GET", "POST"])


def person_to_arrange(by: Any, code: str) -> User:
    """The person behind an address: leads and administrators look at everybody; Http404 for others and for what there is not."""
    person = person_by_code(code) if by.is_lead else None
    if person is None:
        raise Http404
    return person


@agency_page
@require_GET
def people_list(request: HttpRequest) -> HttpResponse:
    """Everybody of the agency, or with `who=merchants` the merchants' people, and who is invited."""
    by: Any = request.user
    if not by.is_lead:
        raise Http404
    of_merchants, words = request.GET.get("who") == "merchants", request.GET.get("q", "").strip()
    rows = everybody_of_merchants(words) if of_merchants else everybody_of_agency()
    invited = [one for one in waiting_invitations(by) if bool(one.merchant_id) == of_merchants]
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "of_merchants": of_merchants, "invited": invited, "now": timezone.now()}
    may_invite = not of_merchants and by.is_staff
    return render(
        request, "people/people.html", {**context, "may_invite": may_invite, "needs_factor": settings.TOTP_REQUIRED}
    )


@never_cache
@agency_page
@either
def invite(request: HttpRequest) -> HttpResponse:
    """Ask somebody into the agency: for administrators."""
    by: Any = request.user
    if not by.is_staff:
        raise Http404
    form = InviteToAgency(request.POST or None)

    def make() -> links.Issued:
        typed = dict(form.cleaned_data)
        return links.invite(by=by, agency_role=typed.pop("role"), **typed)

    issued = filled_in(request, form, make)
    if issued:
        return handed_over(request, issued, back=reverse("people"))
    context = {"title": _("Invite somebody into the agency"), "submit": _("Make the link"), "back": reverse("people")}
    return render(request, "stores/form.html", {"form": form, **context})


@agency_page
@require_GET
def person_page(request: HttpRequest, code: str) -> HttpResponse:
    """One person: what they may do, and what can be arranged for them."""
    by: Any = request.user
    person = person_to_arrange(by, code)
    belongs = [
        {"membership": one, "form": MembershipForm(membership=one, by=by, prefix=str(one.pk))}
        for one in person.memberships.select_related("merchant").prefetch_related("shops")
    ]
    context = {
        "person": person,
        "belongs": belongs,
        "shops": [one.store for one in person.assignments.select_related("store").order_by("store__name")],
        "may_arrange": people.may_arrange(by, person),
        "role_form": RoleForm(initial={"role": person.agency_role}),
        "needs_factor": settings.TOTP_REQUIRED and person.is_agency,
    }
    return render(request, "people/person.html", context)


@agency_page
@require_POST
def person_role(request: HttpRequest, code: str) -> HttpResponse:
    """Another role in the agency."""
    by: Any = request.user
    person = person_to_arrange(by, code)
    changed = people.change_role(by=by, user=person, role=request.POST.get("role", ""))
    messages.success(request, _("Saved. They sign in anew.") if changed else _("Nothing was different."))
    return redirect("person", code)


@agency_page
@require_POST
def person_member(request: HttpRequest, code: str) -> HttpResponse:
    """Another role or other shops with a merchant, or none of it any more (`remove`)."""
    by: Any = request.user
    person = person_to_arrange(by, code)
    membership = person.memberships.filter(pk=_number(request.POST.get("membership"))).first()
    if membership is None:
        raise Http404
    change_membership(request, by, membership, prefix=str(membership.pk))
    return redirect("person", code)


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 18 else 0


def change_membership(request: HttpRequest, by: User, membership: Membership, *, prefix: str | None = None) -> bool:
    """Do what the form about a membership says, and say so. False for a form that is not right."""
    if "remove" in request.POST:
        members.remove(by=by, membership=membership)
        said = _("%(name)s belongs to %(merchant)s no longer.")
        messages.success(request, said % {"name": membership.user.name, "merchant": membership.merchant.name})
        return True
    form = MembershipForm(request.POST, membership=membership, by=by, prefix=prefix)
    if not form.is_valid():
        messages.error(request, _("Choose a role and shops from the list."))
        return False
    shops = list(form.cleaned_data["shops"]) or None
    changed = members.change(by=by, membership=membership, role=form.cleaned_data["role"], shops=shops)
    messages.success(request, _("Saved. They sign in anew.") if changed else _("Nothing was different."))
    return True


@agency_page
@require_POST
def person_switch(request: HttpRequest, code: str) -> HttpResponse:
    """Let somebody sign in no more, or again (`on`)."""
    by: Any = request.user
    person = person_to_arrange(by, code)
    on = bool(request.POST.get("on"))
    people.switch(by=by, user=person, on=on)
    said = _("%(name)s can sign in again.") if on else _("%(name)s is switched off and signed out everywhere.")
    messages.success(request, said % {"name": person.name})
    return redirect("person", code)


@never_cache
@agency_page
@require_POST
def person_link(request: HttpRequest, code: str) -> HttpResponse:
    """A one-time link with which the person sets a password."""
    by: Any = request.user
    person = person_to_arrange(by, code)
    return handed_over(request, links.make_password_link(by=by, user=person), back=reverse("person", args=[code]))


@agency_page
@require_POST
def person_sessions(request: HttpRequest, code: str) -> HttpResponse:
    """Sign the person out everywhere."""
    by: Any = request.user
    person = person_to_arrange(by, code)
    people.check_may_arrange(by, person)
    people.end_sessions(by=by, user=person)
    messages.success(request, _("%(name)s is signed out everywhere.") % {"name": person.name})
    return redirect("person", code)


@agency_page
@require_POST
def person_factor(request: HttpRequest, code: str) -> HttpResponse:
    """Take the second factor away, because the phone is gone."""
    by: Any = request.user
    person = person_to_arrange(by, code)
    done = factors.reset(by=by, user=person)
    said = _("%(name)s sets up a new second factor when signing in next.") if done else _("Nothing was different.")
    messages.success(request, said % {"name": person.name})
    return redirect("person", code)


@never_cache
@any_person_page
@require_POST
def invitation_again(request: HttpRequest, code: str) -> HttpResponse:
    """A new link for somebody invited; the old one leads nowhere."""
    by: Any = request.user
    invitation = visible(Invitation, by, code=code)
    with transaction.atomic():
        issued = links.invite_again(by=by, invitation=invitation)
    return handed_over(request, issued, back=_list_of(by))


@any_person_page
@require_POST
def invitation_revoke(request: HttpRequest, code: str) -> HttpResponse:
    """Take an invitation back."""
    by: Any = request.user
    invitation = visible(Invitation, by, code=code)
    if links.revoke(by=by, invitation=invitation):
        messages.success(request, _("The invitation of %(name)s leads nowhere now.") % {"name": invitation.name})
    return redirect(_list_of(by))


def _list_of(by: User) -> str:
    return reverse("people") if by.is_agency else reverse("m-people")
