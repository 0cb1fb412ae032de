"""Orders that are decided and ready to be written, column by column, and the form in which they wait for it."""

from __future__ import annotations

import marshal
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

# Of marshal's form and of ours: what another version put aside is made again.
FORM = sys.version_info[0] * 10_000 + sys.version_info[1] * 100 + 3


@dataclass
class OrderBatch:
    """Orders by column. `values`: the columns an order is written with (OrderItems.columns, then its sums); `line_of` and
    `parcel_of`: the place of the order that a line or parcel belongs to; `lines`: the columns of the lines; `sealed`:
    place of an order -> its sealed recipient, where the merchant keeps it; `kept`: number -> hash of orders that were not made,
    since the shop has them as the file says."""

    numbers: list[str] = field(default_factory=list)
    hashes: list[str] = field(default_factory=list)
    values: list[list[Any]] = field(default_factory=list)
    line_of: list[int] = field(default_factory=list)
    lines: list[list[Any]] = field(default_factory=list)
    parcel_of: list[int] = field(default_factory=list)
    parcels: list[tuple[str, str, str | None]] = field(
        default_factory=list
    )  # waybill number, carrier's name, ship time
    sealed: dict[int, str] = field(default_factory=dict)
    kept: dict[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.numbers)

    def add(self, item: Mapping[str, Any]) -> None:
        """Add one order as OrderItems makes it."""
        place = len(self.numbers)
        self.numbers.append(item["n"])
        self.hashes.append(item["h"])
        self.values = _joined(self.values, [[value] for value in item["v"]])
        self.lines = _joined(self.lines, [list(column) for column in zip(*item["l"], strict=True)])
        self.line_of += [place] * len(item["l"])
        self.parcels += item["p"]
        self.parcel_of += [place] * len(item["p"])
        if item.get("r"):
            self.sealed[place] = item["r"]

    def join(self, other: OrderBatch) -> None:
        """Add the orders of another batch of the same file."""
        place = len(self.numbers)
        self.numbers += other.numbers
        self.hashes += other.hashes
        self.values = _joined(self.values, other.values)
        self.lines = _joined(self.lines, other.lines)
        self.line_of += [place + one for one in other.line_of]
        self.parcel_of += [place + one for one in other.parcel_of]
        self.parcels += other.parcels
        self.sealed |= {place + one: text for one, text in other.sealed.items()}

    def in_order(self) -> OrderBatch:
        """The same orders in order of their numbers."""
        order = sorted(range(len(self)), key=self.numbers.__getitem__)
        place_of = {old: new for new, old in enumerate(order)}
        return OrderBatch(
            numbers=[self.numbers[place] for place in order],
            hashes=[self.hashes[place] for place in order],
            values=[[column[place] for place in order] for column in self.values],
            line_of=[place_of[place] for place in self.line_of],
            lines=self.lines,
            parcel_of=[place_of[place] for place in self.parcel_of],
            parcels=self.parcels,
            sealed={place_of[place]: text for place, text in self.sealed.items()},
            kept=self.kept,
        )


def _joined(columns: list[list[Any]], more: list[list[Any]]) -> list[list[Any]]:
    if not columns:
        return more
    for column, values in zip(columns, more, strict=True):
        column += values
    return columns


class Packed:
    """A batch as it waits: numbers and hashes at hand, the rest only when something of it must be written."""

    def __init__(self, front: bytes, rest: bytes) -> None:
        self.numbers, self.hashes, self.kept = marshal.loads(front)
        self._rest = rest

    def opened(self) -> OrderBatch:
        values, line_of, lines, parcel_of, parcels, sealed = marshal.loads(self._rest)
        return OrderBatch(self.numbers, self.hashes, values, line_of, lines, parcel_of, parcels, sealed, self.kept)


def packed(batch: OrderBatch) -> tuple[bytes, bytes]:
    """What `Packed` takes: numbers with hashes, and all the rest."""
    rest = [getattr(batch, one.name) for one in fields(batch)[2:-1]]
    return marshal.dumps((batch.numbers, batch.hashes, batch.kept)), marshal.dumps(rest)
