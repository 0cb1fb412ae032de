"""Processes that should run do run: real ones, killed for real."""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import CommandError
from django.db import connection

from casemgr.kit import durability
from casemgr.kit.management.commands import up
from casemgr.kit.supervision import Child, Supervisor

SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]
# Says the number of a process of its own that outlives it.
PARENT = [
    sys.executable,
    "-c",
    "import subprocess, sys, time; p = subprocess.Popen(['sleep', '60']); open(sys.argv[1], 'w').write(str(p.pid));"
    "time.sleep(60)",
]


def until(is_so: Callable[[], object], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    """Whether a process runs (one that ended and only waits to be collected does not)."""
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture
def house() -> Iterator[tuple[Supervisor, Child, list[str]]]:
    """A supervisor of one child, and the lives of which it was told that they are over."""
    over: list[str] = []
    child = Child("worker", SLEEPER, over.append)
    supervisor = Supervisor([child], say=lambda text: None)
    yield supervisor, child, over
    child.kill()


def test_killed_child_is_started_again_under_a_new_name_and_the_old_life_is_cleaned_up(house):
    supervisor, child, over = house
    child.start()
    first, pid = child.boot, child.process.pid
    os.kill(pid, signal.SIGKILL)
    until(lambda: supervisor.look() or (child.process and child.process.pid != pid))
    assert (over, child.boot != first, child.process.poll()) == ([first], True, None)


def test_pause_before_a_new_start_doubles_only_for_short_lives(house):
    supervisor, child, _over = house
    pauses = []
    for lived in (0, 1, 1, 60, 1, *[0] * 6):
        child.start()
        child.started -= lived
        child.bury(1, supervisor.say)
        pauses.append(child.pause)
    assert pauses == [0.5, 1, 2, 0.5, 1, 2, 4, 8, 10, 10, 10]


def test_what_a_dead_child_left_running_is_ended(house, tmp_path):
    supervisor, child, _over = house
    child.command = [*PARENT, str(tmp_path / "pid")]
    child.start()
    until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text())
    orphan = int((tmp_path / "pid").read_text())
    os.kill(child.process.pid, signal.SIGKILL)
    until(lambda: supervisor.look() or child.process is None)
    until(lambda: not is_alive(orphan))


def test_shut_down_ends_every_child_and_cleans_up(house):
    supervisor, child, over = house
    child.start()
    pid, boot = child.process.pid, child.boot
    supervisor.shut_down()
    assert (is_alive(pid), child.process, over) == (False, None, [boot])


def test_taken_port_gives_the_next_free_one():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert up.free_port("127.0.0.1", port) > port
    assert up.free_port("127.0.0.1", port) == port


def test_twenty_taken_ports_are_an_error_that_says_what_to_do(monkeypatch):
    monkeypatch.setattr(up, "is_free", lambda host, port: False)
    with pytest.raises(CommandError, match="Choose another with --port"):
        up.free_port("127.0.0.1", 8000)


def test_sqlite_that_may_lose_an_acknowledged_write_is_refused(transactional_db):
    durability.check_sqlite()
    if connection.vendor == "sqlite":
        connection.cursor().execute("PRAGMA synchronous=OFF")
        with pytest.raises(ImproperlyConfigured, match="synchronous=0"):
            durability.check_sqlite()
        connection.close()
