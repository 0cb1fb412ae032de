"""Who receives an order, as far as it may be known: masks and keyed hashes. Clear text ends here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

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
from casemgr.kit.values import is_empty, plain
from orders.enums import KeyKind
from stores.models import Merchant

FIELDS = (
    "recipient_token", "buyer_id", "recipient_name", "recipient_phone", "province", "city", "district", "street", "address",
)  # fmt: skip
PLACES = ("province", "city", "district", "street")
_LONGEST = {"recipient_masked": 120, "phone_masked": 40, "address_masked": 200, "street": 80}
_SHORTEST = 40  # characters that every one of these columns holds
_KEY_COLUMNS = {str(kind): f"key_{kind}" for kind in KeyKind.values}
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
