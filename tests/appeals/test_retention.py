"""What is past its time is erased: keys destroyed, files and texts gone; counts, hashes and the audit trail stay (V3)."""

from __future__ import annotations

import datetime as dt
import json
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction
from django.utils import timezone

from appeals.actions import evidence, filings, moves, retention, talk
from appeals.evidence import files, pack
from appeals.models import Case, EvidenceItem, Filing, Message, PackFile
from appeals.tasks import retain_daily
from casemgr.kit import chain, jobs
from casemgr.kit.models import AuditEvent, DataKey, Job, Notification
from casemgr.kit.privacy import sealing
from casemgr.kit.workflow import Refused
from orders.models import ImportRun, Order
from stores.models import EvidenceRequirement
from tests.appeals.cast import appeal_in, case_in, filing_in, matter_of
from tests.appeals.test_evidence import given, photo
from tests.orders.imported import imported, received
from tests.orders.test_recipients import MAPPING, orders_file, switch

pytestmark = pytest.mark.django_db

YEAR = dt.timedelta(days=365.25)


def filed_and_closed(shop, lead, *, ago: dt.timedelta) -> Case:
    """A case with uploaded evidence, a filed pack and talk, closed so long ago."""
    kind = EvidenceRequirement.objects.get_or_create(key="chat_log", defaults={"name_zh": "聊天记录", "name_en": "c"})[
        0
    ]
    case = case_in("reviewing", shop, owner=lead, line_of_defence="malicious_order")
    matter = matter_of(case, attempts_allowed=2)
    evidence.add(by=lead, case=case, requirement=kind, uploads=[given("a.jpg", photo())], declared_true=True)
    talk.say(by=lead, case=case, text="请补充材料")
    filing = filing_in("approved", case, lead, box_text="正文", letter_text="全文")
    filing.appeals.add(appeal_in("draft", matter))
    filings.claim(by=lead, filing=filing)
    filings.record(by=lead, filing=filing, filed_at=timezone.now())
    moves.close(by=lead, case=case, outcome="withdrawn", note="商家撤回，联系人王女士")
    Case.objects.filter(pk=case.pk).update(closed_at=timezone.now() - ago)
    case.refresh_from_db()
    return case


