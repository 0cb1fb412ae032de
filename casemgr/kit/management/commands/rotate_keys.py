"""`manage.py rotate_keys`: wrap every data key under the first key of CASEMGR_DATA_KEYS."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from casemgr.kit.privacy import sealing


class Command(BaseCommand):
    help = (
        "Put a new key in front of CASEMGR_DATA_KEYS, restart, run this; then the old key may be taken out."
        " May be killed and run again at any time."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            counts = sealing.rewrap_all()
        except sealing.Unreadable as fault:
            raise CommandError(f"A data key cannot be opened: {fault}. Nothing is lost; put that key back.") from None
        current = sealing.ring().current.id
        if options["json"]:
            self.stdout.write(json.dumps({"key": current, **counts}))
            return
        self.stdout.write(
            f"{counts['rewrapped']} keys wrapped under {current!r}, {counts['current']} were already,"
            f" {counts['destroyed']} are destroyed. No other installation key is needed any more."
        )
