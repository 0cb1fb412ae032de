"""kill -9, a frozen worker, a broker that is emptied or gone: nothing acknowledged is lost or doubled (bars R2, R4, R7).

The short form kills the worker a few times; CASEMGR_FAULTS=20 (make fault) is the long one.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator

import pytest

from tests.faults.house import House, Redis, until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
KILLS = int(os.environ.get("CASEMGR_FAULTS", "3"))
AT_A_TIME = 4
long = pytest.mark.skipif("CASEMGR_FAULTS" not in os.environ, reason="takes minutes: make fault")


@pytest.fixture(scope="module", params=["filesystem", "redis"])
def broker(request, tmp_path_factory) -> Iterator[Redis | None]:
    if request.param == "filesystem":
        yield None
        return
    if not Redis.is_here():
        pytest.skip("no redis-server on this machine: these tests start, empty and kill one of their own")
    server = Redis(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.kill()


@pytest.fixture(scope="module")
def house(django_db_setup, broker, tmp_path_factory) -> Iterator[House]:
    made = House(tmp_path_factory.mktemp("up"), broker.url if broker else "")
    until(lambda: "CaseMgr is running" in made.said(), 240, "start")
    until(lambda: made.get("/health/")[0] == 200, 120, "worker and schedule beat")
    yield made
    made.stop()


def acknowledged(house: House, kind: str, keys: list[str]) -> list[str]:
    """The keys whose job was acknowledged; nobody answers while the server is dead, and that is no acknowledgement."""
    return [key for key in keys if house.post(f"/test/{kind}/{key}/")[0] == 200]


def all_done(house: House, keys: list[str]) -> bool:
    states = house.states()
    return all(states.get(key) == "done" for key in keys)


def test_worker_and_server_killed_in_the_middle_lose_and_double_nothing(house):
    given: list[str] = []
    took: list[float] = []
    blind = acknowledged(house, "test.count_blindly", ["blind"])
    until(lambda: house.steps().get("blind"), 60, "the control has begun")
    for life in range(KILLS):
        keys = acknowledged(house, "test.count_up", [f"r{life}-{n}" for n in range(AT_A_TIME)])
        given += keys
        until(lambda: "running" in house.states().values(), 60, "a job that runs")
        house.kill("celery")
        if life % 2:
            house.kill("gunicorn")
            until(lambda: house.get("/health/")[0] != 0, 60, "the server")
        took.append(until(lambda keys=keys: all_done(house, keys), 60, "done again"))
    assert len(given) == KILLS * AT_A_TIME
    until(lambda: all_done(house, blind), 60, "the control")
    steps = house.steps()
    assert {key: steps[key] for key in given} == dict.fromkeys(given, 10)
    assert steps["blind"] > 10  # the control: a job that does not look at what is done doubles it
    print(f"{KILLS} kills, seconds from kill to done: {', '.join(f'{one:.1f}' for one in took)}")  # noqa: T201


def test_emptied_broker_loses_no_job(house, broker):
    os.kill(house.child("celery"), signal.SIGSTOP)
    keys = acknowledged(house, "test.innocent", [f"e{n}" for n in range(10)])
    if broker:
        broker.empty()
    else:
        [message.unlink() for message in (house.folder / "broker" / "queue").glob("*.msg")]
    os.kill(house.child("celery"), signal.SIGCONT)
    assert len(keys) == 10
    until(lambda: all_done(house, keys), 30, "all done after the broker was emptied")


def test_pages_answer_without_a_broker_and_the_worker_consumes_again_when_it_is_back(house, broker):
    queue = house.folder / "broker" / "queue"
    if broker:
        broker.kill()
    else:
        queue.rename(queue.with_name("gone"))
    assert (house.get("/login/")[0], house.get("/health/")[0]) == (200, 503)
    keys = acknowledged(house, "test.innocent", [f"g{n}" for n in range(3)])
    assert len(keys) == 3
    if broker:
        broker.start()
    else:
        queue.with_name("gone").rename(queue)
    until(lambda: all_done(house, keys), 40, "all done after the broker came back")
    assert "Message Error" not in house.said()


def beat_of(house: House, name: str) -> str:
    return str(max(house.ask(f"SELECT beat_at FROM kit_heartbeat WHERE name LIKE '{name}%'"), default=""))


def test_frozen_worker_beats_no_more_and_beats_again_when_it_thaws(house):
    until(lambda: house.child("celery") and beat_of(house, "worker:"), 60, "a worker")
    stopped = house.child("celery")
    os.kill(stopped, signal.SIGSTOP)
    time.sleep(0.5)  # what was being written is written
    before = beat_of(house, "worker:"), beat_of(house, "schedule")
    time.sleep(11)  # the next beat would have been written after ten
    still = beat_of(house, "worker:"), beat_of(house, "schedule")
    os.kill(stopped, signal.SIGCONT)
    assert still == before
    until(lambda: beat_of(house, "worker:") > before[0] and beat_of(house, "schedule") > before[1], 30, "beats")


def test_dead_schedule_comes_back_with_its_worker(house):
    until(lambda: house.child("celery") and house.grandchildren("celery"), 60, "a schedule")
    worker, [schedule] = house.child("celery"), house.grandchildren("celery")
    os.kill(schedule, signal.SIGKILL)
    until(lambda: house.child("celery") not in (0, worker) and house.grandchildren("celery"), 60, "a new schedule")
    dead = beat_of(house, "schedule")
    until(lambda: beat_of(house, "schedule") > dead, 60, "its beat")


@long
def test_poison_and_what_always_fails_are_parked_and_the_others_go_on(house):
    """R3: five tries each, then a person is asked; the worker dies of it once, in whose arms it came first."""
    keys = acknowledged(house, "test.innocent", [f"i{n}" for n in range(6)])
    bad = acknowledged(house, "test.suicide", ["poison"]) + acknowledged(house, "test.fails", ["fails"])
    until(lambda: {house.states()[key] for key in bad} == {"parked"}, 180, "parked")
    until(lambda: all_done(house, keys), 60, "the innocent")
    tries = dict(house.ask("SELECT key, tries FROM kit_job"))
    assert [tries[key] for key in bad] == [5, 5]
    assert max(tries[key] for key in keys) <= 2


@long
def test_health_turns_red_within_two_minutes_and_back(house: House):
    for name in ("frozen", "stopped"):
        until(lambda: house.get("/health/")[0] == 200, 60, "green")
        supervisor, worker = house.process.pid, house.child("celery")
        if name == "stopped":  # for good: nobody starts it again while the supervisor is frozen
            os.kill(supervisor, signal.SIGSTOP)
            os.kill(worker, signal.SIGKILL)
        else:
            os.kill(worker, signal.SIGSTOP)
        red = until(lambda: house.get("/health/")[0] == 503, 120, "red")
        os.kill(supervisor if name == "stopped" else worker, signal.SIGCONT)
        green = until(lambda: house.get("/health/")[0] == 200, 120, "green again")
        print(f"{name}: red after {red:.0f} s, green again after {green:.0f} s")  # noqa: T201
