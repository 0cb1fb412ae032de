"""What a platform waived: why an order has no time to ship by although its rule names hours."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from orders.imports.cells import stored
from orders.imports.ship_clock import ShipClock
from orders.models import Order
from stores.enums import ClockStart
from stores.models import ExemptionWindow

_WAIVE = ExemptionWindow.Effect.WAIVE


def row_of(order: Order) -> dict[str, Any]:
    """The columns of a stored order as the ship clock reads those of a file."""
    starts = {name: stored(moment) for name in ClockStart.values if (moment := getattr(order, name, None)) is not None}
    return {**{name: getattr(order, name) for name in ("ship_basis", "province", "city", "district")}, **starts}


def waiver(clock: ShipClock, order: Order) -> ExemptionWindow | None:
    """The window in which the platform asks no penalty of this order for late shipping; None where there is none."""
    row = row_of(order)
    others = tuple(window for window in clock.windows if window.effect != _WAIVE)
    if replace(clock, windows=others).due(row)[0] is None:
        return None  # no rule, no start, or a pause without end: nothing that a waiver would take away
    for window in clock.windows:
        if window.effect == _WAIVE and replace(clock, windows=(*others, window)).due(row)[0] is None:
            return window
    return None
