"""Alerts: the list, one alert, and the steps of its flow."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from casemgr.kit import exporting
from casemgr.kit.money import Sum
from orders import exports, minutes, queries, shown, tables
from orders.actions import alerts
from orders.detectors import ALL, explain, name_of, title
from orders.enums import Severity
from orders.filters import ACTIVE, AlertFilter, shops_to_choose
from orders.forms.alerts import NoteForm
from orders.models import Order, RiskAlert
from orders.next_steps import Around, next_step
from orders.views.listing import address, chip, form_page, format_asked, offer, page_of
from orders.workflow import ALERT
from stores.access import agency_page, visible


@agency_page
@require_GET
def alert_list(request: HttpRequest) -> HttpResponseBase:
    """Alerts grouped by kind and shop, or sorted; as a file with ?format=."""
    if form := format_asked(request):
        return exporting.answer(request, exports.ALERTS, form)
    data, mine = exports.with_usual_status(request.GET), queries.alerts_for_list(request.user)
    rows, sort = exports.alerts(request.user, request.GET), exports.sort_of(request.GET, exports.ALERT_SORTS, "group")
    page = page_of(request, rows)
    context = {
        "page": page,
        "rows": [_row(alert) for alert in page],
        "sort": sort,
        "is_grouped": sort == "group",
        **_narrowing(request, data, AlertFilter({**data.dict(), "status": "all"}, queryset=mine).qs, rows),
    }
    return render(request, "orders/alerts/list.html", context)


def _narrowing(request: HttpRequest, data: Any, any_status: Any, rows: Any) -> dict[str, Any]:
    """Tabs by state, chips that are on, chips to choose, shops to choose."""
    by_status = queries.alert_counts(any_status)["status"]
    tabs = [offer(request, _("To do"), sum(by_status[status] for status in ACTIVE), status="active")]
    tabs += [offer(request, label, by_status[key], status=key) for key, label in ALERT.choices]
    tabs.append(offer(request, _("All"), sum(by_status.values()), status="all"))
    tabs[0]["current"] = data["status"] == "active"
    shops = shops_to_choose(request.user)
    labels = {
        "detector": name_of(data["detector"]) if data.get("detector") in ALL else "",
        "severity": dict(Severity.choices).get(data.get("severity", "")),
        "shop": dict(shops).get(data.get("shop", "")),
    }
    on = [chip(request, label, **{name: None}) for name, label in labels.items() if label]
    offers = _offers(request, queries.alert_counts(rows), {name for name, label in labels.items() if label})
    clear = address(request, detector=None, severity=None, shop=None)
    return {"tabs": tabs, "on": on, "offers": offers, "clear": clear, "shops": shops}


def _offers(request: HttpRequest, counts: dict[str, dict[str, int]], chosen: set[str]) -> list[dict[str, Any]]:
    """Kinds and severities to choose, each with how many rows it leaves; none that would leave nothing."""
    kinds = [("detector", key, one.name) for key, one in ALL.items()]
    severities = [("severity", key, label) for key, label in Severity.choices]
    return [
        offer(request, label, counts[name][key], **{name: key})
        for name, key, label in kinds + severities
        if name not in chosen and counts[name][key]
    ]


def _row(alert: RiskAlert) -> dict[str, Any]:
    return {
        "alert": alert,
        "group": f"{name_of(alert.detector)} · {alert.store.name}",
        "kind": name_of(alert.detector),
        "title": title(alert.detector, alert),
        "status": shown.alert_pill(alert.status),
        "severity": shown.severity_pill(alert.severity),
        "strength": shown.strength_pill(alert.key_strength),
        "money": _money(alert),
    }


def _money(alert: RiskAlert) -> str:
    """What is known of the cost, unknown orders counted apart (rule 10); empty where nothing is at risk."""
    if alert.risk_amount is None and not alert.risk_unknown_count:
        return ""
    return Sum(alert.risk_amount or Decimal("0.00"), alert.risk_unknown_count).words()


@agency_page
@require_GET
def alert_page(request: HttpRequest, code: str) -> HttpResponseBase:
    """One alert: the next step, why, its rows, what was done, ones like it; its rows as a file with ?format=."""
    alert = visible(RiskAlert, request.user, code=code)
    if form := format_asked(request):
        rows = tables.order_rows(alert.orders.order_by("placed_at", "pk"))
        return tables.download(tables.ORDER_COLUMNS, rows, name=f"alert-{alert.code}", form=form, by=request.user)
    page = page_of(request, queries.orders_of_alert(alert))
    context = {
        "alert": alert,
        "page": page,
        "rows": [_order_row(order) for order in page],
        "similar": queries.similar(alert, request.user),
        "picture": minutes.picture(alert),
        **_finding(alert),
        **_doing(alert, request.user),
    }
    return render(request, "orders/alerts/page.html", context)


def _finding(alert: RiskAlert) -> dict[str, Any]:
    """What was found, in words."""
    return {
        "title": title(alert.detector, alert),
        "kind": name_of(alert.detector),
        "sentences": explain(alert.detector, alert),
        "pills": {
            "status": shown.alert_pill(alert.status),
            "severity": shown.severity_pill(alert.severity),
            "strength": shown.strength_pill(alert.key_strength),
        },
        "money": _money(alert),
        "paid": _paid(alert),
        "is_of_people": alert.detector in ALL and ALL[alert.detector].is_of_people,
    }


def _doing(alert: RiskAlert, user: Any) -> dict[str, Any]:
    """What is done about it: the next step, holds, reports, the clock of the most urgent order."""
    holds = list(alert.holds.select_related("asked_by", "acknowledged_by").prefetch_related("orders"))
    reports = list(alert.platform_reports.select_related("created_by").prefetch_related("orders"))
    figures, first = queries.alert_figures(alert), queries.earliest_ship_by(alert)
    around = Around(figures, holds, reports, _first_unchecked(alert), user)
    return {
        "next": next_step(alert, around),
        "figures": figures,
        "clock": shown.ship_clock(first) if first else None,
        "holds": [{"hold": one, "pill": shown.hold_pill([one.status]), "n": len(one.orders.all())} for one in holds],
        "reports": [
            {"report": one, "pill": shown.report_pill(one.status), "n": len(one.orders.all())} for one in reports
        ],
        "can_hold": alert.status in ACTIVE,
    }


def _paid(alert: RiskAlert) -> str:
    """What the buyers paid, as far as it was known when the alert was last seen."""
    paid = alert.facts.get("paid")
    return Sum(Decimal(paid), alert.facts.get("paid_unknown") or 0).words() if paid else ""


def _first_unchecked(alert: RiskAlert) -> str:
    """Where to record a contact with the first order that nobody has checked."""
    order = alert.orders.filter(review__isnull=True).select_related("store").order_by("placed_at", "pk").first()
    if order is None:
        return ""
    return f"{reverse('order-contact', args=[order.store.code, order.order_no])}?alert={alert.code}"


def _order_row(order: Order) -> dict[str, Any]:
    lines = list(order.lines.all())
    review = getattr(order, "review", None)
    return {
        "order": order,
        "article": " ".join(part for part in (lines[0].sku_name, lines[0].sku_spec) if part) if lines else "",
        "more": max(0, len(lines) - 1),
        "hold": shown.hold_pill([hold.status for hold in order.holds.all()]),
        "review": shown.review_pill(review.status if review else None),
        "state": shown.state_pill(order),
        "clock": shown.ship_clock(order),
        "parcels": list(order.parcels.all()),
    }


@agency_page
@require_POST
def alert_start(request: HttpRequest, code: str) -> HttpResponse:
    alert = visible(RiskAlert, request.user, code=code)
    alerts.start_review(by=request.user, alert=alert)
    messages.success(request, _("You have taken this alert up."))
    return redirect("alert", code)


@agency_page
@require_http_methods(["GET", "POST"])
def alert_confirm(request: HttpRequest, code: str) -> HttpResponse:
    alert = visible(RiskAlert, request.user, code=code)

    def act(data: dict[str, Any]) -> str:
        alerts.confirm(by=request.user, alert=alert, note=data["note"])
        return _("The alert is confirmed.")

    text = _("Appeals rest on a confirmed alert: its orders count as malicious unless a check found them genuine.")
    if not ALL[alert.detector].is_of_people:
        text = _("The finding is true and something must be done about it.")
    return _note_page(request, alert, act, _("Confirm the alert"), text, _("Confirm"), required=False)


@agency_page
@require_http_methods(["GET", "POST"])
def alert_false_alarm(request: HttpRequest, code: str) -> HttpResponse:
    alert = visible(RiskAlert, request.user, code=code)

    def act(data: dict[str, Any]) -> str:
        alerts.false_alarm(by=request.user, alert=alert, note=data["note"])
        return _("The alert has ended as a false alarm.")

    text = _(
        "The alert ends here. The same orders are not reported again; if new ones join them, a new alert names this one."
    )
    return _note_page(request, alert, act, _("False alarm"), text, _("End as a false alarm"), required=True)


@agency_page
@require_http_methods(["GET", "POST"])
def alert_resolve(request: HttpRequest, code: str) -> HttpResponse:
    alert = visible(RiskAlert, request.user, code=code)

    def act(data: dict[str, Any]) -> str:
        alerts.resolve(by=request.user, alert=alert, note=data["note"])
        return _("The alert is resolved.")

    text = _(
        "The alert ends here and stays true: appeals may still rest on it. Holds that stand go on until they are released."
    )
    return _note_page(request, alert, act, _("Resolve the alert"), text, _("Resolved"), required=False)


def _note_page(
    request: HttpRequest, alert: RiskAlert, act: Any, heading: str, text: str, submit: str, *, required: bool
) -> HttpResponse:
    form = NoteForm(request.POST or None, required=required)
    back = reverse("alert", args=[alert.code])
    context = {"alert": alert, "heading": heading, "text": text, "submit": submit, "name": title(alert.detector, alert)}
    return form_page(request, form, act, back=back, template="orders/alerts/note.html", **context)
