"""The archive copy of a pack: one ZIP whose bytes depend on its content alone, and the list of what is in it."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterable
from typing import IO

# The earliest time a ZIP can hold: the same content gives the same bytes whenever it is built.
EPOCH = (1980, 1, 1, 0, 0, 0)
READ_ONLY = 0o100444 << 16
# Already packed: deflating them again costs seconds and saves nothing.
PACKED = (".jpg", ".png", ".pdf", ".mp4", ".xlsx")


class Archive:
    """Writes members in the order given and remembers size and hash of each."""

    def __init__(self, target: IO[bytes]) -> None:
        self._zip = zipfile.ZipFile(target, "w", strict_timestamps=True)
        self.members: list[dict[str, object]] = []

    def add(self, name: str, blocks: Iterable[bytes]) -> str:
        """Write one member; gives its SHA-256."""
        info = zipfile.ZipInfo(name, EPOCH)
        info.compress_type = zipfile.ZIP_STORED if name.endswith(PACKED) else zipfile.ZIP_DEFLATED
        info.external_attr = READ_ONLY
        info.create_system = 3  # the same on every machine
        digest, size = hashlib.sha256(), 0
        with self._zip.open(info, "w") as member:
            for block in blocks:
                member.write(block)
                digest.update(block)
                size += len(block)
        self.members.append({"name": name, "size": size, "sha256": digest.hexdigest()})
        return digest.hexdigest()

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *error: object) -> None:
        """Writes the directory at the end; after an error too, so that the target is let go."""
        self._zip.close()
