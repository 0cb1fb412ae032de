"""A run as the imports read it: its layout, its table, its scratch file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from casemgr.kit.tabular import ENCODINGS, Table, open_table
from orders.imports.fields import Level
from orders.imports.files import cleared
from orders.imports.layout import Layout
from orders.imports.reading import with_date_order
from orders.imports.registry import known_names, layout_for
from orders.models import ImportRun


@contextmanager
def table_of(run: ImportRun) -> Iterator[Table]:
    """The file of a run as a table, while the block runs; after the import its sealed original, while that is kept.

    Raises TableError; FileNotFoundError once the file is gone.
    """
    with cleared(run.file or run.sealed_file) as path:
        # What is kept is sealed: it is what it was when it was received.
        yield open_table(path, known=known_names, proven=run.encoding if run.encoding in ENCODINGS else None)


def asked_layout(run: ImportRun) -> Layout:
    """How the file is to be read, by its source or mapping and what a person answered."""
    return layout_for(
        kind=run.kind,
        source=run.source,
        platform=run.store.platform.code,
        headers=run.headers,
        mapping=run.mapping,
        options=run.options,
    )


def settled(layout: Layout) -> dict[str, Any]:
    """What reading the rows decided about a layout, to be kept with the run."""
    return {
        "levels": {name: str(level) for name, level in layout.levels.items()},
        "one_row_per_order": layout.one_row_per_order,
        "date_order": layout.reading.date_order,
    }


def decided_layout(run: ImportRun) -> Layout:
    """The layout with which the rows were decided; `run` has been checked."""
    layout, kept = asked_layout(run), run.options["settled"]
    if kept["date_order"]:
        layout = with_date_order(layout, kept["date_order"])
    levels = {name: Level(level) for name, level in kept["levels"].items()}
    return replace(layout, levels=levels, one_row_per_order=kept["one_row_per_order"])


def check_key(run: ImportRun) -> str:
    """The key of the job that checks the file of this run."""
    return f"import:{run.code}:check"


def write_key(run: ImportRun) -> str:
    """The key of the job that writes its rows."""
    return f"import:{run.code}:write"
