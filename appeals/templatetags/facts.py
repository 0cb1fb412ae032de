"""A verdict's facts in words. `{% load facts %}`."""

from __future__ import annotations

import datetime as dt

from django import template
from django.utils.translation import gettext as _

from casemgr.kit.templatetags.ui import span, when
from orders.workflow import REVIEW

register = template.Library()


@register.filter
def fact_words(fact: dict[str, str]) -> str:
    """One stored fact (name, value, source) as a short sentence; times in the reader's form."""
    name, value = fact["name"], fact["value"]
    moment = _moment(value)
    shown = when(moment) if moment else value
    if name == "alert":
        code, _blank, count = value.partition(" ")
        return _("alert %(code)s, %(count)s orders together") % {"code": code, "count": count}
    if name == "late_by_minutes":
        return _("late by %(span)s") % {"span": span(dt.timedelta(minutes=int(value)), 2)}
    words = {
        "order": _("not among our orders"),
        "ship_by": _("ship by %(v)s"),
        "uploaded": _("number uploaded %(v)s"),
        "scan_limit": _("first scan due %(v)s"),
        "first_scan": _("first scan %(v)s"),
        "refunded": _("refunded %(v)s"),
        "review": _("check: %(v)s"),
        "platform_report": _("reported to the platform: %(v)s"),
        "waived": _("late shipping waived by the platform, %(v)s"),
        "agreed_at": _("the buyer agreed %(v)s"),
        "agreed_ship_by": _("agreed to ship by %(v)s"),
    }
    return words.get(name, f"{name}: %(v)s") % {"v": _review(shown) if name == "review" else shown}


@register.filter
def fact_source(fact: dict[str, str]) -> str:
    """Where the fact comes from, in words; unknown sources as they are stored."""
    words = {
        "file": _("(file)"),
        "computed": _("(computed)"),
        "scan": _("(carrier’s scan)"),
        "order_review": _("(check by call or chat)"),
        "imports": "",
        "platform_chat": _("(platform’s chat)"),
        "strong": _("(strong key)"),
        "medium": _("(medium key)"),
        "weak": _("(weak key)"),
    }
    is_shown = fact["source"].startswith("policy") or fact["name"] == "waived"
    return words.get(fact["source"], f"({fact['source']})" if is_shown else "")


def _review(value: str) -> str:
    return str(REVIEW.state(value).label) if value in {state.key for state in REVIEW.states} else value


def _moment(value: str) -> dt.datetime | None:
    try:
        return dt.datetime.fromisoformat(value) if "T" in value else None
    except ValueError:
        return None
