"""Reading a file without writing anything of it: what it holds, what is refused, what it would change."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from casemgr.kit.bulk import undisturbed
from casemgr.kit.tabular import Table
from orders.enums import ImportKind
from orders.imports import people
from orders.imports.by_column import ByColumn, Scattered, goes_by_column
from orders.imports.cells import moment_of
from orders.imports.deciding import Decided, Deciding, with_levels
from orders.imports.fields import FIELDS, SUMMED, Level
from orders.imports.files import scratch_of
from orders.imports.layout import MAPPED, Layout
from orders.imports.noticed import Noticed
from orders.imports.reading import RowReader, Told, date_order_of, read_rows, with_date_order
from orders.imports.recipients import Recipients
from orders.imports.registry import source_named
from orders.imports.runs import asked_layout, settled, table_of
from orders.imports.scratch import Scratch
from orders.imports.ship_clock import ShipClock
from orders.models import ImportRun
from stores.models import Store

_WORDS_TOLD = 12
_SHOPS_TOLD = 3
_FIELD_OF = {"recipient_masked": "recipient_name", "phone_masked": "recipient_phone", "address_masked": "address"}

Progress = Callable[[int], None]


@dataclass(frozen=True)
class Staged:
    """What checking a file found. `facts` are columns of the run."""

    facts: dict[str, Any]


def check(run: ImportRun, progress: Progress | None = None) -> Staged:
    """Read the whole file of a run into its scratch file. Raises TableError when it is broken further down."""
    with table_of(run) as table, undisturbed():
        told, layout, decided, refused = _read(table, asked_layout(run), run, progress)
    warnings = list(_warnings(told, decided, layout, run))
    facts = {
        "encoding": (table.encoding or table.kind)[:20],
        "mapping": dict(layout.mapping),
        "options": {**run.options, "settled": settled(layout), "ambiguous_dates": told.is_ambiguous},
        "preview": _preview(told, layout, run.store),
        "rows": told.rows,
        "stored": told.rows - refused,
        "refused": refused,
        "counts": {
            "items": decided.items,
            "copies": decided.copies,
            "expected": {"new": decided.new, "changed": decided.changed, "unchanged": decided.unchanged},
            "computed": decided.noticed.computed,
        },
        "warnings": warnings,
    }
    return Staged(facts)


def _read(table: Table, layout: Layout, run: ImportRun, progress: Progress | None) -> tuple[Told, Layout, Decided, int]:
    try:
        found = _by_column(table, layout, run, progress) if goes_by_column(layout) else None
    except Scattered:
        found = None
    told, decided_by, decided, refused = found or _by_row(table, layout, run, progress)
    if told.is_ambiguous and layout.reading.date_order is None:
        order = date_order_of(table, layout)
        if order is not None:
            # Some dates of the file can only be read one way: read it again, all of it that way.
            return _read(table, with_date_order(layout, order), run, progress)
    return told, decided_by, decided, refused


def _reader(layout: Layout, run: ImportRun) -> RowReader:
    hasher = people.hasher_of(run.store.merchant)
    return RowReader(layout, hasher, Recipients.kept_by(run.store, hasher))


def _by_column(
    table: Table, layout: Layout, run: ImportRun, progress: Progress | None
) -> tuple[Told, Layout, Decided, int]:
    with Scratch.building(scratch_of(run.file)) as scratch:
        way = ByColumn(table, _reader(layout, run), Deciding(layout, run.store, scratch))
        decided = way.run(progress)
        return way.told, layout, decided, scratch.refused()


def _by_row(
    table: Table, layout: Layout, run: ImportRun, progress: Progress | None
) -> tuple[Told, Layout, Decided, int]:
    reader = _reader(layout, run)
    with Scratch.building(scratch_of(run.file), reader.names, reader.flags) as scratch:
        told = read_rows(table, reader, scratch, progress=progress)
        layout = with_levels(layout, scratch)
        decided = Deciding(layout, run.store, scratch).run(progress)
        return told, layout, decided, scratch.refused()


def _warnings(told: Told, decided: Decided, layout: Layout, run: ImportRun) -> Iterator[dict[str, Any]]:
    """What the person should know before importing, as codes with facts (orders.imports.reasons)."""
    source = source_named(layout.source)
    if source is not None and source.platform != run.store.platform.code:
        yield {"code": "other_platform", "platform": source.platform}
    others = [name for name in told.shops if not _names(run.store, name)]
    if others:
        yield {"code": "other_shop", "names": others[:_SHOPS_TOLD]}
    if told.dropped:
        yield {"code": "dropped", "columns": told.dropped}
    if decided.copies:
        yield {"code": "copies", "n": decided.copies, "line": decided.copy_line}
    if told.rounded:
        yield {"code": "rounded", "n": told.rounded, "line": told.rounded_line}
    yield from _noticed(decided.noticed, layout)
    if layout.source == MAPPED and layout.kind == ImportKind.ORDERS:
        added = [
            layout.mapping[name] for name in SUMMED if layout.levels.get(name) is Level.LINE and name in layout.mapping
        ]
        if added:
            yield {"code": "levels", "columns": added}
    if layout.reading.date_order and not run.options.get("date_order"):
        yield {"code": "dates", "order": layout.reading.date_order}
    told_shipping = layout.carries("status", "shipped_at", "waybill_no", "parcel_words")
    if layout.kind == ImportKind.ORDERS and not told_shipping:
        yield {"code": "no_fulfilment"}


def _noticed(noticed: Noticed, layout: Layout) -> Iterator[dict[str, Any]]:
    if noticed.words:
        yield {"code": "unknown_words", "words": [word for word, _n in noticed.words.most_common(_WORDS_TOLD)]}
    for name, count in noticed.disagree.most_common():
        column = layout.mapping.get(_FIELD_OF.get(name, name), name)
        yield {"code": "disagree", "column": column, "n": count, "example": noticed.examples[name]}


def _names(store: Store, text: str) -> bool:
    known = {store.code.casefold(), store.external_id.casefold(), store.name.casefold()}
    return text.strip().casefold() in known


def _preview(told: Told, layout: Layout, store: Store) -> list[dict[str, Any]]:
    """The first rows as they were understood; a ship-by time that the file leaves out is computed as it will be."""
    if layout.kind == ImportKind.ORDERS:
        clock = ShipClock.of(store.platform)
        for row in told.preview:
            values = row["values"]
            if values and "promised_ship_at" not in values:
                values["computed_ship_by"] = clock.due(values)[0]
    shown = {*FIELDS[layout.kind], "recipient_masked", "phone_masked", "address_masked", "computed_ship_by"}
    for row in told.preview:
        row["values"] = {name: value for name, value in row["values"].items() if name in shown}
    return told.preview


def previewed_moment(text: str | None) -> Any:
    """A moment of a preview as a page shows it."""
    return moment_of(text) if text else None
