"""Who receives an order, as far as it may be known: masks and keyed hashes. Clear text ends here."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from operator import itemgetter

from django.conf import settings

from casemgr.kit.privacy import (
    KeyedHash,
    mask_address,
    mask_name,
    mask_phone,
    merchant_key,
    recipient_keys,
    split_place,
)
from casemgr.kit.privacy.usual import Names, UsualRecipients
from casemgr.kit.values import is_empty, plain
from orders.enums import KeyKind
from stores.models import Merchant

FIELDS = (
    "recipient_token", "buyer_id", "recipient_name", "recipient_phone", "province", "city", "district", "street", "address",
)  # fmt: skip
MARK = "people_mark"  # stands in a row for all it says of people, clear as it may be: a keyed hash
PLACES = ("province", "city", "district", "street")
_LONGEST = {"recipient_masked": 120, "phone_masked": 40, "address_masked": 200, "street": 80}
_SHORTEST = 40  # characters that every one of these columns holds
_KEY_COLUMNS = {str(kind): f"key_{kind}" for kind in KeyKind.values}
# The order of UsualRecipients.tell, and of what it gives.
_WHOLE = ("recipient_name", "recipient_phone", "address")
_USUAL = ("recipient_masked", "phone_masked", "address_masked", "key_phone", "key_address", "key_masked")
_MOST_PLACES = 20_000
_DOOR = re.compile(r"\d")
# Which columns of an order a field of the file can fill.
COLUMNS_OF: Mapping[str, tuple[str, ...]] = {
    "recipient_token": ("key_token",),
    "buyer_id": ("key_account",),
    "recipient_name": ("recipient_masked", "key_masked"),
    "recipient_phone": ("phone_masked", "key_phone", "key_masked"),
    "province": ("province", "key_area"),
    "city": ("city", "key_area"),
    "district": ("district", "key_area", "key_masked"),
    "street": ("street", "key_area", "key_masked"),
    "address": ("address_masked", "key_address", "key_area", "key_masked", *PLACES),
}


def columns_of(fields: Mapping[str, object]) -> list[str]:
    """The order columns that a file with these fields can fill, in a fixed order, each once."""
    return list(dict.fromkeys(column for name in FIELDS if name in fields for column in COLUMNS_OF[name]))


def hasher_of(merchant: Merchant) -> KeyedHash:
    """The merchant's keyed hashes, from the one secret of the installation."""
    return KeyedHash(merchant_key(settings.HASH_SECRET, merchant.code))


@lru_cache(32_768)
def _place(text: str) -> str:
    """A province, city, district or street; where house numbers slipped in they are hidden."""
    text = text.strip()
    return mask_address(text) if _DOOR.search(text) else text


def known_of(said: Mapping[str, str], hasher: KeyedHash, *, platform: str) -> dict[str, str]:
    """The order columns that these cells (field -> text as the file has it) give: masks, places and keys, never clear text."""
    said = {name: text for name, text in said.items() if text and (len(text) > 4 or not is_empty(text))}
    if not said:
        return {}
    known = {name: _place(said[name]) for name in PLACES if name in said}
    if "address" in said:
        known["address_masked"] = mask_address(said["address"])
        if "district" not in said:
            parts = split_place(plain(said["address"]))
            known |= {name: _place(part) for name in PLACES if name not in known and (part := getattr(parts, name))}
    if "recipient_name" in said:
        known["recipient_masked"] = mask_name(said["recipient_name"])
    if "recipient_phone" in said:
        known["phone_masked"] = mask_phone(said["recipient_phone"])
    for name, text in known.items():
        if len(text) > _SHORTEST:
            known[name] = text[: _LONGEST.get(name, _SHORTEST)]
    for kind, value in recipient_keys(said, hasher, platform=platform).items():
        known[_KEY_COLUMNS[kind]] = value
    return known


class Teller:
    """`known_of` for the rows of one file: cells in the order of `fields`, texts in the order of `columns_of`."""

    def __init__(self, fields: Sequence[str], hasher: KeyedHash, platform: str) -> None:
        self._fields, self._hasher, self._platform = fields, hasher, platform
        self._columns = columns_of(dict.fromkeys(fields))
        self._usual = UsualRecipients(hasher)
        self._at = {name: place for place, name in enumerate(fields)}
        # With all of these, and nothing else that says who it is, a row has the shape of nearly every clear file.
        self._is_whole = {*_WHOLE, "district"} <= self._at.keys() and not {
            "recipient_token",
            "buyer_id",
        } & self._at.keys()
        self._filled = [self._columns.index(column) for column in _USUAL] if self._is_whole else []
        self._of_places = [name for name in PLACES if name in self._at]
        self._picked = (
            itemgetter(*(self._at[name] for name in (*_WHOLE, *self._of_places))) if self._is_whole else tuple
        )
        self._places: dict[Names, tuple[str | None, ...]] = {}

    def mark(self, cells: Sequence[str]) -> str:
        """A keyed hash of clean cells, to tell whether a row says the same of people as before."""
        return self._hasher.hash("people", "\x1f".join(cells))

    def tell(self, cells: Sequence[str]) -> tuple[str | None, ...]:
        """What clean cells tell of the recipient."""
        found = self._told_usually(cells) if self._is_whole else None
        return found or tuple(map(self._known(cells).get, self._columns))

    def _named(self, places: Sequence[str]) -> Names:
        """Province, city, district and street; "" for those that the file has no column for."""
        said = dict(zip(self._of_places, places, strict=True))
        return tuple([said.get(name, "") for name in PLACES])  # type: ignore[return-value]

    def _known(self, cells: Sequence[str]) -> dict[str, str]:
        return known_of(dict(zip(self._fields, cells, strict=True)), self._hasher, platform=self._platform)

    def _told_usually(self, cells: Sequence[str]) -> tuple[str | None, ...] | None:
        name, phone, address, *places = self._picked(cells)
        names: Names = tuple(places) if len(places) == len(PLACES) else self._named(places)  # type: ignore[assignment]
        usual = self._usual.tell(name, phone, address, names)
        if usual is None:
            return None
        if names not in self._places:
            if len(self._places) >= _MOST_PLACES:
                self._places.clear()
            of_places = ["" if name in _WHOLE else cell for name, cell in zip(self._fields, cells, strict=True)]
            self._places[names] = tuple(map(self._known(of_places).get, self._columns))
        told = list(self._places[names])
        for place, text in zip(self._filled, usual, strict=True):
            told[place] = text
        return tuple(told)
