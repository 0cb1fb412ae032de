"""Empty places to run commands in: a folder and a database of their own, seen only from outside."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from django.db import connection

from tests.house import BASE


class Place:
    """Where `manage.py` finds nothing yet. On SQLite all of it is the folder; on PostgreSQL a database goes with it."""

    def __init__(self, folder: Path, *, vendor: str = "sqlite") -> None:
        self.folder, self.vendor = folder, vendor
        folder.mkdir(parents=True, exist_ok=True)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("CASEMGR_", "DATABASE_URL"))}
        self.env = {**kept, "CASEMGR_VAR": str(folder), "CASEMGR_DEMO": "0"}
        if vendor == "postgresql":
            self.database = f"{connection.settings_dict['NAME']}_{folder.name}".replace("-", "_")[:60]
            self.env["DATABASE_URL"] = urlunsplit(
                urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{self.database}")
            )
            self._as_owner(f'DROP DATABASE IF EXISTS "{self.database}"', f'CREATE DATABASE "{self.database}"')

    def _as_owner(self, *statements: str) -> None:
        with closing(psycopg.connect(os.environ["DATABASE_URL"], autocommit=True, dbname="postgres")) as owner:
            for statement in statements:
                owner.execute(statement)  # type: ignore[call-overload]

    def close(self) -> None:
        if self.vendor == "postgresql":
            self._as_owner(f'DROP DATABASE IF EXISTS "{self.database}" WITH (FORCE)')

    def manage(self, *words: str | Path, **environment: str) -> tuple[int, Any]:
        """Exit code and what the command printed with --json."""
        command = [sys.executable, "manage.py", *map(str, words), "--json"]
        env = {**self.env, **environment}
        done = subprocess.run(command, cwd=BASE, env=env, capture_output=True, text=True, check=False)
        assert done.stdout, done.stderr
        return done.returncode, json.loads(done.stdout)

    def rows(self, query: str) -> list[Any]:
        if self.vendor == "postgresql":
            with closing(psycopg.connect(self.env["DATABASE_URL"])) as database:
                return [tuple(row) for row in database.execute(query)]  # type: ignore[call-overload]
        with closing(sqlite3.connect(self.folder / "casemgr.sqlite3")) as database:
            return database.execute(query).fetchall()

    def files(self) -> dict[str, bytes]:
        root = self.folder / "private"
        return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}
