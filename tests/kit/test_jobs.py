"""Jobs: the row decides. Every race and crash of docs/adr/0004 in small."""

from __future__ import annotations

import datetime as dt
import os
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.utils import timezone

from casemgr.celery import app as celery_app
from casemgr.kit import job_runs, jobs, sweeping
from casemgr.kit.models import AuditEvent, Heartbeat, Job, Notification
from casemgr.kit.workflow import Refused
from tests import make

RUNS: list[str] = []


@pytest.fixture(autouse=True)
def _no_runs_yet() -> None:
    RUNS.clear()


@jobs.handles("test.count")
def count(run: jobs.Running) -> dict:
    """A job that says what it was given and shows half of its progress."""
    RUNS.append(run.job.key)
    run.progress(1, 2)
    return {"given": run.payload}


@jobs.handles("test.break")
def break_down(run: jobs.Running) -> dict:
    RUNS.append(run.job.key)
    raise ValueError("no such column\nDETAIL: Key (phone)=(13812345678)")


@jobs.handles("test.refuse")
def refuse(run: jobs.Running) -> dict:
    raise {"failed": jobs.Failed("The file is empty."), "refused": Refused("It is closed.")}[run.payload["how"]]


@jobs.handles("test.short", limit=dt.timedelta(seconds=0.3))
def take_too_long(run: jobs.Running) -> dict:
    run.progress(1)
    threading.Event().wait(0.5)
    run.progress(2)
    return {}


@jobs.handles("test.robbed")
def robbed(run: jobs.Running) -> dict:
    """Another worker takes the job while this run is in the middle of a batch."""
    Job.objects.filter(pk=run.job.pk).update(token="another", worker="another")
    with transaction.atomic():
        Heartbeat.objects.create(name="written by the robbed run", beat_at=timezone.now())
        run.progress(1)
    return {}


def waiting(kind: str = "test.count", key: str = "k", **fields) -> Job:
    return Job.objects.create(kind=kind, key=key, **fields)


@pytest.fixture
def broker() -> Iterator[Callable[..., None]]:
    """`broker(url, **options)` points Celery at another broker until the test is over."""

    def point(url: str, **options: Any) -> None:
        celery_app.conf.update(broker_url=url, broker_transport_options=options)
        celery_app._pool = celery_app.amqp._producer_pool = None

    url, options = celery_app.conf.broker_url, celery_app.conf.broker_transport_options
    yield point
    point(url, **options)


@pytest.fixture
def messages(broker, tmp_path) -> Callable[[], int]:
    """The embedded broker with a folder of its own; call it to count the messages that lie in it."""
    (tmp_path / "queue").mkdir()
    folder = str(tmp_path / "queue")
    broker("filesystem://", data_folder_in=folder, data_folder_out=folder, control_folder=str(tmp_path))
    return lambda: len(os.listdir(folder))


def test_job_runs_once_and_keeps_what_it_returned(db):
    jobs.enqueue("test.count", key="k", payload={"n": 3})
    [job] = jobs.run_due()
    assert (job.state, job.tries, job.result, job.progress_done, job.progress_total) == (
        "done",
        1,
        {"given": {"n": 3}},
        1,
        2,
    )
    assert (job.lease_until, job.error, jobs.run_due(), RUNS) == (None, "", [], ["k"])


def test_same_key_is_one_job_and_a_finished_one_is_not_run_again(db):
    first = jobs.enqueue("test.count", key="k", payload={"n": 1})
    assert jobs.enqueue("test.count", key="k", payload={"n": 2}) == first
    jobs.run_due()
    jobs.enqueue("test.count", key="k", payload={"n": 2})
    assert (jobs.run_due(), Job.objects.get().result) == ([], {"given": {"n": 1}})


def test_again_runs_a_finished_job_with_the_new_payload(db):
    jobs.enqueue("test.count", key="k", payload={"n": 1})
    jobs.run_due()
    job = jobs.enqueue("test.count", key="k", payload={"n": 2}, again=True)
    assert (job.state, job.tries, job.result) == ("queued", 0, {})
    jobs.run_due()
    assert (Job.objects.get().result, RUNS) == ({"given": {"n": 2}}, ["k", "k"])


def test_kind_that_nobody_handles_is_an_error_at_once(db):
    with pytest.raises(LookupError, match="no handler"):
        jobs.enqueue("test.nobody", key="k")
    assert Job.objects.count() == 0


def test_no_message_before_commit_and_none_after_rollback(transactional_db, messages):
    with transaction.atomic():
        jobs.enqueue("test.count", key="kept")
        assert messages() == 0
    assert messages() == 1
    with transaction.atomic():
        jobs.enqueue("test.count", key="undone")
        transaction.set_rollback(True)
    assert (messages(), list(Job.objects.values_list("key", flat=True))) == (1, ["kept"])


