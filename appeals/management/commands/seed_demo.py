"""`manage.py seed_demo`: the demo world, once."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from appeals import demo
from appeals.demo import world


class Command(BaseCommand):
    help = "Make the demo world: two invented merchants, four shops, ten days of orders, a case in every state. Once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one machine-readable object")

    def handle(self, *args: Any, **options: Any) -> None:
        is_new = world.seed()
        if options["json"]:
            self.stdout.write(json.dumps({"made": is_new, "logins": demo.logins()}, ensure_ascii=False))
            return
        if not options["verbosity"]:
            return
        self.stdout.write(
            "The demo world is ready." if is_new else "The demo world was there already; nothing changed."
        )
        for one in demo.logins():
            self.stdout.write(f"  {one['role']:<14} {one['name']:<6} {one['login']:<14} {one['password']}")
