"""Processes of their own for tests of crashes and races, made by forking: a kill -9 in the middle, at no start-up cost."""

from __future__ import annotations

import os
import signal
import time
import traceback
from collections.abc import Callable

from django.db import connections


def fork(work: Callable[[], object]) -> int:
    """Run `work` in a child with connections of its own; gives its process number. Its exit code is 0, or 1 after an error."""
    for one in connections.all(initialized_only=True):
        one.close()  # neither side may use a connection that both hold
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        work()
        code = 0
    except BaseException:  # whatever it was: the child ends here, and the test sees its exit code
        traceback.print_exc()
    finally:
        os._exit(code)


def ended(pid: int) -> int:
    """Wait for a child; its exit code, or minus the signal that ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def killed_after(seconds: float, work: Callable[[], object]) -> bool:
    """Run `work` in a child and kill -9 it after so long. False when it was done before that; errors are raised."""
    pid, until = fork(work), time.monotonic() + seconds
    while time.monotonic() < until:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            if code := os.waitstatus_to_exitcode(status):
                raise AssertionError(f"the child ended with {code}: see its output")
            return False
        time.sleep(0.002)
    os.kill(pid, signal.SIGKILL)
    return ended(pid) == -signal.SIGKILL
