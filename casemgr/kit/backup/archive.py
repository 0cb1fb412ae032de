"""The file of a backup: a zip whose last 64 bytes are the hash of everything before them.

A zip can be written and read as a stream of any length, opened by any tool, and lacks its table of contents when it was
cut. The hash at the end sits in the zip's comment, so that one turned bit anywhere is seen without trusting the zip.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import time
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from casemgr.kit.backup.tables import Counted
from casemgr.kit.workflow import Refused

APP, FORMAT = "casemgr", 1
MANIFEST, FILE_LIST, ROWS, FILES = "manifest.json", "files.jsonl", "rows/", "files/"
SEAL_BYTES = 64
CHUNK = 1024 * 1024

Manifest = dict[str, Any]


class NotWhole(Refused):
    """The file is not a backup as it was written: cut, damaged, or something else altogether."""


def damaged(what: str) -> NotWhole:
    """The refusal for a backup that is not as it was written; `what` names the part, in any language."""
    return NotWhole(
        _("This backup is damaged (%(what)s). Nothing was touched. Take another copy of it, or an older backup.")
        % {"what": what}
    )


def blocks(file: BinaryIO | Any, length: int | None = None) -> Iterator[bytes]:
    """The file in pieces, to its end or for `length` bytes."""
    while length is None or length > 0:
        block = file.read(CHUNK if length is None else min(CHUNK, length))
        if not block:
            return
        if length is not None:
            length -= len(block)
        yield block


def sha256_of(parts: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.hexdigest()


@contextmanager
def writing(path: Path, check: Callable[[Path], object]) -> Iterator[zipfile.ZipFile]:
    """A zip under a temporary name beside `path`. When the block ends well it is sealed, brought to the disk, read back
    by `check` and only then named `path`; otherwise nothing is left of it."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600), "w+b") as file:
            with zipfile.ZipFile(file, "w", allowZip64=True) as pack:
                yield pack
                pack.comment = b"0" * SEAL_BYTES
            _seal(file)
            file.flush()
            os.fsync(file.fileno())
            if hasattr(os, "posix_fadvise"):  # so that the check reads the disk and not what memory remembers of it
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        check(draft)
        os.replace(draft, path)
        sync_folder(path.parent)
    finally:
        draft.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _seal(file: BinaryIO) -> None:
    length = file.seek(0, os.SEEK_END) - SEAL_BYTES
    file.seek(0)
    digest = sha256_of(blocks(file, length))
    file.seek(length)
    file.write(digest.encode())


def add(pack: zipfile.ZipFile, name: str, parts: Iterable[bytes], *, squeeze: bool) -> None:
    """Write one member as a stream."""
    member = zipfile.ZipInfo(name, time.localtime()[:6])
    member.compress_type = zipfile.ZIP_DEFLATED if squeeze else zipfile.ZIP_STORED
    member.external_attr = 0o600 << 16
    with pack.open(member, "w", force_zip64=True) as target:
        for part in parts:
            target.write(part)


def check_seal(path: Path) -> str:
    """The hash of the file, after it was found to be the one written at its end. Raises NotWhole."""
    if not path.is_file():
        raise NotWhole(_("There is no backup at %(path)s.") % {"path": path})
    length = path.stat().st_size - SEAL_BYTES
    with path.open("rb") as file:
        digest = sha256_of(blocks(file, max(length, 0)))
        if length <= 0 or file.read() != digest.encode():
            raise NotWhole(
                _(
                    "This file is not a whole backup: it was cut, damaged, or is something else. Nothing was touched."
                    " Take another copy of it, or an older backup."
                )
            )
    return digest


@contextmanager
def reading(path: Path) -> Iterator[tuple[zipfile.ZipFile, Manifest]]:
    """The opened backup and its manifest. Raises NotWhole for what is no backup, or one of a newer format."""
    with zipfile.ZipFile(path) as pack:
        yield pack, _manifest(pack)


def _manifest(pack: zipfile.ZipFile) -> Manifest:
    try:
        manifest = json.loads(pack.read(MANIFEST))
    except (KeyError, ValueError) as error:
        raise NotWhole(_("This file is a zip, but not a backup of CaseMgr. Nothing was touched.")) from error
    if not isinstance(manifest, dict) or manifest.get("app") != APP:
        raise NotWhole(_("This file is not a backup of CaseMgr. Nothing was touched."))
    if not isinstance(manifest.get("format"), int) or manifest["format"] > FORMAT:
        raise NotWhole(
            _("This backup was made by a newer CaseMgr (%(version)s). Nothing was touched. Install that version first.")
            % {"version": manifest.get("version", "?")}
        )
    return manifest


def lines(pack: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    with pack.open(name) as member:
        yield from member


def listed_files(pack: zipfile.ZipFile) -> Iterator[dict[str, Any]]:
    """What the list of files says of each: path, size (bytes), sha256."""
    return map(json.loads, lines(pack, FILE_LIST))


def check(path: Path) -> Manifest:
    """Read the whole backup and compare it with what its manifest says of it. Raises NotWhole; touches nothing."""
    check_seal(path)
    try:
        with reading(path) as (pack, manifest):
            _check_members(pack, manifest)
    except (zipfile.BadZipFile, zlib.error, EOFError, LookupError, ValueError, TypeError, NotImplementedError) as error:
        raise damaged(type(error).__name__) from error
    return manifest


def _check_members(pack: zipfile.ZipFile, manifest: Manifest) -> None:
    """Nothing is missing, nothing is there too much, every table and file has its count and its hash."""
    if sha256_of(lines(pack, FILE_LIST)) != manifest["files"]["sha256"]:
        raise damaged(FILE_LIST)
    files = {FILES + one["path"]: one["sha256"] for one in listed_files(pack)}
    tables = {ROWS + name: kept for name, kept in manifest["tables"].items()}
    if odd := {MANIFEST, FILE_LIST, *tables, *files}.symmetric_difference(pack.namelist()):
        raise damaged(min(odd))
    for name, kept in tables.items():
        counted = Counted(lines(pack, name))
        if (sum(1 for _line in counted), counted.sha256) != (kept["rows"], kept["sha256"]):
            raise damaged(name)
    for name, sha256 in files.items():
        with pack.open(name) as member:
            if sha256_of(blocks(member)) != sha256:
                raise damaged(name)
