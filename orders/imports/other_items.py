"""Parcels of an order, and the scans of a parcel, out of their rows: what will be written, and what was not understood."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any

from orders.imports.noticed import Noticed
from orders.imports.scratch import Row
from stores.reference import tracking_states, word_key

_ORDERS = re.compile(r"[,，;；、|\s]+")


class ParcelItems:
    """n(umber of the order as the file has it), o(rder numbers in it), p(arcels: waybill number, carrier's name, ship time)."""

    def __init__(self) -> None:
        self.noticed = Noticed()

    def make(self, number: str, rows: Sequence[Row]) -> dict[str, Any]:
        parcels: dict[str, list[Any]] = {}
        for row in rows:
            for waybill in row.values["waybill_no"].split():
                known = parcels.setdefault(waybill, [waybill, "", None])
                known[1] = row.values.get("carrier") or known[1]
                known[2] = min(filter(None, (known[2], row.values.get("shipped_at"))), default=None)
        orders = sorted({part for part in _ORDERS.split(number) if part})
        return {"n": number, "o": orders, "p": [parcels[waybill] for waybill in sorted(parcels)]}


class ScanItems:
    """n(umber of the waybill), c(arrier's name), e(vents: moment, text, city, state, key), each event once."""

    def __init__(self) -> None:
        self.noticed = Noticed()

    def make(self, number: str, rows: Sequence[Row]) -> dict[str, Any]:
        events = {}
        for row in rows:
            word, text = row.values.get("state", ""), row.values.get("event_text", "")
            state = tracking_state(word, text)
            if word and not state:
                self.noticed.words[word] += 1
            key = hashlib.blake2b(
                f"{row.values['event_at']}\x1f{text}".encode("utf-8", "surrogatepass"), digest_size=16
            )
            events[key.hexdigest()] = [row.values["event_at"], text, row.values.get("city", ""), state, key.hexdigest()]
        carrier = next((row.values["carrier"] for row in reversed(rows) if "carrier" in row.values), "")
        return {"n": number, "c": carrier, "e": [events[key] for key in sorted(events)]}


@cache
def _states_by_word() -> dict[str, str]:
    """Keys and names of the tracking states -> state. Numbers of other systems are left out: they contradict each other."""
    found: dict[str, str] = {}
    for row in tracking_states()["states"]["rows"]:
        for word in (row["state"], *row["name_zh"].split("/"), row["name_en"]):
            found.setdefault(word_key(word), row["state"])
    for system in ("cainiao",):
        for word, state in tracking_states()["codes"][system]["states"].items():
            found.setdefault(word_key(word), state)
    return found


@cache
def _keywords() -> list[tuple[re.Pattern[str], str]]:
    return [(re.compile(pattern), state) for pattern, state in tracking_states()["keywords"]["rows"]]


@lru_cache(16_384)
def tracking_state(word: str, text: str = "") -> str:
    """The tracking state that a carrier's word, else its text means; "" where neither says one that is known."""
    known = _states_by_word().get(word_key(word)) if word else None
    if known:
        return known
    said = f"{word} {text}"
    return next((state for pattern, state in _keywords() if pattern.search(said)), "")


@cache
def first_scan_states() -> tuple[str, ...]:
    """States that prove the carrier has the parcel: picked up or later."""
    return tuple(row["state"] for row in tracking_states()["states"]["rows"] if row["is_first_scan"])


@cache
def terminal_states() -> tuple[str, ...]:
    return tuple(row["state"] for row in tracking_states()["states"]["rows"] if row["is_terminal"])
