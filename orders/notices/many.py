"""Several notices in one text: the rows of a violation list, or notices pasted one under the other."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from orders.notices.answers import is_decision
from orders.notices.blocks import readings_of
from orders.notices.dates import Times
from orders.notices.labels import of
from orders.notices.merging import merged
from orders.notices.normalise import page_of
from orders.notices.notice import accuses, update_in, violation_in
from orders.notices.order_numbers import long_numbers
from orders.notices.platform import NoticePlatform
from orders.notices.reading import Reading
from orders.notices.registry import platform_named, platform_of

RULE_LINE = re.compile(r"^[ \t]*[-=*_—─#~]{3,}[ \t]*$", re.MULTILINE)
BLANK_LINES = re.compile(r"\n[ \t\u3000]*\n")
# Labels that one notice has once: where one comes again, another notice has begun.
ONCE = ("violation_no", "notice_no", "ticket_no", "violation_type", "noticed_at", "punished_at")
HEADING_MOST = 40


@dataclass(frozen=True)
class Piece:
    """One notice of the text: its words, whether it opens, updates or says nothing, and what was read of it."""

    text: str
    action: str
    violation: Mapping[str, Any] | None


def read_many(
    text: str,
    *,
    platform: str | None = None,
    captured_at: datetime | None = None,
    pasted_at: datetime | None = None,
    holidays: Mapping[date, bool] | None = None,
) -> list[Piece]:
    """Every notice of a text in its order; arguments as for `orders.notices.read`. Never raises, whatever the text."""
    times = Times(captured_at, pasted_at, holidays or {})
    whole = _reading(text, platform_named(platform) if platform else None, times)
    if whole.table is not None:
        return _pieces_of(whole, text)
    source = whole.platform if whole.platform.code else None
    return [
        piece for chunk in _chunks(text, whole, times) for piece in _pieces_of(_reading(chunk, source, times), chunk)
    ]


def _reading(text: str, source: NoticePlatform | None, times: Times) -> Reading:
    page = page_of(text)
    source = source or platform_of(page.plain, [mention.number for mention in long_numbers(page.plain)])
    return Reading(page, source, times)


def _pieces_of(whole: Reading, text: str) -> list[Piece]:
    parts = readings_of(whole)
    if len(parts) == 1 and parts[0].cells is None and is_decision(parts[0]):
        return [Piece(text.strip(), "update", item) for item in update_in(parts[0])]
    if parts[0] is whole:
        if not accuses(whole):
            return [Piece(text.strip(), "ignore", None)] if text.strip() else []
        return [Piece(text.strip(), "open", violation_in(whole))]
    texts: dict[object, list[str]] = {}
    found = [violation_in(part) for part in parts]
    for place, (part, item) in enumerate(zip(parts, found, strict=True)):
        texts.setdefault(item["violation_no"] or place, []).append(_words(part))
    return [Piece("\n".join(words), "open", item) for words, item in zip(texts.values(), merged(found), strict=True)]


def _words(part: Reading) -> str:
    start, end = part.page.original_span(0, len(part.page.text))
    return part.page.original[start:end].strip()


def _chunks(text: str, whole: Reading, times: Times) -> list[str]:
    """The text cut where a new notice begins: at ruled lines, else at empty lines after which a label comes again."""
    if RULE_LINE.search(text):
        return [chunk for chunk in RULE_LINE.split(text) if chunk.strip()]
    chunks: list[str] = []
    seen: set[str] = set()
    heading = ""
    for block in BLANK_LINES.split(text.replace("\r\n", "\n")):
        reading = _reading(block, whole.platform, times)
        labels = {item.name for item in of(reading.fields, *ONCE)}
        decides = is_decision(reading)
        line = block.strip()
        if not reading.fields and not decides and len(line) <= HEADING_MOST and "\n" not in line:
            heading += block + "\n\n"
            continue
        if not chunks or labels & seen or decides or "decides" in seen:
            chunks.append(heading + block)
            seen = labels | ({"decides"} if decides else set())
        else:
            chunks[-1] += "\n\n" + heading + block
            seen |= labels
        heading = ""
    if heading.strip():
        chunks = [*chunks[:-1], chunks[-1] + "\n\n" + heading] if chunks else [heading]
    return chunks
