"""Orders: the list, one order, and the check of its buyer."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods

from casemgr.kit import exporting
from casemgr.kit.templatetags.ui import when
from orders import days, exports, queries, shown, timeline
from orders.actions import reviews
from orders.detectors import name_of, title
from orders.enums import STRENGTH_OF_KEY, Fulfilment, KeyKind, OrderState
from orders.filters import shops_to_choose
from orders.forms.alerts import ContactForm, DecideForm
from orders.models import Order, RiskAlert, ViolationOrder
from orders.views.listing import chip, form_page, format_asked, offer, page_of
from stores import reference
from stores.access import agency_page, visible
from stores.models.platform import in_language


@agency_page
@require_GET
def order_list(request: HttpRequest) -> HttpResponseBase:
    """Orders by ship-by rung, shop, state, number; as a file with ?format=."""
    if form := format_asked(request):
        return exporting.answer(request, exports.ORDERS, form)
    page = page_of(request, exports.orders(request.user, request.GET))
    sort = exports.order_sort(request.GET)
    context = {"page": page, "rows": [_row(order) for order in page], "sort": sort, **_narrowing(request)}
    return render(request, "orders/orders/list.html", context)


def _narrowing(request: HttpRequest) -> dict[str, Any]:
    """Tabs by rung of the clock, chips that are on, choices for shop and state."""
    shops = shops_to_choose(request.user)
    states = [(key, label) for key, label in OrderState.choices if key]
    return {"tabs": _tabs(request), "on": _chips(request, dict(shops)), "clear": "?", "shops": shops, "states": states}


def _tabs(request: HttpRequest) -> list[dict[str, Any]]:
    counts = queries.rung_counts(Order.objects.visible_to(request.user), timezone.now())
    names = {
        "overdue": _("Overdue"),
        "1h": _("Within 1 hour"),
        "4h": _("Within 4 hours"),
        "12h": _("Within 12 hours"),
        "24h": _("Within 24 hours"),
    }
    tabs = [offer(request, _("All"), None, rung="", fulfilment="")]
    tabs.append(offer(request, _("To ship"), counts["unshipped"], fulfilment="unshipped", rung=""))
    return tabs + [offer(request, name, counts[f"r{rung}"], rung=rung, fulfilment="") for rung, name in names.items()]


def _chips(request: HttpRequest, shops: dict[str, str]) -> list[dict[str, Any]]:
    """The filters that are on; unknown values narrow nothing and are not shown."""
    data = request.GET
    kind = data.get("same", "").partition(":")[0]
    labels = {
        "shop": shops.get(data.get("shop", "")),
        "state": OrderState(data["state"]).label if data.get("state") in OrderState.values else "",
        # "To ship" is a tab of its own.
        "fulfilment": dict(Fulfilment.choices).get(data.get("fulfilment", ""))
        if data.get("fulfilment") != "unshipped"
        else "",
        "q": data.get("q"),
        "alert": data.get("alert"),
        "same": _("same %(key)s") % {"key": shown.key_label(kind)} if kind in KeyKind.values else "",
        "placed": _day_words(data.get("placed", "")),
    }
    return [chip(request, label, **{name: None}) for name, label in labels.items() if label]


def _day_words(value: str) -> str:
    """The filter by day of order in words; empty where it narrows nothing."""
    if (asked := days.parse(value)) is None:
        return ""
    day = _("placed on %(day)s") % {"day": when(asked[0])}
    return f"{day}{pgettext('between two facts', ', ')}{days.Fate(asked[1]).label}" if asked[1] else day


def _row(order: Order) -> dict[str, Any]:
    lines, review = list(order.lines.all()), getattr(order, "review", None)
    return {
        "order": order,
        "article": lines[0].sku_name if lines else "",
        "more": max(0, len(lines) - 1),
        "state": shown.state_pill(order),
        "clock": shown.ship_clock(order),
        "hold": shown.hold_pill([hold.status for hold in order.holds.all()]),
        "review": shown.review_pill(review.status) if review else None,
        "alerts": [
            {
                "code": one.code,
                "pill": {**shown.severity_pill(one.severity), "label": name_of(one.detector)},
                "title": title(one.detector, one),
            }
            for one in order.alerts.all()[:2]
        ],
    }


def _order(request: HttpRequest, store_code: str, order_no: str) -> Order:
    return visible(Order, request.user, store__code=store_code, order_no=order_no)


@agency_page
@require_GET
def order_page(request: HttpRequest, store_code: str, order_no: str) -> HttpResponse:
    """One order: its way, lines, parcels, masked recipient, keys, and what was done about it."""
    order = _order(request, store_code, order_no)
    context = {
        "order": order,
        "state": shown.state_pill(order),
        "clock": shown.ship_clock(order),
        "lines": list(order.lines.order_by("pk")),
        "keys": _keys(order),
        **_around(order, request.user),
    }
    return render(request, "orders/orders/page.html", context)


def _around(order: Order, user: Any) -> dict[str, Any]:
    """What belongs to the order and was done about it, and the story it makes."""
    named_in = ViolationOrder.objects.visible_to(user).filter(order=order).select_related("violation__violation_type")
    facts: dict[str, Any] = {
        "parcels": queries.parcels_of(order),
        "review": queries.review_of(order),
        "holds": list(queries.holds_of(order)),
        "reports": list(queries.reports_of(order)),
        "alerts": list(queries.alerts_of(order, user)),
        "named_in": list(named_in),
    }
    review = facts["review"]
    return {
        **facts,
        "story": timeline.events(order, **facts),
        "holds": [{"hold": hold, "pill": shown.hold_pill([hold.status])} for hold in facts["holds"]],
        "reports": [{"report": report, "pill": shown.report_pill(report.status)} for report in facts["reports"]],
        "alerts": [
            {"alert": one, "title": title(one.detector, one), "pill": shown.alert_pill(one.status)}
            for one in facts["alerts"]
        ],
        "review_pill": shown.review_pill(review.status if review else None),
        "may_contact": review is None or review.status in ("waiting", "contacted"),
        "may_decide": review is not None and review.status in ("contacted", "unreachable"),
    }


def _keys(order: Order) -> list[dict[str, Any]]:
    """The keys by which the recipient may be known again, strongest first, with how often each occurs in the shop."""
    counts = queries.shared_key_counts(order)
    place = f"{order.city}{order.district}{order.street}"
    seen = {
        KeyKind.PHONE: order.phone_masked,
        KeyKind.ADDRESS: order.address_masked or place,
        KeyKind.MASKED: " ".join(
            part for part in (order.recipient_masked, order.phone_masked, order.street or order.district) if part
        ),
        KeyKind.AREA: place,
    }
    rows = []
    for kind in KeyKind:
        key = getattr(order, f"key_{kind}")
        rows.append(
            {
                "label": kind.label,
                "value": (seen.get(kind) or f"R-{key[:4].upper()}") if key else "",
                "pill": shown.strength_pill(STRENGTH_OF_KEY[kind]) if key else None,
                "count": counts.get(kind),
                "url": f"{reverse('orders')}?same={kind}:{order.store.code}:{order.order_no}",
            }
        )
    return rows


def _alert_in(request: HttpRequest, order: Order) -> RiskAlert | None:
    """The alert in whose course the buyer is asked: the one named, else the order's latest active one."""
    mine = RiskAlert.objects.visible_to(request.user).filter(orders=order)
    named = mine.filter(code=request.GET.get("alert", "")).first()
    return named or mine.filter(status__in=("open", "reviewing", "confirmed")).order_by("-pk").first()


