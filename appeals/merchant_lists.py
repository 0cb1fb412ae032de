"""What the merchant's pages list, in a number of queries that grows with nothing: to do, shops, cases."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.db.models import BooleanField, Count, ExpressionWrapper, F, OuterRef, QuerySet, Subquery, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from appeals import queries, show
from appeals.models import Case, Filing
from appeals.wording import Facts
from casemgr.kit.sql import RowsOf
from orders.days import last_days_by_shop, summed
from orders.models import Hold, Order
from stores.models import User

DAYS = 14  # of orders shown as bars
FIRST = 10  # orders shown of a shop, those that must ship first


def todo(user: User) -> dict[str, list[Any]]:
    """All that waits for this person, by kind (queries.merchant_todo), in three queries."""
    waiting = queries.merchant_todo(user)
    cases = Case.objects.visible_to(user).filter(queries.MUST_DECLARE | queries.MUST_CONSENT).select_related("store")
    marked = list(
        cases.annotate(
            must_declare=ExpressionWrapper(queries.MUST_DECLARE, BooleanField()),
            must_consent=ExpressionWrapper(queries.MUST_CONSENT, BooleanField()),
        ).order_by("pk")
    )
    return {
        "requests": list(waiting["requests"]),
        "holds": list(_counted(waiting["holds"])),
        "declarations": [case for case in marked if case.must_declare],
        "consents": [case for case in marked if case.must_consent],
    }


def turn(user: User, sizes: dict[str, int]) -> tuple[str, Any, int]:
    """The first thing that waits for this person: its kind, the thing, how many more wait. `sizes`: merchant_counts."""
    waiting = queries.merchant_todo(user)
    kind = next((name for name in waiting if sizes[name]), "")
    if not kind:
        return "", None, 0
    rows = _counted(waiting[kind]) if kind == "holds" else waiting[kind]
    return kind, rows.first(), sum(sizes[name] for name in waiting) - 1


def _counted(holds: QuerySet[Hold]) -> QuerySet[Hold]:
    return holds.annotate(order_count=Count("orders")).order_by("pk")


def facts(cases: Sequence[Case]) -> dict[int, Facts]:
    """What the sentences about these cases are made of, by key; one query for all."""
    rows = Case.objects.filter(pk__in=[case.pk for case in cases])  # scope: cases that were found within it
    filed = Filing.objects.filter(case=OuterRef("pk"), status="filed").order_by("-pk")
    found = rows.annotate(
        open_requests=_number_of("requests", state="open"),
        open_actions=_number_of("plan", status__in=["planned", "doing"]),
        revoked=_number_of("verdicts", is_revoked=True),
        filed_at=Subquery(filed.values("filed_at")[:1]),
    )
    return {key: Facts(*values) for key, *values in found.values_list("pk", *Facts._fields)}


def _number_of(name: str, **lookup: Any) -> RowsOf:
    rows: Any = Case._meta.get_field(name).related_model
    return RowsOf(rows.objects.filter(case=OuterRef("pk"), **lookup).order_by().values("pk"))


def shops(user: User) -> list[dict[str, Any]]:
    """Each shop with what must ship first, its last days, how many orders are overdue and on hold, how many cases run."""
    now, first, orders = timezone.now(), _first_orders(user), Order.objects.visible_to(user)
    open_cases, holds = Case.objects.visible_to(user).exclude(status="closed"), Hold.objects.visible_to(user)
    found = user.shops().select_related("platform")
    found = found.annotate(
        overdue=_of_shop(_waiting(user).filter(ship_by__lte=now)),
        open_cases=_of_shop(open_cases),
        holding=_of_shop(holds.exclude(status="released")),
    )
    weeks = last_days_by_shop(orders, [shop.pk for shop in found], now, days=DAYS)
    return [{"shop": shop, "first": first[shop.pk], "week": summed(weeks[shop.pk])} for shop in found]


def _of_shop(rows: QuerySet) -> RowsOf:
    return RowsOf(rows.filter(store=OuterRef("pk")).order_by().values("pk"))


def _waiting(user: User) -> QuerySet[Order]:
    waiting = Order.objects.visible_to(user).filter(fulfilment="unshipped", ship_by__isnull=False)
    return waiting.exclude(holds__status__in=["asked", "acknowledged"]).order_by()


def _first_orders(user: User) -> dict[int, list[dict[str, Any]]]:
    """Of each shop the orders that must ship first, with their lines; two queries."""
    place = Window(RowNumber(), partition_by=F("store_id"), order_by=[F("ship_by"), F("pk")])
    rows = _waiting(user).annotate(place=place).filter(place__lte=FIRST)
    first: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for order in rows.order_by("store_id", "place").prefetch_related("lines"):
        clock = show.deadline(order.ship_by, since=order.paid_at)
        first[order.store_id].append({"order": order, "deadline": clock})
    return first
