"""What leads and administrators arrange: merchants, shops, who looks after them, the merchant's people."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from casemgr.kit.workflow import Refused
from stores.access import agency_page
from stores.actions import people, shops
from stores.forms import MemberForm, MerchantForm, NewStore, StoreFacts
from stores.models import Merchant
from stores.queries import agency_people
from stores.views.doors import must_lead, shop_to_arrange
from stores.views.links import handed_over, invited

either = require_http_methods(["GET", "POST"])


def filled_in(request: HttpRequest, form: Any, do: Callable[[], Any]) -> Any:
    """What `do` gives when a form was sent and is right; None when the page with the form is to be shown.

    A refusal of the action stands above the form, with everything that was typed still in it.
    """
    if request.method != "POST" or not form.is_valid():
        return None
    try:
        return do()
    except Refused as refused:
        form.add_error(None, str(refused.sentence))
        return None


def _page(request: HttpRequest, form: Any, **context: Any) -> HttpResponse:
    return render(request, "stores/form.html", {"form": form, **context})


@agency_page
@either
def merchant_new(request: HttpRequest) -> HttpResponse:
    """Add a merchant, then its first shop."""
    by: Any = request.user
    must_lead(by)
    form = MerchantForm(request.POST or None)
    made = filled_in(request, form, lambda: shops.add_merchant(by=by, **form.values))
    if made:
        messages.success(request, _("%(name)s is added. Now add its first shop.") % {"name": made.name})
        return redirect(f"{reverse('shop-new')}?merchant={made.code}")
    return _page(request, form, title=_("New merchant"), submit=_("Add the merchant"), back=reverse("shops"))


@agency_page
@either
def merchant_edit(request: HttpRequest, code: str) -> HttpResponse:
    """Change the name or company of the merchant whose shop this is."""
    by: Any = request.user
    store = shop_to_arrange(by, code)
    form = MerchantForm(request.POST or None, instance=store.merchant)
    stored = shop_to_arrange(by, code).merchant  # the form writes into its own copy while it checks
    done = filled_in(request, form, lambda: (shops.edit_merchant(by=by, merchant=stored, **form.values),))
    if done:
        messages.success(request, _("Saved.") if done[0] else _("Nothing was different."))
        return redirect("shop", code)
    return _page(request, form, title=stored.name, submit=_("Save"), back=reverse("shop", args=[code]), store=store)


@agency_page
@either
def shop_new(request: HttpRequest) -> HttpResponse:
    """Add a shop; `merchant` in the address chooses one already."""
    by: Any = request.user
    must_lead(by)
    chosen = Merchant.objects.visible_to(by).filter(code=request.GET.get("merchant", "")).first()
    form = NewStore(request.POST or None, initial={"merchant": chosen})
    made = filled_in(request, form, lambda: shops.add_shop(by=by, **form.values))
    if made:
        messages.success(request, _("%(name)s is added. Now say who looks after it.") % {"name": made.name})
        return redirect("shop", made.code)
    extra = {"aside_url": reverse("merchant-new"), "aside": _("The merchant is not in the list")}
    return _page(request, form, title=_("New shop"), submit=_("Add the shop"), back=reverse("shops"), **extra)


@agency_page
@either
def shop_edit(request: HttpRequest, code: str) -> HttpResponse:
    """Change the facts of a shop; a page that stood open too long is told so and keeps its text."""
    by: Any = request.user
    store = shop_to_arrange(by, code)
    form = StoreFacts(request.POST or None, instance=store)
    stored = shop_to_arrange(by, code)  # the form writes into its own copy while it checks
    done = filled_in(request, form, lambda: (shops.edit_shop(by=by, store=stored, **form.values),))
    if done:
        messages.success(request, _("Saved.") if done[0] else _("Nothing was different."))
        return redirect("shop", code)
    return _page(request, form, title=stored.name, submit=_("Save"), back=reverse("shop", args=[code]), store=stored)


@agency_page
@require_POST
def handler_add(request: HttpRequest, code: str) -> HttpResponse:
    """Let an agency person look after the shop."""
    by: Any = request.user
    store = shop_to_arrange(by, code)
    person = agency_people().filter(code=request.POST.get("person", "")).first()
    if person is None:
        raise Http404
    people.assign(by=by, user=person, store=store)
    messages.success(request, _("%(name)s looks after this shop now.") % {"name": person.name})
    return redirect("shop", code)


@agency_page
@require_POST
def handler_remove(request: HttpRequest, code: str) -> HttpResponse:
    """Take the shop from an agency person."""
    by: Any = request.user
    store = shop_to_arrange(by, code)
    assignment = store.assignments.filter(user__code=request.POST.get("person", "")).select_related("user").first()
    if assignment is None:
        raise Http404
    people.unassign(by=by, user=assignment.user, store=store)
    messages.success(request, _("%(name)s does not look after this shop any more.") % {"name": assignment.user.name})
    return redirect("shop", code)


@never_cache
@agency_page
@either
def member_new(request: HttpRequest, code: str) -> HttpResponse:
    """Invite one of the merchant's people by a one-time link."""
    by: Any = request.user
    store = shop_to_arrange(by, code)
    form = MemberForm(request.POST or None, merchant=store.merchant, by=by)
    back = reverse("shop", args=[code])
    issued = filled_in(request, form, lambda: invited(form, by=by, merchant=store.merchant))
    if issued:
        return handed_over(request, issued, back=back)
    context = {"title": _("Invite somebody of %(name)s") % {"name": store.merchant.name}, "store": store}
    return _page(request, form, submit=_("Make the link"), back=back, **context)
