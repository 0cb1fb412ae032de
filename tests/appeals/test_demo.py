"""The demo world: told once by the ordinary actions, complete, and nowhere ahead of its time."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth import authenticate
from django.db import transaction
from django.test import override_settings
from django.utils import timezone

from appeals import demo
from appeals.actions import cases, deadlines
from appeals.demo import books, clock, trade, world
from appeals.demo.clock import SHANGHAI
from appeals.models import Case, EvidenceItem, EvidenceRequest, Filing
from casemgr.kit.models import AuditEvent, Job, Notification
from orders.models import Hold, ImportRun, Order, OrderReview, PlatformReport, RiskAlert, Violation
from stores.models import Store, User
from tests.audited import Unit, watched

pytestmark = pytest.mark.django_db

# What the telling wrote, unit by unit (tests.audited).
steps: list[Unit] = []
unaudited: list[str] = []
STATES = {"intake", "diagnosing", "preparing", "reviewing", "filed", "rectifying", "closed"}
OUTCOMES = {"won", "partly_won", "lost", "accepted", "withdrawn", "expired"}


@pytest.fixture(scope="module")
def told(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[Path]:
    """The world, told once for all tests of this module and taken back afterwards. Its folder of files.

    What a test changes is undone within it; the mark above makes pytest-django set up a database at all.
    """
    folder = tmp_path_factory.mktemp("demo")
    storage = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(folder)}}
    staticfiles = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    with (
        django_db_blocker.unblock(),
        override_settings(VAR_DIR=folder, MEDIA_ROOT=folder, STORAGES={"default": storage, "staticfiles": staticfiles}),
        transaction.atomic(),
    ):
        with watched(frame=1) as watch:
            assert world.seed()
        steps.extend(watch.done)
        unaudited.extend(watch.unaudited())
        yield folder
        transaction.set_rollback(True)


def test_demo_has_a_case_in_every_state_and_of_every_outcome(told):
    assert set(Case.objects.values_list("status", flat=True)) == STATES
    assert set(Case.objects.filter(status="closed").values_list("outcome", flat=True)) == OUTCOMES
    assert not Case.objects.exclude(status="closed").filter(is_overdue=True).exists()


def test_every_step_of_the_story_left_an_audit_row(told):
    """Imports, screening, tasks and casework alike (bar A1); an import's row stands for its batches."""
    assert unaudited == []
    assert len(steps) > 300
    for run in ImportRun.objects.all():
        first, last = AuditEvent.objects.filter(object_code=run.code, action__startswith="import.publish").order_by(
            "pk"
        )
        assert (first.action, last.action) == ("import.publishing", "import.published")
        assert (last.after["stored"], last.after["sha256"]) == (run.stored, run.sha256)


def test_demo_tells_the_story_of_the_two_bursts(told):
    story = Case.objects.get(status="preparing")
    assert Counter(story.verdicts.values_list("kind", flat=True)) == {"malicious_order": 31}
    assert story.requests.filter(state="open").count() == 2
    confirmed = RiskAlert.objects.filter(status="confirmed").values_list("detector", "order_count")
    assert set(confirmed) == {("burst_sku_area", 40), ("burst_buyer", 46)}
    assert Hold.objects.filter(status="acknowledged").count() == 2
    assert Counter(OrderReview.objects.values_list("status", flat=True)) == {"malicious": 1, "contacted": 1}
    assert not PlatformReport.objects.filter(number="").exists()


def test_demo_has_seven_parcels_nobody_scanned_and_a_quiet_shop(told):
    unscanned = RiskAlert.objects.get(detector="no_first_scan", status="reviewing")
    assert unscanned.facts["parcels"] == 7
    assert set(
        Violation.objects.get(violation_type__key="fake_shipment").named_orders.values_list("order_id", flat=True)
    ) == set(unscanned.orders.values_list("pk", flat=True))
    quiet = Store.objects.get(name="山野茶事官方店")
    assert (quiet.alerts.count(), quiet.cases.count(), quiet.orders.count()) == (0, 0, 120)


def test_demo_imports_everything_it_says(told):
    counts = Counter(Order.objects.values_list("store__name", flat=True))
    assert counts == {"绿叶服饰专营店": 1500, "绿叶女装旗舰店": 900, "山野茶事官方店": 120, "山野茶事茶铺": 150}
    assert set(ImportRun.objects.values_list("status", "refused")) == {("published", 0)}
    assert set(Job.objects.values_list("state", flat=True)) == {"done"}


def test_demo_keeps_within_its_time(told):
    now = timezone.now()
    assert not AuditEvent.objects.filter(at__gt=now).exists()
    assert not Notification.objects.filter(created_at__gt=now).exists()
    assert not EvidenceItem.objects.filter(captured_at__gt=now).exists()
    assert not Filing.objects.filter(filed_at__gt=now).exists()
    assert not Order.objects.filter(placed_at__gt=now).exists()
    for code in Case.objects.values_list("code", flat=True):
        moments = list(AuditEvent.objects.filter(thread=code).order_by("pk").values_list("at", flat=True))
        assert moments == sorted(moments), code
    assert not EvidenceRequest.objects.filter(state="open", due_at__lte=now).exists()


def test_second_telling_changes_nothing(told):
    def everything() -> list[int]:
        kinds = (User, Store, Order, ImportRun, RiskAlert, Case, Filing, EvidenceItem, AuditEvent, Notification, Job)
        return [kind.objects.count() for kind in kinds]

    before, logins = everything(), (told / world.LOGINS_FILE).stat().st_mtime_ns
    assert not world.seed()
    assert everything() == before
    assert (told / world.LOGINS_FILE).stat().st_mtime_ns == logins


def test_clock_goes_on_as_before_after_the_story(told):
    assert abs((timezone.now() - dt.datetime.now(dt.UTC)).total_seconds()) < 1
    case = Case.objects.get(status="diagnosing")
    assert (cases.judge(by=None, case=case), deadlines.watch()) == (0, {"missed": 0, "near": 0, "late": 0})


def test_everybody_of_the_demo_can_sign_in(told):
    written = json.loads((told / world.LOGINS_FILE).read_text(encoding="utf-8"))
    assert written == demo.logins()
    assert Counter(one["role"] for one in written) == {
        "handler": 2, "lead": 1, "administrator": 1, "owner": 2, "staff": 1,
    }  # fmt: skip
    for one in written:
        person = authenticate(None, username=one["login"], password=one["password"])
        assert person is not None
        assert person.name == one["name"]


@pytest.mark.parametrize("time", ["00:04", "09:30", "14:45", "23:57"])
def test_order_books_fit_any_time_of_day(time):
    now = dt.datetime.combine(dt.date(2026, 11, 23), dt.time.fromisoformat(time), tzinfo=SHANGHAI)
    written = books.write(now)
    everything = [*written.pdd, *written.douyin, *written.tea_douyin, *written.tea_taobao]
    assert max(sale.placed_at for sale in everything) <= now
    assert len({sale.no for sale in everything}) == len(everything)
    late = [sale for sale in everything if not sale.tag and (sale.shipped_at or now) > sale.ship_by]
    assert late == []
    assert all(sale.shipped_at < clock.day(now, 2, "20:20") for sale in trade.tagged(written.pdd, "unscanned"))
