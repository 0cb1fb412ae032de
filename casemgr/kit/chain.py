"""The chain of seals: what a seal is made of, and what `verify` says of it.

A seal holds number and digest of every row it covers, and a hash over these and the seal before it. So a changed row, a
deleted one and one slipped in between are each named; a forged seal breaks the chain at its place. The newest seal is
also kept outside the database (`settings.AUDIT_HEAD`): seals cut off at the end, or all of them written anew, are seen
by that. What it cannot see is in docs/adr/0008.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import re
import struct
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from django.conf import settings
from django.utils import timezone

from casemgr.kit.audit import text_digest
from casemgr.kit.models import DIGEST_MARK, AuditEvent, AuditSeal, AuditText

# The columns a seal answers for, in this order. A column that is added later is not sealed until this list is versioned.
COLUMNS = (
    "id", "at", "actor_id", "actor_name", "origin", "address", "action", "object_kind", "object_code", "thread",
    "store_ref", "before", "after", "note_digest",
)  # fmt: skip
ROW = struct.Struct(">q16s")  # number and the first 128 bits of the digest
CHUNK = 2_000

Ill = Literal["changed", "missing", "inserted", "text", "seal", "head"]


@dataclass(frozen=True)
class Fault:
    """One thing that is not as it was sealed. `row` is the number of the audit row, or of a seal's first row."""

    kind: Ill
    row: int
    about: str


