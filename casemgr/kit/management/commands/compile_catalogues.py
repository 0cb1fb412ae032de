"""Turn the catalogues that people read (.po) into those that Django reads (.mo). No gettext needed."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from casemgr.kit import catalogues


class Command(BaseCommand):
    help = "Compile locale/**/*.po where newer than the .mo beside it."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        for path in catalogues.compile_all():
            self.stdout.write(f"compiled {path.name} ({path.parent.parent.name})")
