"""Private files under random names, sealed under the key of their case (docs/adr/0009).

Nothing here is served by path; views check access and stream. Sizes and hashes are those of the clear bytes.
"""

from __future__ import annotations

import hashlib
import io
import secrets
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Any, BinaryIO, cast

from django.core.files.base import File
from django.core.files.storage import default_storage
from PIL import Image

from appeals.models import Case
from casemgr.kit.privacy.sealed_files import sealed_blocks, unsealed
from casemgr.kit.privacy.sealing import Erased, Unreadable

CHUNK = 1024 * 1024


class _Sealing(File):
    """What the storage writes: the sealed blocks of a clear stream."""

    def __init__(self, blocks: Iterable[bytes]) -> None:
        super().__init__(io.BytesIO())
        self._blocks = blocks

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        yield from self._blocks


def key_name(case: Case) -> str:
    """The data key of everything that is kept for a case."""
    return f"case:{case.code}"


def _store(place: str, blocks: Iterable[bytes], case: Case) -> str:
    place = default_storage.get_available_name(place)
    return default_storage.save(place, _Sealing(sealed_blocks(blocks, key_name=key_name(case), place=place)))


def put(folder: str, suffix: str, content: bytes, *, case: Case, stem: str = "") -> str:
    """Store `content` below `folder` under a random name (or `stem`) with `suffix` (".png"); gives the name."""
    return _store(f"{folder}/{stem or secrets.token_hex(16)}{suffix}", [content], case)


def put_stream(folder: str, name: str, stream: BinaryIO, *, case: Case) -> str:
    """Store a stream under exactly this name; the folder itself is random, so that no two names meet."""
    return _store(f"{folder}/{name}", iter(lambda: stream.read(CHUNK), b""), case)


def opened(name: str) -> BinaryIO:
    """A stored file, to read clear. Raises FileNotFoundError, Erased (its case was erased), Unreadable (changed)."""
    return unsealed(cast(BinaryIO, default_storage.open(name, "rb")), place=name)


def read(name: str) -> bytes:
    with opened(name) as file:
        return file.read()


def chunks(name: str) -> Iterator[bytes]:
    with opened(name) as file:
        while block := file.read(CHUNK):
            yield block


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def sha256_on_disk(name: str) -> str:
    """The hash of a stored file as it is now. Raises what `opened` raises."""
    digest = hashlib.sha256()
    for block in chunks(name):
        digest.update(block)
    return digest.hexdigest()


class Condition(StrEnum):
    """How a file is found on disk, beside the hash that its row keeps."""

    WHOLE = "whole"
    CHANGED = "changed"
    GONE = "gone"
    ERASED = "erased"  # by the retention run, or by destroying the key of its case: not a fault


def condition(name: str, sha256: str, case: Case) -> Condition:
    """Whether the stored file is, byte for byte, what `sha256` of a row of this case says."""
    if case.erased_at:
        return Condition.ERASED
    try:
        return Condition.WHOLE if sha256_on_disk(name) == sha256 else Condition.CHANGED
    except FileNotFoundError:
        return Condition.GONE
    except Erased:
        return Condition.ERASED
    except Unreadable:
        return Condition.CHANGED


def remove(names: Iterable[str]) -> None:
    """Throw away files that nothing points to: a build that lost its race, an upload whose row was never written."""
    for name in names:
        default_storage.delete(name)


def pages_of(name: str) -> list[str]:
    """The pictures of a generated document, in order: they lie beside its PDF."""
    found: list[str] = []
    while default_storage.exists(page := f"{name.removesuffix('.pdf')}.p{len(found) + 1:02d}.png"):
        found.append(page)
    return found


class Shelf:
    """Files written while something is still being decided: an error throws all of them away again."""

    def __init__(self, folder: str, case: Case) -> None:
        self.folder = folder
        self.case = case
        self.names: list[str] = []

    def __enter__(self) -> Shelf:
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        if kind is not None:
            self.drop()

    def put(self, content: bytes, suffix: str, *, stem: str = "") -> str:
        name = put(self.folder, suffix, content, case=self.case, stem=stem)
        self.names.append(name)
        return name

    def put_stream(self, name: str, stream: BinaryIO) -> str:
        stored = put_stream(self.folder, name, stream, case=self.case)
        self.names.append(stored)
        return stored

    def put_document(self, pdf: bytes, pictures: list[bytes]) -> dict[str, Any]:
        """Store a generated document: the PDF and its pictures beside it. Gives the columns of its evidence item."""
        stem = secrets.token_hex(16)
        name = self.put(pdf, ".pdf", stem=stem)
        for number, picture in enumerate(pictures, 1):
            self.put(picture, f".p{number:02d}.png", stem=stem)
        with Image.open(io.BytesIO(pictures[0])) as first:
            width, height = first.size
        described = {
            "content_type": "application/pdf",
            "size": len(pdf),
            "sha256": sha256(pdf),
            "width": width,
            "height": height,
        }
        return {"file": name, "shown_file": name, **described}

    def drop_these(self, names: Iterable[str]) -> None:
        gone = set(names)
        remove(gone)
        self.names = [name for name in self.names if name not in gone]

    def drop(self) -> None:
        self.drop_these(list(self.names))
