"""`manage.py screen`: run the detectors over shops, now or as if another moment were now."""

from __future__ import annotations

import datetime as dt
import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from casemgr.kit import audit
from orders.detectors import ALL, explain, name_of, title
from orders.screening import Result, screen
from stores.models import Store


def moment(text: str) -> dt.datetime:
    """A moment from "2026-11-07 20:03" or with an offset; without one it is Asia/Shanghai. A date is its first second.

    Raises CommandError for anything else.
    """
    try:
        found = parse_datetime(text)
        if found is None and (day := parse_date(text)):
            found = dt.datetime.combine(day, dt.time())
    except ValueError:
        found = None
    if found is None:
        raise CommandError(f"Not a time: {text!r}. Write it as 2026-11-07 20:03.")
    return found if timezone.is_aware(found) else timezone.make_aware(found)


def thresholds(pairs: list[str]) -> dict[str, str]:
    """["burst_buyer.count=5"] as {"burst_buyer.count": "5"}. Raises CommandError where there is no "="."""
    split = [pair.partition("=") for pair in pairs]
    if wrong := [name for name, sign, _value in split if not sign]:
        raise CommandError(f"Write --set detector.threshold=value, not {wrong[0]!r}.")
    return {name.strip(): value.strip() for name, _sign, value in split}


class Command(BaseCommand):
    help = "Look for bursts, orders about to be late and parcels without a scan, and write alerts."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--store", action="append", default=[], metavar="CODE", help="a shop (more than once: several)"
        )
        parser.add_argument(
            "--at", metavar="TIME", help="as if this moment were now; statuses without a time are ignored"
        )
        reach = parser.add_mutually_exclusive_group()
        reach.add_argument("--since", metavar="TIME", help="bursts: only what is new since then and around it")
        reach.add_argument("--full", action="store_true", help="bursts: everything (what happens without --since, too)")
        parser.add_argument("--dry-run", action="store_true", help="write nothing, list findings with their orders")
        parser.add_argument("--set", action="append", default=[], metavar="detector.threshold=value", dest="overrides")
        parser.add_argument("--json", action="store_true", help="one object on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        stores = self._stores(options["store"])
        try:
            with audit.coming_from("command"):
                result = screen(
                    stores=stores,
                    at=moment(options["at"]) if options["at"] else None,
                    since=moment(options["since"]) if options["since"] else None,
                    full=options["full"],
                    dry_run=options["dry_run"],
                    overrides=thresholds(options["overrides"]),
                )
        except ValueError as error:
            raise CommandError(str(error)) from None
        if options["json"]:
            codes = dict(Store.objects.values_list("pk", "code"))
            self.stdout.write(json.dumps(result.as_json(codes), ensure_ascii=False))
        else:
            self._tell(result, stores, with_orders=options["dry_run"])

    def _stores(self, codes: list[str]) -> list[Store]:
        stores = Store.objects.exclude(state=Store.State.LEFT).select_related("platform").order_by("pk")
        if not codes:
            return list(stores)
        found = list(Store.objects.filter(code__in=codes).select_related("platform").order_by("pk"))
        if missing := sorted(set(codes) - {store.code for store in found}):
            raise CommandError(f"No such shop: {', '.join(missing)}.")
        return found

    def _tell(self, result: Result, stores: list[Store], *, with_orders: bool) -> None:
        names = {store.pk: store.name for store in stores}
        for finding in result.findings:
            shops = ", ".join(names.get(pk, str(pk)) for pk in finding.store_ids)
            self.stdout.write(f"{shops}: {title(finding.detector, finding)} [{finding.severity}]")
            self.stdout.write("  " + " ".join(explain(finding.detector, finding)))
            if with_orders:
                self.stdout.write("  " + " ".join(number for _store, number in finding.orders.values()))
        for told in result.cannot_tell:
            self.stdout.write(f"{told.store.name}: cannot tell, {name_of(told.detector)}: {told.count} ({told.reason})")
        counts = ", ".join(f"{key} {n}" for key, n in result.counts.items())
        self.stdout.write(
            f"{len(stores)} shops, {len(ALL)} detectors: {counts}; {result.suppressed_old} old, counted only; "
            f"alerts: {result.opened} new, {result.updated} changed, {result.cleared} cleared; {result.seconds:.1f} s"
        )