def row_digest(row: Sequence[Any]) -> bytes:
    """128 bits over one audit row, its columns in the order of COLUMNS."""
    number, at, *rest = row
    moment = at.astimezone(dt.UTC).isoformat(timespec="microseconds")
    canonical = json.dumps([number, moment, *rest], ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(canonical.encode()).digest()[:16]


def pack(rows: Iterable[Sequence[Any]]) -> bytes:
    """What a seal keeps of the rows it covers."""
    return b"".join(ROW.pack(row[0], row_digest(row)) for row in rows)


def seal_hash(seal: AuditSeal) -> str:
    """The hash of a seal over all it says and the seal before it, in hex."""
    rows = hashlib.sha256(bytes(seal.rows)).hexdigest()
    moment = seal.sealed_at.astimezone(dt.UTC).isoformat(timespec="microseconds")
    said = [seal.previous, seal.first_id, seal.last_id, seal.count, moment, rows]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def newest() -> AuditSeal | None:
    """The last seal of the chain, without the rows it covers."""
    return AuditSeal.objects.defer("rows").order_by("-last_id").first()


@dataclass(frozen=True)
class Tail:
    """Audit rows that no seal covers yet: how many, and how many seconds ago the oldest was written (None: none)."""

    rows: int
    seconds: float | None


def tail(now: dt.datetime | None = None) -> Tail:
    """What is not sealed yet; more than a few minutes old means that the schedule stands still."""
    head = newest()
    rows = AuditEvent.objects.filter(pk__gt=head.last_id if head else 0)
    oldest = rows.order_by("pk").values_list("at", flat=True).first()
    return Tail(rows.count(), ((now or timezone.now()) - oldest).total_seconds() if oldest else None)


# The head outside the table.


def read_head() -> dict[str, Any] | None:
    """The newest seal as it was kept outside the database; None when nothing was kept yet."""
    try:
        return json.loads(Path(settings.AUDIT_HEAD).read_text(encoding="ascii"))
    except FileNotFoundError:
        return None


def write_head(seal: AuditSeal) -> None:
    """Keep this seal outside the database, all or nothing."""
    path = Path(settings.AUDIT_HEAD)
    said = {"last_id": seal.last_id, "hash": seal.hash, "sealed_at": seal.sealed_at.isoformat()}
    fresh = path.with_name(f"{path.name}.{uuid.uuid4().hex}")
    with fresh.open("w", encoding="ascii") as file:
        json.dump(said, file)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def head_is_known(head: dict[str, Any]) -> bool:
    """Whether the chain in the database still holds the seal that was kept outside."""
    return AuditSeal.objects.filter(hash=head["hash"], last_id=head["last_id"]).exists()


# Verifying.


def faults(counts: dict[str, int]) -> Iterator[Fault]:
    """Everything that is not as it was sealed, in the order of the rows. Adds up "rows", "seals", "erased" in `counts`.

    Reads the whole trail once, a few thousand rows at a time.
    """
    head = newest()
    if head is not None:
        yield from _of_rows(head.last_id, counts)
    kept = read_head()
    if kept is not None and not head_is_known(kept):
        yield Fault("head", kept["last_id"], f"{kept['hash'][:12]} {kept['sealed_at']}")


def _of_rows(upto: int, counts: dict[str, int]) -> Iterator[Fault]:
    # The seals are read first and the rows up to the last of them after, so that rows added meanwhile disturb nothing.
    seals = AuditSeal.objects.filter(last_id__lte=upto).order_by("last_id")
    events = AuditEvent.objects.filter(pk__lte=upto).order_by("pk").values_list(*COLUMNS)
    rows = _with_texts(events.iterator(chunk_size=CHUNK), upto)
    event, texts = next(rows, (None, []))
    previous = ""
    for seal in seals.iterator(chunk_size=20):
        counts["seals"] = counts.get("seals", 0) + 1
        if seal.previous != previous or seal_hash(seal) != seal.hash or seal.count * ROW.size != len(seal.rows):
            yield Fault("seal", seal.first_id, str(seal))
        previous = seal.hash
        sealed = dict(ROW.iter_unpack(bytes(seal.rows)[: len(seal.rows) // ROW.size * ROW.size]))
        for number in sorted(sealed):
            while event is not None and event[0] < number:
                yield Fault("inserted", event[0], _about(event))
                event, texts = next(rows, (None, []))
            if event is None or event[0] > number:
                yield Fault("missing", number, "")
                continue
            counts["rows"] = counts.get("rows", 0) + 1
            if row_digest(event) != sealed[number]:
                yield Fault("changed", number, _about(event))
            elif not _texts_fit(event, texts, counts):
                yield Fault("text", number, _about(event))
            event, texts = next(rows, (None, []))
    while event is not None:
        yield Fault("inserted", event[0], _about(event))
        event, texts = next(rows, (None, []))


TextRow = tuple[int, str, str, str, dt.datetime | None]


def _with_texts(events: Iterator[Any], upto: int) -> Iterator[tuple[Any, list[TextRow]]]:
    """Each audit row with its texts: two streams in the same order, walked side by side."""
    found = AuditText.objects.filter(event_id__lte=upto).order_by("event_id", "place")
    texts = found.values_list("event_id", "place", "text", "salt", "erased_at").iterator(chunk_size=CHUNK)
    text = next(texts, None)
    for event in events:
        mine = []
        while text is not None and text[0] <= event[0]:
            if text[0] == event[0]:
                mine.append(text)
            text = next(texts, None)
        yield event, mine


def _texts_fit(event: Any, texts: list[TextRow], counts: dict[str, int]) -> bool:
    """Whether the texts beside a row are the ones it has digests of. An erased one is, when it says when."""
    wanted = _digests(event)
    for _row, place, text, salt, erased_at in texts:
        known = wanted.pop(place, None)
        if known is None or (erased_at is None and text_digest(salt, text) != known):
            return False
        counts["erased"] = counts.get("erased", 0) + (erased_at is not None)
    return not wanted


_DIGEST = re.compile(re.escape(DIGEST_MARK) + r"([0-9a-f]{64})")


def _digests(event: Any) -> dict[str, str]:
    before, after, note = event[-3:]
    found = {"note": note} if note else {}
    for side, values in (("before", before), ("after", after)):
        for name, value in values.items():
            match = _DIGEST.fullmatch(value) if isinstance(value, str) else None
            if match:
                found[f"{side}.{name}"] = match[1]
    return found


def _about(event: Any) -> str:
    return f"{event[6]} {event[8]}, {timezone.localtime(event[1]):%Y-%m-%d %H:%M:%S}"
