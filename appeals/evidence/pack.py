"""The frozen pack: what the console takes, in its order and within its limits, and the archive copy beside it.

Own copies of the bytes in a folder of their own: what happens to the evidence later does not touch what was filed (rule 4).
"""

from __future__ import annotations

import datetime as dt
import json
import re
import secrets
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from appeals.enums import EvidenceSource
from appeals.evidence import files, letter_pdf, numbering, pictures
from appeals.evidence.archive import Archive
from appeals.evidence.files import Condition, Shelf
from appeals.evidence.numbering import Numbered
from appeals.evidence.pictures import Picture
from appeals.models import Filing, PackFile
from casemgr.kit.workflow import Refused
from stores.enums import LineOfDefence, NeedLevel, RootCause
from stores.models import Platform

Sources = list[tuple[Numbered, str]]
Progress = Callable[[int, int], None]

MARK = "【待补："
LETTER, ARCHIVE, MANIFEST, BOX = "申诉信.pdf", "存档.zip", "manifest.json", "申诉说明.txt"


@dataclass
class Built:
    """A pack on disk that no row points to yet. `summary` is what Filing.pack keeps; `sha256` is of the archive."""

    summary: dict[str, Any]
    sha256: str
    files: list[PackFile]
    shelf: Shelf = field(repr=False)


@dataclass(frozen=True)
class Shot:
    """One picture of the pack and the evidence it shows; its bytes are on disk by then."""

    name: str
    width: int
    height: int
    source: Numbered


def build(filing: Filing, *, mark: str = "", progress: Progress | None = None) -> Built:
    """Copy, fit and hash everything that is filed. Only evidence that was there when the filing was approved goes in.

    `mark` begins the random part of its folder's name; `progress` hears how many pictures of how many are in it.
    Raises Refused with what to do when the text has gaps or is too long, or the pictures do not fit the console.
    """
    platform = filing.case.store.platform
    _check_text(filing, platform)
    numbered = numbering.of(filing.case, until=filing.approved_at)
    sources = [(row, name) for row in numbered for name in _picture_files(row)]
    if platform.images_max is not None and len(sources) > platform.images_max:
        raise Refused(_too_many(sources, platform.images_max))
    with Shelf(f"packs/{filing.code}-{mark}{secrets.token_hex(8)}", filing.case) as shelf:
        return _write(filing, numbered, sources, shelf, progress or (lambda done, total: None))


def discard(built: Built) -> None:
    """Throw a pack away that was not claimed with, its folder too."""
    built.shelf.drop()
    files.remove([built.shelf.folder])


def _check_text(filing: Filing, platform: Platform) -> None:
    case = filing.case
    if case.root_cause == RootCause.REAL_BRUSHING and case.line_of_defence != LineOfDefence.LENIENCY:
        raise Refused(_("Real brushing is not defended: choose leniency, or do not fight and rectify."))
    if not filing.box_text.strip():
        raise Refused(_("The appeal text is not written yet."))
    if MARK in filing.box_text or MARK in filing.letter_text:
        raise Refused(_("The text still lacks facts: fill in what is marked."))
    if platform.text_max is not None and len(filing.box_text) > platform.text_max:
        over = {"n": len(filing.box_text) - platform.text_max, "limit": platform.text_max}
        raise Refused(_("The text is %(n)s characters too long: the console takes %(limit)s.") % over)


