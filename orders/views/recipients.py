"""Clear recipients: one order's, for a stated purpose; and the merchant's switch that keeps them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods

from casemgr.kit.workflow import Refused
from orders import queries
from orders.actions import recipients
from orders.forms.recipients import KeepForm, PurposeForm
from orders.models import Order
from stores.access import agency_page, visible
from stores.views.doors import shop_to_arrange


@agency_page
@never_cache
@sensitive_variables("shown")
@require_http_methods(["GET", "POST"])
def order_recipient(request: HttpRequest, store_code: str, order_no: str) -> HttpResponse:
    """Ask what for, then show the recipient once, on the answer to this very request; and who looked before."""
    by: Any = request.user
    order = visible(Order, by, store__code=store_code, order_no=order_no)
    form = PurposeForm(request.POST or None)
    shown: dict[str, str] = {}
    if request.method == "POST" and form.is_valid():
        try:
            shown = recipients.show(by=by, order=order, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, str(refused.sentence))
    context = {
        "order": order,
        "form": form,
        "shown": shown,
        "is_kept": recipients.is_kept(order),
        "keeps": order.store.merchant.keep_recipient,
        "looks": queries.recipient_looks(order),
    }
    return render(request, "orders/orders/recipient.html", context)


@agency_page
@require_http_methods(["GET", "POST"])
def keep_recipients(request: HttpRequest, code: str) -> HttpResponse:
    """The switch of the merchant whose shop this is, with what it means."""
    by: Any = request.user
    store = shop_to_arrange(by, code)
    sent = request.POST if request.method == "POST" else None  # an empty box sends nothing but the token
    form = KeepForm(sent, initial={"is_kept": store.merchant.keep_recipient})
    if request.method == "POST" and form.is_valid():
        try:
            changed = recipients.keep(by=by, merchant=store.merchant, is_kept=form.cleaned_data["is_kept"])
        except Refused as refused:
            form.add_error(None, str(refused.sentence))
        else:
            messages.success(request, _("Saved.") if changed else _("Nothing was different."))
            return redirect("shop", code)
    context = {
        "form": form,
        "store": store,
        "back": reverse("shop", args=[code]),
        "is_on": store.merchant.keep_recipient,
    }
    return render(request, "orders/keep_recipients.html", context)
