"""Masks and keys of recipients whose cells all have the usual shape, in a third of the time.

What they are is said by masks, addresses and keys; here only that is left out of which the shape of a cell proves that it
changes nothing (a test compares the two on any cells).
"""

from __future__ import annotations

import re

from casemgr.kit.privacy.addresses import (
    HIDDEN,
    led_by_district,
    mask_address,
    names_no_place,
    one_spelling,
    without_repeats,
)
from casemgr.kit.privacy.keys import KeyedHash, area_of, masked_key, names_a_door
from casemgr.kit.privacy.masks import HEAD, HIDDEN_DIGITS, STAR, is_masked, is_mobile
from casemgr.kit.values import is_empty

# No mask, no tail, no blank, no wide sign: neither NFKC nor stripping changes such a text.
_NAME = re.compile("[\u4e00-\u9fff]{2,8}")
_ADDRESS = re.compile("[\u4e00-\u9fff0-9A-Za-z-]{6,120}")
_STARS = [STAR * min(max(length - 1, 0), 3) for length in range(9)]
_HIDDEN = STAR * HIDDEN_DIGITS
_MOST_PLACES = 20_000

_Place = tuple[str, frozenset[str], str]
Names = tuple[str, str, str, str]  # province, city, district, street


# What an order keeps of such a recipient: masked name, phone and address; keys of phone, address and masked recipient,
# None where it has none.
Usual = tuple[str, str, str, str, str | None, str | None]


class UsualRecipients:
    """The recipients of one merchant."""

    def __init__(self, hasher: KeyedHash) -> None:
        self._hash = hasher.hash
        self._areas: dict[Names, _Place | None] = {}

    def tell(self, name: str, phone: str, address: str, names: Names) -> Usual | None:
        """What these cells make; None where one of them has no usual shape."""
        place = self._areas[names] if names in self._areas else self._area(names)
        if (
            place is None
            or not is_mobile(phone)
            or _NAME.fullmatch(name) is None
            or _ADDRESS.fullmatch(address) is None
        ):
            return None
        area, firsts, front = place
        rest = one_spelling(without_repeats(address, names) if address[0] in firsts else address)
        spelling = front + rest if names_a_door(rest) else ""
        keyed, first = self._hash, name[0]
        return (
            first + _STARS[len(name)],
            phone[:HEAD] + _HIDDEN + phone[HEAD + HIDDEN_DIGITS :],
            HIDDEN if names_no_place(address) else mask_address(address),
            keyed("phone", phone),
            keyed("address", spelling) if spelling else None,
            keyed("masked", masked_key((first + STAR, phone[:3], phone[-4:], area))) if area else None,
        )

    def _area(self, names: Names) -> _Place | None:
        """(area, first signs of the names, what leads the address key) of places in columns of their own, if they say a
        district at least."""
        if len(self._areas) >= _MOST_PLACES:
            self._areas.clear()
        is_usual = bool(names[2]) and not any(one and (is_empty(one) or is_masked(one)) for one in names)
        firsts = frozenset(one[0] for one in names if one)
        found = (area_of(*names), firsts, led_by_district("", *names[1:])) if is_usual else None
        self._areas[names] = found
        return found
