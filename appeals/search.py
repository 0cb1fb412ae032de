"""One box for everything: numbers first, then names. Scoped like every list, and at most four questions for one text."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from appeals.models import Case, CaseViolation, EvidenceItem, EvidenceRequest, Filing, PlanAction
from casemgr.kit.templatetags.ui import when
from orders.models import Hold, ImportRun, Order, Parcel, PlatformReport, RiskAlert, Violation
from stores.models import Merchant, Store, User

SHORTEST, SHOWN = 2, 10
# Public codes: a letter, a dash, letters and digits (casemgr.kit.codes).
CODE = re.compile(r"[A-Z]-[0-9A-Z]{3,14}")
NUMBER = re.compile(r"[0-9A-Z][0-9A-Z-]{4,}")


@dataclass
class Hit:
    """One thing that was found, with where it is shown."""

    label: str
    url: str
    note: str = ""


@dataclass
class Group:
    """Things of one kind under their name."""

    title: str
    hits: list[Hit] = field(default_factory=list)


def find(user: User, typed: str) -> list[Group]:
    """What this person may see of what was typed, by kind; only kinds that have something."""
    text = typed.strip()
    upper = text.upper()
    if len(text) < SHORTEST:
        return []
    if CODE.fullmatch(upper) and (found := _by_code(user, upper)):
        return found
    if re.fullmatch(r"\d{4}", text):
        groups = [_orders(user, Q(phone_masked__endswith=text), _("Orders by the last digits of the phone"))]
    elif NUMBER.fullmatch(upper):
        groups = [_cases(user, _numbered(text)), _orders(user, Q(order_no=text), _("Orders"))]
        groups += [] if groups[-1].hits else [_parcels(user, upper)]
    else:
        groups = [_cases(user, ~Q(status="closed") & (Q(store__name__icontains=text) | Q(owner__name=text)))]
    return [group for group in [*groups, *_shops(user, text)] if group.hits]


def the_one(groups: list[Group], typed: str) -> str:
    """Where to go at once: the page of the thing whose own code was typed; empty otherwise."""
    hits = [hit for group in groups for hit in group.hits]
    return hits[0].url if len(hits) == 1 and CODE.fullmatch(typed.strip().upper()) else ""


def _numbered(text: str) -> Q:
    """Cases by the number of a violation, or of the receipt of a filing, as the console shows them."""
    violations = CaseViolation.objects.filter(violation__violation_no=text)
    receipts = Filing.objects.filter(receipt_no=text)
    return Q(pk__in=violations.values("case")) | Q(pk__in=receipts.values("case"))


def _case_url(case: Case, anchor: str = "") -> str:
    return reverse("case", args=[case.code]) + anchor


def _of_case(anchor: str) -> Callable[[Any], str]:
    return lambda row: _case_url(row.case, anchor)


def _of_alert(row: Any) -> str:
    return reverse("alert", args=[row.alert.code]) if row.alert else reverse("alerts")


def _of_violation(row: Violation) -> str:
    case = row.cases.first()
    return _case_url(case) if case else ""


# First letter of a code -> what it is a code of, what must be read with it, where it is shown.
_CODES: dict[str, tuple[Any, tuple[str, ...], Callable[[Any], str]]] = {
    "A": (RiskAlert, ("store",), lambda row: reverse("alert", args=[row.code])),
    "C": (Case, ("store",), _case_url),
    "E": (EvidenceItem, ("case__store",), _of_case("#evidence")),
    "F": (Filing, ("case__store",), lambda row: reverse("filing", args=[row.code])),
    "H": (Hold, ("store", "alert"), _of_alert),
    "I": (ImportRun, ("store",), lambda row: reverse("import", args=[row.code])),
    "P": (PlanAction, ("case__store",), _of_case("#plan")),
    "Q": (EvidenceRequest, ("case__store",), _of_case("#evidence")),
    "R": (PlatformReport, ("store", "alert"), _of_alert),
    "S": (Store, (), lambda row: reverse("shop", args=[row.code])),
    "V": (Violation, ("store",), _of_violation),
}


def _by_code(user: User, code: str) -> list[Group]:
    """The thing of this code, in the one table its first letter names; merchants are shown by their shops."""
    if code[0] == "M":
        return [group for group in _shops(user, code) if group.hits]
    if code[0] not in _CODES:
        return []
    model, related, place = _CODES[code[0]]
    row = model.objects.visible_to(user).filter(code=code).select_related(*related).first()
    url = place(row) if row is not None else ""
    if not url:
        return []
    shop = row if isinstance(row, Store) else getattr(row, "store", None) or row.case.store
    return [Group(str(model._meta.verbose_name), [Hit(code, url, shop.name)])]


def _cases(user: User, wanted: Q) -> Group:
    rows = Case.objects.visible_to(user).filter(wanted).select_related("store").order_by("-opened_at")[:SHOWN]
    return Group(_("Cases"), [Hit(f"{row.code} {row.store.name}", _case_url(row), when(row.opened_at)) for row in rows])


def _order_hit(shop: Store, order: Order, note: str = "") -> Hit:
    between = pgettext("between two facts", ", ")
    said = between.join(part for part in (shop.name, note, when(order.placed_at)) if part)
    return Hit(order.order_no, reverse("order", args=[shop.code, order.order_no]), said)


def _orders(user: User, wanted: Q, title: str) -> Group:
    rows = Order.objects.visible_to(user).filter(wanted).select_related("store").order_by("-placed_at")[:SHOWN]
    return Group(title, [_order_hit(row.store, row) for row in rows])


def _parcels(user: User, waybill: str) -> Group:
    """Orders by the waybill they went with."""
    rows = Parcel.objects.visible_to(user).filter(waybill_no=waybill).select_related("store")
    parcels = rows.prefetch_related("orders")[:SHOWN]
    return Group(
        _("Parcels"), [_order_hit(row.store, one, row.waybill_no) for row in parcels for one in row.orders.all()]
    )


def _shops(user: User, text: str) -> list[Group]:
    """Shops by name, code or the platform's id; merchants by name or code, with the way to their shops. One question."""
    named = Q(name__icontains=text) | Q(code__iexact=text) | Q(external_id=text)
    of_merchant = Q(merchant__name__icontains=text) | Q(merchant__code__iexact=text)
    rows = (
        Store.objects.visible_to(user).filter(named | of_merchant).select_related("merchant", "platform")[: SHOWN * 2]
    )
    shops, merchants = Group(_("Shops")), {}
    for row in rows:
        shops.hits.append(Hit(row.name, reverse("shop", args=[row.code]), f"{row.platform}"))
        if text.lower() in row.merchant.name.lower() or text.upper() == row.merchant.code:
            merchants[row.merchant_id] = row.merchant
    hits = [_merchant_hit(one) for one in merchants.values()]
    return [Group(_("Merchants"), hits), Group(shops.title, shops.hits[:SHOWN])]


def _merchant_hit(merchant: Merchant) -> Hit:
    return Hit(merchant.name, f"{reverse('shops')}?{urlencode({'merchant': merchant.code})}", merchant.company_name)
