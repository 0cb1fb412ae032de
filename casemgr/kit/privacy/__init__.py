"""Buyers' personal data: what is shown is masked, what is matched is a keyed hash."""

from casemgr.kit.privacy.addresses import mask_address, normalise_address, split_place
from casemgr.kit.privacy.keys import KEY_STRENGTH, KeyedHash, masked_key_parts, merchant_key, recipient_keys
from casemgr.kit.privacy.masks import (
    drop_sensitive,
    is_masked,
    is_virtual,
    mask_name,
    mask_phone,
    scrub,
    split_phone,
)

__all__ = [
    "KEY_STRENGTH",
    "KeyedHash",
    "drop_sensitive",
    "is_masked",
    "is_virtual",
    "mask_address",
    "mask_name",
    "mask_phone",
    "masked_key_parts",
    "merchant_key",
    "normalise_address",
    "recipient_keys",
    "scrub",
    "split_phone",
    "split_place",
]
