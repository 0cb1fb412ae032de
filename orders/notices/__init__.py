"""Reading pasted notices and answers of platforms: pure functions of the text, no database."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from orders.notices.answers import answer_in, is_decision
from orders.notices.any import ANY
from orders.notices.blocks import readings_of
from orders.notices.dates import Times
from orders.notices.many import Piece, read_many
from orders.notices.merging import merged
from orders.notices.normalise import page_of
from orders.notices.notice import accuses, update_in, violation_in
from orders.notices.order_numbers import long_numbers
from orders.notices.reading import Reading
from orders.notices.registry import platform_named, platform_of

__all__ = ["Piece", "highlight", "read", "read_answer", "read_many"]


def read(
    text: str,
    *,
    platform: str | None = None,
    captured_at: datetime | None = None,
    pasted_at: datetime | None = None,
    holidays: Mapping[date, bool] | None = None,
) -> dict[str, Any]:
    """
    A pasted notice as a JSON-ready dict: is_violation, action (open, update, ignore), violations.

    `platform` is the product's code; without it the text has to give it away, else it is null. `captured_at` is when
    the page was seen (a countdown is certain only with it), `pasted_at` when the text came in (estimates lean on it);
    naive times are Shanghai time. `holidays` says of single days whether they are worked on (else Monday to Friday
    are).
    Times come back in ISO 8601 with +08:00, money as text with two places. What the text does not say is null.
    Never raises, whatever the text.
    """
    return _read(text, platform, Times(captured_at, pasted_at, holidays or {}))[0]


def read_answer(text: str, *, received_at: datetime | None = None) -> dict[str, Any]:
    """
    The platform's answer to an appeal as a JSON-ready dict: result, code, orders_accepted, orders_upheld,
    attempts_left, due_text, spends_attempt, and refund (money, two places) where the text promises one.

    With `received_at` the dict has `due_at` too: what `due_text` means, counted from the receipt.
    """
    return answer_in(Reading(page_of(text), ANY, Times(pasted_at=received_at)), received_at=received_at)


def highlight(text: str, *, platform: str | None = None) -> list[dict[str, Any]]:
    """
    Where in the text the fields were found: {"field", "start", "end", "text"}, offsets into the text as given.

    `field` is the key of the violation that the place speaks for: violation_no, type, stage, shop_name, noticed_at,
    deadlines, orders (the count and every number), amounts, points, measures, attempts_stated, attempts_left, as_of,
    answer. Sorted by place, the longer one first where two begin together; a sum lies inside its measure.
    """
    spans = {
        (*reading.page.original_span(mark.start, mark.end), mark.field)
        for reading in _read(text, platform, Times())[1]
        for mark in reading.marks
    }
    return [
        {"field": field, "start": start, "end": end, "text": text[start:end]}
        for start, end, field in sorted(spans, key=lambda span: (span[0], -span[1], span[2]))
    ]


def _read(text: str, platform: str | None, times: Times) -> tuple[dict[str, Any], list[Reading]]:
    page = page_of(text)
    numbers = [mention.number for mention in long_numbers(page.plain)]
    source = platform_named(platform) if platform else platform_of(page.plain, numbers)
    whole = Reading(page, source, times)
    parts = readings_of(whole)
    if len(parts) == 1 and parts[0].cells is None and is_decision(parts[0]):
        return {"is_violation": True, "action": "update", "violations": update_in(parts[0])}, parts
    if parts[0] is whole and not accuses(whole):
        return {"is_violation": False, "action": "ignore", "violations": []}, []
    violations = merged([violation_in(part) for part in parts])
    return {"is_violation": True, "action": "open", "violations": violations}, parts
