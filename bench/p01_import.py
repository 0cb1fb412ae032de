"""P1-P3: a whole import beside the raw write of its finished rows, beside bulk_create of them, and beside itself again."""

from __future__ import annotations

import datetime as dt
import statistics
from decimal import Decimal
from operator import itemgetter
from pathlib import Path
from typing import Any

from django.core.files import File
from django.db import connection, models, transaction

from bench import made_up
from bench.harness import Figure, Stage, interleaved, ratio_of, spread
from orders.actions import imports
from orders.imports.scratch import BATCH
from orders.models import ImportRun, Order, OrderLine, Parcel, ParcelOrder
from stores.models import Merchant, Platform, Store

TABLES: tuple[type[models.Model], ...] = (Order, OrderLine, Parcel, ParcelOrder)
_KEYS = {Order: ("store", "order_no"), OrderLine: ("order", "line_key"), Parcel: ("store", "waybill_no"),
         ParcelOrder: ("parcel", "order")}  # fmt: skip
_LARGE = 1_000_000
Rows = list[tuple[Any, ...]]
Tables = dict[type[models.Model], Rows]


def shop(stage: Stage) -> None:
    """One merchant's shop in an otherwise empty database, remembered as the state of every round."""
    merchant = Merchant.objects.create(name="测量")
    Store.objects.create(
        name="测量店", code="S-BENCH", platform=Platform.objects.get(code="pinduoduo"), merchant=merchant
    )
    stage.remember()


def imported(path: Path) -> ImportRun:
    """The file imported the whole way, as the command does it; the run as it ended."""
    store = Store.objects.select_related("platform", "merchant").get(code="S-BENCH")
    with path.open("rb") as file:
        upload = File(file, name=path.name)
        run = imports.receive(by=None, store=store, kind="orders", upload=upload, filename=path.name)
    imports.check_now(run=run)
    return imports.publish_now(by=None, run=run)


def measure(stage: Stage) -> list[Figure]:
    """P1 and P2 against the finished rows of the same file; P3 with the file imported already."""
    path = stage.folder / "export.csv"
    made_up.write(path, stage.rows)
    shop(stage)
    stage.say(f"importing {stage.rows} rows once, for the finished rows")
    stage.fresh()
    imported(path)
    batches = _in_batches({model: _finished(model) for model in TABLES})
    for_orm = [{model: [_for_orm(model, row) for row in rows] for model, rows in batch.items()} for batch in batches]
    rewritten: list[int] = []

    def before(name: str) -> None:
        stage.fresh()
        connection.ensure_connection()
        if name == "again":
            imported(path)

    candidates = {
        "import": lambda: imported(path),
        "raw": lambda: _raw(stage, batches),
        "bulk_create": lambda: _bulk(for_orm),
        "again": lambda: rewritten.append(_rewritten(imported(path))),
    }
    return _figures(stage, interleaved(candidates, stage.rounds, before=before, say=stage.say), max(rewritten))


def _figures(stage: Stage, seconds: dict[str, list[float]], rewritten: int) -> list[Figure]:
    ours, raw, bulk, again = (seconds[name] for name in ("import", "raw", "bulk_create", "again"))
    median = statistics.median(ours)
    most = 1.8 if stage.rows >= _LARGE else 2.0
    against_raw, against_bulk, against_first = ratio_of(ours, raw), ratio_of(bulk, ours), ratio_of(again, ours)
    how = "COPY" if stage.vendor == "postgresql" else "executemany"
    return [
        Figure("P1", f"import of {stage.rows} rows", median, "s", f"raw {how} {spread(raw)}", against_raw,
               f"<= {most}", against_raw <= most),
        Figure("P1", "the same in rows a second", stage.rows / median, "/s"),
        Figure("P2", "the same", median, "s", f"bulk_create {spread(bulk)}", against_bulk, ">= 4", against_bulk >= 4),
        Figure("P3", "second import, unchanged", statistics.median(again), "s", f"first {spread(ours)}", against_first,
               "<= 0.45", against_first <= 0.45),
        Figure("P3", "rows rewritten by it", rewritten, "", "", None, "0", rewritten == 0),
    ]  # fmt: skip


