"""What `manage.py verify` runs: each app lists its checks in `verify.py`, as `tasks.py` lists what it does for jobs.

A check reads, compares and says what is wrong; it mends nothing and writes nothing. It streams what it reads: memory
stays the same however much there is.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.utils.module_loading import autodiscover_modules

from casemgr.kit.workflow import Flow

# Complaints that are kept word by word for each check; beyond that they are only counted.
NAMED = 50
CHUNK = 2_000


@dataclass
class Report:
    """What one check found. `seen` counts what was looked at, `bad` what is wrong, `facts` whatever else is worth saying."""

    name: str
    seen: int = 0
    bad: int = 0
    named: list[dict[str, str]] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0

    def add(self, thing: Any, fault: str) -> None:
        """`thing` (a code, a number, a path) is not as it should be: `fault` says how, in words."""
        self.bad += 1
        if len(self.named) < NAMED:
            self.named.append({"thing": str(thing), "fault": fault})

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name, "ok": not self.bad, "seen": self.seen, "bad": self.bad, "faults": self.named,
            "facts": self.facts, "seconds": round(self.seconds, 3),
        }  # fmt: skip


Check = Callable[[Report], None]
_checks: dict[str, Check] = {}


def verifies(name: str) -> Callable[[Check], Check]:
    """Register the decorated function as the check called `name` ("app.what"). Lives in an app's verify.py."""

    def register(check: Check) -> Check:
        if _checks.setdefault(name, check) is not check:
            raise ValueError(f"two checks named {name!r}")
        return check

    return register


def run(only: Iterable[str] = ()) -> Iterator[Report]:
    """Run all checks, or those whose names begin with one of `only`; each report as its check ends."""
    autodiscover_modules("verify")
    for name, check in _checks.items():
        if not any(name.startswith(wanted) for wanted in only or [""]):
            continue
        report, begun = Report(name), time.monotonic()
        check(report)
        report.seconds = time.monotonic() - begun
        yield report


def compare(report: Report, thing: Any, kept: dict[str, Any], slow: dict[str, Any]) -> None:
    """A kept row of columns against the same computed the slow way; every column that differs is named."""
    report.seen += 1
    differs = [
        f"{name}: {kept[name]!s} kept, {value!s} computed" for name, value in slow.items() if kept[name] != value
    ]
    if differs:
        report.add(thing, "; ".join(differs))


def states(report: Report, model: type[models.Model], flow: Flow) -> None:
    """Every status of the table is a state of its flow."""
    rows = model._base_manager.exclude(**{f"{flow.field}__in": [state.key for state in flow.states]})
    report.seen += model._base_manager.count()
    for row in rows.iterator(chunk_size=CHUNK):
        report.add(getattr(row, "code", row.pk), f"{flow.name}: {getattr(row, flow.field)!r} is no state of the flow")
