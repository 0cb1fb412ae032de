"""`manage.py buyer`: what is kept of one buyer of one merchant, written to a file or erased (a person's right)."""

from __future__ import annotations

import json
import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import QuerySet

from appeals.models import Case
from casemgr.kit.privacy import split_phone
from orders.actions import buyers
from orders.models import Order
from stores.models import Merchant


class Command(BaseCommand):
    help = "Export or erase everything that is kept of one buyer of one merchant."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--merchant", metavar="CODE", required=True)
        known = parser.add_mutually_exclusive_group(required=True)
        known.add_argument("--phone", metavar="NUMBER", help="in clear, as the buyer gives it")
        known.add_argument("--order", metavar="NUMBER")
        done = parser.add_mutually_exclusive_group(required=True)
        done.add_argument("--export", metavar="FILE", help="as JSON, readable by you only")
        done.add_argument("--erase", action="store_true", help="counts and audit trail stay; this cannot be undone")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        merchant = Merchant.objects.filter(code=options["merchant"]).first()
        if merchant is None:
            raise CommandError(f"There is no merchant {options['merchant']}.")
        if options["phone"] and not split_phone(options["phone"])[0]:
            raise CommandError("That is no whole phone number.")
        orders = buyers.orders_of(merchant, phone=options["phone"] or "", order_no=options["order"] or "")
        cases = self._cases(orders)
        if options["export"]:
            told = self._export(merchant, orders, Path(options["export"]), cases)
        else:
            told = {**buyers.erase(by=None, merchant=merchant, orders=orders), "cases": cases}
        self._tell(told, as_json=options["json"])

    def _cases(self, orders: QuerySet[Order]) -> list[str]:
        """Cases that name these orders: what people wrote and uploaded there is theirs to look through."""
        found = Case.objects.filter(violations__named_orders__order__in=orders.values("pk"), erased_at=None)
        return sorted(set(found.values_list("code", flat=True)))

    def _export(self, merchant: Merchant, orders: QuerySet[Order], path: Path, cases: list[str]) -> dict[str, Any]:
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise CommandError(f"Cannot write {path}: {error.strerror}.") from None
        found = buyers.export(by=None, merchant=merchant, orders=orders)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump({"merchant": merchant.code, "orders": found, "cases": cases}, file, ensure_ascii=False, indent=1)
        return {"orders": len(found), "file": str(path), "cases": cases}

    def _tell(self, told: dict[str, Any], *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(told))
            return
        for name, value in told.items():
            self.stdout.write(f"{name}: {', '.join(value) or '-' if isinstance(value, list) else value}")
        if told["cases"]:
            self.stdout.write("These cases name the orders. Look through their messages and evidence by hand.")
