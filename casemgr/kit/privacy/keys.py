"""Keyed hashes of what an order says about its recipient, strongest first.

The hashes need the merchant's key: without it nobody can try out phone numbers, and two merchants' hashes never meet.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from functools import lru_cache

from casemgr.kit.privacy.addresses import bare_name, normalise_address, split_place
from casemgr.kit.privacy.masks import is_masked, is_virtual, split_phone, without_tail
from casemgr.kit.values import EMPTY_WORDS, is_empty, plain

KEY_STRENGTH = ["token", "account", "phone", "address", "masked", "area"]
DIGEST_BYTES = 16
_PART = "\x1f"
_ACCOUNT_SPACES = {"tmall": "taobao"}  # platforms whose buyers and tokens are the same
_PHONE_ENDS = re.compile(r"(?:\+?86[- ]?)?(1[3-9]\d)[*＊×●•]{1,7}(\d{4})", re.ASCII)
_MOBILE = 11  # digits
_PERSONAL = re.compile(r"1[3-9]\d{9}|0\d{9,11}", re.ASCII)
_FIELDS = (
    "recipient_token",
    "buyer_id",
    "recipient_phone",
    "recipient_name",
    "province",
    "city",
    "district",
    "street",
    "address",
)
_MOST_AREAS = 50_000
_LONGEST_EMPTY = max(map(len, EMPTY_WORDS))
_DIGIT = re.compile("[0-9]")
_LEAST_REST = 6  # characters: `张家村` alone names a village, not a door


class KeyedHash:
    """Hashes of one merchant: `hash("phone", "13800001234")` is 32 hex characters that only its key can make again."""

    def __init__(self, merchant_key: bytes) -> None:
        """`merchant_key`: 16 to 64 bytes, from `merchant_key()`."""
        if not 16 <= len(merchant_key) <= 64:
            raise ValueError("a merchant key has 16 to 64 bytes")
        self._key = merchant_key
        self._started: dict[str, hashlib.blake2b] = {}
        self._areas: dict[str, str] = {}  # a few thousand streets stand in millions of orders

    def hash(self, kind: str, value: str) -> str:
        """Keyed BLAKE2b of the value, personalised by `kind` (at most 16 ASCII characters): no two kinds ever meet."""
        if kind not in self._started:
            self._started[kind] = hashlib.blake2b(key=self._key, digest_size=DIGEST_BYTES, person=kind.encode("ascii"))
        state = self._started[kind].copy()
        state.update(value.encode("utf-8", "surrogatepass"))
        return state.hexdigest()

    def hash_area(self, area: str) -> str:
        """The same for an area, remembered."""
        known = self._areas.get(area)
        if known is None:
            if len(self._areas) >= _MOST_AREAS:
                self._areas.clear()
            known = self._areas[area] = self.hash("area", area)
        return known


def merchant_key(secret: str, merchant_code: str) -> bytes:
    """The 32-byte key of a merchant, derived by HMAC-SHA256 from the one secret of the installation."""
    if not secret or not merchant_code:
        raise ValueError("a key needs a secret and a merchant")
    return hmac.new(secret.encode(), b"casemgr.kit.privacy/1/" + merchant_code.encode(), hashlib.sha256).digest()


def _name_shape(name: str) -> str:
    """`张三`, `张**` and `张*丰` are all `张*`; `*明` stays `*明`: platforms hide different ends."""
    name = plain(without_tail(name))
    if not name:
        return ""
    if is_masked(name[0]):
        last = name[-1]
        return "" if is_masked(last) else "*" + last
    return name[0] + "*"


def masked_key_parts(name: str, phone: str, place: str) -> tuple[str, str, str, str] | None:
    """(name shape, first three and last four digits of the phone, 街道 or else 区), clear and masked spellings alike.

    None unless all are there: one masked pair alone proves nothing, and a virtual number says nothing about a person.
    """
    if not (name and phone and place):
        return None
    number, extension = split_phone(phone)
    if number:
        if extension or len(number) != _MOBILE or number[0] != "1":
            return None
        head, tail = number[:3], number[-4:]
    else:
        ends = _PHONE_ENDS.fullmatch(plain(phone))
        if ends is None:
            return None
        head, tail = ends.groups()
    shape = _name_shape(name)
    return (shape, head, tail, place) if shape else None


@lru_cache(32_768)
def area_of(province: str, city: str, district: str, street: str) -> str:
    """City, district and street in one spelling; "" without a district or street: a province or city is no address."""
    district, street = ("" if is_masked(name) else name for name in (district, street))
    if not (district or street):
        return ""
    city = province if city in ("", "市辖区", "县") else city
    return _PART.join((bare_name(plain(city)), plain(district), plain(street)))


def _address_value(text: str, columns: tuple[str, str, str, str]) -> str:
    """The normalised address, or "" where it names no door: masked, or too coarse."""
    if not text or is_masked(text):
        return ""
    province, city, district, street = columns
    spelling = normalise_address(text, province=province, city=city, district=district, street=street)
    return spelling if names_a_door(spelling.partition("|")[2]) else ""


def names_a_door(rest: str) -> bool:
    """Whether what stands behind the district in an address's spelling says more than a village."""
    return len(rest) >= _LEAST_REST or _DIGIT.search(rest) is not None


def masked_key(parts: tuple[str, str, str, str]) -> str:
    """What the masked key is made of, from the result of `masked_key_parts`."""
    return _PART.join(parts)


def recipient_keys(row: Mapping[str, str | None], hasher: KeyedHash, *, platform: str) -> dict[str, str]:
    """The keys this order's recipient has, strongest first (KEY_STRENGTH); those it does not have are absent.

    `row` holds texts under the field names of the imports (recipient_token, buyer_id, recipient_phone, recipient_name,
    province, city, district, street, address). Tokens and accounts are the platform's own and meet only there.
    Virtual and masked numbers give no phone key, masked or coarse addresses no address key; province and city alone
    give nothing at all.
    """
    token, account, phone, name, province, city, district, street, address = [
        text if text and (len(text) > _LONGEST_EMPTY or not is_empty(text)) else "" for text in map(row.get, _FIELDS)
    ]
    space = _ACCOUNT_SPACES.get(platform, platform) + _PART
    keys: dict[str, str] = {}
    if token:
        keys["token"] = hasher.hash("token", space + token.strip())
    if account and not is_masked(account):
        keys["account"] = hasher.hash("account", space + plain(account).casefold())
    number, _extension = split_phone(phone)
    if number and not is_virtual(phone) and _PERSONAL.fullmatch(number):
        keys["phone"] = hasher.hash("phone", number)

    spelling = _address_value(address, (province, city, district, street))
    if spelling:
        keys["address"] = hasher.hash("address", spelling)
    if address and not district:
        province, city, district, street, _rest = split_place(plain(address))
    area = area_of(province, city, district, street)
    parts = masked_key_parts(name, phone, area)
    if parts:
        keys["masked"] = hasher.hash("masked", masked_key(parts))
    if area:
        keys["area"] = hasher.hash_area(area)
    return keys
