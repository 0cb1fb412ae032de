"""Write a backup while everything runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.template.defaultfilters import filesizeformat
from django.utils import translation
from django.utils.translation import gettext as _

from casemgr.kit import backup
from casemgr.kit.management.language import operators_language
from casemgr.kit.workflow import Refused


class Command(BaseCommand):
    help = "Write all rows and private files into one file, and read it back. Works while people work."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path, help="a new file, or a folder to write it into")
        parser.add_argument("--json", action="store_true", help="print one object, in English")

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override("en" if options["json"] else operators_language()):
            try:
                made = backup.write(options["path"])
            except Refused as refusal:
                if options["json"]:
                    self.stdout.write(json.dumps({"error": str(refusal)}))
                raise CommandError(str(refusal)) from refusal
            if options["json"]:
                self.stdout.write(json.dumps(made.as_dict()))
                return
            self.stdout.write(
                _("Written and checked: %(path)s, %(rows)s rows, %(files)s files, %(size)s.")
                % {"path": made.path, "rows": made.rows, "files": made.files, "size": filesizeformat(made.bytes)}
            )
            self.stdout.write(
                _(
                    "Keep the secrets of deploy/.env apart from it: they are not inside, and without them much stays sealed."
                )
            )
