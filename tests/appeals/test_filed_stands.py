"""What was filed can be neither altered nor removed, by any path (rule 4, bar D2). Each way is tried on a filed attempt."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib import admin
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from appeals.actions import evidence, filings
from appeals.models import Appeal, Case, EvidenceItem, Filing, FrozenFiling, PackFile
from casemgr.kit import triggers, verifying
from casemgr.kit.workflow import Refused
from tests.appeals import burst
from tests.appeals.test_evidence import given, photo
from tests.appeals.test_pack import approved, case  # noqa: F401

pytestmark = pytest.mark.django_db
RULES = triggers.all_rules()


@pytest.fixture
def filed(case, lead):  # noqa: F811
    """A filing as it is after a person submitted it and recorded the receipt."""
    burst.item(case, lead, "notice")
    filing = approved(case, lead)
    filings.claim(by=lead, filing=filing)
    filings.record(by=lead, filing=filing, filed_at=timezone.now(), receipt_no="R1", receipt=given("r.png", photo()))
    return Filing.objects.get(pk=filing.pk)


def everything(filing: Filing) -> list:
    """Every row and every byte that a filed attempt consists of."""
    pk, of_case = filing.pk, filing.case_id
    names = [*PackFile.objects.values_list("file", flat=True), filing.receipt_file]
    return [
        Filing.objects.filter(pk=pk).values().first(),
        list(PackFile.objects.filter(filing_id=pk).order_by("pk").values()),
        list(EvidenceItem.objects.filter(case_id=of_case).order_by("pk").values()),
        list(Appeal.objects.filter(filings=pk).order_by("pk").values("pk", "matter", "number", "status", "made_alone")),
        [Path(settings.MEDIA_ROOT, name).read_bytes() for name in names],
    ]


def sql(text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(text)


def item() -> EvidenceItem:
    return EvidenceItem.objects.filter(protected_at__isnull=False)[0]


def bulk(model, **values) -> None:
    rows = list(model._base_manager.all())
    for row in rows:
        for name, value in values.items():
            setattr(row, name, value)
    model._base_manager.bulk_update(rows, list(values))


def saved(thing, **values) -> None:
    for name, value in values.items():
        setattr(thing, name, value)
    thing.save()


WAYS = {
    "evidence: save": lambda f, by: saved(item(), title="x"),
    "evidence: delete": lambda f, by: item().delete(),
    "evidence: update": lambda f, by: EvidenceItem.objects.update(sha256="x"),
    "evidence: update past its manager": lambda f, by: EvidenceItem._base_manager.update(file="x"),
    "evidence: delete past its manager": lambda f, by: EvidenceItem._base_manager.all()._raw_delete("default"),
    "evidence: bulk_update": lambda f, by: bulk(EvidenceItem, title="x"),
    "evidence: unprotect": lambda f, by: EvidenceItem._base_manager.update(protected_at=None),
    "evidence: withdraw": lambda f, by: evidence.withdraw(by=by, item=item(), reason="x"),
    "evidence: raw update": lambda f, by: sql("UPDATE appeals_evidenceitem SET sha256 = 'x'"),
    "evidence: raw delete": lambda f, by: sql("DELETE FROM appeals_evidenceitem"),
    "pack: save": lambda f, by: saved(f.pack_files.first(), sha256="x"),
    "pack: delete": lambda f, by: f.pack_files.first().delete(),
    "pack: update": lambda f, by: f.pack_files.update(name="x"),
    "pack: update past its manager": lambda f, by: PackFile._base_manager.update(sha256="x"),
    "pack: bulk_update": lambda f, by: bulk(PackFile, file="x"),
    "pack: one more file": lambda f, by: PackFile.objects.create(
        filing=f, position=99, kind="image", name="x", file="x", size=1, sha256="x"
    ),
    "pack: raw update": lambda f, by: sql("UPDATE appeals_packfile SET name = 'x'"),
    "pack: raw delete": lambda f, by: sql("DELETE FROM appeals_packfile"),
    "filing: save": lambda f, by: saved(f, box_text="x"),
    "filing: delete": lambda f, by: f.delete(),
    "filing: update": lambda f, by: Filing.objects.update(letter_text="x"),
    "filing: update past its manager": lambda f, by: Filing._base_manager.update(pack={}),
    "filing: bulk_update": lambda f, by: bulk(Filing, pack_sha256="x"),
    "filing: thaw": lambda f, by: Filing._base_manager.update(frozen_at=None, status="draft"),
    "filing: raw text": lambda f, by: sql("UPDATE appeals_filing SET box_text = ''"),
    "filing: raw receipt": lambda f, by: sql("UPDATE appeals_filing SET receipt_no = 'x'"),
    "filing: raw time": lambda f, by: sql("UPDATE appeals_filing SET filed_at = recorded_at"),
    "filing: raw delete": lambda f, by: sql("DELETE FROM appeals_filing"),
    "attempt: delete": lambda f, by: f.appeals.first().delete(),
    "attempt: moved to another number": lambda f, by: Appeal._base_manager.update(number=9),
    "attempt: taken out of the filing": lambda f, by: f.appeals.clear(),
    "attempt: raw link": lambda f, by: sql("DELETE FROM appeals_appeal_filings"),
    "cascade: case": lambda f, by: f.case.delete(),
    "cascade: shop": lambda f, by: f.case.store.delete(),
    "cascade: merchant": lambda f, by: f.case.store.merchant.delete(),
    "cascade: the person who uploaded": lambda f, by: by.delete(),
    "cascade: the violation": lambda f, by: f.case.violations.get().delete(),
}
REFUSALS = (FrozenFiling, ProtectedError, DatabaseError, Refused)


@pytest.mark.parametrize("way", WAYS)
def test_every_way_is_refused_and_nothing_changed(way, filed, lead):
    before = everything(filed)
    with pytest.raises(REFUSALS), transaction.atomic():
        WAYS[way](filed, lead)
    assert everything(filed) == before


@pytest.mark.parametrize("way", [way for way in WAYS if ": raw" in way or "past" in way])
def test_without_the_triggers_the_ways_past_python_lead_through(way, filed, lead):
    """The control: it is the trigger that stands in these ways, nothing else."""
    triggers.remove(connection, RULES)
    before = everything(filed)
    with transaction.atomic():
        WAYS[way](filed, lead)
        assert everything(filed) != before
        transaction.set_rollback(True)


def test_no_page_of_the_admin_edits_what_was_filed():
    assert [model for model in admin.site._registry if model._meta.app_label == "appeals"] == []


def test_retention_may_empty_the_texts_of_an_erased_case_and_nothing_else(filed):
    blank = {"box_text": "", "letter_text": ""}
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        Filing._base_manager.filter(pk=filed.pk).update(**blank)
    Case.objects.filter(pk=filed.case_id).update(erased_at=timezone.now())
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        Filing._base_manager.filter(pk=filed.pk).update(box_text="x", letter_text="")
    Filing._base_manager.filter(pk=filed.pk).update(**blank)
    assert Filing.objects.get(pk=filed.pk).box_text == ""


def faults(name: str) -> list[str]:
    (report,) = verifying.run([name])
    return [one["thing"] for one in report.named]


def test_bytes_changed_or_gone_in_the_storage_are_found_by_verify(filed):
    assert faults("appeals.files") == []
    first, second = filed.pack_files.all()[:2]
    path = Path(default_storage.path(first.file))
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    default_storage.delete(second.file)
    assert faults("appeals.files") == [first.file, second.file]


def test_files_that_no_row_points_to_are_found_by_verify(filed, monkeypatch):
    default_storage.save("packs/left-over/a.png", ContentFile(b"x"))
    assert faults("appeals.orphans") == []  # just written: its row may be on the way
    monkeypatch.setattr("appeals.verify.UNDERWAY", dt.timedelta())
    assert faults("appeals.orphans") == ["packs/left-over/a.png"]


def test_kept_columns_and_attempts_are_recomputed_by_verify(filed):
    assert [faults(name) for name in ("appeals.kept", "appeals.rules", "appeals.states")] == [[], [], []]
    Case.objects.filter(pk=filed.case_id).update(claimable_count=77, next_due_kind="appeal")
    filed.case.matters.update(attempts_used=2)
    assert (faults("appeals.kept"), faults("appeals.rules")) == ([filed.case.code], [filed.case.code])
