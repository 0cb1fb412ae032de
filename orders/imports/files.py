"""Where a file that comes in is kept while it is needed: privately, under a random name, one folder each."""

from __future__ import annotations

import hashlib
import secrets
import shutil
import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.core.files import File
from django.utils.translation import gettext as _

from casemgr.kit.workflow import Refused
from orders.models import ImportRun

_FOLDER = "imports"
_CHUNK = 1024 * 1024
_ORPHANED = 24 * 3600  # seconds: a folder of no run is left over from a process that died while receiving


class Kept(NamedTuple):
    path: str  # below MEDIA_ROOT
    size: int
    sha256: str


def absolute(path: str) -> Path:
    return Path(settings.MEDIA_ROOT) / path


def scratch_of(path: str) -> Path:
    """The scratch file beside an imported file."""
    return absolute(path).with_name("rows.sqlite3")


def keep(upload: File) -> Kept:
    """Write the file into a folder of its own. Raises Refused beyond the size limit; nothing is left then."""
    folder = absolute(_FOLDER) / secrets.token_hex(16)
    folder.mkdir(parents=True, mode=0o700)
    path = folder / "original"
    digest, size = hashlib.sha256(), 0
    try:
        with path.open("xb") as file:
            path.chmod(0o600)
            for chunk in upload.chunks(_CHUNK):
                size += len(chunk)
                if size > settings.IMPORT_MAX_BYTES:
                    limit = settings.IMPORT_MAX_BYTES // (1024 * 1024)
                    raise Refused(_("The file is larger than %(n)s MB. Export a shorter time range.") % {"n": limit})
                digest.update(chunk)
                file.write(chunk)
    except BaseException:
        shutil.rmtree(folder)
        raise
    return Kept(f"{_FOLDER}/{folder.name}/original", size, digest.hexdigest())


def forget(path: str) -> None:
    """Delete an imported file and all that was made from it. Nothing happens when it is gone already."""
    if path:
        shutil.rmtree(absolute(path).parent, ignore_errors=True)


def sweep() -> int:
    """Delete folders that no run knows and that are older than a day; how many."""
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
    return ImportRun.objects.exclude(file="").values_list("file", flat=True)
