"""Where people land: today, search, notifications."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, F, Q, Sum
from django.db.models.functions import TruncHour
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from appeals import queries, rules, show
from appeals.models import Case, Filing
from appeals.next_step import of as next_step_of
from appeals.workflow import CASE
from casemgr.kit.models import Notification
from orders.models import Order, Parcel, RiskAlert
from stores.access import PersonRequest, agency_page, any_person_page
from stores.models import Store, User


@any_person_page
@require_safe
def home(request: PersonRequest) -> HttpResponse:
    return redirect("today" if request.user.is_agency else "progress")


@agency_page
@require_safe
def today(request: PersonRequest) -> HttpResponse:
    """My cases by deadline with their next step, new alerts, orders to ship by hour, what waits for the merchant."""
    user = request.user
    is_team = request.GET.get("of") == "team" and user.is_lead
    open_cases = queries.cases_for_list(user).exclude(status="closed")
    mine = list(
        (open_cases if is_team else open_cases.filter(owner=user)).order_by(
            F("next_due_at").asc(nulls_last=True), "pk"
        )[:20]
    )
    context = {
        "rows": [_case_line(case) for case in mine],
        "is_team": is_team,
        **_first(user, mine),
        "alerts": _new_alerts(user),
        "ship_hours": _ship_hours(user),
        "to_review": _to_review(user),
        "asked": _asked(user),
        "load": _load(user) if user.is_lead else [],
        "counts": _counts(user),
        "greeting": timezone.localdate(),
        "has_shops": user.shops().exists(),
    }
    return render(request, "appeals/today.html", context)


def _case_line(case: Case) -> dict[str, Any]:
    kinds = list(dict.fromkeys(matter.violation.violation_type.name for matter in case.matters.all()))
    return {"case": case, "state": CASE.state(case.status), "deadline": show.case_deadline(case), "kinds": kinds}


def _first(user: User, mine: list[Case]) -> dict[str, Any]:
    """The one thing to do first: the most urgent case that waits for us."""
    first = next((case for case in mine if case.waiting_for == "us"), None)
    if first is None:
        return {"first": None}
    step = next_step_of(first, by=user, filing=rules.open_filing(first))
    return {"first": first, "first_deadline": show.case_deadline(first), "next": step}


def _new_alerts(user: User) -> Any:
    found = RiskAlert.objects.visible_to(user).filter(status="open").select_related("store__platform")
    return found.order_by("-last_seen_at")[:8]


def _to_review(user: User) -> Any:
    if not user.is_lead:
        return []
    return Filing.objects.visible_to(user).filter(status="in_review").select_related("case__store")


def _counts(user: User) -> dict[str, Any]:
    soon = timezone.now() + dt.timedelta(hours=24)
    waiting = Order.objects.visible_to(user).filter(fulfilment="unshipped", ship_by__isnull=False, ship_by__lte=soon)
    open_cases = Case.objects.visible_to(user).exclude(status="closed")
    cases = open_cases.aggregate(
        mine=Count("pk", filter=Q(owner=user)),
        merchant=Count("pk", filter=Q(waiting_for="merchant")),
        overdue=Count("pk", filter=Q(is_overdue=True)),
        stake=Sum("stake_amount"),
        unknown=Sum("stake_unknown_count"),
    )
    return {**cases, "to_ship": waiting.count()}


def _ship_hours(user: User) -> list[dict[str, Any]]:
    """Unshipped orders by the hour in which they must ship, the next 24 hours; overdue ones are the first row."""
    now = timezone.now()
    waiting = Order.objects.visible_to(user).filter(fulfilment="unshipped", ship_by__lte=now + dt.timedelta(hours=24))
    by_hour = (
        waiting.filter(ship_by__gt=now)
        .annotate(hour=TruncHour("ship_by"))
        .values("hour")
        .annotate(n=Count("pk"), amount=Sum("amount_paid"))
    )
    overdue = waiting.filter(ship_by__lte=now).aggregate(n=Count("pk"), amount=Sum("amount_paid"))
    rows = [{"hour": None, "n": overdue["n"], "amount": overdue["amount"]}] if overdue["n"] else []
    rows.extend(dict(row) for row in by_hour.order_by("hour"))
    return rows


def _asked(user: User) -> Any:
    waiting = (
        Case.objects.visible_to(user).filter(waiting_for="merchant").exclude(status="closed").select_related("store")
    )
    return waiting.annotate(n=Count("requests", filter=Q(requests__state="open"))).order_by("next_due_at")[:8]


def _load(user: User) -> Any:
    """Open cases by owner, for leads."""
    open_cases = Case.objects.visible_to(user).exclude(status="closed")
    counted = open_cases.values("owner__name").annotate(n=Count("pk"), overdue=Count("pk", filter=Q(is_overdue=True)))
    return counted.order_by("-n")


@agency_page
@require_safe
def search(request: PersonRequest) -> HttpResponse:
    """Exact numbers first: case, violation, order, waybill; shops and merchants by name. Scoped like every list."""
    text = request.GET.get("q", "").strip()
    user, found = request.user, {}
    if len(text) >= 2:
        case_hit = Q(code__iexact=text) | Q(violations__violation_no=text) | Q(violations__code__iexact=text)
        found = {
            "cases": Case.objects.visible_to(user).filter(case_hit).select_related("store").distinct()[:10],
            "orders": Order.objects.visible_to(user).filter(order_no=text).select_related("store")[:10],
            "parcels": Parcel.objects.visible_to(user)
            .filter(waybill_no=text.upper())
            .select_related("store")
            .prefetch_related("orders")[:10],
            "alerts": RiskAlert.objects.visible_to(user).filter(code__iexact=text).select_related("store")[:10],
            "shops": Store.objects.visible_to(user).filter(
                Q(name__icontains=text) | Q(merchant__name__icontains=text) | Q(code__iexact=text)
            )[:10],
        }
        if len(text) == 4 and text.isdigit():
            tails = Order.objects.visible_to(user).filter(phone_masked__endswith=text)
            found["orders"] = tails.select_related("store").order_by("-placed_at")[:10]
        hits = [case for case in found["cases"] if text.upper() == case.code]
        if hits:
            return redirect("case", hits[0].code)
    return render(
        request,
        "appeals/search.html",
        {"q": text, "found": found, "is_empty": not any(len(rows) for rows in found.values())},
    )


@any_person_page
@require_safe
def notifications(request: PersonRequest) -> HttpResponse:
    """What this person was told, newest first; looking marks it as read on POST."""
    rows = Notification.objects.filter(recipient=request.user).order_by("-created_at")  # scope: one's own rows
    page = Paginator(rows, 50).get_page(request.GET.get("page"))
    shown = [{"row": row, "text": gettext(row.text) % row.values} for row in page]
    base = "base_staff.html" if request.user.is_agency else "base_merchant.html"
    return render(request, "appeals/notifications.html", {"page": page, "rows": shown, "base": base})


@any_person_page
@require_POST
def notifications_read(request: PersonRequest) -> HttpResponse:
    Notification.objects.filter(recipient=request.user, read_at=None).update(read_at=timezone.now())  # scope: one's own
    return redirect("notifications")
