"""The picture of a burst: orders per minute around it, as the numbers of a table from which a chart is drawn."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils import timezone

from orders.detectors.base import with_moment, within
from orders.models import Order, RiskAlert

AROUND = dt.timedelta(minutes=5)
MOST_BARS = 60
STEPS = (1, 2, 5, 10, 15, 30, 60, 180, 720, 1440)


@dataclass
class Bar:
    """One step of time: orders of the finding and other orders of the shop. `short` stands under the axis."""

    at: dt.datetime
    short: str
    inside: int = 0
    others: int = 0


@dataclass
class Picture:
    """Bars in order of time. `step` is minutes per bar; `pace` the orders per bar at which the threshold is crossed."""

    bars: list[Bar]
    step: int
    pace: float


def picture(alert: RiskAlert) -> Picture | None:
    """Orders of the alert's shop per step of time around the burst; None for alerts that are no bursts. Two queries."""
    if not alert.threshold.get("window_minutes") or alert.from_at is None or alert.to_at is None:
        return None
    start, end = alert.from_at - AROUND, alert.to_at + AROUND
    minutes = (end - start) / dt.timedelta(minutes=1)
    step = next((one for one in STEPS if minutes / one <= MOST_BARS), STEPS[-1])
    first = _floor(start, step)
    count = int((end - first) / dt.timedelta(minutes=step)) + 1
    pattern = "%H:%M" if step < 1440 else "%m-%d"
    moments = [first + dt.timedelta(minutes=step * place) for place in range(count)]
    bars = [Bar(at, f"{timezone.localtime(at):{pattern}}") for at in moments]
    rows = with_moment(Order.objects.filter(within(first, end), store_id=alert.store_id)).order_by()
    own = set(alert.orders.values_list("pk", flat=True))
    for pk, moment in rows.values_list("pk", "counted_at"):  # type: ignore[misc]  # annotated by with_moment
        bar = bars[int((moment - first) / dt.timedelta(minutes=step))]
        if pk in own:
            bar.inside += 1
        else:
            bar.others += 1
    return Picture(bars, step, round(alert.threshold["count"] / alert.threshold["window_minutes"] * step, 2))


def _floor(moment: dt.datetime, step: int) -> dt.datetime:
    """The last full step of a day of Shanghai before `moment`."""
    local = timezone.localtime(moment)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    steps = int((local - midnight) / dt.timedelta(minutes=step))
    return midnight + dt.timedelta(minutes=step * steps)
