"""The process of one measurement on one database: python -m bench.stage MODULE LABEL ROWS ROUNDS FILE."""

from __future__ import annotations

import io
import json
import os
import sys
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command
from django.db import connection


def main(module: str, label: str, rows: str, rounds: str, told: str) -> None:
    """Migrate the database, measure, write the figures to the file `told`."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "casemgr.settings")
    django.setup()
    # Only now: models can be imported once Django is set up.
    harness = import_module("bench.harness")
    call_command("migrate", verbosity=0)
    call_command("load_reference", verbosity=0, stdout=io.StringIO())
    stage = harness.Stage(connection.vendor, label, int(rows), int(rounds), Path(settings.VAR_DIR))
    stage.remember()
    figures = import_module(f"bench.{module}").measure(stage)
    Path(told).write_text(json.dumps([asdict(one) for one in figures]))


if __name__ == "__main__":
    main(*sys.argv[1:])