def test_broker_that_is_away_costs_only_a_warning_and_the_sweeper_makes_up_for_it(
    transactional_db, messages, broker, caplog
):
    embedded = dict(celery_app.conf.broker_transport_options)
    broker("redis://127.0.0.1:1/0", max_retries=1, interval_start=0, interval_max=0.1)
    jobs.enqueue("test.count", key="k")
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    broker("filesystem://", **embedded)
    assert (messages(), sweeping.sweep(), messages()) == (0, {"given_up": 0, "sent": 1}, 1)


def test_exception_is_tried_five_times_with_longer_pauses_and_then_shown(db):
    job, pauses = waiting("test.break"), []
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _try in range(jobs.MAX_TRIES):
            jobs.run_due()
            job.refresh_from_db()
            pauses.append((job.due_at - timezone.now()).total_seconds())
            clock.move_to(max(job.due_at, timezone.now()))
    assert (job.state, job.tries, len(RUNS), pauses[:4]) == ("parked", 5, 5, [2, 4, 8, 16])
    # The sentence is for people, the fault for administrators; the database's DETAIL line quotes people.
    assert (job.error, job.result) == (job_runs.UNFORESEEN, {"fault": "ValueError: no such column"})
    assert jobs.run_due() == []


@pytest.mark.parametrize(("how", "sentence"), [("failed", "The file is empty."), ("refused", "It is closed.")])
def test_failure_that_no_retry_mends_ends_at_once_with_its_sentence(db, how, sentence):
    waiting("test.refuse", payload={"how": how})
    [job] = jobs.run_due()
    assert (job.state, job.tries, job.error) == ("failed", 1, sentence)


def test_failed_job_is_put_back_by_a_person_and_the_act_is_on_record(db):
    waiting("test.refuse", payload={"how": "failed"})
    [job] = jobs.run_due()
    person = make.user("周砚")
    assert jobs.retry(job, by=person) is True
    assert jobs.retry(Job.objects.get(), by=person) is False
    assert (Job.objects.get().state, Job.objects.get().tries) == ("queued", 0)
    assert list(AuditEvent.objects.values_list("action", "actor_name", "object_code")) == [
        ("job.retry", "周砚", job.code)
    ]


def test_failed_job_that_is_given_up_rests_and_the_act_is_on_record(db):
    waiting("test.refuse", payload={"how": "failed"})
    [job] = jobs.run_due()
    person = make.user("周砚")
    assert [jobs.give_up(job, by=person), jobs.give_up(job, by=person)] == [True, False]
    assert (Job.objects.get().state, jobs.retry(job, by=person), jobs.run_due()) == ("dropped", False, [])
    assert list(AuditEvent.objects.values_list("action", "actor_name")) == [("job.give_up", "周砚")]


def told(person) -> list[tuple[str, dict]]:
    return list(Notification.objects.filter(recipient=person).values_list("text", "values"))


def test_whoever_asked_is_told_of_a_bad_end_in_their_language_and_of_a_good_one_only_when_it_took_long(db):
    person = make.user("周砚", language="en")
    waiting(key="quick", requested_by=person)
    jobs.run_due()
    assert told(person) == []
    waiting(key="slow", requested_by=person, due_at=timezone.now() - dt.timedelta(seconds=30))
    jobs.run_due()
    waiting("test.refuse", key="bad", requested_by=person, payload={"how": "refused"})
    jobs.run_due()
    what = {"what": "test.count"}, {"what": "test.refuse"}
    assert told(person) == [("Done: %(what)s", what[0]), ("Stopped, it waits for you: %(what)s", what[1])]


def test_of_many_claims_at_once_exactly_one_wins(transactional_db):
    for round_no in range(10):
        job, won, start = waiting(key=f"k{round_no}"), [], threading.Barrier(6)

        def reach(pk=job.pk, won=won, start=start) -> None:
            start.wait()
            won.append(jobs.claim(pk))
            connection.close()

        racers = [threading.Thread(target=reach) for _racer in range(6)]
        [racer.start() for racer in racers]
        [racer.join() for racer in racers]
        assert (len(won), sum(one is not None for one in won)) == (6, 1)
        assert Job.objects.get(pk=job.pk).tries == 1


def test_lapsed_lease_is_taken_again_and_the_late_first_run_changes_nothing(db):
    first = jobs.claim(waiting().pk)
    assert jobs.take() is None
    with time_machine.travel(timezone.now() + job_runs.LEASE + dt.timedelta(seconds=1)):
        second = jobs.take()
        assert (second.pk, second.tries, second.lapses) == (first.pk, 2, 1)
        jobs.execute(first)
        assert Job.objects.get().state == "running"
        jobs.execute(second, may_fork=False)
    assert (Job.objects.get().state, Job.objects.get().token) == ("done", second.token)


