"""`manage.py verify`: whether everything stored is as it was stored. Reads only; exit code 0 all well, 1 something is not."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from casemgr.kit import verifying
from casemgr.kit.verifying import Report


class Command(BaseCommand):
    help = "Check the audit chain, files, kept columns and invariants. Exit code 0: all well; 1: something is wrong."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="one machine-readable object on stdout")
        parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="checks whose names begin like this")

    def handle(self, *args: Any, **options: Any) -> None:
        reports = []
        for report in verifying.run(options["only"]):
            reports.append(report)
            if not options["json"]:
                self._say(report)
        is_well = all(not report.bad for report in reports)
        if options["json"]:
            self.stdout.write(
                json.dumps({"ok": is_well, "checks": [report.as_json() for report in reports]}, ensure_ascii=False)
            )
        if not is_well:
            sys.exit(1)

    def _say(self, report: Report) -> None:
        verdict = f"{report.bad} wrong" if report.bad else "ok"
        self.stdout.write(f"{report.name:<18} {report.seen:>9} looked at   {verdict:<10} {report.seconds:6.2f} s")
        for complaint in report.named:
            self.stdout.write(f"    {complaint['thing']}: {complaint['fault']}")
        if report.bad > len(report.named):
            self.stdout.write(f"    and {report.bad - len(report.named)} more")
        for name, value in report.facts.items():
            self.stdout.write(f"    {name} = {value}")
