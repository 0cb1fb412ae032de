"""The picture of a burst: orders per minute around it, as numbers that a table and a drawing share."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from orders.detectors.base import with_moment, within
from orders.models import Order, RiskAlert

AROUND = dt.timedelta(minutes=5)
MOST_BARS = 60
STEPS = (1, 2, 5, 10, 15, 30, 60, 180, 720, 1440)
WIDTH, HEIGHT, TOP, LEFT, RIGHT, BOTTOM = 640, 200, 16, 30, 12, 26


@dataclass
class Bar:
    """One step of time: orders of the finding and other orders of the shop, and where they are drawn."""

    at: dt.datetime
    inside: int = 0
    others: int = 0
    x: float = 0
    width: float = 0
    inside_y: float = 0
    inside_height: float = 0
    others_y: float = 0
    others_height: float = 0
    label: str = ""

    @property
    def middle(self) -> float:
        return round(self.x + self.width / 2, 1)


@dataclass
class Picture:
    """Bars with their axis. `step` is minutes per bar; `limit_y` where the pace lies that crosses the threshold."""

    bars: list[Bar]
    step: int
    top: int
    ticks: list[tuple[int, float]]
    limit_y: float | None
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    base: int = HEIGHT - BOTTOM


def picture(alert: RiskAlert) -> Picture | None:
    """Orders of the alert's shop per step of time around the burst; None for alerts that are no bursts. One query."""
    if not alert.threshold.get("window_minutes") or alert.from_at is None or alert.to_at is None:
        return None
    start, end = alert.from_at - AROUND, alert.to_at + AROUND
    minutes = (end - start) / dt.timedelta(minutes=1)
    step = next((one for one in STEPS if minutes / one <= MOST_BARS), STEPS[-1])
    first = _floor(start, step)
    count = int((end - first) / dt.timedelta(minutes=step)) + 1
    bars = [Bar(first + dt.timedelta(minutes=step * place)) for place in range(count)]
    rows = with_moment(Order.objects.filter(within(first, end), store_id=alert.store_id)).order_by()
    own = set(alert.orders.values_list("pk", flat=True))
    for pk, moment in rows.values_list("pk", "counted_at"):  # type: ignore[misc]  # annotated by with_moment
        place = int((moment - first) / dt.timedelta(minutes=step))
        if pk in own:
            bars[place].inside += 1
        else:
            bars[place].others += 1
    return _drawn(bars, step, alert.threshold)


def _floor(moment: dt.datetime, step: int) -> dt.datetime:
    """The last full step of a day of Shanghai before `moment`."""
    local = timezone.localtime(moment)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    steps = int((local - midnight) / dt.timedelta(minutes=step))
    return midnight + dt.timedelta(minutes=step * steps)


def _drawn(bars: list[Bar], step: int, threshold: dict[str, Any]) -> Picture:
    pace = threshold["count"] / threshold["window_minutes"] * step
    top = max(3, *(bar.inside + bar.others for bar in bars), round(pace + 0.5))
    unit = (HEIGHT - BOTTOM - TOP) / top
    base, slot = HEIGHT - BOTTOM, (WIDTH - LEFT - RIGHT) / len(bars)
    every = max(1, -(-len(bars) // 8))
    for place, bar in enumerate(bars):
        bar.x, bar.width = round(LEFT + slot * (place + 0.14), 1), round(slot * 0.72, 1)
        bar.inside_height, bar.others_height = round(bar.inside * unit, 1), round(bar.others * unit, 1)
        bar.inside_y = round(base - bar.inside_height, 1)
        bar.others_y = round(bar.inside_y - bar.others_height, 1)
        pattern = "%H:%M" if step < 1440 else "%m-%d"
        bar.label = timezone.localtime(bar.at).strftime(pattern) if place % every == 0 else ""
    ticks = [(n, round(base - n * unit, 1)) for n in sorted({0, top // 2, top})]
    return Picture(bars, step, top, ticks, round(base - pace * unit, 1))
