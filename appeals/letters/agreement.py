"""Facts of later dates that buyers agreed to: when, where, and until when; from the verdicts of the claimed orders."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone
from django.utils.translation import gettext as _

from appeals.enums import VerdictKind
from appeals.evidence import words
from appeals.evidence.timeline import OrderTimeline
from appeals.letters.collected import Collected, Ground
from stores.enums import LineOfDefence

NAMES = "agreed_at_window agreed_ship_by agreed_channel"
# Only an agreement in the platform's chat makes a verdict (appeals.verdicts).
CHANNEL = "平台聊天"


def collect(ground: Ground, out: Collected) -> None:
    """agreed_at_window, agreed_ship_by, agreed_channel, not_due_count: only when every claimed order has an agreement."""
    if ground.line != LineOfDefence.AGREED_DELAY or not ground.claimed:
        return
    agreed = [found for row in ground.claimed if (found := _agreement(row))]
    lacking = len(ground.claimed) - len(agreed)
    if lacking:
        text = _("%(n)s of the claimed orders have no agreement of the buyer on record, given in the platform’s chat.")
        out.lacks(NAMES, text % {"n": lacking})
        return
    source = _("contacts with the buyers")
    days = sorted({timezone.localdate(ship_by) for _at, ship_by in agreed})
    named = words.day(days[0]) if len(days) == 1 else f"各自约定的日期（{words.day(days[0])}至{words.day(days[-1])}）"
    out.add("agreed_at_window", words.window(at for at, _ship_by in agreed), source)
    out.add("agreed_ship_by", named, source)
    out.add("agreed_channel", CHANNEL, source)
    now = timezone.now()
    ahead = sum(
        ship_by > now and row.order is not None and row.order.shipped_at is None
        for row, (_at, ship_by) in zip(ground.claimed, agreed, strict=True)
    )
    out.add("not_due_count", ahead or "", source)


def _agreement(row: OrderTimeline) -> tuple[dt.datetime, dt.datetime] | None:
    """When the buyer agreed and the date agreed; None for a verdict that was not computed from an agreement."""
    if row.verdict.kind != VerdictKind.AGREED_DELAY:
        return None
    facts = {fact["name"]: fact["value"] for fact in row.verdict.facts}
    if "agreed_at" not in facts or "agreed_ship_by" not in facts:
        return None
    return dt.datetime.fromisoformat(facts["agreed_at"]), dt.datetime.fromisoformat(facts["agreed_ship_by"])
