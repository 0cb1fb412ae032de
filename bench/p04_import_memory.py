"""P4: the memory an import needs over an idle process, at the rows asked for and at a fifth of them."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from django.db import connection

from bench import made_up
from bench.harness import Figure, Stage
from bench.p01_import import imported, shop

_MOST = 450.0
_FLAT = 1.2
_MB = 1024 * 1024


def measure(stage: Stage) -> list[Figure]:
    """A process each: what one import leaves behind must not hide in the idle state of the next."""
    shop(stage)
    small, large = (_over_idle(stage, rows) for rows in (max(1, stage.rows // 5), stage.rows))
    return [
        Figure("P4", f"memory of {stage.rows} rows over idle", large, "MB", "", None, f"<= {_MOST:.0f} MB", large <= _MOST),
        Figure("P4", "the same against a fifth of the rows", large, "MB", f"{small:.0f} MB", large / small, f"<= {_FLAT}",
               large <= small * _FLAT),
    ]  # fmt: skip


def _over_idle(stage: Stage, rows: int) -> float:
    """MB by which the resident memory of a child grows at most while it imports so many rows."""
    path = stage.folder / f"export-{rows}.csv"
    made_up.write(path, rows)
    stage.say(f"importing {rows} rows")
    stage.fresh()
    told, tells = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(tells, str(_grown(path)).encode())
        os._exit(0)
    os.close(tells)
    with os.fdopen(told) as answer:
        grown = answer.read()
    os.waitpid(child, 0)
    path.unlink()
    return float(grown)


def _grown(path: Path) -> float:
    connection.ensure_connection()
    idle = peak = _resident()
    done = threading.Event()

    def watch() -> None:
        nonlocal peak
        while not done.wait(0.02):
            peak = max(peak, _resident())

    watching = threading.Thread(target=watch)
    watching.start()
    imported(path)
    done.set()
    watching.join()
    return (peak - idle) / _MB


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
