"""The installation's keys: what CASEMGR_DATA_KEYS says, and what one key seals and opens (docs/adr/0009).

They seal nothing but the data keys of cases, imports and merchants, so that a new one is taken into use by writing
that one small table anew.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.core.exceptions import ImproperlyConfigured

KEY_BYTES = 32
NONCE_BYTES = 12
DEVELOPMENT = "development"
_FORMAT = 1
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}", re.ASCII)


class Malformed(ValueError):
    """The text of the setting is no list of keys; the message says what is wrong, without a key in it."""


class Unreadable(Exception):
    """A sealed value was changed, moved to another row, or sealed under a key that is not here."""


@dataclass(frozen=True)
class Key:
    """One 256-bit AES-GCM key with the name that stands in front of what it sealed."""

    id: str
    secret: bytes = field(repr=False)

    @cached_property
    def _cipher(self) -> AESGCM:
        return AESGCM(self.secret)

    @cached_property
    def _front(self) -> bytes:
        name = self.id.encode("ascii")
        return bytes((_FORMAT, len(name))) + name

    def seal(self, clear: bytes, *, aad: str) -> bytes:
        """Format, key id, random nonce, ciphertext. `aad` names the row: the value opens with the same text only."""
        nonce = os.urandom(NONCE_BYTES)
        return self._front + nonce + self._cipher.encrypt(nonce, clear, self._front + aad.encode())

    def open(self, sealed: bytes, *, aad: str) -> bytes:
        """What was sealed. Raises Unreadable when key, `aad` or a single bit differs."""
        if key_id_of(sealed) != self.id:
            raise Unreadable("sealed under another key")
        start = len(self._front)
        nonce, rest = sealed[start : start + NONCE_BYTES], sealed[start + NONCE_BYTES :]
        try:
            return self._cipher.decrypt(nonce, rest, self._front + aad.encode())
        except (InvalidTag, ValueError) as fault:
            raise Unreadable("changed, or moved to another row") from fault


def key_id_of(sealed: bytes) -> str:
    """The id of the key that sealed this value. Raises Unreadable where there is none."""
    if len(sealed) < 2 or sealed[0] != _FORMAT or len(sealed) < 2 + sealed[1] + NONCE_BYTES:
        raise Unreadable("no sealed value")
    return bytes(sealed[2 : 2 + sealed[1]]).decode("ascii", "replace")


@dataclass(frozen=True)
class KeyRing:
    """The current key, which seals, and the older ones, which only open."""

    current: Key
    by_id: Mapping[str, Key] = field(repr=False)

    def open(self, sealed: bytes, *, aad: str) -> bytes:
        """Open with whichever key sealed it. Raises Unreadable, also when that key is not on the ring."""
        name = key_id_of(sealed)
        if name not in self.by_id:
            raise Unreadable(f"the installation key {name!r} is not in CASEMGR_DATA_KEYS")
        return self.by_id[name].open(sealed, aad=aad)


def parsed(text: str) -> KeyRing:
    """The ring of `id:base64,id2:base64`, the first one current. Raises Malformed with a sentence."""
    keys: list[Key] = []
    for number, part in enumerate(text.split(","), 1):
        name, colon, encoded = part.strip().partition(":")
        if not colon or not _ID.fullmatch(name):
            raise Malformed(f"entry {number} is not of the form id:base64 (id: letters, digits, '.', '_', '-')")
        try:
            secret = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            raise Malformed(f"the key {name!r} is not base64") from None
        if len(secret) != KEY_BYTES:
            raise Malformed(f"the key {name!r} has {len(secret)} bytes instead of {KEY_BYTES}")
        keys.append(Key(name, secret))
    by_id = {key.id: key for key in keys}
    if len(by_id) != len(keys):
        raise Malformed("two keys have the same id")
    return KeyRing(keys[0], by_id)


def checked(text: str, *, is_needed: bool) -> str:
    """The setting as it is, if it is a list of keys, or empty where none is needed. Raises ImproperlyConfigured."""
    if not text and is_needed:
        raise ImproperlyConfigured("CASEMGR_DATA_KEYS must be set in production: id:base64 of 32 random bytes.")
    try:
        if text:
            parsed(text)
    except Malformed as malformed:
        raise ImproperlyConfigured(f"CASEMGR_DATA_KEYS: {malformed}.") from None
    return text


def derived(secret: str) -> KeyRing:
    """A ring of one key made from the hash secret: for development, where nobody set any."""
    made = hmac.new(secret.encode(), b"casemgr.kit.privacy/data-key/1", hashlib.sha256).digest()
    return KeyRing(key := Key(DEVELOPMENT, made), {key.id: key})
