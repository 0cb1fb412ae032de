"""P5-P7: screening what 5,000 new orders brought, in a shop with all the rows and in one with a hundredth of them."""

from __future__ import annotations

import datetime as dt
import statistics

from django.db import transaction
from django.utils import timezone

from bench import many
from bench.harness import Figure, Stage, interleaved, ratio_of, spread
from orders.models import Order
from orders.screening import screen
from stores.models import Store

NEW = 5_000
# Live ones came within the last two hours, late ones are spread over three weeks.
SPANS = {"live": dt.timedelta(hours=2), "late": dt.timedelta(days=21)}


def measure(stage: Stage) -> list[Figure]:
    """The two shops stand in one database; what is written is taken back after each round."""
    now = timezone.now().replace(microsecond=0)
    shops = {}
    for name, count in (("small", max(1, stage.rows // 100)), ("large", stage.rows)):
        stage.say(f"{count} orders for the {name} shop")
        shops[name] = many.shop(name)
        many.base(shops[name], count, now - dt.timedelta(hours=3))
    many.settle()

    def before(name: str) -> None:
        kind, _gap, size = name.partition(" ")
        orders = Order.objects.filter(order_no__startswith="2-")
        orders._raw_delete(orders.db)  # type: ignore[attr-defined]  # nothing hangs on them: rounds are taken back
        step = SPANS.get(kind, SPANS["live"]) / NEW
        many.news(shops[size], [now - SPANS.get(kind, SPANS["live"]) + step * place for place in range(NEW)], now)

    candidates = {
        f"{kind} {size}": (lambda kind=kind, size=size: _screened(shops[size], None if kind == "full" else now))
        for kind, size in (
            ("live", "small"),
            ("live", "large"),
            ("late", "small"),
            ("late", "large"),
            ("full", "large"),
        )
    }
    seconds = interleaved(candidates, stage.rounds, before=before, say=stage.say)
    return [
        _against("P5", "live screening", seconds["live large"], seconds["live small"], 1.3, stage.rows),
        _against("P6", "the same, three weeks late", seconds["late large"], seconds["late small"], 2.0, stage.rows),
        _against("P7", "live against a full scan", seconds["live large"], seconds["full large"], 0.1, stage.rows),
    ]


def _screened(shop: Store, since: dt.datetime | None) -> None:
    with transaction.atomic():
        screen(stores=[shop], since=since, full=since is None)
        transaction.set_rollback(True)


def _against(id_: str, what: str, ours: list[float], theirs: list[float], most: float, rows: int) -> Figure:
    ratio = ratio_of(ours, theirs)
    named = f"{what}, {NEW} new on {rows}"
    base = "full scan" if id_ == "P7" else f"on {max(1, rows // 100)}"
    return Figure(
        id_, named, statistics.median(ours), "s", f"{base} {spread(theirs)}", ratio, f"<= {most}", ratio <= most
    )
