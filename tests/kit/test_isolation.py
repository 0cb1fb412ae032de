"""A job whose last worker died runs in a process of its own: only that one dies, and the others go on."""

from __future__ import annotations

import datetime as dt
import os
import time

import pytest
from django.db import connection
from django.utils import timezone

from casemgr.kit import job_runs, jobs
from casemgr.kit.models import Job
from tests.kit.poison import tasks as poison_tasks  # noqa: F401 registers the kinds in this process too


@pytest.fixture
def children_share_the_test_database(transactional_db, monkeypatch):
    place = connection.settings_dict
    url = f"sqlite:///{place['NAME']}"
    if connection.vendor == "postgresql":
        url = f"postgres://{place['USER']}:{place['PASSWORD']}@{place['HOST']}:{place['PORT']}/{place['NAME']}"
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "tests.kit.poison.settings")


def lapsed(kind: str) -> Job:
    """A job that a worker was running when it died."""
    past = timezone.now() - dt.timedelta(minutes=1)
    return Job.objects.create(
        key=kind, kind=kind, state="running", tries=1, token="gone", lease_until=past, due_at=past
    )


def test_job_that_kills_its_process_takes_no_other_with_it(children_share_the_test_database):
    poison, innocent = lapsed("test.suicide"), lapsed("test.innocent")
    jobs.run_due()
    poison.refresh_from_db()
    innocent.refresh_from_db()
    assert (poison.state, poison.lapses) == ("queued", 1)
    assert 2 <= poison.tries < 5  # on a slow machine its next try falls due while the others run
    assert (poison.error, poison.result) == (job_runs.PROCESS_DIED, {"fault": "signal 9"})
    assert (innocent.state, innocent.tries, innocent.error) == ("done", 2, "")
    assert innocent.result["process"] != os.getpid()


def test_job_that_hangs_is_killed_at_its_limit_and_tried_again(children_share_the_test_database):
    hanging = lapsed("test.hang")
    started = time.monotonic()
    jobs.run_now(hanging)
    hanging.refresh_from_db()
    assert (hanging.state, hanging.error, hanging.tries) == ("queued", job_runs.OVERTIME, 2)
    assert time.monotonic() - started < 30  # it hangs for a minute, its limit is four seconds
