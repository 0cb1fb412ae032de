"""Whatever runs again changes nothing more: every kind of job and every periodic task, found by their registries (R1).

A worker may die after the work and before its end is written, a message may come twice, two schedules may run: so each is
run 1, 2 and 3 times and twice at once, and must end equal. A new kind without a case here fails.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from celery import current_app
from django.apps import apps
from django.conf import settings as django_settings
from django.db import connection
from django.utils import timezone

from appeals.actions import deadlines
from appeals.demo.exports import pinduoduo_82
from appeals.models import PlanAction
from casemgr.kit import audit, jobs
from casemgr.kit.models import Heartbeat, Job
from orders.actions import imports, screenings
from orders.actions import reference as order_reference
from orders.imports.runs import write_key
from orders.models import RiskAlert
from stores.actions import reference
from tests import make
from tests.appeals import burst
from tests.appeals.cast import appeal_in, case_in, filing_in, matter_of, opened
from tests.orders.imported import received
from tests.orders.made_up_files import order

Payload = dict[str, Any]
# What tells of the running itself, not of what was done.
RUNNING = {
    "token",
    "worker",
    "tries",
    "lapses",
    "state",
    "started_at",
    "finished_at",
    "lease_until",
    "sent_at",
    "due_at",
}
# Another backup is another fact on record, and every backup seals; its file takes the place of the one before.
ALSO_KEPT = {"kit.backup": {"kit.AuditEvent", "kit.AuditSeal"}}
# The same thing made again has other random parts: counted, not compared cell by cell.
RANDOM = {"result", "payload", "wrapped", "token_hash", "hash", "previous"}


def rows() -> dict[str, list[dict[str, Any]]]:
    """Every row of every table of ours, without what tells of the running itself."""
    found = {}
    for model in apps.get_models():
        if model._meta.app_label in ("kit", "stores", "orders", "appeals") and model is not Heartbeat:
            names = [one.attname for one in model._meta.concrete_fields if one.attname not in RUNNING | RANDOM]
            kept = names if model is Job else [one.attname for one in model._meta.concrete_fields]
            kept = [name for name in kept if name not in RANDOM]
            found[model._meta.label] = list(model._base_manager.order_by("pk").values(*kept))
    return found


def counts() -> Counter[str]:
    return Counter({name: len(found) for name, found in rows().items()})


class World:
    """The shop, the people, and what a case needs of them."""

    def __init__(self, shop: Any, handler: Any, lead: Any, owner: Any, folder: Any) -> None:
        self.shop, self.handler, self.lead, self.owner, self.folder = shop, handler, lead, owner, folder

    def file(self) -> bytes:
        return pinduoduo_82([order(n) for n in range(1, 6)])

    def with_another_shop(self) -> World:
        shop = make.store(on="pinduoduo", of=make.merchant("别的商家"))
        make.assign(self.handler, shop)
        return World(shop, self.handler, self.lead, self.owner, self.folder)

    def new_run(self) -> Any:
        run = received(self.shop, self.file(), by=self.handler)
        assert run.status == "staged", run.error
        return run


def check_import(world: World) -> Payload:
    run = world.new_run()
    # As it stood before the check.
    type(run).objects.filter(pk=run.pk).update(status="staging")
    return {"run": run.code}


def write_import(world: World) -> Payload:
    run = world.new_run()
    imports.publish(by=world.handler, run=run)
    return {"run": run.code}


def screen_import(world: World) -> Payload:
    run = world.new_run()
    imports.publish(by=world.handler, run=run)
    jobs.run_now(Job.objects.get(key=write_key(run)))
    return {"run": run.code}


def screen_shop(world: World) -> Payload:
    soon = timezone.now() + dt.timedelta(minutes=30)
    for _order in range(6):
        make.order(world.shop, ship_by=soon, ship_by_source="file")
    return {"store": world.shop.code}


def export(world: World) -> Payload:
    make.order(world.shop)
    return {"list": "orders", "query": "", "form": "csv"}


def build_pack(world: World) -> Payload:
    reference.load()
    world.shop.platform.refresh_from_db()
    case = case_in("reviewing", world.shop, owner=world.lead, line_of_defence="malicious_order")
    matter = matter_of(case, attempts_allowed=2)
    burst.item(case, world.lead, "notice")
    now = timezone.now() + dt.timedelta(seconds=1)
    filing = filing_in("approved", case, world.lead, box_text="正文", letter_text="全文", approved_at=now)
    filing.appeals.add(appeal_in("draft", matter))
    return {"filing": filing.code}


def retain(world: World) -> Payload:
    opened(world.shop, world.handler)
    return {}


def measure_plans(world: World) -> Payload:
    """An action whose days are over, and a training that is due."""
    case = opened(world.shop, world.handler)
    if not world.shop.merchant.memberships.exists():
        make.member(make.user(), world.shop.merchant)  # as many to tell as in the other shop
    today = timezone.localdate()
    values = {"case": case, "title": "限购", "owner_name": "运营", "due_on": today}
    long_ago = timezone.now() - dt.timedelta(days=20)
    PlanAction.objects.create(**values, metric_key="cluster_alerts", status="done", done_at=long_ago)
    PlanAction.objects.create(**values, is_training=True, repeat_days=30)
    return {}


def forget_recipients(world: World) -> Payload:
    make.order(world.shop, recipient_masked="陈*", phone_masked="138****5678")
    return {"merchant": world.shop.merchant.code}


def mail_password_link(world: World) -> Payload:
    return {"person": world.owner.pk, "site": "https://casemgr.example"}


def backup(world: World) -> Payload:
    django_settings.BACKUP_DIR = str(world.folder)
    return {"day": "2026-11-22"}


# kind of job -> what must be there before it; gives its payload
KINDS: dict[str, Callable[[World], Payload]] = {
    "kit.export": export,
    "kit.backup": backup,
    "stores.mail_password_link": mail_password_link,
    "orders.stage_import": check_import,
    "orders.publish_import": write_import,
    "orders.screen_import": screen_import,
    "orders.screen_shop": screen_shop,
    "orders.forget_recipients": forget_recipients,
    "appeals.build_pack": build_pack,
    "appeals.retain": retain,
    "appeals.measure_plans": measure_plans,
}


def near_deadlines(world: World) -> None:
    """A case whose deadline is near, one whose deadline has passed, a claim that lapsed."""
    near = opened(world.shop, world.handler, due_in_hours=3)
    late = opened(world.shop, world.handler, due_in_hours=2)
    late.deadlines.update(due_at=timezone.now() - dt.timedelta(hours=1))
    claim = filing_in("filing", near, world.handler)
    type(claim).objects.filter(pk=claim.pk).update(claim_lapses_at=timezone.now() - dt.timedelta(minutes=1))


def other_hours(world: World) -> None:
    """A case that was planned for other office hours."""
    case = opened(world.shop, world.handler)
    type(case).objects.filter(pk=case.pk).update(safe_until=case.next_due_at)


def unshipped(world: World) -> None:
    screen_shop(world)


def old_jobs(world: World) -> None:
    long_ago = timezone.now() - dt.timedelta(days=40)
    Job.objects.create(key="old", kind="kit.export", state="done", finished_at=long_ago)
    screenings.ask(by=world.handler, store=world.shop)


def something(world: World) -> None:
    audit.record(by=world.lead, action="test", of=world.shop)


def with_backups(world: World) -> None:
    django_settings.BACKUP_DIR = str(world.folder)


# periodic task -> what it finds to do
PERIODIC: dict[str, Callable[[World], None]] = {
    "casemgr.kit.tasks.sweep": old_jobs,
    "casemgr.kit.tasks.tidy": old_jobs,
    "casemgr.kit.tasks.seal": something,
    "casemgr.kit.tasks.nightly_backup": with_backups,
    "orders.tasks.screen_clock": unshipped,
    "appeals.tasks.watch_deadlines": near_deadlines,
    "appeals.tasks.retain_daily": something,
    "appeals.tasks.tidy": something,
    "appeals.tasks.keep_plans": other_hours,
    "appeals.tasks.measure_daily": something,
}


@pytest.fixture
def world(transactional_db, shop, handler, lead, owner, tmp_path, settings) -> World:
    settings.BACKUP_DIR = ""  # put back after the test, whatever a case sets
    make.policy("false_transaction")
    order_reference.load_carriers()
    folder = tmp_path / "backups"
    folder.mkdir()
    return World(shop, handler, lead, owner, folder)


def job_of(kind: str, world: World) -> Callable[[], Any]:
    """What runs one job of this kind as often as it is called: as after a death before its end was written."""
    payload = KINDS[kind](world)
    made = Job.objects.create(
        key=f"case {kind}", kind=kind, payload=payload, requested_by=world.handler, store_ref=world.shop.pk
    )

    def run() -> None:
        Job.objects.filter(pk=made.pk).update(state="queued", due_at=timezone.now(), tries=0, lapses=0)
        ended = jobs.run_now(made)
        assert ended.state == "done", ended.error

    return run


def handler_of(kind: str, world: World) -> Callable[[], Any]:
    """The bare handler: two at once, both believing that they hold the job."""
    made = Job.objects.create(
        key=f"case {kind} {world.shop.code}",
        kind=kind,
        payload=KINDS[kind](world),
        requested_by=world.handler,
        store_ref=world.shop.pk,
    )
    claimed = jobs.claim(made.pk)
    assert claimed is not None
    return lambda: jobs.kind_of(kind).handler(jobs.Running(Job.objects.get(pk=claimed.pk)))


def task_of(name: str, world: World) -> Callable[[], Any]:
    PERIODIC[name](world)
    return current_app.tasks[name]


def twice_at_once(run: Callable[[], Any]) -> list[BaseException]:
    """Two threads that begin together; what they raised."""
    start, raised = threading.Barrier(2), []

    def go() -> None:
        start.wait()
        try:
            run()
        except BaseException as error:  # the one that lost may say so
            raised.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=go) for _thread in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def differences(run: Callable[[], Any], times: int = 3) -> list[str]:
    """The tables that hold something else after a run than after the first one. The clock stands still."""
    found = []
    with time_machine.travel(timezone.now(), tick=False):
        run()
        first = rows()
        for _time in range(times - 1):
            run()
            again = rows()
            found += [name for name in first if first[name] != again[name]]
    return found


def test_every_kind_of_job_has_its_case():
    assert sorted(KINDS) == sorted(name for name in jobs.kinds() if not name.startswith("test"))


def test_every_periodic_task_has_its_case():
    assert sorted(PERIODIC) == sorted({one["task"] for one in django_settings.CELERY_BEAT_SCHEDULE.values()})


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_job_run_three_times_ends_as_after_the_first(kind, world):
    assert set(differences(job_of(kind, world))) - ALSO_KEPT.get(kind, set()) == set()


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_job_run_twice_at_once_adds_as_much_as_once(kind, world):
    alone = added(handler_of(kind, world), kind)
    run = handler_of(kind, world.with_another_shop())
    raised: list[BaseException] = []
    assert added(lambda: raised.extend(twice_at_once(run)), kind) == alone
    assert len(raised) < 2, raised
    assert added(run, kind) == Counter()


def added(run: Callable[[], Any], kind: str) -> Counter[str]:
    """How many rows of each table are added by it."""
    before = counts()
    run()
    more = counts() - before
    return Counter({name: n for name, n in more.items() if name not in ALSO_KEPT.get(kind, set())})


@pytest.mark.parametrize("name", sorted(PERIODIC))
def test_periodic_task_run_three_times_ends_as_after_the_first(name, world):
    assert differences(task_of(name, world)) == []


@pytest.mark.parametrize("name", sorted(PERIODIC))
def test_periodic_task_of_two_schedules_at_once_adds_nothing_twice(name, world):
    run = task_of(name, world)
    raised = twice_at_once(run)
    after = counts()
    assert raised == []
    run()
    assert counts() == after


def test_the_control_a_job_that_adds_a_row_with_every_run_is_seen(world):
    def careless() -> None:
        audit.record(by=None, action="test", of=world.shop)

    assert differences(careless) == ["kit.AuditEvent", "kit.AuditEvent"]


def test_schedule_that_stood_still_for_an_hour_catches_up_with_each_effect_once(world):
    """Deadlines that passed while nothing ran are alarmed once, as if it had run all the time (R5)."""
    opened(world.shop, world.handler, due_in_hours=25)
    with time_machine.travel(timezone.now() + dt.timedelta(hours=1, minutes=30)):
        assert [deadlines.watch(), deadlines.watch()] == [
            {"missed": 0, "near": 1, "late": 1},
            {"missed": 0, "near": 0, "late": 0},
        ]
    with time_machine.travel(timezone.now() + dt.timedelta(hours=26)):
        assert [deadlines.watch(), deadlines.watch()] == [
            {"missed": 1, "near": 0, "late": 0},
            {"missed": 0, "near": 0, "late": 0},
        ]


def test_alert_of_the_clock_is_one_however_many_schedules_ran_or_none(world):
    unshipped(world)
    with time_machine.travel(timezone.now() + dt.timedelta(hours=1)):  # nothing ran meanwhile: they are overdue now
        assert twice_at_once(current_app.tasks["orders.tasks.screen_clock"]) == []
        assert RiskAlert.objects.filter(detector="ship_by").count() == 1
