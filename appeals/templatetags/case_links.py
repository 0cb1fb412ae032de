"""Cases about an alert or an order, for the pages of the floor below. `{% load case_links %}`."""

from __future__ import annotations

from typing import Any

from django import template

from appeals.models import Case
from orders.models import Order, RiskAlert
from stores.models import User

register = template.Library()


@register.simple_tag
def cases_of_alert(alert: RiskAlert, user: User) -> Any:
    """The cases this person may see that the alert helps to explain, newest first."""
    return Case.objects.visible_to(user).filter(alerts=alert).order_by("-opened_at")[:5]


@register.simple_tag
def cases_of_order(order: Order, user: User) -> Any:
    """The cases this person may see that are about this order, newest first."""
    return (
        Case.objects.visible_to(user)
        .filter(verdicts__violation_order__order=order)
        .distinct()
        .order_by("-opened_at")[:5]
    )
