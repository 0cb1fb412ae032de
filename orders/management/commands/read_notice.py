"""Read a platform's notice from standard input and print what it says."""

from __future__ import annotations

import datetime as dt
import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from orders import notices
from stores.models import Platform
from stores.queries import working_days


class Command(BaseCommand):
    help = "Read a notice (text on standard input); a value that is not in the text is null."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--platform", help="the platform's code, such as pinduoduo; without it the text tells")
        parser.add_argument("--captured-at", help="when the page was seen (ISO 8601); a countdown counts from it")
        parser.add_argument("--pasted-at", help="when the text came in (ISO 8601, default now); estimates lean on it")
        parser.add_argument("--json", action="store_true", help="one machine-readable object (the only form there is)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints the object on standard output. Exit 1 on a malformed option, 0 whatever the text is."""
        platform = options["platform"]
        if platform and not Platform.objects.filter(code=platform).exists():
            raise CommandError(_("There is no platform “%(code)s”.") % {"code": platform})
        read = notices.read(
            sys.stdin.buffer.read().decode("utf-8-sig", "replace"),
            platform=platform,
            captured_at=moment(options["captured_at"]),
            pasted_at=moment(options["pasted_at"]) or timezone.now(),
            holidays=working_days(),
        )
        self.stdout.write(json.dumps(read, ensure_ascii=False, indent=1))


def moment(text: str | None) -> dt.datetime | None:
    """An ISO time; without an offset it is Shanghai time. Raises CommandError for anything else."""
    if not text:
        return None
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(
            _("“%(text)s” is no time: write it as 2026-11-18T10:40:00+08:00.") % {"text": text}
        ) from error
    return found if found.tzinfo else timezone.make_aware(found)
