"""The shops: their list, its file, and one shop with its people."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from casemgr.kit.workflow import Hurdle
from stores.access import agency_page, store_for
from stores.actions import shops as actions
from stores.models import Membership, Store, User
from stores.queries import agency_people, memberships_of, platforms_of, rule_rows, shop_rows, unverified
from stores.views.listing import KINDS, PAGE, address_with, as_file, chosen_order, offers

COLUMNS = {
    "name": ["name"],
    "platform": ["platform__position", "name"],
    "merchant": ["merchant__name", "name"],
    "points": ["points_left"],
    "deposit": ["deposit_amount"],
    "tracking": ["scans_known_since"],
}


def _filtered(rows: QuerySet[Store], query: QueryDict, user: User) -> QuerySet[Store]:
    """The rows that the address asks for: platform, state, merchant, mine, q."""
    if query.get("platform"):
        rows = rows.filter(platform__code=query["platform"])
    if query.get("state"):
        rows = rows.filter(state=query["state"])
    if query.get("merchant"):
        rows = rows.filter(merchant__code=query["merchant"])
    if query.get("mine"):
        rows = rows.filter(assignments__user=user)
    words = query.get("q", "").strip()
    if words:
        rows = rows.filter(
            Q(name__icontains=words) | Q(external_id=words) | Q(code__iexact=words) | Q(merchant__name__icontains=words)
        )
    return rows


@agency_page
@require_GET
def shop_list(request: HttpRequest) -> HttpResponse:
    """Every shop this person may see; `export=csv` or `xlsx` gives what the filters show as a file."""
    user: Any = request.user
    everything = Store.objects.visible_to(user)
    rows = _filtered(shop_rows(user), request.GET, user)
    sort, order = chosen_order(request, COLUMNS, "name")
    rows = rows.order_by(*order)
    kind = request.GET.get("export")
    if kind in KINDS:
        shown = list(rows)
        actions.exported(by=user, what="shops", rows=len(shown), kind=kind)
        return as_file(_table(shown), kind, _("shops"))
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "sort": sort,
        "platform_chips": offers(request.GET, "platform", platforms_of(everything)),
        "on": _chips_on(request.GET, page.object_list),
        "is_filtered": any(request.GET.get(name) for name in ("platform", "state", "merchant", "mine", "q")),
        "states": Store.State.choices,
    }
    return render(request, "stores/shops.html", context)


def _chips_on(query: QueryDict, rows: Any) -> list[dict[str, str]]:
    """The filters that no field of the form shows."""
    chips: list[dict[str, str]] = []
    if query.get("merchant"):
        name = next((store.merchant.name for store in rows), str(query["merchant"]))
        chips.append({"label": name, "url": address_with(query, merchant=None)})
    return chips


def _table(rows: list[Store]) -> list[list[Any]]:
    comma = pgettext("between words of a list", ", ")
    head = [_("Shop"), _("Code"), _("Platform"), _("The platform's shop id"), _("Merchant"), _("Who ships"),
            _("Handlers"), _("Points left"), _("Deposit"), _("Tracking known since"), _("State")]  # fmt: skip
    return [head, *([
        store.name, store.code, store.platform.name, store.external_id, store.merchant.name,
        store.get_fulfilment_display(), comma.join(one.user.name for one in store.assignments.all()),
        store.points_left, store.deposit_amount, store.scans_known_since, store.get_state_display(),
    ] for store in rows)]  # fmt: skip


@agency_page
@require_GET
def shop_page(request: HttpRequest, code: str) -> HttpResponse:
    """One shop: facts, the people who look after it, the merchant's people, the rules of its platform."""
    store, _may_work = store_for(request.user, code)
    return render(request, "stores/shop.html", shop_context(request.user, store))


def shop_context(user: Any, store: Store) -> dict[str, Any]:
    """What the shop page shows; the floors above add to it."""
    handlers = [one.user for one in store.assignments.select_related("user").order_by("user__name")]
    members = [one for one in memberships_of(store.merchant) if one.all_shops or store in one.shops.all()]
    rules = rule_rows().filter(platform=store.platform)
    return {
        "store": store,
        "may_edit": user.is_lead,
        "handlers": handlers,
        "members": members,
        "siblings": Store.objects.visible_to(user)
        .filter(merchant=store.merchant)
        .exclude(pk=store.pk)
        .order_by("name"),
        "assignable": [one for one in agency_people() if one not in handlers] if user.is_lead else [],
        "unverified_rules": unverified(rules).count(),
        "hurdles": _hurdles(user, store, handlers, members),
        "today": timezone.localdate(),
    }


def _hurdles(user: Any, store: Store, handlers: list[User], members: list[Membership]) -> list[Hurdle]:
    """What a shop lacks before anybody can work on it well, each with the place to mend it."""
    missing = []
    if not any(one.is_active for one in handlers):
        missing.append(Hurdle(_("Nobody looks after this shop"), "#handlers" if user.is_lead else "", _("Assign")))
    if not any(one.user.is_active for one in members):
        href = reverse("shop-member-new", args=[store.code]) if user.is_lead else ""
        missing.append(Hurdle(_("The merchant has nobody here who could answer"), href, _("Invite somebody")))
    return missing
