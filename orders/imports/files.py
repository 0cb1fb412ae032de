"""Where a file that comes in is kept while it is needed: sealed under the key of its run, one folder each.

What reads tables opens a path several times and jumps about in it, so a job gets a clear copy for as long as it reads:
readable by this user only, outside of what is backed up, and swept away when the process died over it.
"""

from __future__ import annotations

import hashlib
import secrets
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple

from django.conf import settings
from django.core.files import File
from django.utils.translation import gettext as _

from casemgr.kit.privacy.sealed_files import sealed_blocks, unsealed
from casemgr.kit.privacy.sealing import Erased
from casemgr.kit.workflow import Refused
from orders.models import ImportRun

_FOLDER = "imports"
_CHUNK = 1024 * 1024
_ORPHANED = 24 * 3600  # seconds: a folder of no run is left over from a process that died while receiving
_READ_BY_NOW = 3 * 3600  # seconds, longer than any job may run: a clear copy is left over from a process that died


class Kept(NamedTuple):
    path: str  # below MEDIA_ROOT
    size: int
    sha256: str


def absolute(path: str) -> Path:
    return Path(settings.MEDIA_ROOT) / path


def scratch_of(path: str) -> Path:
    """The scratch file beside an imported file."""
    return absolute(path).with_name("rows.sqlite3")


def key_name(code: str) -> str:
    """The data key of the import with this code."""
    return f"import:{code}"


def keep(upload: File, *, code: str) -> Kept:
    """Seal the file of the run `code` into a folder of its own; size and hash are of the clear bytes.

    Raises Refused beyond the size limit; nothing is left then.
    """
    folder = absolute(_FOLDER) / secrets.token_hex(16)
    folder.mkdir(parents=True, mode=0o700)
    path = f"{_FOLDER}/{folder.name}/original"
    digest, size = hashlib.sha256(), 0

    def counted() -> Iterator[bytes]:
        nonlocal size
        for chunk in upload.chunks(_CHUNK):
            size += len(chunk)
            if size > settings.IMPORT_MAX_BYTES:
                limit = settings.IMPORT_MAX_BYTES // (1024 * 1024)
                raise Refused(_("The file is larger than %(n)s MB. Export a shorter time range.") % {"n": limit})
            digest.update(chunk)
            yield chunk

    try:
        with absolute(path).open("xb") as file:
            absolute(path).chmod(0o600)
            file.writelines(sealed_blocks(counted(), key_name=key_name(code), place=path))
    except BaseException:
        shutil.rmtree(folder)
        raise
    return Kept(path, size, digest.hexdigest())


def opened(path: str) -> BinaryIO:
    """A kept file, to read clear. FileNotFoundError when it or its key is gone, and for no path at all."""
    if not path:
        raise FileNotFoundError
    stored = absolute(path).open("rb")
    try:
        return unsealed(stored, place=path)
    except Erased as erased:
        stored.close()
        raise FileNotFoundError(path) from erased


@contextmanager
def cleared(path: str) -> Iterator[Path]:
    """A clear copy of a kept file while the block runs. FileNotFoundError when the file or its key is gone."""
    folder = _reading()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    copy = folder / secrets.token_hex(16)
    try:
        with opened(path) as source, copy.open("xb") as target:
            copy.chmod(0o600)
            shutil.copyfileobj(source, target, _CHUNK)
        yield copy
    finally:
        copy.unlink(missing_ok=True)


def _reading() -> Path:
    return Path(settings.MEDIA_ROOT).with_name("reading")


def forget(path: str) -> None:
    """Delete an imported file and all that was made from it. Nothing happens when it is gone already."""
    if path:
        shutil.rmtree(absolute(path).parent, ignore_errors=True)


def forget_all_but_original(path: str) -> None:
    """Delete what was made from an imported file; the sealed original stays."""
    original = absolute(path)
    for made in original.parent.glob("*"):
        if made != original:
            made.unlink(missing_ok=True)


def sweep() -> int:
    """Delete folders that no run knows and that are older than a day; how many. Clear copies go after three hours."""
    if _reading().is_dir():
        for copy in _reading().iterdir():
            if copy.stat().st_mtime < time.time() - _READ_BY_NOW:
                copy.unlink(missing_ok=True)
    root = absolute(_FOLDER)
    if not root.is_dir():
        return 0
    known = {Path(path).parent.name for path in _paths()}
    old = time.time() - _ORPHANED
    left = [one for one in root.iterdir() if one.name not in known and one.stat().st_mtime < old]
    for folder in left:
        shutil.rmtree(folder, ignore_errors=True)
    return len(left)


def _paths() -> Iterable[str]:
    for pair in ImportRun.objects.exclude(file="", sealed_file="").values_list("file", "sealed_file"):
        yield from filter(None, pair)