def _rewritten(run: ImportRun) -> int:
    """Orders that this run added or wrote again, by its own count and by what stands in the table."""
    done = run.counts["done"]
    return int(done["new"] + done["changed"]) + Order.objects.filter(import_run=run).count()


def _finished(model: type[models.Model]) -> Rows:
    """All rows of a table as the import gives them to the driver (moments and amounts as text), in order of their keys."""
    names: list[str] = []
    for field in model._meta.concrete_fields:
        is_text = isinstance(field, (models.DateTimeField, models.DecimalField))
        # Without the run: the raw write has none.
        name = "NULL" if field.attname == "import_run_id" else f'"{field.column}"'
        names.append(f"CAST({name} AS TEXT)" if is_text else name)
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT {", ".join(names)} FROM "{model._meta.db_table}" ORDER BY id')
        return cursor.fetchall()


def _for_orm(model: type[models.Model], row: tuple[Any, ...]) -> tuple[Any, ...]:
    """The same row as the ORM takes it."""
    return tuple(_value(field, value) for field, value in zip(model._meta.concrete_fields, row, strict=True))


def _value(field: models.Field[Any, Any], value: Any) -> Any:
    if value is None:
        return None
    if isinstance(field, models.DateTimeField):
        return dt.datetime.fromisoformat(value[:19]).replace(tzinfo=dt.UTC)
    return Decimal(value).quantize(Decimal("0.01")) if isinstance(field, models.DecimalField) else value


def _in_batches(finished: Tables) -> list[Tables]:
    """The rows as the import commits them: so many orders at once, with their lines, parcels and ties."""
    of_order = {row[0]: place // BATCH for place, row in enumerate(finished[Order])}
    of_parcel: dict[int, int] = {}
    for _id, parcel, order in finished[ParcelOrder]:
        of_parcel[parcel] = min(of_order[order], of_parcel.get(parcel, len(of_order)))
    order_of = {Order: itemgetter(0), OrderLine: itemgetter(1), ParcelOrder: itemgetter(2)}
    batches: list[Tables] = [{model: [] for model in TABLES} for _batch in range(-(-len(of_order) // BATCH))]
    for model, rows in finished.items():
        for row in rows:
            place = of_parcel[row[0]] if model is Parcel else of_order[order_of[model](row)]
            batches[place][model].append(row)
    return batches


def _raw(stage: Stage, batches: list[Tables]) -> None:
    """The finished rows as fast as the driver takes them: same tables, same batches, same settings."""
    for batch in batches:
        with transaction.atomic(), connection.cursor() as cursor:
            for model, rows in batch.items():
                table, columns = model._meta.db_table, [field.column for field in model._meta.concrete_fields]
                names = ", ".join(f'"{name}"' for name in columns)
                if stage.vendor == "postgresql":
                    with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                        for row in rows:
                            copy.write_row(row)
                else:
                    marks = ", ".join(["%s"] * len(columns))
                    cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)


def _bulk(batches: list[Tables]) -> None:
    """The same rows through the ORM's own upsert, in the same batches."""
    for batch in batches:
        with transaction.atomic():
            for model, rows in batch.items():
                fields = [field.attname for field in model._meta.concrete_fields]
                key = _KEYS[model]
                updated = [name for name in fields if name != "id" and name.removesuffix("_id") not in key]
                how: dict[str, Any] = {"update_conflicts": True, "unique_fields": key, "update_fields": updated}
                made = [model(**dict(zip(fields, row, strict=True))) for row in rows]
                model._default_manager.bulk_create(made, BATCH, **(how if updated else {"ignore_conflicts": True}))
