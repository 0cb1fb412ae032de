"""Orders of one row each, as most are: nothing to join and nobody to disagree with, so they are made column by column."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import repeat
from typing import Any

from orders.enums import OrderState
from orders.imports.batches import OrderBatch
from orders.imports.noticed import Noticed
from orders.imports.order_shape import ONE_LINE, SHIP_BY, Parcel, Shape, digest, line_digest, parcel_text, sku_key
from orders.imports.order_states import fulfilment_of, joined_refund, refund_of, state_of
from orders.imports.recipients import MARK, SEALED
from orders.imports.row_joining import total
from orders.imports.ship_clock import ShipClock
from orders.imports.waybills import parcels_in

Columns = dict[str, Sequence[Any]]  # field or column of an order -> its value in every row
_STATES = ("state", "state_word", "refund_state", "aftersale_word", "fulfilment")
# What the hash covers besides the fields of the file.
_DERIVED = ("state", "refund_state", "sent_at", *SHIP_BY)
_NEEDED = ("ship_basis", "paid_at", "grouped_at", "balance_paid_at", "placed_at", "province", "city", "district")


_Words = tuple[str | None, str | None, str | None, bool, bool]


class _States(dict[_Words, tuple[Any, ...]]):
    """What the words of a row mean together, with or without a ship time and a parcel: values of _STATES, whether it
    keeps its ship time, words nobody knows.

    Platforms have a few words each, and orders a few combinations of them.
    """

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self._platform, self._is_told = shape.layout.platform, shape.tells_shipping

    def __missing__(self, key: _Words) -> tuple[Any, ...]:
        status, aftersale, refund, has_time, has_parcel = key
        platform = self._platform
        state = state_of(status, platform) if status else ""
        read = [(word, refund_of(word, platform)) for word in (aftersale, refund) if word]
        unknown = [status] if status and not state else []
        unknown += [word for word, known in read if not known]
        said = ["refunded"] if state == OrderState.REFUNDED else []
        keeps = state != OrderState.PARTLY_SHIPPED
        self[key] = found = (
            state,
            (status or "")[:64],
            str(joined_refund([*said, *(known for _word, known in read)])),
            (aftersale or "")[:64],
            str(fulfilment_of(state, is_sent=has_time or (has_parcel and not state), is_told=self._is_told)),
            keeps,
            unknown,
        )
        return found


class OrderColumns:
    """Makes such orders out of the columns of one file."""

    def __init__(self, shape: Shape, ship_clock: ShipClock, noticed: Noticed) -> None:
        self.shape, self.ship_clock, self.noticed = shape, ship_clock, noticed
        self._states = _States(shape)

    def derived(self, count: int, said: Columns) -> Columns:
        """What `count` rows say, by field and by column of people (None for nothing), and what follows: state, ship-by."""
        made: Columns = dict(said)
        self._tell_states(made, count)
        made |= zip(SHIP_BY, self._ship_by(made, count), strict=True)
        return made

    def needs_places(self, said: Columns) -> bool:
        """Whether ship-by of some row depends on where it goes."""
        promised = said.get("promised_ship_at")
        return self.ship_clock.knows_regions and (promised is None or None in promised)

    def hashes(self, count: int, made: Columns, marks: Iterable[str]) -> list[str]:
        """The hashes of orders that have one line by nature: over all that their rows say, with `marks` for what they say
        of people. Nothing needs to be masked or hashed yet to know them."""
        none = [None] * count
        covered = [_texts(made.get(name) or none) for name in (*self.shape.fields, *_DERIVED)]
        return list(map(digest, map("\x1f".join, zip(repeat(self.shape.signature), *covered, marks, strict=False))))

    def make(self, numbers: list[str], made: Columns, hashes: list[str] | None = None) -> OrderBatch:
        """The orders of these numbers out of what was derived. Without `hashes` they cover the columns of the order, not
        its line. A row's waybill numbers stand in it with a blank between them."""
        parcel_of, parcels = self._parcels(made, len(numbers))
        if "postage" in made and "amount_total" in made:
            made["amount_total"] = [
                total([amount, postage]) if postage and amount and postage != "0.00" else amount
                for amount, postage in zip(made["amount_total"], made["postage"], strict=True)
            ]
        none = [None] * len(numbers)
        columns = [made.get(source) or none for source in self.shape.sources]
        written = list(map(_texts, columns))
        if hashes is None:
            marks = [mark or "" for mark in made[MARK]] if MARK in made else repeat("")
            texts = [""] * len(numbers)
            for place, parcel in zip(parcel_of, parcels, strict=True):
                texts[place] = "\x1f".join(filter(None, (texts[place], parcel_text(parcel))))
            hashed = zip(repeat(self.shape.signature), *written, texts, marks, strict=False)
            hashes = list(map(digest, map("\x1f".join, hashed)))
        values = [list(text if is_text else column)
                  for text, column, is_text in zip(written, columns, self.shape.is_text, strict=True)]  # fmt: skip
        return OrderBatch(
            numbers=numbers,
            hashes=hashes,
            values=values + [list(made.get(name) or none) for name in self.shape.summed],
            line_of=list(range(len(numbers))),
            lines=self._lines(made, len(numbers)),
            parcel_of=parcel_of,
            parcels=parcels,
            sealed={place: text for place, text in enumerate(made.get(SEALED, ())) if text},
        )

    def _parcels(self, said: Columns, count: int) -> tuple[list[int], list[Parcel]]:
        """(place of the order, parcel) of every parcel that the rows name, those of one row in order of their numbers."""
        none = [None] * count
        times = said.get("sent_at") or none
        words = said.get("parcel_words") or none
        facts = zip(said.get("waybill_no") or none, said.get("carrier") or none, words, times, strict=True)
        found = []
        for place, (numbers, carrier, word, at) in enumerate(facts):
            if numbers:
                # Of the two columns, else of the one that packs both.
                for number in sorted(numbers.split()) if " " in numbers else (numbers,):
                    found.append((place, (number, carrier or "", at)))
            elif word:
                found += [(place, (number, name, at)) for number, name in sorted(parcels_in(word))]
        return [place for place, _parcel in found], [parcel for _place, parcel in found]

    def _tell_states(self, made: Columns, count: int) -> None:
        """State, refund state, ship time and fulfilment, which lean on one another."""
        none = [None] * count
        words = [made.get(name) or none for name in ("status", "aftersale_status", "refund_state")]
        times = made.get("shipped_at") or none
        has_time = [at is not None for at in times]
        numbers, packed = made.get("waybill_no") or none, made.get("parcel_words") or none
        has_parcel = [bool(number or (text and parcels_in(text))) for number, text in zip(numbers, packed, strict=True)]
        found = list(map(self._states.__getitem__, zip(*words, has_time, has_parcel, strict=True)))
        *states, keeps, unknown = zip(*found, strict=True)
        made["said_refund"] = words[2]
        made |= zip(_STATES, states, strict=True)
        made["sent_at"] = times
        if not all(keeps):
            # An order is shipped when all of it is: until then its clock runs on. The parcel keeps the time.
            made["shipped_at"] = [at if kept else None for at, kept in zip(times, keeps, strict=True)]
        if any(unknown):
            self.noticed.words.update(word for some in unknown for word in some)

    def _ship_by(self, made: Columns, count: int) -> Iterator[list[Any]]:
        """The promise of the file; else by the platform's rule, marked as computed: as columns, as in SHIP_BY."""
        promised = made.get("promised_ship_at") or [None] * count
        due: list[tuple[str | None, str, int | None]] = [(at, "file", None) for at in promised]
        needed = {name: made[name] for name in _NEEDED if name in made}
        for place, at in enumerate(promised):
            if at is None:
                moment, policy = self.ship_clock.due({name: column[place] for name, column in needed.items()})
                due[place] = (moment, "computed" if moment else "", policy)
        self.noticed.computed += sum(1 for _at, source, _policy in due if source == "computed")
        self.noticed.without_ship_by += sum(1 for _at, source, _policy in due if not source)
        return map(list, zip(*due, strict=True))

    def _lines(self, said: Columns, count: int) -> list[list[Any]]:
        """The lines by column."""
        none, blank = [None] * count, [""] * count
        sub_orders, codes, names, specs = (
            [text or "" for text in said[name]] if name in said else blank
            for name in ("sub_order_no", "sku_code", "sku_name", "sku_spec")
        )
        keys = list(map(sku_key, codes, names, specs))
        amounts = said.get(self.shape.line_amount or "") or none
        facts = (
            sub_orders,
            codes,
            names,
            specs,
            keys,
            said.get("quantity") or none,
            said.get("unit_price") or none,
            amounts,
        )
        digests = [line_digest(line) for line in zip(*facts, strict=True)]
        if self.shape.covers_line:
            line_keys = [ONE_LINE] * count
        else:
            line_keys = [number or f"{key}:1" for number, key in zip(sub_orders, keys, strict=True)]
        return [line_keys, *map(list, facts), digests]


def _texts(column: Sequence[Any]) -> Sequence[str]:
    """The column as the hash of an order covers it."""
    said = next((value for value in column if value is not None), "")
    if not isinstance(said, str):
        return ["" if value is None else str(value) for value in column]
    return [value or "" for value in column] if None in column else column
