"""A job that kills the process it runs in, and one that tells which process that was."""

from __future__ import annotations

import os
import signal
import time

from casemgr.kit import jobs


@jobs.handles("test.suicide")
def kill_myself(run: jobs.Running) -> dict:
    os.kill(os.getpid(), signal.SIGKILL)
    return {}


@jobs.handles("test.innocent")
def tell_process(run: jobs.Running) -> dict:
    return {"process": os.getpid()}


@jobs.handles("test.slow")
def take_a_while(run: jobs.Running) -> dict:
    for tenth in range(15):
        time.sleep(0.1)
        run.progress(tenth, 15)
    return {}
