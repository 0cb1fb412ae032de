"""Platforms, rules, evidence matrix, calendar and carriers that come with the product."""

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from orders.actions.reference import load_carriers
from stores.actions import reference


class Command(BaseCommand):
    help = "Add the reference facts that are missing; rows that are there stay as they are. Safe to run again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one machine-readable object")

    def handle(self, *args: Any, **options: Any) -> None:
        counts = {**asdict(reference.load()), "carriers": load_carriers()}
        if options["json"]:
            self.stdout.write(json.dumps(counts))
        elif options["verbosity"]:
            added = ", ".join(f"{n} {kind.replace('_', ' ')}" for kind, n in counts.items() if n)
            self.stdout.write(f"Added: {added}." if added else "Everything was there already.")
