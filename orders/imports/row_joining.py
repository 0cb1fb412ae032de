"""What the rows of one order say together, field by field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from orders.imports.waybills import parcels_in

Values = dict[str, Any]


def packed_parcels(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(waybill number, carrier's name) of a row: of the two columns, else of the one that packs both."""
    if "waybill_no" in values:
        return [(number, values.get("carrier", "")) for number in values["waybill_no"].split()]
    return list(parcels_in(values["parcel_words"])) if "parcel_words" in values else []


def parcels_of(values: Sequence[Values]) -> list[tuple[str, str, str | None]]:
    """(waybill number, carrier's name, ship time) of every parcel the rows name, the earliest time of each."""
    parcels: dict[str, list[Any]] = {}
    for one in values:
        for number, carrier in packed_parcels(one):
            known = parcels.setdefault(number, [number, carrier, one.get("shipped_at")])
            known[1] = known[1] or carrier
            known[2] = min(filter(None, (known[2], one.get("shipped_at"))), default=None)
    return [tuple(parcels[number]) for number in sorted(parcels)]  # type: ignore[misc]


def words_of(name: str, values: Sequence[Values]) -> str:
    """The platform's own words, each once; one order for them however the rows are shuffled."""
    if len(values) == 1:
        return values[0].get(name, "")[:64]
    return "、".join(sorted({one[name] for one in values if name in one}))[:64]


def earliest(name: str, values: Sequence[Values]) -> str | None:
    return min((one[name] for one in values if name in one), default=None)


def when_all(name: str, values: Sequence[Values]) -> str | None:
    """The latest moment, if every line has one."""
    said = [one[name] for one in values if name in one]
    return max(said) if said and len(said) == len(values) else None


def total(amounts: Sequence[Any]) -> Any:
    """The sum of what is known; None where nothing is. Quantities stay whole numbers, amounts text."""
    known = [amount for amount in amounts if amount is not None]
    if not known:
        return None
    return sum(known) if isinstance(known[0], int) else str(sum(map(Decimal, known)))
