"""`manage.py up` in a folder and a database of its own, seen and hurt from outside."""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection

from casemgr.kit.management.commands.up import free_port
from tests.house import BASE


def until(is_so: Callable[[], object], seconds: float = 60, what: str = "") -> float:
    """Wait until it is so; the seconds it took. Fails after `seconds`."""
    begun = time.monotonic()
    while not is_so():
        assert time.monotonic() - begun < seconds, f"waited {seconds} s in vain: {what}"
        time.sleep(0.05)
    return time.monotonic() - begun


class Redis:
    """A server of the test's own: it may be emptied, killed and started again without hurting anybody."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port("127.0.0.1", 8900 + os.getpid() % 500)
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.process: subprocess.Popen[bytes] | None = None

    @staticmethod
    def is_here() -> bool:
        return shutil.which("redis-server") is not None

    def start(self) -> None:
        command = ["redis-server", "--port", str(self.port), "--save", "", "--dir", str(self.folder)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        until(self._answers, 20, "redis")

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def empty(self) -> None:
        self._say(b"FLUSHALL\r\n")

    def _answers(self) -> bool:
        try:
            return self._say(b"PING\r\n").startswith(b"+PONG")
        except OSError:
            return False

    def _say(self, words: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as line:
            line.sendall(words)
            return line.recv(64)


class House:
    """The running whole, and its database read from outside of it."""

    def __init__(self, folder: Path, broker_url: str = "") -> None:
        self.folder, self.port = folder, free_port("127.0.0.1", 8300 + os.getpid() % 500)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("CASEMGR_", "DATABASE_URL"))}
        self.database = ""
        if connection.vendor == "postgresql":
            self.database = _own_database(f"up_{os.getpid()}_{time.monotonic_ns() % 100_000}")
            kept["DATABASE_URL"] = self.database
        self.env = {
            **kept,
            "CASEMGR_VAR": str(folder),
            "CASEMGR_DEMO": "0",
            "DJANGO_SETTINGS_MODULE": "tests.kit.poison.settings",
            **({"CASEMGR_BROKER_URL": broker_url} if broker_url else {}),
        }
        command = [sys.executable, "manage.py", "up", "--port", str(self.port)]
        self.log = (folder / "log").open("wb")
        self.process = subprocess.Popen(command, cwd=BASE, env=self.env, stdout=self.log, stderr=self.log)

    def said(self) -> str:
        return (self.folder / "log").read_text()

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query on the database of the whole."""
        if self.database:
            with psycopg.connect(self.database) as link:
                return link.execute(query).fetchall()
        with closing(sqlite3.connect(self.folder / "casemgr.sqlite3", timeout=20)) as link:
            return link.execute(query).fetchall()

    def states(self) -> dict[str, str]:
        """State of every job by its key."""
        return dict(self.ask("SELECT key, state FROM kit_job"))

    def steps(self) -> dict[str, int]:
        """How many steps each counting job has written: ten, whatever died meanwhile."""
        counted: dict[str, int] = {}
        for (name,) in self.ask("SELECT name FROM kit_heartbeat WHERE name LIKE '% %'"):
            key = name.rpartition(" ")[0]
            counted[key] = counted.get(key, 0) + 1
        return counted

    def get(self, path: str) -> tuple[int, str]:
        """Status and text of a page; (0, ...) when nobody answered."""
        return self._send(path, None)

    def post(self, path: str) -> tuple[int, str]:
        return self._send(path, b"")

    def _send(self, path: str, body: bytes | None) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", body, timeout=20) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except (OSError, http.client.HTTPException) as error:  # half an answer is none
            return 0, str(error)

    def child(self, word: str) -> int:
        """The process number of the child whose command line has `word`; 0 while there is none."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return next((int(one) for one in children if word in _command(int(one))), 0)

    def grandchildren(self, word: str) -> list[int]:
        """The processes that the child with this word has started."""
        mother = self.child(word)
        return [int(one) for one in Path(f"/proc/{mother}/task/{mother}/children").read_text().split()]

    def kill(self, word: str) -> None:
        """kill -9 the child with this word, once it is there."""
        until(lambda: self.child(word), 60, word)
        os.kill(self.child(word), signal.SIGKILL)

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=40)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()
        if self.database:
            _drop(self.database)


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""


def _server() -> tuple[str, str]:
    place = connection.settings_dict
    return f"postgres://{place['USER']}:{place['PASSWORD']}@{place['HOST']}:{place['PORT']}", place["NAME"]


def _own_database(name: str) -> str:
    server, _ours = _server()
    with psycopg.connect(f"{server}/postgres", autocommit=True) as link:
        link.execute(f'CREATE DATABASE "{name}"')
    return f"{server}/{name}"


def _drop(url: str) -> None:
    server, _slash, name = url.rpartition("/")
    with psycopg.connect(f"{server}/postgres", autocommit=True) as link:
        link.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
