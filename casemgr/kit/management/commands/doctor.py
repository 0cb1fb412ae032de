"""Say what is configured, what is missing, and how to mend it."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from casemgr.kit import doctor
from casemgr.kit.doctor import Line
from casemgr.kit.management.language import operators_language


class Command(BaseCommand):
    help = "Say what is configured, what is missing and how to mend it. Exit code 0: nothing bad; 1: something is."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one object, in English")

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override("en" if options["json"] else operators_language()):
            found = []
            for line in doctor.examine():
                found.append(line)
                if not options["json"]:
                    self.say(line)
            bad = sum(1 for line in found if line.state == "bad")
            warn = sum(1 for line in found if line.state == "warn")
            if options["json"]:
                self.stdout.write(json.dumps({"ok": not bad, "lines": [line.as_dict() for line in found]}))
            else:
                self.stdout.write(
                    _("%(bad)s bad, %(warn)s to know, of %(n)s.") % {"bad": bad, "warn": warn, "n": len(found)}
                )
        if bad:
            sys.exit(1)

    def say(self, line: Line) -> None:
        """One line: state, what, found; the cure below it."""
        words = {"ok": pgettext("doctor", "ok"), "warn": pgettext("doctor", "know"), "bad": pgettext("doctor", "BAD")}
        style = {"ok": self.style.SUCCESS, "warn": self.style.WARNING, "bad": self.style.ERROR}[line.state]
        self.stdout.write(f"{style('[' + words[line.state] + ']')} {line.label}: {line.found}")
        if line.cure:
            self.stdout.write(f"      {line.cure}")
