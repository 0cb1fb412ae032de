"""The whole in one command: pages answer, jobs run, and what a killed worker held is done by the next one."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from casemgr.kit.management.commands.up import free_port
from tests.house import BASE
from tests.kit.test_supervision import is_alive, until

ENQUEUE = (
    "import django; django.setup()\n"
    "from casemgr.kit import jobs\n"
    "for n in range(4): jobs.enqueue('test.slow', key=f'slow {n}')"
)


class Running:
    """`manage.py up` in a folder of its own, seen from outside."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port("127.0.0.1", 8300 + os.getpid() % 500)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("CASEMGR_", "DATABASE_URL"))}
        self.env = {
            **kept,
            "CASEMGR_VAR": str(folder),
            "CASEMGR_DEMO": "0",
            "DJANGO_SETTINGS_MODULE": "tests.kit.poison.settings",
        }
        command = [sys.executable, "manage.py", "up", "--port", str(self.port)]
        self.log = (folder / "log").open("wb")
        self.process = subprocess.Popen(command, cwd=BASE, env=self.env, stdout=self.log, stderr=self.log)

    def said(self) -> str:
        return (self.folder / "log").read_text()

    def run(self, code: str) -> None:
        subprocess.run([sys.executable, "-c", code], cwd=BASE, env=self.env, check=True)

    def jobs(self) -> list[tuple[str, int, str]]:
        """(state, tries, who ran it) of every job."""
        with closing(sqlite3.connect(self.folder / "casemgr.sqlite3")) as database:
            return database.execute("SELECT state, tries, worker FROM kit_job ORDER BY key").fetchall()

    def child(self, word: str) -> int:
        """The process number of the child whose command line has `word`."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return next(int(one) for one in children if word in Path(f"/proc/{one}/cmdline").read_text())


@pytest.fixture
def running(tmp_path) -> Iterator[Running]:
    up = Running(tmp_path)
    yield up
    up.process.kill()
    up.process.wait()


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
def test_up_answers_pages_and_finishes_the_jobs_of_a_killed_worker_and_stops_clean(running):
    until(lambda: "CaseMgr is running" in running.said(), 60)
    with urllib.request.urlopen(f"http://127.0.0.1:{running.port}/static/css/tokens.css") as page:
        assert page.status == 200
    running.run(ENQUEUE)
    until(lambda: any(state == "running" for state, _tries, _worker in running.jobs()))
    killed, started = running.child("celery"), time.monotonic()
    os.kill(killed, signal.SIGKILL)
    until(lambda: {state for state, _tries, _worker in running.jobs()} == {"done"}, 60)
    assert time.monotonic() - started < 60
    assert sorted(tries for _state, tries, _worker in running.jobs()) == [1, 1, 2, 2]
    web, worker = running.child("gunicorn"), running.child("celery")
    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(timeout=30) == 0
    assert [is_alive(web), is_alive(worker), worker == killed] == [False, False, False]
