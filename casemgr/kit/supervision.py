"""Keeps the processes of one machine alive: starts them, starts them again when they die, stops them together."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import FrameType

SHORT_LIFE = 5.0  # seconds; who dies younger waits longer for the next start
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 10.0  # longer pauses make recovery crawl after a few kills (docs/adr/0004)
GRACE = 10.0  # seconds to finish what is being done, after the wish to stop
POLL = 0.1

PR_SET_PDEATHSIG = 1


def _die_with_parent() -> None:
    """In the child: end when the supervisor is gone, even if that was killed and could stop nobody. Linux only."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass
class Child:
    """One process that should be running. `boot` names its present life; `after_death(boot)` cleans up after one."""

    name: str
    command: Sequence[str]
    after_death: Callable[[str], None] = lambda boot: None
    boot: str = ""
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    start_at: float = 0.0
    pause: float = 0.0

    def start(self) -> None:
        """Start a new life, in a session of its own so that Ctrl-C reaches only the supervisor."""
        self.boot = f"{self.name}:{uuid.uuid4().hex[:12]}"
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            self.command,
            env={**os.environ, "WORKER_BOOT": self.boot},
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=_die_with_parent if sys.platform == "linux" else None,
        )

    def bury(self, code: int, say: Callable[[str], None]) -> None:
        """After a death: end what the process left behind, clean up, and say when the next life starts."""
        now = time.monotonic()
        is_short = now - self.started < SHORT_LIFE
        self.pause = min(max(self.pause * 2, FIRST_PAUSE), LONGEST_PAUSE) if is_short else FIRST_PAUSE
        self.start_at = now + self.pause
        self.kill()
        how = f"was ended by signal {-code}" if code < 0 else f"ended with code {code}"
        say(f"The {self.name} process {how}; it starts again in {self.pause:g} s.")
        self.after_death(self.boot)

    def ask_to_stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the whole process group, leftovers of a dead leader included."""
        if self.process:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None


class Supervisor:
    """Runs its children until SIGTERM, SIGINT or SIGHUP; a second signal ends them at once."""

    def __init__(self, children: Sequence[Child], say: Callable[[str], None]) -> None:
        self.children = children
        self.say = say
        self.stopping = threading.Event()

    def start(self) -> None:
        """Take over the signals and start every child."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._stop)
        for child in self.children:
            child.start()

    def watch(self) -> None:
        """Keep the children alive until a signal asks to stop, then stop them."""
        while not self.stopping.wait(POLL):
            self.look()
        self.shut_down()

    def look(self) -> None:
        """One look at every child: bury the dead, start those whose pause is over."""
        for child in self.children:
            if child.process is None:
                if time.monotonic() >= child.start_at:
                    child.start()
            elif (code := child.process.poll()) is not None:
                child.bury(code, self.say)

    def shut_down(self) -> None:
        """Ask every child to finish, wait for GRACE, end the rest."""
        self.say("Stopping ...")
        self.stopping.clear()
        for child in self.children:
            child.ask_to_stop()
        deadline = time.monotonic() + GRACE
        running = [child.process for child in self.children if child.process]
        while any(one.poll() is None for one in running) and time.monotonic() < deadline:
            if self.stopping.wait(POLL):
                break
        for child in self.children:
            child.kill()
            child.after_death(child.boot)
        self.say("Stopped.")

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.stopping.set()
