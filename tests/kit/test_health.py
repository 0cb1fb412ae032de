"""The health address and the status page say what stands still, and when it goes again (bar R7)."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import DatabaseError, connection
from django.utils import timezone

from casemgr.kit import health, health_view, heartbeats, jobs, sweeping
from casemgr.kit.models import Heartbeat, Job

NOW = timezone.now()
WORKER = "worker:of the test"


@pytest.fixture(autouse=True)
def _fresh_answer():
    health_view.look_again()
    yield
    health_view.look_again()


def beat(**seconds_ago: float) -> None:
    names = {"worker": WORKER}
    for name, seconds in seconds_ago.items():
        at = NOW - dt.timedelta(seconds=seconds)
        Heartbeat.objects.update_or_create(name=names.get(name, name), defaults={"beat_at": at})


def tone(key: str) -> str:
    return next(one.tone for one in health.checks(NOW) if one.key == key)


def word() -> str:
    return health.status(health.checks(NOW))


def test_all_is_well_when_everything_has_just_beaten(db, settings):
    settings.DEMO = True
    beat(worker=1, schedule=1)
    assert word() == "ok"
    assert {one.tone for one in health.checks(NOW)} == {"ok", "neutral"}


@pytest.mark.parametrize("silent", ["worker", "schedule"])
def test_silence_of_worker_or_schedule_is_red_after_75_seconds_and_green_with_its_next_beat(db, settings, silent):
    settings.DEMO = True
    beat(**{"worker": 1, "schedule": 1, silent: 74})
    assert (tone(silent), word()) == ("ok", "ok")
    beat(**{silent: 75})
    assert (tone(silent), word()) == ("danger", "down")
    beat(**{silent: 0})
    assert word() == "ok"


def test_one_worker_of_two_that_died_turns_nothing_red_and_is_forgotten_after_an_hour(db):
    beat(worker=1, schedule=1)
    Heartbeat.objects.create(name="worker:dead", beat_at=NOW - dt.timedelta(minutes=61))
    assert tone("worker") == "ok"
    assert [heartbeats.forget_old(NOW), list(heartbeats.of_workers())] == [1, [WORKER]]


def test_the_last_worker_is_remembered_however_long_it_is_dead(db):
    beat(worker=7200)
    assert (heartbeats.forget_old(NOW), tone("worker")) == (0, "danger")


def test_freed_worker_is_forgotten(transactional_db):
    beat(worker=1)
    sweeping.free(WORKER)
    assert heartbeats.of_workers() == {}


def test_backup_is_red_after_26_hours_or_when_there_never_was_one_but_not_in_the_demo(db, settings):
    settings.DEMO = False
    assert tone("backup") == "danger"
    jobs.beat("backup")
    assert tone("backup") == "ok"
    beat(backup=26 * 3600)
    assert tone("backup") == "danger"
    settings.DEMO = True
    assert tone("backup") == "neutral"


def test_jobs_that_wait_long_or_stopped_ask_for_a_look_and_stop_nothing(db, settings):
    settings.DEMO = True
    beat(worker=1, schedule=1)
    Job.objects.create(key="late", kind="kit.export", due_at=NOW - dt.timedelta(minutes=6))
    Job.objects.create(key="bad", kind="kit.export", state="parked")
    assert (tone("queue"), tone("failed"), word()) == ("warn", "warn", "attention")


def test_broker_that_is_away_is_red(db, settings):
    assert tone("broker") == "ok"
    settings.CELERY_BROKER_URL = "filesystem://"
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"data_folder_out": "/nowhere"}
    assert tone("broker") == "danger"


def test_database_that_is_away_is_red_and_asks_it_nothing_more(db):
    def refuse(execute, *args):
        raise DatabaseError("gone")

    with connection.execute_wrapper(refuse):
        found = health.checks(NOW)
    assert (health.status(found), found[0].key, found[0].tone) == ("down", "database", "danger")


def test_health_address_answers_anybody_without_details_and_looks_at_most_every_two_seconds(db, client, settings):
    settings.DEMO = True
    red = client.get("/health/")
    jobs.beat(WORKER, "schedule")
    same, health_answer = client.get("/health/"), None
    health_view.look_again()
    health_answer = client.get("/health/")
    told = [(one.status_code, one.json()) for one in (red, same, health_answer)]
    assert told == [(503, {"status": "down"}), (503, {"status": "down"}), (200, {"status": "ok"})]
    assert health_answer.headers["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"


def test_status_page_is_for_leads(db, as_, lead, handler):
    assert [as_(person).get("/status/").status_code for person in (lead, handler)] == [200, 403]
