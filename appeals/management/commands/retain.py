"""`manage.py retain`: end what is kept no longer. The daily job does the same."""

from __future__ import annotations

import datetime as dt
import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from appeals.actions import retention

WORDS = {
    "cases": "closed cases erased (keys destroyed, files and texts gone)",
    "import_originals": "originals of imports erased",
    "imports_left_lying": "files cancelled that nobody imported",
    "recipients": "orders whose clear recipient was erased",
    "sessions": "sessions ended",
    "notifications": "notifications deleted",
}


class Command(BaseCommand):
    help = "Erase what is past its time: old cases, imported files, clear recipients, sessions, notifications."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only count; nothing is written")
        parser.add_argument("--at", metavar="TIME", help="as if it were then (2026-11-22T03:00)")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        at = self._at(options["at"])
        counts = retention.run(at=at, dry_run=options["dry_run"])
        if options["json"]:
            told = {"at": at.isoformat(), "dry_run": options["dry_run"], "counts": counts}
            self.stdout.write(json.dumps(told))
            return
        for name, count in counts.items():
            self.stdout.write(f"{count:>8}  {WORDS[name]}")
        if options["dry_run"]:
            self.stdout.write("Dry run: nothing was written.")

    def _at(self, text: str | None) -> dt.datetime:
        if not text:
            return timezone.now()
        try:
            at = parse_datetime(text)
        except ValueError:
            at = None
        if at is None:
            raise CommandError(f"Not a time: {text}. Write it like 2026-11-22T03:00.")
        return timezone.make_aware(at) if timezone.is_naive(at) else at
