"""Where people land: today, search, notifications."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Case as Choice
from django.db.models import Count, DateTimeField, Q, Sum, When
from django.db.models.functions import Coalesce, TruncHour
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from appeals import contact_page, queries, rules, show, team_today
from appeals import search as finding
from appeals.models import Case, Filing
from appeals.next_step import of as next_step_of
from appeals.workflow import CASE
from casemgr.kit.models import Notification
from orders.models import Order, RiskAlert
from stores.access import PersonRequest, agency_page, any_person_page
from stores.models import User


@any_person_page
@require_safe
def home(request: PersonRequest) -> HttpResponse:
    return redirect("today" if request.user.is_agency else "progress")


@agency_page
@require_safe
def today(request: PersonRequest) -> HttpResponse:
    """My cases by the latest safe moment of their next step, new alerts, orders to ship by hour, what the merchant owes."""
    user = request.user
    is_team = request.GET.get("of") == "team" and user.is_lead
    open_cases = queries.cases_for_list(user).exclude(status="closed")
    mine = list(
        (open_cases if is_team else open_cases.filter(owner=user).exclude(queries.ASLEEP)).order_by(
            Coalesce("safe_until", "next_due_at").asc(nulls_last=True), "pk"
        )[:20]
    )
    context = {
        "rows": [_case_line(case) for case in mine],
        "is_team": is_team,
        **_first(user, mine),
        "alerts": _new_alerts(user),
        **_to_ship(user),
        "to_review": _to_review(user),
        "asked": _asked(user),
        "follow_ups": contact_page.due_for(user, team=is_team),
        **_open_cases(user),
        "changed": team_today.changed(user),
        "away": team_today.of_absent(user),
        "greeting": timezone.localdate(),
        "has_shops": user.shops().exists,  # asked only where there is nothing else to show
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


def _to_ship(user: User) -> dict[str, Any]:
    """Unshipped orders of the next 24 hours by the hour in which they must ship; overdue ones are the first row."""
    now = timezone.now()
    waiting = Order.objects.visible_to(user).filter(fulfilment="unshipped", ship_by__lte=now + dt.timedelta(hours=24))
    ahead = Choice(When(ship_by__gt=now, then="ship_by"), output_field=DateTimeField())  # none: overdue
    by_hour = waiting.order_by().values(hour=TruncHour(ahead))
    counted = list(by_hour.annotate(n=Count("pk"), amount=Sum("amount_paid")))
    rows = sorted(counted, key=lambda row: (row["hour"] is not None, row["hour"]))
    return {"ship_hours": rows, "to_ship": sum(row["n"] for row in rows)}


def _open_cases(user: User) -> dict[str, Any]:
    """The key figures of the open cases, and for leads how many each person has; one query."""
    owners = Case.objects.visible_to(user).exclude(status="closed").order_by().values("owner_id", "owner__name")
    late, asked = Q(is_overdue=True), Q(waiting_for="merchant")
    rows = list(
        owners.annotate(
            n=Count("pk"),
            overdue=Count("pk", filter=late),
            merchant=Count("pk", filter=asked),
            asleep=Count("pk", filter=queries.ASLEEP),
            stake=Sum("stake_amount"),
            unknown=Sum("stake_unknown_count"),
        ).order_by("-n", "owner_id")
    )
    known = [row["stake"] for row in rows if row["stake"] is not None]
    counts = {name: sum(row[name] for row in rows) for name in ("overdue", "merchant", "unknown")}
    counts |= {
        "mine": sum(row["n"] for row in rows if row["owner_id"] == user.pk),
        "asleep": sum(row["asleep"] for row in rows if row["owner_id"] == user.pk),
        "stake": sum(known) if known else None,
    }
    return {"counts": counts, "load": rows if user.is_lead else []}


def _asked(user: User) -> Any:
    waiting = (
        Case.objects.visible_to(user).filter(waiting_for="merchant").exclude(status="closed").select_related("store")
    )
    return waiting.annotate(n=Count("requests", filter=Q(requests__state="open"))).order_by("next_due_at")[:8]


@agency_page
@require_safe
def search(request: PersonRequest) -> HttpResponse:
    """Numbers first, then names, by kind; the code of one thing leads to it at once. Scoped like every list."""
    text = request.GET.get("q", "").strip()
    groups = finding.find(request.user, text)
    if url := finding.the_one(groups, text):
        return redirect(url)
    return render(request, "appeals/search.html", {"q": text, "groups": groups})


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
