"""Files at rest under a data key: written and read in frames, so that memory stays small and any place can be read.

    "CMSF", version | length and name of the data key | salt | frame, frame, …, last frame

Each frame is 64 KiB under AES-GCM with a key of this file's own (from data key and salt). The nonce counts the frames
and marks the last one, so that a file cut short, lengthened or put together anew does not open. What stands in front and
the place of the file are sealed in with every frame: a file moved to another name does not open either.
"""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable, Iterable, Iterator
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from casemgr.kit.privacy import sealing
from casemgr.kit.privacy.key_ring import Key, Unreadable

FRAME = 64 * 1024
TAG = 16
_MAGIC = b"CMSF\x01"
_SALT = 16
_SEALED_FRAME = FRAME + TAG


def _cipher(key: Key, salt: bytes) -> AESGCM:
    return AESGCM(hashlib.blake2b(salt, key=key.secret, digest_size=32, person=b"casemgr/file").digest())


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes((is_last,))


def sealed_blocks(blocks: Iterable[bytes], *, key_name: str, place: str) -> Iterator[bytes]:
    """The sealed file, block by block, for these clear blocks. `place` is the name under which it will be stored.

    Makes the data key when there is none yet. Raises sealing.Erased when it was destroyed.
    """
    name, salt = key_name.encode("ascii"), os.urandom(_SALT)
    front = _MAGIC + bytes((len(name),)) + name + salt
    cipher, bound = _cipher(sealing.data_key(key_name), salt), front + place.encode()
    yield front
    waiting, number = bytearray(), 0
    for block in blocks:
        waiting += block
        while len(waiting) > FRAME:  # the last frame is never empty, except of an empty file
            yield cipher.encrypt(_nonce(number, is_last=False), bytes(waiting[:FRAME]), bound)
            del waiting[:FRAME]
            number += 1
    yield cipher.encrypt(_nonce(number, is_last=True), bytes(waiting), bound)


def key_name_of(stored: BinaryIO) -> str:
    """The name of the data key of a stored file, "" where it is not sealed; leaves the file at its start."""
    stored.seek(0)
    head = stored.read(len(_MAGIC) + 1)
    name = stored.read(head[-1]) if head.startswith(_MAGIC) and len(head) > len(_MAGIC) else b""
    stored.seek(0)
    return name.decode("ascii", "replace")


def unsealed(stored: BinaryIO, *, place: str, key_of: Callable[[str], Key] = sealing.existing_key) -> BinaryIO:
    """A stored file to read clear, anywhere in it; one that was never sealed (written by an older version) as it is.

    Closing it closes `stored`. Raises sealing.Erased when its key was destroyed, Unreadable when it was changed.
    """
    name = key_name_of(stored)
    if not name:
        return stored
    return io.BufferedReader(_Frames(stored, key_of(name), place), buffer_size=FRAME)


class _Frames(io.RawIOBase):
    """The clear bytes of a sealed file; one frame is held at a time."""

    def __init__(self, stored: BinaryIO, key: Key, place: str) -> None:
        self._stored = stored
        head = stored.read(len(_MAGIC) + 1)
        front = head + stored.read(head[-1] + _SALT)
        self._start = len(front)
        self._cipher = _cipher(key, front[-_SALT:])
        self._bound = front + place.encode()
        payload = stored.seek(0, io.SEEK_END) - self._start
        self._count = max(1, -(-payload // _SEALED_FRAME))
        self._size = payload - TAG * self._count
        self._at = 0
        self._held: tuple[int, bytes] = (-1, b"")
        if self._size < 0:
            raise Unreadable("cut short")
        self._frame(self._count - 1)  # its mark shows whether the end is the end

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: Any) -> int:
        if self._at >= self._size:
            return 0
        number, start = divmod(self._at, FRAME)
        part = self._frame(number)[start : start + len(buffer)]
        buffer[: len(part)] = part
        self._at += len(part)
        return len(part)

    def _frame(self, number: int) -> bytes:
        if self._held[0] != number:
            self._stored.seek(self._start + number * _SEALED_FRAME)
            sealed = self._stored.read(_SEALED_FRAME)
            try:
                nonce = _nonce(number, is_last=number == self._count - 1)
                self._held = number, self._cipher.decrypt(nonce, sealed, self._bound)
            except (InvalidTag, ValueError) as fault:
                raise Unreadable("the file was changed, cut short or moved") from fault
        return self._held[1]

    def close(self) -> None:
        if not self.closed:
            self._stored.close()
        super().close()
