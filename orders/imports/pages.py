"""What the pages show of a run: steps, figures, the file as it was understood, and what is wrong with it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import Case, CharField, Count, F, Min, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from casemgr.kit.jobs import ENDED_BADLY
from casemgr.kit.models import Job
from orders.enums import ImportKind
from orders.imports.cells import moment_of
from orders.imports.fields import FIELDS, Reads
from orders.imports.layout import MAPPED
from orders.imports.order_states import state_of
from orders.imports.reasons import refusal, warning
from orders.imports.registry import source_named
from orders.models import ImportRefusal, ImportRun
from orders.workflow import IMPORT

_FIRST = frozenset(
    {"order_no", "placed_at", "promised_ship_at", "status", "amount_paid", "recipient_name", "waybill_no", "event_at"}
)
_EXAMPLES_FROM = 400  # refused rows read for their lines and an example
_LINES_TOLD = 5
_REASON = Case(
    When(reason_code__startswith="replaced:", then=Value("replaced")),
    default=F("reason_code"),
    output_field=CharField(),
)


def pill(run: ImportRun) -> dict[str, Any]:
    """State as a word and a tone."""
    state = IMPORT.state(run.status)
    return {"tone": state.tone, "label": state.label}


def source_label(run: ImportRun) -> str:
    """What the file was recognised as, or that a person mapped its columns."""
    source = source_named(run.source)
    if source is not None:
        return str(source.label)
    return _("mapped by column") if run.source == MAPPED else _("not recognised yet")


def format_label(run: ImportRun) -> str:
    """How the file is written: XLSX, or the encoding of a text table."""
    return {"utf-8-sig": "UTF-8"}.get(run.encoding, run.encoding.upper())


def steps(run: ImportRun) -> list[dict[str, Any]]:
    """The four steps of an import for the stepper."""
    now = {"received": 1, "mapping": 1, "staging": 1, "staged": 1, "publishing": 2, "published": 3}.get(run.status, 1)
    notes = [run.created_at, _("nothing is written yet") if now == 1 else "", "", run.published_at or ""]
    ended = run.status in ("cancelled", "failed")
    labels = [
        pgettext("step of an import", "File"),
        pgettext("step of an import", "Check"),
        pgettext("step of an import", "Import"),
        pgettext("step of an import", "Result"),
    ]
    return [
        {"label": label, "note": note if place != 1 or not ended else pill(run)["label"],
         "state": "done" if place < now or run.status == "published" else ("bad" if ended else "now") if place == now else "todo"}
        for place, (label, note) in enumerate(zip(labels, notes, strict=True))
    ]  # fmt: skip


def preview_rows(run: ImportRun) -> list[dict[str, Any]]:
    """The rows of the preview as the table shows them; a refused one names its cell and why."""
    rows = []
    for kept in run.preview:
        values = kept["values"]
        row = {
            "line": kept["line"],
            "why": refusal(kept["why"]) if kept.get("why") else "",
            "bad": kept.get("value", ""),
        }
        row["column"] = kept.get("column", "")
        rows.append(row | _SHOWN[run.kind](values, run))
    return rows


def _at(values: dict[str, Any], name: str) -> dt.datetime | None:
    return moment_of(values[name]) if values.get(name) else None


def _order_row(values: dict[str, Any], run: ImportRun) -> dict[str, Any]:
    word = values.get("status", "")
    promised = _at(values, "promised_ship_at")
    return {
        "number": values.get("order_no", ""),
        "placed_at": _at(values, "placed_at") or _at(values, "paid_at"),
        "ship_by": promised or _at(values, "computed_ship_by"),
        "is_computed": promised is None and "computed_ship_by" in values,
        "recipient": "，".join(filter(None, (values.get("recipient_masked"), values.get("city")))),
        "article": " ".join(filter(None, (values.get("sku_name"), values.get("sku_spec")))),
        "amount": values.get("amount_paid") or values.get("amount_total"),
        "state": word,
        "is_known": not word or bool(state_of(word, run.store.platform.code)),
    }


def _parcel_row(values: dict[str, Any], run: ImportRun) -> dict[str, Any]:
    return {
        "number": values.get("order_no", ""),
        "waybill_no": values.get("waybill_no", ""),
        "carrier": values.get("carrier", ""),
        "shipped_at": _at(values, "shipped_at"),
    }


def _scan_row(values: dict[str, Any], run: ImportRun) -> dict[str, Any]:
    return {
        "number": values.get("waybill_no", ""),
        "event_at": _at(values, "event_at"),
        "text": values.get("event_text", ""),
        "city": values.get("city", ""),
        "state": values.get("state", ""),
    }


_SHOWN: dict[str, Any] = {ImportKind.ORDERS: _order_row, ImportKind.PARCELS: _parcel_row, ImportKind.SCANS: _scan_row}


def problems(run: ImportRun) -> list[dict[str, Any]]:
    """Refused rows by reason and column: how many, in which lines, an example. The same two queries however many."""
    refused = ImportRefusal.objects.filter(run=run)
    counted = refused.annotate(cause=_REASON).values("cause", "column").annotate(n=Count("pk"), first=Min("line"))
    examples: dict[tuple[str, str], list[ImportRefusal]] = {}
    for one in refused.order_by("line", "pk")[:_EXAMPLES_FROM]:
        examples.setdefault((one.reason_code.partition(":")[0], one.column), []).append(one)
    return [
        _problem(dict(row), examples.get((row["cause"], row["column"]), [])) for row in counted.order_by("-n", "first")
    ]


def _problem(row: dict[str, Any], examples: list[ImportRefusal]) -> dict[str, Any]:
    lines = [one.line for one in examples[:_LINES_TOLD]] or [row["first"]]
    title = _("Replaced by a later row of the same number") if row["cause"] == "replaced" else refusal(row["cause"])
    named = "、".join(map(str, lines)) + (" …" if row["n"] > len(lines) else "")
    where = ngettext("line %(lines)s", "lines %(lines)s", row["n"]) % {"lines": named}
    parts = [row["column"], where]
    if examples and examples[0].value:
        parts.append(_("such as %(value)s") % {"value": examples[0].value})
    return {
        "title": title,
        "n": row["n"],
        "where": pgettext("between parts of a sentence", ", ").join(filter(None, parts)),
    }


def warnings(run: ImportRun) -> list[str]:
    """What the file gives reason to warn of, in the language of the reader."""
    return [warning(kept) for kept in run.warnings]


def mapped(run: ImportRun) -> list[dict[str, Any]]:
    """Fields and the columns they are read from, those people look at first in front; people's fields say so."""
    fields = FIELDS[run.kind]
    labels: dict[str, Any] = {name: field.label for name, field in fields.items()}
    labels["postage"] = pgettext("field of a file", "postage")
    labels["parcel_words"] = pgettext("field of a file", "carrier and waybill number in one")
    names = sorted((name for name in labels if name in run.mapping), key=lambda name: name not in _FIRST)
    return [
        {
            "label": labels[name],
            "column": run.mapping[name],
            "is_person": name in fields and fields[name].reads is Reads.PERSON,
        }
        for name in names
    ]


