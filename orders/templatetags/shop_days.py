"""Orders by day of a shop, for the pages that show one. `{% load shop_days %}`."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils import timezone

from orders.days import Day, last_days, summed
from orders.models import Order
from stores.models import Store, User

register = template.Library()


@register.simple_tag
def days_of_shop(store: Store, user: User, days: int) -> dict[str, Any] | None:
    """The last `days` days of the shop with their orders as this person may see them; None where there are none."""
    return summed(last_days(Order.objects.visible_to(user).filter(store=store), timezone.now(), days=days))


@register.filter
def day_bars(days: list[Day]) -> list[dict[str, int]]:
    """Bars of days in a box of 24 x 64 each, late orders at the foot of theirs; a day with orders is at least 2 high."""
    most = max(day.total for day in days)
    bars = []
    for place, day in enumerate(days):
        height, bad = (max(2, round(n / most * 64)) if n else 0 for n in (day.total, day.counts["late"]))
        bars.append({"x": place * 24 + 4, "y": 64 - height, "height": height, "bad": bad, "bad_y": 64 - bad})
    return bars
