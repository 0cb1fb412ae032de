"""Cases about an alert or an order, for the pages of the floor below. `{% load case_links %}`."""

from __future__ import annotations

from typing import Any

from django import template

from appeals.models import Case
from appeals.policy_touch import touched
from orders.models import Incident, Order, RiskAlert
from stores.models import User, ViolationType

register = template.Library()


@register.simple_tag
def cases_of_alert(alert: RiskAlert, user: User) -> Any:
    """The cases this person may see that the alert helps to explain, newest first."""
    return Case.objects.visible_to(user).filter(alerts=alert).order_by("-opened_at")[:5]


@register.simple_tag
def touched_count(rule: ViolationType, user: User) -> int:
    """How many open cases this person may see were judged by another version of the rule than holds for their time."""
    return len(touched(rule, Case.objects.visible_to(user)))


@register.simple_tag
def cases_of_order(order: Order, user: User) -> Any:
    """The cases this person may see that are about this order, newest first."""
    return (
        Case.objects.visible_to(user)
        .filter(verdicts__violation_order__order=order)
        .distinct()
        .order_by("-opened_at")[:5]
    )


@register.simple_tag
def incidents_of_alert(alert: RiskAlert, user: User) -> dict[str, Any]:
    """The incidents the alert stands under, and those of its merchant that it could be put under."""
    of_merchant = Incident.objects.visible_to(user).filter(merchant=alert.store.merchant_id).prefetch_related("alerts")
    rows = list(of_merchant[:20])
    joined = [one for one in rows if alert in one.alerts.all()]
    return {"joined": joined, "open": [one for one in rows if one not in joined]}
