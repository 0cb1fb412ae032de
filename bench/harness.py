"""What every measurement gets and gives: a stage with a fresh database, interleaved rounds, figures with their bars."""

from __future__ import annotations

import gc
import shutil
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg
from django.db import connection

TEMPLATE = "_migrated"  # behind the name of a database: its copy as it was after migration


@dataclass(frozen=True)
class Figure:
    """One measured figure. `ratio` is what the bar is about, `ok` whether it is met; both None where there is no bar.

    `compared_to` names the baseline with its own value.
    """

    id: str
    what: str
    value: float
    unit: str
    compared_to: str = ""
    ratio: float | None = None
    bar: str = ""
    ok: bool | None = None


@dataclass(frozen=True)
class Stage:
    """Where a measurement plays: one database of its own, migrated and with its reference rows, and a folder of its own."""

    vendor: str  # sqlite or postgresql
    label: str
    rows: int
    rounds: int
    folder: Path

    def say(self, text: str) -> None:
        """Tell whoever waits what is going on."""
        sys.stderr.write(f"  {self.label}: {text}\n")

    def remember(self) -> None:
        """Keep the database as it is now: `fresh` brings it back to this state."""
        self._copy(_name(), _name() + TEMPLATE)

    def fresh(self) -> None:
        """The database as it was last remembered; right after the start that is an empty one with its reference rows."""
        self._copy(_name() + TEMPLATE, _name())

    def _copy(self, source: str, target: str) -> None:
        connection.close()
        if self.vendor == "sqlite":
            for left in ("-wal", "-shm"):
                Path(target + left).unlink(missing_ok=True)
            shutil.copyfile(source, target)
            return
        with psycopg.connect(**{**connection.get_connection_params(), "dbname": "postgres"}, autocommit=True) as server:
            server.execute(f'DROP DATABASE IF EXISTS "{target}" WITH (FORCE)'.encode())
            server.execute(f'CREATE DATABASE "{target}" TEMPLATE "{source}"'.encode())


def _name() -> str:
    return str(connection.settings_dict["NAME"])


def interleaved(
    candidates: Mapping[str, Callable[[], object]],
    rounds: int,
    *,
    before: Callable[[str], object] | None = None,
    say: Callable[[str], None] | None = None,
) -> dict[str, list[float]]:
    """Seconds of every candidate in every round: all of them once a round, each round beginning with another one.

    `before(name)` prepares a candidate outside the time; `say` is told each round.
    """
    names = list(candidates)
    seconds: dict[str, list[float]] = {name: [] for name in names}
    for number in range(rounds):
        for name in names[number % len(names) :] + names[: number % len(names)]:
            if before:
                before(name)
            gc.collect()
            begun = time.perf_counter()
            candidates[name]()
            seconds[name].append(time.perf_counter() - begun)
        if say:
            say(f"round {number + 1}: " + ", ".join(f"{name} {seconds[name][-1]:.3g} s" for name in names))
    return seconds


def spread(seconds: Sequence[float]) -> str:
    """`1.20 s (1.10-1.45)`: the median with the shortest and the longest round."""
    return f"{statistics.median(seconds):.3g} s ({min(seconds):.3g}-{max(seconds):.3g})"


def ratio_of(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Median of the ratios of the single rounds: what slows the machine down slows both sides of a round."""
    return statistics.median(one / other for one, other in zip(ours, theirs, strict=True))


def table(figures: Sequence[tuple[str, Figure]]) -> str:
    """The figures as a table of text: (label of the database, figure) each."""
    head = ("id", "database", "what", "ours", "compared to", "ratio", "bar", "met")
    rows = [
        (
            one.id,
            label,
            one.what,
            f"{one.value:.4g} {one.unit}".strip(),
            one.compared_to,
            "" if one.ratio is None else f"{one.ratio:.2f}",
            one.bar,
            {None: "", True: "yes", False: "NO"}[one.ok],
        )
        for label, one in figures
    ]
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in (head, *rows)]
    return "\n".join(line.rstrip() for line in lines)
