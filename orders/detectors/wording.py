"""Pieces of sentences that several detectors share. In facts times are ISO text, amounts are text."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from casemgr.kit.money import money_text
from casemgr.kit.templatetags.ui import when
from orders.detectors.base import Told
from orders.enums import KeyKind, KeyStrength


def moment(text: str | None) -> dt.datetime | None:
    """The moment that a fact holds as ISO text; None where it holds none."""
    return dt.datetime.fromisoformat(text) if text else None


def clock_time(text: str | None) -> str:
    """20:03 of a fact's moment in Shanghai; a dash where there is none."""
    found = moment(text)
    return f"{timezone.localtime(found):%H:%M}" if found else "–"


def day_time(text: str | None) -> str:
    """11月7日 周六 20:03 of a fact's moment; a dash where there is none."""
    return when(moment(text))


def key_words(kind: str) -> str:
    """What the orders share, as it stands in a title; the empty text for detectors that compare no people."""
    words = {
        KeyKind.TOKEN: pgettext("orders share", "same recipient token"),
        KeyKind.ACCOUNT: pgettext("orders share", "same buyer account"),
        KeyKind.PHONE: pgettext("orders share", "same phone number"),
        KeyKind.ADDRESS: pgettext("orders share", "same address"),
        KeyKind.MASKED: pgettext("orders share", "same masked recipient"),
        KeyKind.AREA: pgettext("orders share", "same area"),
    }
    return words[KeyKind(kind)] if kind else ""


def strength_words(alert: Told) -> str:
    """How much the key proves, in a sentence (rule 9)."""
    if alert.key_strength == KeyStrength.STRONG:
        return _("The key is strong: it stands for one buyer or one recipient.")
    if alert.key_strength == KeyStrength.MEDIUM:
        return _("The key is of medium strength: an address may be an office, a school or a pick-up point.")
    if alert.key_kind == KeyKind.MASKED:
        return _(
            "The key is weak: masked name, ends of the phone number and street together. "
            "A pair of such orders proves nothing, only so many at once do. Check before acting."
        )
    return _("The key is weak: it names a place, not a person. Check before acting.")


def paid_words(alert: Told) -> str:
    """What the buyers paid, orders of unknown amount counted apart (rule 10); empty where no amount is known."""
    paid, unknown = alert.facts.get("paid"), alert.facts.get("paid_unknown") or 0
    if paid is None:
        return ""
    text = _("The buyers paid %(amount)s for them.") % {"amount": money_text(Decimal(paid))}
    if unknown:
        more = ngettext("Of %(n)s order the amount is unknown.", "Of %(n)s orders the amount is unknown.", unknown)
        text = f"{text} {more % {'n': unknown}}"
    return text


def threshold_words(alert: Told) -> str:
    """The threshold of a burst, in a sentence."""
    return _("Threshold: %(count)s orders within %(minutes)s minutes.") % {
        "count": alert.threshold.get("count"),
        "minutes": alert.threshold.get("window_minutes"),
    }


def usual_words(alert: Told) -> str:
    """What the shop gets at that hour otherwise; says so where too little is known of it."""
    if alert.facts.get("usual") is None:
        return _("What is usual for the shop at this hour is not known yet.")
    return _("At this hour the shop usually gets %(n)s orders in %(minutes)s minutes (measured on %(days)s days).") % {
        "n": alert.facts["usual"],
        "minutes": alert.facts["usual_minutes"],
        "days": alert.facts["usual_days"],
    }
