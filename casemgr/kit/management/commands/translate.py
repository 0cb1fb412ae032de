"""Bring the Chinese catalogue up to what the code says, or check that nothing is missing in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from casemgr.kit import catalogues


class Command(BaseCommand):
    help = "Extract all sentences into locale/zh_Hans and keep their translations. --check only looks."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing; fail when a translation is missing")
        parser.add_argument(
            "--merge", nargs="+", type=Path, default=[], metavar="FILE", help="take translations from these"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["check"]:
            self.update(options["merge"])
        complaints = [
            *catalogues.lacking(),
            *(f"translate tag over several lines: {at}" for at in catalogues.split_tags()),
        ]
        for complaint in complaints:
            self.stderr.write(complaint)
        if complaints and options["check"]:
            raise CommandError(f"{len(complaints)} to mend in {catalogues.po_path().name}: see above.")
        self.stdout.write(f"{len(complaints)} to mend." if complaints else "Every sentence has its Chinese text.")

    def update(self, parts: list[Path]) -> None:
        merged = catalogues.update(parts=parts)
        catalogues.compile_all()
        for line in merged.contradicting:
            self.stderr.write(f"contradicts: {line}")
        for line in merged.unused:
            self.stderr.write(f"not asked for: {line}")
        if parts:
            self.stdout.write(f"{merged.taken} translations taken from {len(parts)} files.")
