"""What lists can be narrowed by. Filters stand in the URL; an unknown value narrows nothing."""

from __future__ import annotations

import datetime as dt
from typing import Any

import django_filters as filters
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders.days import bounds, parse, with_fate
from orders.detectors import ALL
from orders.enums import Fulfilment, KeyKind, OrderState, Severity
from orders.models import Order, ParcelOrder, RiskAlert
from orders.queries import RUNGS, rung_query
from orders.workflow import ALERT
from stores.models import Store

ACTIVE = ("open", "reviewing", "confirmed")
LIKE_BACK = dt.timedelta(days=90)


class AlertFilter(filters.FilterSet):
    """Alerts by state (`active` is the usual view, `all` is all), kind, severity, shop code."""

    status = filters.ChoiceFilter(
        choices=[("active", _("active")), ("all", _("all")), *ALERT.choices], method="by_status"
    )
    detector = filters.ChoiceFilter(choices=[(key, one.name) for key, one in ALL.items()])
    severity = filters.ChoiceFilter(choices=Severity.choices)
    shop = filters.CharFilter(field_name="store__code")

    class Meta:
        model = RiskAlert
        fields: list[str] = []

    def by_status(self, rows: QuerySet[RiskAlert], name: str, value: str) -> QuerySet[RiskAlert]:
        if value == "all":
            return rows
        return rows.filter(status__in=ACTIVE) if value == "active" else rows.filter(status=value)


class OrderFilter(filters.FilterSet):
    """Orders by shop code, state, shipping, rung of the ship-by clock, number or waybill, alert code, shared key, day.

    `placed` is "2026-11-14" or "2026-11-14:late": orders of that day, of that fate (orders.days).
    `same` is "phone:S-1A2B3C:order number": orders of that shop in 90 days that share the key with that order.
    """

    shop = filters.CharFilter(field_name="store__code")
    state = filters.ChoiceFilter(choices=[choice for choice in OrderState.choices if choice[0]])
    fulfilment = filters.ChoiceFilter(choices=Fulfilment.choices)
    rung = filters.ChoiceFilter(choices=[(rung, rung) for rung in RUNGS], method="by_rung")
    q = filters.CharFilter(method="by_number")
    alert = filters.CharFilter(field_name="alerts__code")
    same = filters.CharFilter(method="by_shared_key")
    placed = filters.CharFilter(method="by_day")

    class Meta:
        model = Order
        fields: list[str] = []

    def by_rung(self, rows: QuerySet[Order], name: str, value: str) -> QuerySet[Order]:
        return rows.filter(rung_query(value, timezone.now()))

    def by_day(self, rows: QuerySet[Order], name: str, value: str) -> QuerySet[Order]:
        if (asked := parse(value)) is None:
            return rows
        first, end = bounds(asked[0])
        rows = rows.filter(placed_at__gte=first, placed_at__lt=end)
        return with_fate(rows, timezone.now()).filter(fate=asked[1]) if asked[1] else rows  # type: ignore[misc]

    def by_number(self, rows: QuerySet[Order], name: str, value: str) -> QuerySet[Order]:
        text = value.strip()
        parcels = ParcelOrder.objects.filter(order=OuterRef("pk"), parcel__waybill_no__iexact=text)
        return rows.filter(Q(order_no__istartswith=text) | Exists(parcels)) if text else rows

    def by_shared_key(self, rows: QuerySet[Order], name: str, value: str) -> QuerySet[Order]:
        kind, _colon, rest = value.partition(":")
        code, _colon, number = rest.partition(":")
        # `rows` are the person's own: an order that is not among them is not there.
        order = rows.filter(store__code=code, order_no=number).first() if kind in KeyKind.values else None
        found = getattr(order, f"key_{kind}", "") if order else ""
        if not order or not found:
            return rows.none()
        at = order.placed_at or order.paid_at
        placed = {"placed_at__gte": at - LIKE_BACK, "placed_at__lte": at + LIKE_BACK} if at else {}
        return rows.filter(store=order.store_id, **{f"key_{kind}": found}, **placed)


def chips(data: Any, labels: dict[str, str], url_without: Any) -> list[dict[str, str]]:
    """The filters that are on, as the chip component shows them: label and the address without this one."""
    return [{"label": label, "url": url_without(name)} for name, label in labels.items() if data.get(name)]


def shops_to_choose(user: Any) -> list[tuple[str, str]]:
    """(code, name) of the shops this person may see."""
    return list(Store.objects.visible_to(user).order_by("name").values_list("code", "name"))
