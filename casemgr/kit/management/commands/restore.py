"""Put a backup back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import formats, timezone, translation
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from casemgr.kit import backup
from casemgr.kit.backup import Restored
from casemgr.kit.management.language import operators_language
from casemgr.kit.workflow import Refused


class Command(BaseCommand):
    help = (
        "Put a backup into an empty place: checked first, built beside what is there, compared, then put in its place."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path)
        parser.add_argument(
            "--force", action="store_true", help="also where there are data, newer ones too; they are kept aside"
        )
        parser.add_argument("--json", action="store_true", help="print one object, in English")

    def handle(self, *args: Any, **options: Any) -> None:
        is_json = options["json"]
        with translation.override("en" if is_json else operators_language()):
            try:
                say = (lambda text: None) if is_json else self.stdout.write
                done = backup.restore(options["path"], force=options["force"], say=say)
            except Refused as refusal:
                if is_json:
                    self.stdout.write(json.dumps({"error": str(refusal)}))
                raise CommandError(str(refusal)) from refusal
            if is_json:
                self.stdout.write(json.dumps(done.as_dict()))
            else:
                self.tell(done)

    def tell(self, done: Restored) -> None:
        """What is here now, what is to be looked at, what comes next."""
        made_at = parse_datetime(done.made_at)
        when = formats.date_format(timezone.localtime(made_at), "Y-m-d H:i:s") if made_at else done.made_at
        self.stdout.write(
            _("Restored and compared: %(rows)s rows, %(files)s files, as they were at %(made)s.")
            % {"rows": done.rows, "files": done.files, "made": when}
        )
        for place in filter(None, done.aside.values()):
            self.stdout.write(_("What was here is kept as %(place)s; delete it when you are sure.") % {"place": place})
        for warning in done.warnings:
            self.stderr.write(warning)
        self.stdout.write(
            _(
                "Next: `manage.py verify`, then start CaseMgr. Everybody signs in again; %(n)s jobs that were running wait."
            )
            % {"n": done.requeued}
        )