def on_disk(settings) -> list[Path]:
    return [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


def kept_of(case: Case) -> dict[str, object]:
    """What rule 4 says remains: rows, sizes, hashes, times, counts."""
    return {
        "items": list(EvidenceItem.objects.filter(case=case).values("code", "title", "size", "sha256", "uploaded_at")),
        "packed": list(PackFile.objects.filter(filing__case=case).values("position", "name", "size", "sha256")),
        "filings": list(Filing.objects.filter(case=case).values("code", "filed_at", "pack", "pack_sha256")),
        "attempts": list(case.matters.values("attempts_allowed", "attempts_used")),
        "outcome": (case.status, case.outcome, case.closed_at),
        "messages": case.messages.count(),
    }


def test_old_closed_case_is_erased_and_manifest_hashes_and_counts_stay(
    shop, lead, settings, django_capture_on_commit_callbacks
):
    case, young = (filed_and_closed(shop, lead, ago=ago) for ago in (3.1 * YEAR, 2.9 * YEAR))
    before, of_young = kept_of(case), [path for path in on_disk(settings) if young.code in str(path)]
    events = AuditEvent.objects.filter(thread=case.code).count()
    with django_capture_on_commit_callbacks(execute=True):
        assert retention.run(at=timezone.now())["cases"] == 1

    case.refresh_from_db()
    young.refresh_from_db()
    assert (case.erased_at is not None, young.erased_at) == (True, None)
    assert kept_of(case) == before
    assert DataKey.objects.get(name=f"case:{case.code}").destroyed_at is not None
    assert [path for path in on_disk(settings) if case.code in str(path)] == []
    assert [path for path in on_disk(settings) if young.code in str(path)] == of_young
    assert [one.box_text + one.letter_text for one in Filing.objects.filter(case=case)] == [""]
    assert [one.text for one in Message.objects.filter(case=case)] == [""]

    # The trail tells of it, has lost no row, and holds together; what people wrote in it is gone.
    assert AuditEvent.objects.filter(thread=case.code).count() == events + 2
    assert "王女士" not in json.dumps([one.note for one in AuditEvent.objects.filter(thread=case.code)])
    assert list(chain.faults({})) == []


def test_files_of_an_erased_case_are_erased_and_not_missing(shop, lead, as_):
    case = filed_and_closed(shop, lead, ago=3.1 * YEAR)
    filing, item = Filing.objects.get(case=case), EvidenceItem.objects.get(case=case)
    assert files.condition(item.file, item.sha256, case) is files.Condition.WHOLE
    retention.run(at=timezone.now())
    case.refresh_from_db()
    filing.refresh_from_db()
    assert files.condition(item.file, item.sha256, case) is files.Condition.ERASED
    assert pack.verify(filing) == []
    for address in (f"/files/evidence/{item.code}/", f"/files/packs/{filing.code}/1/"):
        answer = as_(lead).get(address)
        assert (answer.status_code, answer.context["erased_at"]) == (410, case.erased_at)
    assert as_(lead).get(f"/cases/{case.code}/").context["case"].erased_at == case.erased_at
    assert as_(lead).get(f"/filings/{filing.code}/").status_code == 200


def test_files_left_by_a_run_that_was_killed_go_with_the_next_one(shop, lead, settings):
    case = filed_and_closed(shop, lead, ago=3.1 * YEAR)
    assert retention.erase(case=case, at=timezone.now()) is True
    left = [path for path in on_disk(settings) if case.code in str(path)]
    item = EvidenceItem.objects.get(case=case)
    with pytest.raises(sealing.Erased):
        files.read(item.file)
    assert retention.run(at=timezone.now())["cases"] == 0
    assert (len(left), [path for path in on_disk(settings) if case.code in str(path)]) == (2, [])


def test_erased_case_is_not_opened_again(shop, lead):
    case = filed_and_closed(shop, lead, ago=3.1 * YEAR)
    retention.run(at=timezone.now())
    case.refresh_from_db()
    with pytest.raises(Refused, match=r"清除|erased"):
        moves.reopen(by=lead, case=case, note="doch")
    assert DataKey.objects.filter(name__startswith="case:", destroyed_at=None).count() == 0


def test_filed_texts_of_a_case_that_was_not_erased_cannot_be_wiped(shop, lead):
    case = filed_and_closed(shop, lead, ago=YEAR)
    assert Filing.objects.filter(case=case).wipe_texts() == 0
    with pytest.raises(DatabaseError), transaction.atomic():
        Filing._base_manager.filter(case=case).update(box_text="", letter_text="")
    assert Filing.objects.get(case=case).box_text == "正文"


@pytest.fixture
def everything(shop, lead, handler):
    """One thing of every kind that is past its time, and one that is not."""
    now = timezone.now()
    switch(lead, shop.merchant, True)
    for ago in (3.1 * YEAR, YEAR):
        filed_and_closed(shop, lead, ago=ago)
    for number, ago in ((1, 31), (2, 1)):
        run = imported(
            shop, orders_file((str(number), "张三", "13812345678", "", "", "")), mapping=MAPPING, kind="orders"
        )
        ImportRun.objects.filter(pk=run.pk).update(sealed_until=now + dt.timedelta(days=30 - ago))
        left = received(
            shop, orders_file((str(number), "张三", "13812345678", "", "", "")), mapping=MAPPING, kind="orders"
        )
        ImportRun.objects.filter(pk=left.pk).update(created_at=now - dt.timedelta(days=ago))
    Order.objects.filter(order_no="1").update(placed_at=now - dt.timedelta(days=181))
    Session.objects.create(session_key="old", session_data="", expire_date=now - dt.timedelta(days=1))
    Session.objects.create(session_key="new", session_data="", expire_date=now + dt.timedelta(days=1))
    for key, days in (("old", 366), ("new", 1)):
        one = Notification.objects.create(recipient=handler, event="x", text="x", key=key)
        Notification.objects.filter(pk=one.pk).update(created_at=now - dt.timedelta(days=days))


def counted() -> dict[str, int]:
    return {
        model.__name__: model._base_manager.count()
        for model in (Case, EvidenceItem, PackFile, Order, ImportRun, AuditEvent, DataKey, Session, Notification)
    }


def test_dry_run_counts_the_same_and_writes_nothing(everything, django_capture_on_commit_callbacks, settings):
    expected = dict.fromkeys(
        ("cases", "import_originals", "imports_left_lying", "recipients", "sessions", "notifications"), 1
    )
    before, disk = counted(), sorted(map(str, on_disk(settings)))
    out = StringIO()
    call_command("retain", "--dry-run", "--json", stdout=out)
    assert json.loads(out.getvalue())["counts"] == expected
    assert (counted(), sorted(map(str, on_disk(settings)))) == (before, disk)

    with django_capture_on_commit_callbacks(execute=True):
        out = StringIO()
        call_command("retain", "--json", stdout=out)
    assert json.loads(out.getvalue())["counts"] == expected
    out = StringIO()
    call_command("retain", "--json", stdout=out)
    assert json.loads(out.getvalue())["counts"] == dict.fromkeys(expected, 0)
    after = counted()
    assert {
        name: before[name] - after[name] for name in ("Case", "EvidenceItem", "PackFile", "Order", "ImportRun")
    } == (dict.fromkeys(("Case", "EvidenceItem", "PackFile", "Order", "ImportRun"), 0))
    assert (Session.objects.get().pk, Notification.objects.filter(event="x").get().key) == ("new", "new")


def test_time_can_be_said(everything):
    out = StringIO()
    later = (timezone.now() + 4 * YEAR).isoformat()
    call_command("retain", "--dry-run", "--json", "--at", later, stdout=out)
    assert json.loads(out.getvalue())["counts"]["cases"] == 2
    with pytest.raises(CommandError, match="Not a time"):
        call_command("retain", "--at", "soon")


def test_recipients_of_a_merchant_that_keeps_none_go_whatever_their_age(shop, lead):
    switch(lead, shop.merchant, True)
    imported(shop, orders_file(), mapping=MAPPING, kind="orders")
    type(shop.merchant).objects.filter(pk=shop.merchant.pk).update(keep_recipient=False)
    assert retention.run(at=timezone.now())["recipients"] == 1
    assert Order.objects.filter(recipient_sealed__isnull=False).count() == 0


def test_schedule_runs_it_once_a_day(db):
    for _hour in range(3):
        retain_daily()
    (job,) = Job.objects.filter(kind="appeals.retain")
    assert jobs.run_now(job).state == "done"