def _spoken(sentence: dict[str, str], order: Order) -> str:
    """A sentence of the call script with shop, platform and the last four digits of the order filled in; no more is said."""
    text = in_language(sentence["zh"], sentence["en"])
    facts = {
        "shop_name": order.store.name,
        "platform_name": order.store.platform.name,
        "order_tail4": order.order_no[-4:],
    }
    for name, value in facts.items():
        text = text.replace("{{" + name + "}}", value)
    return text


@agency_page
@require_http_methods(["GET", "POST"])
def order_contact(request: HttpRequest, store_code: str, order_no: str) -> HttpResponse:
    """Record one contact with the buyer along the call script."""
    order = _order(request, store_code, order_no)
    alert, form = _alert_in(request, order), ContactForm(request.POST or None)

    def act(data: dict[str, Any]) -> str:
        facts = {name: data[name] for name in ("at", "channel", "result", "note")}
        reviews.record_contact(by=request.user, order=order, alert=alert, answers=form.answers(), **facts)
        return _("The contact is recorded.")

    script = reference.call_script()
    context = {
        "order": order,
        "tail": order.order_no[-4:],
        "alert": alert,
        "review": queries.review_of(order),
        "opening": _spoken(script["opening"][0], order),
        "rules": [in_language(one["zh"], one["en"]) for one in script["rules"]],
        "closing": [in_language(one["zh"], one["en"]) for one in script["closing"]],
        "article": (first.sku_name if (first := order.lines.order_by("pk").first()) else ""),
    }
    back = reverse("order", args=[store_code, order_no])
    return form_page(request, form, act, back=back, template="orders/orders/contact.html", **context)


@agency_page
@require_http_methods(["GET", "POST"])
def order_decide(request: HttpRequest, store_code: str, order_no: str) -> HttpResponse:
    """End the check of an order with a verdict."""
    order = _order(request, store_code, order_no)
    review, form = queries.review_of(order), DecideForm(request.POST or None)
    if review is None:
        raise Http404  # no contact, no check to end

    def act(data: dict[str, Any]) -> str:
        reviews.decide(by=request.user, review=review, verdict=data["verdict"], note=data["note"])
        return _("The check has ended.")

    context = {
        "order": order,
        "review": review,
        "hints": len(reviews.strong_hints(review)),
        "verdicts": [in_language(one["rule_zh"], one["rule_en"]) for one in reference.call_script()["verdicts"]],
    }
    back = reverse("order", args=[store_code, order_no])
    return form_page(request, form, act, back=back, template="orders/orders/decide.html", **context)