def used_columns(run: ImportRun) -> tuple[int, int]:
    """How many columns of the file are read, of how many that have a name."""
    return len(set(run.mapping.values())), sum(1 for header in run.headers if header)


def refusal_rows(refused: Iterable[ImportRefusal]) -> list[dict[str, Any]]:
    return [
        {"line": one.line, "column": one.column, "value": one.value, "reason": refusal(one.reason_code)}
        for one in refused
    ]


def refusal_table(refused: Iterable[ImportRefusal]) -> Iterator[tuple[object, ...]]:
    """The same as rows of a file, streamed."""
    for one in refused:
        yield one.line, one.column, one.value, refusal(one.reason_code)


def progress(run: ImportRun, job: Job | None) -> dict[str, Any]:
    """How far the check or the writing is: rows done, of how many where that is known, and an estimate of what is left."""
    if run.status == "publishing":
        done, total = run.counts.get("rows_done", 0), run.stored
    else:
        done, total = (job.progress_done if job else 0), None
    shown: dict[str, Any] = {"done": done, "total": total, "left": None, "failed": None}
    if job is not None and job.state in ENDED_BADLY:
        shown["failed"] = job
    elif job is not None and job.started_at and total and done:
        shown["left"] = (timezone.now() - job.started_at) * ((total - done) / done)
        shown["is_soon"] = shown["left"] < dt.timedelta(minutes=1)
    return shown
