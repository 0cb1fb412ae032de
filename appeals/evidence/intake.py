"""The door for evidence: each file is judged by its content, cleaned into a version to show, and kept sealed beside it.

`sha256` is of the file as it was handed in; type, size and pixels are of the version that is shown and filed.
"""

from __future__ import annotations

import re
import tempfile
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings

from appeals.evidence import files, pictures, scanning
from appeals.evidence.refusals import NotTaken
from casemgr.kit.privacy import scrub
from casemgr.kit.tabular import TableError, open_table
from casemgr.kit.workflow import Refused

MOST_FILES = 20
# All evidence of one merchant together: thousands of screenshots; a guard against a mistake or an attack.
MERCHANT_MOST_BYTES = 5 * 1024**3
# The only kind of evidence for which a table is taken: the platform's own list of the orders it names.
TABLES_FOR = frozenset({"notice"})
SUFFIXES = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "application/pdf": ".pdf",
    "video/mp4": ".mp4",
    "text/csv": ".csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST_NAME = 120


class Upload(Protocol):
    """What a browser sends: a name, a size, bytes."""

    @property
    def name(self) -> Any: ...

    @property
    def size(self) -> Any: ...

    def read(self) -> Any: ...


@dataclass(frozen=True)
class Accepted:
    """A file that may be stored. `shown` is None where the original is shown as it is (PDF, MP4, tables)."""

    name: str
    original: bytes
    shown: bytes | None
    content_type: str
    sha256: str
    width: int | None = None
    height: int | None = None

    @property
    def size(self) -> int:
        return len(self.original if self.shown is None else self.shown)

    @property
    def suffix(self) -> str:
        return SUFFIXES[self.content_type]


def accept(upload: Upload, *, requirement_key: str = "") -> Accepted:
    """Judge one uploaded file. Raises NotTaken (or Refused with a table's own sentence); stores nothing."""
    name = clean_name(upload.name or "")
    limit = settings.EVIDENCE_MAX_BYTES
    if (upload.size or 0) > limit:
        raise NotTaken("too_big", name=name, found=_megabytes(upload.size or 0), limit=_megabytes(limit))
    content = upload.read()
    if len(content) > limit:
        raise NotTaken("too_big", name=name, found=_megabytes(len(content)), limit=_megabytes(limit))
    if upload.size is not None and len(content) != upload.size:
        raise NotTaken("cut", name=name)
    return _accept(content, name, requirement_key)


def _accept(content: bytes, name: str, requirement_key: str) -> Accepted:
    kind = scanning.kind_of(content, name)
    sha256 = files.sha256(content)
    if kind in ("jpeg", "png", "webp"):
        scanning.refuse_hidden(content, name)
        picture = pictures.clean(content, name)
        return Accepted(name, content, picture.content, picture.content_type, sha256, picture.width, picture.height)
    if kind == "pdf":
        scanning.check_pdf(content, name)
        return Accepted(name, content, None, "application/pdf", sha256)
    if kind == "mp4":
        scanning.check_video(content, name)
        return Accepted(name, content, None, "video/mp4", sha256)
    return Accepted(name, content, None, _table_type(content, kind, name, requirement_key), sha256)


def _table_type(content: bytes, kind: str, name: str, requirement_key: str) -> str:
    """text/csv or the type of XLSX, for the one kind of evidence that may be a table."""
    if requirement_key not in TABLES_FOR:
        raise NotTaken(
            "packed"
            if kind == "zip" and not _is_workbook(content)
            else "table"
            if _looks_like_table(content)
            else "text",
            name=name,
        )
    with tempfile.TemporaryDirectory(prefix="evidence-") as folder:
        path = Path(folder, "table")
        path.write_bytes(content)
        try:
            table = open_table(path)
        except TableError as fault:
            raise Refused(f"“{name}”: {fault.message}") from fault
    return "text/csv" if table.kind == "csv" else XLSX


def _is_workbook(content: bytes) -> bool:
    return b"xl/workbook.xml" in content or b"xl/worksheets/" in content


def _looks_like_table(content: bytes) -> bool:
    first = content[:2000].split(b"\n", 1)[0]
    return _is_workbook(content) or first.count(b",") + first.count(b"\t") >= 2


def clean_name(name: str) -> str:
    """The name a person knows the file by, without folders, control and direction signs, at most 120 signs; phone
    numbers in it are masked."""
    last = scrub(re.split(r"[\\/]", unicodedata.normalize("NFC", name))[-1])
    kept = "".join(sign for sign in last if unicodedata.category(sign) not in ("Cc", "Cf", "Cs", "Zl", "Zp"))
    stem, dot, ending = kept.strip().rpartition(".")
    if dot and len(ending) <= 8:
        return f"{stem[: LONGEST_NAME - len(ending) - 1]}.{ending}"
    return kept.strip()[:LONGEST_NAME] or "file"


def _megabytes(count: int) -> str:
    return f"{count / 1024 / 1024:.1f}"


@dataclass(frozen=True)
class Limits:
    """What the door takes, to be said before anybody chooses files."""

    files: int
    megabytes: int
    kinds: str = "JPG, PNG, WebP, PDF, MP4"
    # For the browser's chooser: what it offers first; the door judges by content all the same.
    accept: str = "image/*,application/pdf,video/mp4"

    @property
    def bytes(self) -> int:
        return self.megabytes * 1024 * 1024


def limits() -> Limits:
    return Limits(MOST_FILES, settings.EVIDENCE_MAX_BYTES // 1024 // 1024)
