"""What is done about an alert: holds with the merchant, reports to the platform."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from orders import queries, shown
from orders.actions import holds, reports
from orders.detectors import explain, title
from orders.forms.alerts import AnswerForm, FiledForm, HoldForm, NoteForm, ReportForm
from orders.models import Order, RiskAlert
from orders.next_steps import USUAL_REPORT
from orders.views.listing import form_page
from stores.access import agency_page, visible


def _context(alert: RiskAlert, heading: str, text: str, submit: str) -> dict[str, Any]:
    name = title(alert.detector, alert)
    return {"alert": alert, "name": name, "heading": heading, "text": text, "submit": submit}


def _choices(orders: Sequence[Order], chosen: Sequence[str]) -> list[dict[str, Any]]:
    """Rows with a box each, for forms that act on some of an alert's orders."""
    picked = set(chosen)
    return [
        {
            "order": order,
            "is_chosen": order.order_no in picked,
            "state": shown.state_pill(order),
            "review": shown.review_pill(getattr(getattr(order, "review", None), "status", None)),
            "clock": shown.ship_clock(order),
        }
        for order in orders
    ]


@agency_page
@require_http_methods(["GET", "POST"])
def alert_hold(request: HttpRequest, code: str) -> HttpResponse:
    """Choose the orders the merchant shall not ship yet."""
    alert = visible(RiskAlert, request.user, code=code)
    orders = holds.can_be_held(queries.orders_of_alert(alert))
    form = HoldForm(request.POST or None, orders=orders)

    def act(data: dict[str, Any]) -> str:
        holds.ask(by=request.user, alert=alert, orders=data["orders"], reason=data["reason"])
        return _("The merchant has been asked. Until somebody acknowledges it, the warehouse may ship as usual.")

    text = _(
        "The merchant's people are told at once and have to acknowledge it. "
        "Orders that are shipped, closed or on hold are left out."
    )
    context = _context(alert, _("Ask the merchant for a hold"), text, _("Ask for the hold"))
    chosen = request.POST.getlist("orders") if request.method == "POST" else [order.order_no for order in orders]
    rows = _choices(orders, chosen)
    return form_page(request, form, act, back=_back(alert), template="orders/alerts/choose.html", rows=rows, **context)


@agency_page
@require_POST
def alert_hold_remind(request: HttpRequest, code: str, hold_code: str) -> HttpResponse:
    alert = visible(RiskAlert, request.user, code=code)
    hold = get_object_or_404(alert.holds, code=hold_code)
    told = holds.remind(by=request.user, hold=hold)
    messages.success(
        request,
        ngettext("%(n)s person of the merchant was told again.", "%(n)s people of the merchant were told again.", told)
        % {"n": told},
    )
    return redirect("alert", code)


@agency_page
@require_http_methods(["GET", "POST"])
def alert_hold_release(request: HttpRequest, code: str, hold_code: str) -> HttpResponse:
    """Let all orders of a hold ship again, with the reason."""
    alert = visible(RiskAlert, request.user, code=code)
    hold = get_object_or_404(alert.holds, code=hold_code)
    form = NoteForm(request.POST or None)

    def act(data: dict[str, Any]) -> str:
        holds.release(by=request.user, hold=hold, note=data["note"])
        return _("The hold is released and the merchant has been told.")

    n, malicious = hold.orders.count(), hold.orders.filter(review__status="malicious").count()
    text = ngettext(
        "%(n)s order may ship again; the merchant is told.", "%(n)s orders may ship again; the merchant is told.", n
    ) % {"n": n}
    if malicious:
        warning = ngettext(
            "Careful: %(n)s of them was found malicious.", "Careful: %(n)s of them were found malicious.", malicious
        )
        text = f"{text} {warning % {'n': malicious}}"
    context = _context(alert, _("Release the hold"), text, _("Release"))
    return form_page(request, form, act, back=_back(alert), template="orders/alerts/note.html", **context)


@agency_page
@require_http_methods(["GET", "POST"])
def alert_report(request: HttpRequest, code: str) -> HttpResponse:
    """Choose the orders and the words of a report to the platform."""
    alert = visible(RiskAlert, request.user, code=code)
    orders = list(queries.orders_of_alert(alert))
    usual = USUAL_REPORT.get(alert.detector, "")
    form = ReportForm(
        request.POST or None, orders=orders, initial={"kind": usual, "note": explain(alert.detector, alert)[0]}
    )

    def act(data: dict[str, Any]) -> str:
        reports.prepare(by=request.user, alert=alert, kind=data["kind"], orders=data["orders"], note=data["note"])
        return _("The report is prepared. File it in the console, then record its number here.")

    text = _("The report is written down here and filed by hand in the platform's console.")
    context = _context(alert, _("Prepare a report to the platform"), text, _("Keep the report"))
    genuine = {order.order_no for order in orders if getattr(getattr(order, "review", None), "status", "") == "genuine"}
    usual_choice = [order.order_no for order in orders if order.order_no not in genuine]
    rows = _choices(orders, request.POST.getlist("orders") if request.method == "POST" else usual_choice)
    return form_page(request, form, act, back=_back(alert), template="orders/alerts/choose.html", rows=rows, **context)


@agency_page
@require_http_methods(["GET", "POST"])
def alert_report_filed(request: HttpRequest, code: str, report_code: str) -> HttpResponse:
    """Record that a report was filed, as the console shows it."""
    alert = visible(RiskAlert, request.user, code=code)
    report = get_object_or_404(alert.platform_reports, code=report_code)
    form = FiledForm(request.POST or None)

    def act(data: dict[str, Any]) -> str:
        reports.record_filed(by=request.user, report=report, **data)
        return _("Recorded: the report is filed.")

    text = _("Take number and time from the console: they are evidence later.")
    context = _context(alert, _("Record the filing"), text, _("Record"))
    return form_page(request, form, act, back=_back(alert), template="orders/alerts/note.html", **context)


@agency_page
@require_http_methods(["GET", "POST"])
def alert_report_answer(request: HttpRequest, code: str, report_code: str) -> HttpResponse:
    """Record what the platform said to a report."""
    alert = visible(RiskAlert, request.user, code=code)
    report = get_object_or_404(alert.platform_reports, code=report_code)
    form = AnswerForm(request.POST or None, initial={"extends_ship_by_to": report.extends_ship_by_to})

    def act(data: dict[str, Any]) -> str:
        reports.record_answer(
            by=request.user,
            report=report,
            is_accepted=data["answer"] == "accepted",
            note=data["note"],
            extends_ship_by_to=data["extends_ship_by_to"],
        )
        return _("Recorded: the platform's answer.")

    text = _("A refused report is evidence too: it shows that the shop spoke up in time.")
    context = _context(alert, _("Record the platform's answer"), text, _("Record"))
    return form_page(request, form, act, back=_back(alert), template="orders/alerts/note.html", **context)


def _back(alert: RiskAlert) -> str:
    return reverse("alert", args=[alert.code])