def _fitted(row: Numbered, name: str, platform: Platform) -> Picture:
    """One picture within what the console takes, as far as that is known."""
    formats = frozenset(
        "jpg" if word == "jpeg" else word for word in re.findall(r"[a-z]+", platform.image_formats.lower())
    )
    fitted = pictures.fit(files.read(name), most_bytes=platform.image_bytes_max, formats=formats)
    if fitted is None:
        text = _("“%(title)s” does not fit: the console takes %(limit)s kB a picture. Send it in two parts.")
        raise Refused(text % {"title": row.item.title, "limit": (platform.image_bytes_max or 0) // 1024})
    return fitted


def _picture_files(row: Numbered) -> list[str]:
    if row.item.source == EvidenceSource.GENERATED:
        return files.pages_of(row.item.shown_file)
    return [row.item.shown_file] if row.item.is_image else []


def _shot_name(position: int, row: Numbered, picture: Picture) -> str:
    """01_证据1_处罚通知截图.png: the console's order and the letter's number in one name."""
    suffix = ".png" if picture.content_type == "image/png" else ".jpg"
    return f"{position:02d}_{row.caption}_{safe_name(row.requirement.name_zh)}{suffix}"


def _too_many(sources: Sources, limit: int) -> str:
    """The sentence names what is only useful, last first: what to drop before anything required."""
    useful = [row.item.title for row, _name in reversed(sources) if row.need.level == NeedLevel.USEFUL]
    named = "、".join(dict.fromkeys(useful)) or "–"
    text = _(
        "The console takes %(limit)s pictures, there are %(n)s. Withdraw %(over)s; only useful, not required: %(names)s."
    )
    return text % {"limit": limit, "n": len(sources), "over": len(sources) - limit, "names": named}


def safe_name(text: str) -> str:
    """A piece of a file name that every system takes."""
    return re.sub(r'[\\/:*?"<>|\s\x00-\x1f]+', "_", text).strip("._")[:60] or "file"


def _write(filing: Filing, numbered: list[Numbered], sources: Sources, shelf: Shelf, progress: Progress) -> Built:
    letter = letter_pdf.make(filing)
    rows: list[PackFile] = []
    with tempfile.TemporaryFile() as target:
        with Archive(target) as archive:
            archive.add(BOX, [filing.box_text.encode()])
            archive.add(LETTER, [letter])
            shots = _add_pictures(filing, archive, sources, shelf, rows, progress)
            left_out = _add_attachments(archive, numbered, shots)
            manifest = _manifest(filing, numbered, shots, archive.members)
            archive.add(MANIFEST, [manifest])
        size = target.tell()
        target.seek(0)
        stored_zip = shelf.put_stream("archive.zip", target)
    sha256 = files.sha256_on_disk(stored_zip)
    stored_letter = shelf.put(letter, ".pdf", stem="letter")
    rows.append(_row(filing, rows, "letter", LETTER, stored_letter, len(letter), files.sha256(letter)))
    rows.append(_row(filing, rows, "archive", f"{filing.code}_{ARCHIVE}", stored_zip, size, sha256))
    stored_list = shelf.put(manifest, ".json", stem="manifest")
    rows.append(_row(filing, rows, "manifest", MANIFEST, stored_list, len(manifest), files.sha256(manifest)))
    return Built(_summary(filing, numbered, rows, left_out), sha256, rows, shelf)


def _add_pictures(
    filing: Filing, archive: Archive, sources: Sources, shelf: Shelf, rows: list[PackFile], progress: Progress
) -> list[Shot]:
    """Every picture once in the archive and once by itself for the console; one in memory at a time."""
    shots: list[Shot] = []
    for row, name in sources:
        progress(len(shots), len(sources))
        picture = _fitted(row, name, filing.case.store.platform)
        shot = Shot(_shot_name(len(shots) + 1, row, picture), picture.width, picture.height, row)
        sha256 = archive.add(f"图片/{shot.name}", [picture.content])
        stored = shelf.put(picture.content, shot.name[-4:], stem=f"{len(shots) + 1:02d}")
        rows.append(_row(filing, rows, "image", shot.name, stored, len(picture.content), sha256, shot))
        shots.append(shot)
    return shots


def _row(
    filing: Filing,
    rows: list[PackFile],
    kind: str,
    name: str,
    stored: str,
    size: int,
    sha256: str,
    shot: Shot | None = None,
) -> PackFile:
    shown = {"width": shot.width, "height": shot.height, "item": shot.source.item} if shot else {}
    return PackFile(
        filing=filing, position=len(rows) + 1, kind=kind, name=name, file=stored, size=size, sha256=sha256, **shown
    )


def _add_attachments(archive: Archive, numbered: list[Numbered], shots: list[Shot]) -> list[Numbered]:
    """What is no picture goes into the archive as it is; gives the evidence that the console gets nothing of."""
    pictured = {shot.source.number for shot in shots}
    left_out = [row for row in numbered if row.number not in pictured]
    for row in numbered:
        if not row.item.is_image:
            suffix = row.item.shown_file[row.item.shown_file.rfind(".") :]
            archive.add(f"附件/{row.caption}_{safe_name(row.item.title)}{suffix}", files.chunks(row.item.shown_file))
    return left_out


def _manifest(filing: Filing, numbered: list[Numbered], shots: list[Shot], members: list[dict[str, object]]) -> bytes:
    """What is in the archive and where it comes from, with every hash; the same for the same content."""
    case = filing.case
    listed = {
        "filing": filing.code,
        "case": case.code,
        "shop": case.store.name,
        "platform": case.store.platform.code,
        "round": filing.round,
        "is_supplement": filing.is_supplement,
        "members": members,
        "evidence": [_described(row, shots) for row in numbered],
    }
    return json.dumps(listed, ensure_ascii=False, indent=1, sort_keys=True).encode()


def _described(row: Numbered, shots: list[Shot]) -> dict[str, Any]:
    item = row.item
    return {
        "number": row.number,
        "code": item.code,
        "kind": row.requirement.key,
        "title": item.title,
        "source": item.source,
        "source_note": item.source_note,
        "version": item.version,
        "captured_at": _iso(item.captured_at),
        "uploaded_at": _iso(item.uploaded_at),
        "original_name": item.original_name,
        "original_sha256": item.sha256,
        "pictures": [shot.name for shot in shots if shot.source.number == row.number],
    }


def _iso(at: dt.datetime | None) -> str | None:
    return at.astimezone(dt.UTC).isoformat() if at else None


def _summary(
    filing: Filing, numbered: list[Numbered], rows: list[PackFile], left_out: list[Numbered]
) -> dict[str, Any]:
    """What Filing.pack keeps: counts against limits (None: unknown) and warnings as English source with values."""
    platform = filing.case.store.platform
    shown = [row for row in rows if row.kind == "image"]
    return {
        "characters": len(filing.box_text),
        "characters_max": platform.text_max,
        "images": len(shown),
        "images_max": platform.images_max,
        "image_bytes_max": platform.image_bytes_max,
        "image_bytes": sum(row.size for row in shown),
        "limits_known": None not in (platform.text_max, platform.images_max, platform.image_bytes_max),
        "evidence": len(numbered),
        "warnings": [*_warnings(filing, numbered, left_out)],
    }


def _warnings(filing: Filing, numbered: list[Numbered], left_out: list[Numbered]) -> list[dict[str, Any]]:
    found = [
        {
            "text": gettext_noop("“%(title)s” is no picture: the console does not get it, the archive has it."),
            "values": {"title": row.item.title},
        }
        for row in left_out
    ]
    late = len(numbering.of(filing.case)) - len(numbered)
    if late > 0:
        found.append(
            {
                "text": gettext_noop("%(n)s files came after the approval and are not in the pack."),
                "values": {"n": late},
            }
        )
    if numbering.changed_since(filing.letter_text, numbered):
        text = gettext_noop("The letter's list of evidence is older than the evidence: its numbers may be wrong.")
        found.append({"text": text, "values": {}})
    return found


def warnings(filing: Filing) -> list[str]:
    """The warnings kept with a frozen pack, in the reader's language."""
    kept = [(warning["text"], warning["values"]) for warning in filing.pack.get("warnings", [])]
    return [_(source) % values for source, values in kept]


def verify(filing: Filing) -> list[str]:
    """What is wrong with a frozen pack on disk: files gone or changed since. Empty: every byte is as it was filed, or the
    retention run erased the case: rows and hashes are what remains then."""
    found = []
    for row in filing.pack_files.all():
        condition = files.condition(row.file, row.sha256, filing.case)
        is_other = row.kind == "archive" and row.sha256 != filing.pack_sha256
        if condition is Condition.GONE:
            found.append(_("%(name)s is gone.") % {"name": row.name})
        elif condition is Condition.CHANGED or is_other:
            found.append(_("%(name)s is not what was frozen.") % {"name": row.name})
    if filing.frozen_at and not filing.pack_files.exists():
        found.append(_("The pack has no files."))
    return found
