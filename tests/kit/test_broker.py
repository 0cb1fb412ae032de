"""Messages as files: a reader sees a whole message or none."""

from __future__ import annotations

import logging
import threading

from celery.beat import SchedulingError
from kombu import Connection

FOLDERS = ("queue", "control")


def test_reader_that_never_rests_sees_every_message_whole_and_once(tmp_path):
    for name in FOLDERS:
        (tmp_path / name).mkdir()
    place = {
        "data_folder_in": str(tmp_path / "queue"),
        "data_folder_out": str(tmp_path / "queue"),
        "control_folder": str(tmp_path / "control"),
    }
    with Connection("filesystem://localhost", transport_options=place) as connection:
        assert type(connection.transport).__module__ == "casemgr.kit.broker"
        told: list[int] = []

        def tell() -> None:
            with Connection("filesystem://localhost", transport_options=place) as other:
                queue = other.SimpleQueue("work")
                for n in range(300):
                    queue.put({"n": n, "text": "消息" * 2000})

        queue = connection.SimpleQueue("work")
        teller = threading.Thread(target=tell)
        teller.start()
        while len(told) < 300:
            message = queue.get(timeout=10)
            told.append(message.payload["n"])
            message.ack()
        teller.join()
    assert sorted(told) == list(range(300))


def test_schedule_without_a_broker_says_so_in_one_line(caplog):
    def fail() -> None:
        try:
            raise SchedulingError("Couldn't apply scheduled task sweep jobs: Connection refused.")
        except SchedulingError as error:
            logger.error("Message Error: %s\n%s", error, ["a stack"] * 50, exc_info=True)

    logger = logging.getLogger("celery.beat")
    guards = logger.filters[:]
    fail()
    logger.filters.clear()
    fail()
    logger.filters.extend(guards)
    short, long = caplog.records
    assert (short.levelname, short.exc_info, short.getMessage().count("\n")) == ("WARNING", None, 0)
    assert (long.levelname, long.getMessage().count("\n")) == (
        "ERROR",
        1,
    )  # the control: what Celery would have written
