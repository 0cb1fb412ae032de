"""The pack of an approved filing, built by a job before anybody claims the submission.

What a pack holds is settled with the approval, so it can be built, and its faults found, while nobody waits. The job keeps
where its files lie; a claim takes them over in the transaction of its compare-and-set, or builds the pack itself when the
job has not come to an end or something changed since. Nothing but a claim makes a pack count (rules 1 and 4).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from typing import Any

from django.core.files.storage import default_storage

from appeals.evidence import numbering, pack
from appeals.evidence.files import Shelf
from appeals.evidence.pack import Built
from appeals.models import EvidenceItem, Filing, PackFile
from casemgr.kit.models import Job

BUILD_PACK = "appeals.build_pack"
_MARK = "ready-"
_FOLDER = "packs"
_ROW = ("position", "kind", "name", "file", "size", "sha256", "width", "height")


def key_of(filing: Filing) -> str:
    """The key of the job that builds this filing's pack."""
    return f"pack:{filing.code}"


def job_of(filing: Filing) -> Job | None:
    """The job that builds, or has built, the pack of this filing."""
    return Job.objects.filter(key=key_of(filing)).first()


def inputs(filing: Filing) -> str:
    """A hash of all that the pack is made from: texts, evidence, the moment of approval, what the console takes."""
    case, platform = filing.case, filing.case.store.platform
    evidence = [(one.item.pk, one.item.sha256, one.item.title, one.caption) for one in numbering.of(case)]
    limits = (platform.text_max, platform.images_max, platform.image_bytes_max, platform.image_formats)
    facts = [filing.box_text, filing.letter_text, str(filing.approved_at), case.root_cause, case.line_of_defence]
    whole = json.dumps([facts, limits, evidence], ensure_ascii=False, default=str)
    return hashlib.sha256(whole.encode()).hexdigest()


def build(filing: Filing, progress: pack.Progress) -> dict[str, Any]:
    """Build the pack and give what the job keeps of it; what an earlier try left is thrown away.

    Nothing is built for a filing that is not approved (any more) or whose pack is frozen. Raises what pack.build raises.
    """
    if filing.status != "approved" or filing.frozen_at:
        return {}
    _sweep_folders(f"{filing.code}-{_MARK}", spare=set(), before=None)
    made_from = inputs(filing)
    built = pack.build(filing, mark=_MARK, progress=progress)
    rows = [{**{name: getattr(row, name) for name in _ROW}, "item": row.item_id} for row in built.files]
    kept = {"inputs": made_from, "folder": built.shelf.folder, "summary": built.summary, "sha256": built.sha256}
    return {**kept, "files": rows, "images": built.summary["images"]}


def ready(filing: Filing) -> Built | None:
    """The pack that the job built, if it is whole and made from what stands now; None otherwise."""
    job = job_of(filing)
    if job is None or job.state != Job.State.DONE or job.result.get("inputs") != inputs(filing):
        return None
    kept = job.result
    if not all(default_storage.exists(row["file"]) for row in kept["files"]):
        return None
    items = EvidenceItem.objects.in_bulk([row["item"] for row in kept["files"] if row["item"]])
    rows = [
        PackFile(filing=filing, item=items.get(row["item"]), **{name: row[name] for name in _ROW})
        for row in kept["files"]
    ]
    return Built(kept["summary"], kept["sha256"], rows, Shelf(kept["folder"], filing.case))


def tidy(before: dt.datetime) -> int:
    """Delete folders of packs last touched `before` that no claim took over and no approved filing waits with."""
    frozen = {file.rpartition("/")[0] for file in PackFile.objects.values_list("file", flat=True).iterator()}
    waiting = Filing.objects.filter(status="approved", frozen_at=None).values_list("code", flat=True)
    jobs = Job.objects.filter(key__in=[f"pack:{code}" for code in waiting])
    return _sweep_folders("", spare=frozen | {job.result.get("folder", "") for job in jobs}, before=before)


def _sweep_folders(start: str, *, spare: set[str], before: dt.datetime | None) -> int:
    if not default_storage.exists(_FOLDER):
        return 0
    count = 0
    for name in default_storage.listdir(_FOLDER)[0]:
        folder = f"{_FOLDER}/{name}"
        if not name.startswith(start) or folder in spare:
            continue
        if before is not None and default_storage.get_modified_time(folder) >= before:
            continue
        for file in default_storage.listdir(folder)[1]:
            default_storage.delete(f"{folder}/{file}")
        default_storage.delete(folder)
        count += 1
    return count
