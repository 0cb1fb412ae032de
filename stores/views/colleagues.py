"""A merchant's people, for their owner: who is here, who is invited, and for which shops."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from stores.access import merchant_page
from stores.actions import links, people
from stores.entry_forms import MembershipForm
from stores.forms import MemberForm
from stores.models import Membership, Merchant, User
from stores.queries import members_under, merchants_owned, waiting_invitations
from stores.views.links import handed_over, invited
from stores.views.people import change_membership
from stores.views.shop_forms import filled_in

either = require_http_methods(["GET", "POST"])


def must_own(by: User) -> list[Merchant]:
    """The merchants whose people this person looks after; Http404 for whoever owns none."""
    owned = list(merchants_owned(by))
    if not owned:
        raise Http404
    return owned


def colleague(by: User, code: str) -> Membership:
    """The place of a person among the people of one's merchant; Http404 for strangers, oneself and other owners."""
    found = members_under(by).filter(user__code=code).first()
    if found is None or not people.may_arrange(by, found.user):
        raise Http404
    return found


@merchant_page
@require_GET
def colleagues(request: HttpRequest) -> HttpResponse:
    """Everybody of one's merchants, and who is invited."""
    by: Any = request.user
    owned = must_own(by)
    rows = [{"membership": one, "may_arrange": people.may_arrange(by, one.user)} for one in members_under(by)]
    context = {"rows": rows, "owned": owned, "invited": waiting_invitations(by), "now": timezone.now()}
    return render(request, "people/colleagues.html", context)


@never_cache
@merchant_page
@either
def colleague_new(request: HttpRequest) -> HttpResponse:
    """Invite somebody to one's merchant (`merchant` chooses among several)."""
    by: Any = request.user
    owned = must_own(by)
    wanted = request.GET.get("merchant", "")
    merchant = next((one for one in owned if one.code == wanted), owned[0])
    form = MemberForm(request.POST or None, merchant=merchant, by=by)
    issued = filled_in(request, form, lambda: invited(form, by=by, merchant=merchant))
    if issued:
        return handed_over(request, issued, back=reverse("m-people"))
    return render(request, "people/colleague_new.html", {"form": form, "merchant": merchant, "owned": owned})


@merchant_page
@either
def colleague_page(request: HttpRequest, code: str) -> HttpResponse:
    """Role and shops of a colleague."""
    by: Any = request.user
    must_own(by)
    membership = colleague(by, code)
    if request.method == "POST" and change_membership(request, by, membership):
        return redirect("m-people")
    form = MembershipForm(membership=membership, by=by)
    return render(request, "people/colleague.html", {"form": form, "membership": membership, "title": _("A colleague")})


@never_cache
@merchant_page
@require_POST
def colleague_link(request: HttpRequest, code: str) -> HttpResponse:
    """A one-time link with which the colleague sets a password."""
    by: Any = request.user
    must_own(by)
    issued = links.make_password_link(by=by, user=colleague(by, code).user)
    return handed_over(request, issued, back=reverse("m-people"))
