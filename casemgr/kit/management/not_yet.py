"""Commands whose name is promised and whose work is not built yet: they say so and end with exit code 3."""

from __future__ import annotations

import sys
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandParser


class NotYet(BaseCommand):
    """Answers "not yet" with exit code 3, never a wrong answer. Takes any arguments, so that scripts can call it now."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("anything", nargs="*")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> NoReturn:
        self.stderr.write("not yet")
        sys.exit(3)
