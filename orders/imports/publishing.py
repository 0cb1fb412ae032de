"""Writing what was checked: batches that only go forward, each one transaction, each counted once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, Protocol

from django.db import IntegrityError, transaction
from django.utils import timezone

from casemgr.kit.bulk import Counts, matching, refresh_statistics, undisturbed
from orders.enums import ImportKind
from orders.imports.cells import stored
from orders.imports.files import scratch_of
from orders.imports.order_writing import OrderWriter, Outdated, Written
from orders.imports.parcel_writing import ParcelWriter
from orders.imports.runs import decided_layout
from orders.imports.scratch import Batch, Scratch
from orders.models import ImportRun, Order, OrderLine, Parcel, ParcelOrder
from stores.models import Store

# Tables that an import lets grow at once, with the columns by which the next queries find their rows.
_GROWN: tuple[tuple[Any, ...], ...] = (
    (Order, "store_id", "placed_at", "paid_at", "ship_by"),
    (OrderLine, "order_id"),
    (Parcel, "store_id", "shipped_at"),
    (ParcelOrder, "order_id", "parcel_id"),
)
_TRIES = 5
# Called inside the transaction of each batch with the rows done so far: it may raise to undo the batch.
Fence = Callable[[int], None]


class Writer(Protocol):
    def write(self, items: Any, /) -> Written: ...


class _Parcels:
    """Parcels of orders that the shop has; those without an order were refused when the file was checked."""

    def __init__(self, store: Store, now: str) -> None:
        self.store, self.parcels = store, ParcelWriter(store, now)

    def write(self, items: Sequence[dict[str, Any]]) -> Written:
        numbers = {number for item in items for number in item["o"]}
        found = matching(Order, ("store_id", self.store.pk), "order_no", numbers, ("id",))
        ids = {number: row[0] for number, row in found.items()}
        named = [
            (*parcel, order_id)
            for item in items
            for parcel in item["p"]
            for order_id in ([ids[number] for number in item["o"] if number in ids] or [None])
        ]
        counts = self.parcels.write(named).counts
        self.parcels.settle_orders(sorted(ids.values()))
        return Written(counts)


class _Scans:
    def __init__(self, store: Store, now: str) -> None:
        self.parcels = ParcelWriter(store, now)

    def write(self, items: Sequence[dict[str, Any]]) -> Written:
        first = min(event[0] for item in items for event in item["e"])
        return Written(self.parcels.write_scans(items), first_event=first)


def writer_of(run: ImportRun) -> Writer:
    """What writes the items of this run's file."""
    now = timezone.now()
    if run.kind == ImportKind.ORDERS:
        return OrderWriter(decided_layout(run), run.store, run.pk, now)
    return _Parcels(run.store, stored(now)) if run.kind == ImportKind.PARCELS else _Scans(run.store, stored(now))


def write_batches(run: ImportRun, fence: Fence | None = None) -> bool:
    """Write what is not written yet. False when another process moved the run on meanwhile: what it wrote stands, this
    batch was undone.

    A killed run is resumed with the batch after the last one that was committed; `run` is brought up to date as it goes.
    Raises FileNotFoundError when the file must be checked again first.
    """
    writer = writer_of(run)
    with undisturbed(), Scratch.reading(scratch_of(run.file)) as scratch:
        for batch in scratch.batches(after=run.published_upto):
            try:
                if not _write_batch(run, writer, batch, fence):
                    return False
            except Outdated as outdated:
                # What the file was checked against is gone: as without a scratch file, it is checked again.
                scratch_of(run.file).unlink(missing_ok=True)
                raise FileNotFoundError(run.file) from outdated
    return True


def _write_batch(run: ImportRun, writer: Writer, batch: Batch, fence: Fence | None) -> bool:
    """One batch in one transaction; begun anew when another import was faster with one of its rows: then it is there."""
    for _try in range(_TRIES):
        try:
            return _write_once(run, writer, batch, fence)
        except IntegrityError as fault:
            overtaken = fault
    raise overtaken


def _write_once(run: ImportRun, writer: Writer, batch: Batch, fence: Fence | None) -> bool:
    with transaction.atomic():
        written = writer.write(batch.items)
        counts = _counted(run.counts, written, rows=batch.rows)
        totals = {name: _plus(run.totals.get(name), cents) for name, cents in written.cents.items()}
        # The counts move together with the rows they count, and only from where this process saw them.
        where = ImportRun.objects.filter(pk=run.pk, status="publishing", published_upto=run.published_upto)
        moved = where.update(published_upto=batch.upto, counts=counts, totals=totals)
        if not moved:
            transaction.set_rollback(True)
            return False
        if fence:
            fence(counts["rows_done"])
    run.published_upto, run.counts, run.totals = batch.upto, counts, totals
    return True


def tables_have_grown() -> None:
    """After a large import, outside its transactions: the planner must not go by what it knew before."""
    for model, *columns in _GROWN:
        refresh_statistics(model, *columns)


def _plus(total: str | None, cents: int) -> str:
    return str((Decimal(total or 0) + Decimal(cents) / 100).quantize(Decimal("0.01")))


def _counted(counts: dict[str, Any], written: Written, *, rows: int) -> dict[str, Any]:
    done = Counts(**counts.get("done", {})) + written.counts
    events = [text for text in (counts.get("first_event"), written.first_event) if text]
    return {
        **counts,
        "done": {"new": done.new, "changed": done.changed, "unchanged": done.unchanged},
        "rows_done": counts.get("rows_done", 0) + rows,
        "first_event": min(events, default=""),
    }
