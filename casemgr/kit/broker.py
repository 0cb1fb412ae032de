"""The broker without a server: kombu's filesystem transport, with messages that appear whole.

Kombu opens the message's file under its final name and then writes it; a worker that looks in between moves the file
away and reads an empty message, which ends the worker. Here the file is written under another name and then renamed.
"""

from __future__ import annotations

import logging
import os
import uuid
from time import monotonic
from typing import Any

from celery.beat import SchedulingError
from kombu.transport import filesystem
from kombu.utils.encoding import str_to_bytes
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    def _put(  # type: ignore[override]  # the two bases in kombu disagree about the second name
        self, queue: str, payload: dict[str, Any], **kwargs: Any
    ) -> None:
        """Put one message into the queue's folder, whole or not at all."""
        name = f"{round(monotonic() * 1000)}_{uuid.uuid4()}.{queue}"
        unfinished = os.path.join(self.data_folder_out, f"{name}.tmp")  # a name no reader looks for
        with open(unfinished, "wb") as file:
            file.write(str_to_bytes(dumps(payload)))
        os.replace(unfinished, os.path.join(self.data_folder_out, f"{name}.msg"))


class Transport(filesystem.Transport):
    Channel = Channel


class OneLine(logging.Filter):
    """A schedule that cannot reach the broker says so in one line a try, not in a stack of fifty."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep every record; shorten those that tell of a message that could not be sent."""
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, SchedulingError):
            record.levelno, record.levelname = logging.WARNING, "WARNING"
            record.msg, record.args = "the schedule could not reach the broker, it tries again: %s", (error,)
            record.exc_info = record.exc_text = None
        return True
