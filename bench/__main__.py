"""Run measurements and print their table: python -m bench [ID ...] [--rows N] [--rounds N] [--databases ...]."""

from __future__ import annotations

import argparse
import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import psycopg
from environ import Env

from bench import MEASUREMENTS
from bench.harness import TEMPLATE, Figure, table

DATABASES = ("sqlite", "postgres")
_OURS = "CASEMGR_BENCH_POSTGRES"
# Where a PostgreSQL may answer: what is set, then the places that the CI script tries.
_PLACES = (
    os.environ.get(_OURS, ""),
    os.environ.get("CI_DATABASE_URL", ""),
    "postgres://postgres@127.0.0.1:5432/test",
    "postgres://postgres@//var/run/postgresql/test",
    "postgres://casemgr:casemgr@127.0.0.1:5432/test",
)


def main() -> int:
    """0, or 1 when a measurement broke. A bar that is not met is a figure, not a failure."""
    # Told to end, it tidies up too: databases and folders of a measurement go with it.
    signal.signal(signal.SIGTERM, lambda *_told: sys.exit(143))
    asked = _asked()
    modules = [name for name, ids in MEASUREMENTS.items() if not asked.ids or set(ids) & set(asked.ids)]
    postgres = _postgres() if "postgres" in asked.databases else ""
    if "postgres" in asked.databases and not postgres:
        sys.stderr.write(f"No PostgreSQL answers (set {_OURS}=postgres://...): going on with SQLite.\n")
    found: list[tuple[str, Figure]] = []
    broken = 0
    for module in modules:
        for database in asked.databases:
            if database == "postgres" and not postgres:
                continue
            sys.stderr.write(f"{' '.join(MEASUREMENTS[module])} on {database}\n")
            figures = _measured(module, database, postgres, asked)
            broken += figures is None
            found += [(database, one) for one in figures or () if not asked.ids or one.id in asked.ids]
    if asked.json:
        told = [{"database": label, **asdict(one)} for label, one in found]
        sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write(f"{asked.rows} rows, {asked.rounds} rounds, interleaved; medians\n{table(found)}\n")
    return 1 if broken else 0


def _asked() -> argparse.Namespace:
    known = [one for ids in MEASUREMENTS.values() for one in ids]
    parser = argparse.ArgumentParser(prog="make bench", description="What is measured: " + " ".join(known))
    parser.add_argument("ids", nargs="*", metavar="ID", help="only these bars, such as P1 P3")
    parser.add_argument(
        "--rows", type=int, default=50_000, help="orders (default 50000; the bars are at 200000 and more)"
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--databases", default=",".join(DATABASES), type=lambda text: text.split(","))
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    unknown = set(asked.ids) - set(known) | set(asked.databases) - set(DATABASES)
    if unknown:
        parser.error(f"unknown: {' '.join(sorted(unknown))}")
    return asked


def _postgres() -> str:
    """The address of a PostgreSQL that lets us in; "" if none does."""
    for address in filter(None, _PLACES):
        try:
            _server(address).close()
        except psycopg.OperationalError:
            continue
        return address
    return ""


def _server(address: str) -> psycopg.Connection[Any]:
    place = Env.db_url_config(address)
    names = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD"}
    parameters: dict[str, Any] = {name: place[key] or None for name, key in names.items()}
    return psycopg.connect(connect_timeout=3, autocommit=True, dbname="postgres", **parameters)


def _measured(module: str, database: str, postgres: str, asked: argparse.Namespace) -> list[Figure] | None:
    """The figures of one module on one database, from a process of its own; None when it broke."""
    name = f"casemgr_bench_{secrets.token_hex(4)}"
    with tempfile.TemporaryDirectory(prefix="casemgr-bench-") as folder:
        url = f"sqlite:///{folder}/bench.sqlite3"
        if database == "postgres":
            url = f"{postgres.rpartition('/')[0]}/{name}"
            with _server(postgres) as server:
                server.execute(f'CREATE DATABASE "{name}"'.encode())
        told = Path(folder) / "figures.json"
        command = [sys.executable, "-m", "bench.stage", module, database, str(asked.rows), str(asked.rounds), str(told)]
        try:
            done = subprocess.run(
                command, env={**os.environ, "DATABASE_URL": url, "CASEMGR_VAR": folder}, check=False
            ).returncode
        finally:
            if database == "postgres":
                with _server(postgres) as server:
                    for one in (name, name + TEMPLATE):
                        server.execute(f'DROP DATABASE IF EXISTS "{one}" WITH (FORCE)'.encode())
        return None if done else [Figure(**one) for one in json.loads(told.read_text())]


if __name__ == "__main__":
    sys.exit(main())