def test_batch_of_a_run_that_lost_its_job_is_undone(transactional_db):
    waiting("test.robbed")
    [job] = jobs.run_due()
    assert (job.state, job.worker, Heartbeat.objects.count()) == ("running", "another", 0)


def test_dead_worker_is_freed_and_its_job_is_due_at_once(transactional_db, messages):
    jobs.claim(waiting().pk)
    assert (sweeping.free("a worker that holds nothing"), jobs.take()) == (0, None)
    assert (sweeping.free(jobs.WORKER), messages()) == (1, 1)
    assert jobs.take().lapses == 1


def test_job_whose_worker_dies_every_time_stops_after_five_tries_and_is_shown(db):
    job = waiting()
    for _try in range(jobs.MAX_TRIES):
        assert jobs.claim(job.pk) is not None
        sweeping.free(jobs.WORKER)
    assert (jobs.claim(job.pk), sweeping.sweep()["given_up"]) == (None, 1)
    job.refresh_from_db()
    assert (job.state, job.tries, job.lapses, job.error) == ("parked", 5, 4, job_runs.WORKER_DIED)


def test_lease_is_renewed_while_a_long_job_runs(transactional_db, monkeypatch):
    monkeypatch.setattr(job_runs, "LEASE", dt.timedelta(seconds=0.4))
    job = jobs.claim(waiting().pk)
    with job_runs._lease_kept(job, None, lambda: None):
        threading.Event().wait(1.2)
        assert jobs.take() is None
    threading.Event().wait(0.6)
    assert jobs.take().pk == job.pk  # the control: nobody renews it any more


def test_lease_of_a_run_that_hangs_is_renewed_only_up_to_its_limit(transactional_db, monkeypatch):
    monkeypatch.setattr(job_runs, "LEASE", dt.timedelta(seconds=0.4))
    job, given_up = jobs.claim(waiting("test.short").pk), []
    with job_runs._lease_kept(job, timezone.now() + dt.timedelta(seconds=0.5), lambda: given_up.append(True)):
        threading.Event().wait(1.2)
        again = jobs.take()
    assert (again.pk, again.lapses, again.error, given_up) == (job.pk, 1, job_runs.OVERTIME, [True])


def test_run_past_its_limit_that_still_reports_is_stopped_and_tried_again(transactional_db):
    waiting("test.short")
    [job] = jobs.run_due()
    assert (job.state, job.tries, job.error, job.progress_done) == ("queued", 1, job_runs.OVERTIME, 1)


def test_job_set_for_later_waits_until_then(db):
    jobs.enqueue("test.count", key="k", after=dt.timedelta(minutes=5))
    assert jobs.run_due() == []
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=5, seconds=1)):
        assert [job.state for job in jobs.run_due()] == ["done"]


def test_slot_of_a_run_that_hangs_is_given_back_once():
    slots = [jobs.Slot() for _slot in range(3)]
    assert [slot.take() for slot in slots] == [True, True, False]
    slots[0].give_back()
    slots[0].give_back()
    again = [jobs.Slot(), jobs.Slot()]
    assert [slot.take() for slot in again] == [True, False]
    [slot.give_back() for slot in [slots[1], *again]]


def test_what_is_over_goes_after_its_time_and_what_waits_for_a_person_stays(db):
    now = timezone.now()
    old = {"finished_at": now - dt.timedelta(days=31)}
    ended = {"done": old, "dropped": old, "failed": old, "parked": old}
    for state, facts in ended.items():
        waiting(key=f"old {state}", state=state, **facts)
    waiting(key="new done", state="done", finished_at=now)
    waiting(key="old with a file", state="done", file="exports/x", **old)
    person = make.user()
    for key, days, read in (("read", 91, True), ("unread", 91, False), ("ancient", 366, False)):
        note = Notification.objects.create(recipient=person, event="e", text="t", key=key)
        at = now - dt.timedelta(days=days)
        Notification.objects.filter(pk=note.pk).update(created_at=at, read_at=at if read else None)
    assert [sweeping.tidy(now), sweeping.tidy(now)] == [
        {"jobs": 2, "notifications": 2},
        {"jobs": 0, "notifications": 0},
    ]
    assert sorted(Job.objects.values_list("key", flat=True)) == [
        "new done",
        "old failed",
        "old parked",
        "old with a file",
    ]
    assert list(Notification.objects.values_list("key", flat=True)) == ["unread"]
