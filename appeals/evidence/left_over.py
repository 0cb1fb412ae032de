"""Files that no row points to: what an upload leaves whose process died between the file and its row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.core.files.storage import default_storage
from django.utils import timezone

from appeals.evidence import files
from appeals.models import EvidenceItem, Filing, PackFile

# Packs have a tidy-up of their own (appeals.evidence.prebuilt): theirs may wait for a claim.
SWEPT = ("evidence", "receipts")
_COLUMNS = ((EvidenceItem, "file"), (EvidenceItem, "shown_file"), (PackFile, "file"), (Filing, "receipt_file"))


def found(folders: tuple[str, ...], *, untouched_for: dt.timedelta) -> Iterator[tuple[int, list[str]]]:
    """For each folder below: how many files lie in it, and those without a row. A file is written before its row, so
    younger ones than `untouched_for` are on their way, not left over."""
    for folder, names in _walk(folders):
        known = _known(folder)
        # Pictures of a generated document lie beside its PDF: abc.p01.png belongs to abc.pdf.
        lonely = [path for name in names if not {path := f"{folder}/{name}", _document_of(path)} & known]
        yield len(names), [path for path in lonely if _is_older(path, untouched_for)]


def sweep() -> int:
    """Delete what has been left over for a day. Returns how many files."""
    gone = [path for _seen, paths in found(SWEPT, untouched_for=dt.timedelta(days=1)) for path in paths]
    files.remove(gone)
    return len(gone)


def _walk(folders: tuple[str, ...]) -> Iterator[tuple[str, list[str]]]:
    waiting = list(folders)
    while waiting:
        folder = waiting.pop()
        try:
            inner, names = default_storage.listdir(folder)
        except FileNotFoundError:
            continue
        waiting += [f"{folder}/{name}" for name in inner]
        if names:
            yield folder, sorted(names)


def _known(folder: str) -> set[str]:
    """Everything a row points to within one folder."""
    within: set[str] = set()
    for model, column in _COLUMNS:
        rows = model._base_manager.filter(**{f"{column}__startswith": f"{folder}/"})
        within.update(rows.values_list(column, flat=True))
    return within


def _document_of(path: str) -> str:
    return path.split(".p")[0] + ".pdf" if path.endswith(".png") and ".p" in path[:-4] else path


def _is_older(path: str, age: dt.timedelta) -> bool:
    try:
        return timezone.now() - default_storage.get_modified_time(path) > age
    except FileNotFoundError:
        return False
