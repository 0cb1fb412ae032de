"""Rows of one violation put together: some lists have a row for each order of a violation."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

Result = dict[str, Any]


def merged(violations: list[Result]) -> list[Result]:
    """The violations of a list, those with the same number as one; each without a number stays by itself."""
    groups: dict[object, list[Result]] = {}
    for place, violation in enumerate(violations):
        groups.setdefault(violation["violation_no"] or place, []).append(violation)
    return [group[0] if len(group) == 1 else _one(group) for group in groups.values()]


def _one(rows: list[Result]) -> Result:
    """
    One violation of several rows. What the rows say differently is unknown; their orders and sums come together.

    The total is computed only where every row has a sum.
    """
    first = rows[0]
    alike = {
        key: first[key] if all(row[key] == first[key] for row in rows) else None
        for key in ("type", "stage", "noticed_at", "shop_name", "points")
    }
    numbers = list(dict.fromkeys(number for row in rows for number in row["orders"]["order_nos"]))
    by_order = {
        row["orders"]["order_nos"][0]: row["amounts"]["total"]
        for row in rows
        if len(row["orders"]["order_nos"]) == 1 and row["amounts"]["total"]
    }
    is_complete = len(by_order) == len(numbers) == len(rows)
    total = f"{sum((Decimal(amount) for amount in by_order.values()), Decimal(0)):.2f}" if is_complete else None
    amounts = first["amounts"] | {
        "per_order": next(iter(by_order.values())) if is_complete and len(set(by_order.values())) == 1 else None,
        "total": total,
        "total_basis": "computed" if total else "unknown",
    }
    orders = first["orders"] | {"claimed": len(numbers) or None, "named": len(numbers), "order_nos": numbers}
    if by_order:
        orders["amounts"] = by_order
    # One measure told in every row is one measure; its sum is the total.
    measures = [measure | {"amount": total if measure["amount"] else None} for measure in first["measures"]]
    deadlines: list[Result] = first["deadlines"] or next((row["deadlines"] for row in rows if row["deadlines"]), [])
    return first | alike | {"orders": orders, "amounts": amounts, "measures": measures, "deadlines": deadlines}
