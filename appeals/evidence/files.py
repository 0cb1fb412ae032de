"""Private files under random names. Nothing here is served by path; views check access and stream."""

from __future__ import annotations

import hashlib
import io
import secrets
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from PIL import Image

CHUNK = 1024 * 1024


def put(folder: str, suffix: str, content: bytes, *, stem: str = "") -> str:
    """Store `content` below `folder` under a random name (or `stem`) with `suffix` (".png"); gives the name."""
    return default_storage.save(f"{folder}/{stem or secrets.token_hex(16)}{suffix}", ContentFile(content))


def put_stream(folder: str, name: str, stream: BinaryIO) -> str:
    """Store a stream under exactly this name; the folder itself is random, so that no two names meet."""
    return default_storage.save(f"{folder}/{name}", File(stream))


def read(name: str) -> bytes:
    with default_storage.open(name, "rb") as file:
        return file.read()


def chunks(name: str) -> Iterator[bytes]:
    with default_storage.open(name, "rb") as file:
        while block := file.read(CHUNK):
            yield block


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def sha256_on_disk(name: str) -> str:
    """The hash of a stored file as it is now; the empty text when it is gone."""
    digest = hashlib.sha256()
    try:
        for block in chunks(name):
            digest.update(block)
    except FileNotFoundError:
        return ""
    return digest.hexdigest()


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

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.names: list[str] = []

    def __enter__(self) -> Shelf:
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        if kind is not None:
            self.drop()

    def put(self, content: bytes, suffix: str, *, stem: str = "") -> str:
        name = put(self.folder, suffix, content, stem=stem)
        self.names.append(name)
        return name

    def put_stream(self, name: str, stream: BinaryIO) -> str:
        stored = put_stream(self.folder, name, stream)
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
