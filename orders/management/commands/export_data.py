"""`manage.py export_data`: a list of this installation as a file. Personal data stay masked."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import QuerySet

from orders import tables
from orders.models import Order, RiskAlert
from stores.models import Store

KINDS = ("orders", "alerts", "cases")
FORMATS = ("csv", "xlsx", "json")
NOT_YET = 3


class Command(BaseCommand):
    help = "Write orders or alerts to a file (csv, xlsx or json)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", choices=KINDS)
        parser.add_argument("--store", metavar="CODE", help="only this shop")
        parser.add_argument("--format", choices=FORMATS, help="csv unless the name of the file says otherwise")
        parser.add_argument("--out", metavar="FILE", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["kind"] == "cases":
            self.stderr.write("Cases cannot be exported here yet; the list of cases on the site can.")
            sys.exit(NOT_YET)
        path = Path(options["out"])
        form = options["format"] or path.suffix.lstrip(".").lower()
        columns, rows = self._table(options["kind"], self._store(options["store"]))
        try:
            count = self._write(path, form if form in FORMATS else "csv", columns, rows)
        except OSError as error:
            raise CommandError(f"Cannot write {path}: {error.strerror}.") from None
        self.stdout.write(f"{count} rows in {path}")

    def _store(self, code: str | None) -> Store | None:
        if not code:
            return None
        store = Store.objects.filter(code=code).first()
        if store is None:
            raise CommandError(f"No such shop: {code}.")
        return store

    def _table(self, kind: str, store: Store | None) -> tuple[list[tables.Column], Iterator[Any]]:
        def scoped(rows: QuerySet) -> QuerySet:
            return rows.filter(store=store) if store else rows

        if kind == "orders":
            return tables.ORDER_COLUMNS, tables.order_rows(
                scoped(Order.objects.order_by("store_id", "placed_at", "pk"))
            )
        return tables.ALERT_COLUMNS, tables.alert_rows(scoped(RiskAlert.objects.order_by("pk")))

    def _write(self, path: Path, form: str, columns: list[tables.Column], rows: Iterator[Any]) -> int:
        """Rows written, the header not counted."""
        with path.open("wb") as file:
            if form != "json":
                return tables.write(tables.as_lists(columns, rows, labels=False), file, form) - 1
            records = list(tables.as_records(columns, rows))
            file.write(json.dumps(records, ensure_ascii=False, indent=1).encode())
            return len(records)
