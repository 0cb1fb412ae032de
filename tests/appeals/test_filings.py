"""The right to submit: one person, one attempt, whatever clicks, retries and colleagues do (rule 1)."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from appeals.actions import filings, texts
from appeals.evidence import pack
from appeals.models import CaseViolation, Filing
from casemgr.kit.workflow import Refused, Stale
from tests import make
from tests.appeals.cast import appeal_in, case_in, filing_in, matter_of


def approved(shop, lead, **attempts):
    case = case_in("reviewing", shop, owner=lead)
    matter = matter_of(case, **{"attempts_allowed": 2, **attempts})
    filing = filing_in("approved", case, lead, box_text="正文", letter_text="全文")
    filing.appeals.add(appeal_in("draft", matter))
    return filing, matter


def test_second_claim_is_refused_and_names_the_holder(shop, lead, handler):
    filing, _matter = approved(shop, lead)
    stale_copy = Filing.objects.get(pk=filing.pk)
    filings.claim(by=handler, filing=filing)
    with pytest.raises(Stale) as told:
        filings.claim(by=lead, filing=stale_copy)
    assert handler.name in str(told.value.sentence)


def test_loser_of_the_claim_leaves_no_files_behind(shop, lead, handler, settings):
    filing, _matter = approved(shop, lead)
    stale_copy = Filing.objects.get(pk=filing.pk)
    filings.claim(by=handler, filing=filing)
    kept = sorted(path.name for path in (settings.MEDIA_ROOT / "packs").rglob("*") if path.is_file())
    with pytest.raises(Stale):
        filings.claim(by=lead, filing=stale_copy)
    assert sorted(path.name for path in (settings.MEDIA_ROOT / "packs").rglob("*") if path.is_file()) == kept


def test_recording_twice_spends_one_attempt(shop, lead, handler):
    filing, matter = approved(shop, lead)
    filings.claim(by=handler, filing=filing)
    other_tab = Filing.objects.get(pk=filing.pk)
    filings.record(by=handler, filing=filing, filed_at=timezone.now())
    with pytest.raises(Refused):
        filings.record(by=handler, filing=other_tab, filed_at=timezone.now())
    matter.refresh_from_db()
    assert matter.attempts_used == 1


def test_no_attempt_left_refuses_the_claim(shop, lead):
    filing, _matter = approved(shop, lead, attempts_allowed=1, attempts_used=1)
    with pytest.raises(Refused):
        filings.claim(by=lead, filing=filing)


def test_database_itself_refuses_more_attempts_than_allowed(shop, lead):
    _filing, matter = approved(shop, lead, attempts_allowed=1, attempts_used=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        CaseViolation.objects.filter(pk=matter.pk).update(attempts_used=2)


def test_attempt_used_up_between_claim_and_record_refuses_the_record(shop, lead, handler):
    filing, matter = approved(shop, lead, attempts_allowed=1)
    filings.claim(by=handler, filing=filing)
    CaseViolation.objects.filter(pk=matter.pk).update(attempts_used=1)
    with pytest.raises(Refused):
        filings.record(by=handler, filing=filing, filed_at=timezone.now())
    filing.refresh_from_db()
    assert filing.status == "filing"


def test_lapsed_claim_asks_before_the_next_one(shop, lead, handler):
    filing, _matter = approved(shop, lead)
    filings.claim(by=handler, filing=filing)
    filings.lapse(now=timezone.now() + dt.timedelta(hours=3))
    filing.refresh_from_db()
    assert (filing.status, filing.lapsed_from) == ("approved", handler)
    with pytest.raises(Refused, match=handler.name):
        filings.claim(by=lead, filing=filing)
    filings.claim(by=lead, filing=filing, was_not_submitted=True)
    assert filing.claimed_by == lead


def test_lapsed_claim_that_was_submitted_is_recorded_late(shop, lead, handler):
    filing, matter = approved(shop, lead)
    filings.claim(by=handler, filing=filing)
    filings.lapse(now=timezone.now() + dt.timedelta(hours=3))
    filing.refresh_from_db()
    later = timezone.now() + dt.timedelta(hours=3)
    filings.record(by=handler, filing=filing, filed_at=timezone.now() + dt.timedelta(minutes=5), now=later)
    matter.refresh_from_db()
    assert (filing.status, filing.is_recorded_late, matter.attempts_used) == ("filed", True, 1)


def test_author_needs_another_person_for_the_last_known_attempt(shop, lead, handler):
    case = case_in("reviewing", shop, owner=lead)
    matter_of(case, attempts_allowed=1)
    filing = filing_in("in_review", case, lead, sent_by=lead)
    with pytest.raises(Refused):
        filings.approve(by=lead, filing=filing, second_look="looked again")
    filings.approve(by=handler, filing=filing)
    assert filing.status == "approved"


def test_agency_of_one_approves_after_a_written_second_look(shop, lead):
    case = case_in("reviewing", shop, owner=lead)
    matter_of(case, attempts_allowed=1)
    filing = filing_in("in_review", case, lead, sent_by=lead)
    with pytest.raises(Refused):
        filings.approve(by=lead, filing=filing)
    filings.approve(by=lead, filing=filing, second_look="逐张核对了图片与订单号")
    assert filing.status == "approved"


def test_stale_text_is_refused_and_nothing_overwritten(shop, lead, handler):
    filing = filing_in("draft", case_in("preparing", shop), lead)
    texts.save_text(by=handler, filing=filing, version=0, box_text="甲", letter_text="")
    other = Filing.objects.get(pk=filing.pk)
    with pytest.raises(Stale):
        texts.save_text(by=lead, filing=other, version=0, box_text="乙", letter_text="")
    assert Filing.objects.get(pk=filing.pk).box_text == "甲"


def ten_claim(filing: Filing, people: list, guard_off: bool = False) -> list[str]:
    """Ten people claim at the same moment, each with the row as they saw it. Returns what each was told."""
    start, told = threading.Barrier(len(people)), []

    def one(person) -> None:
        mine = Filing.objects.get(pk=filing.pk)
        start.wait()
        try:
            if guard_off:
                now = timezone.now()
                Filing.objects.filter(pk=mine.pk).update(
                    status="filing", claimed_by=person, claimed_at=now, claim_lapses_at=now + dt.timedelta(hours=2)
                )  # what a writer without the compare would do
            else:
                filings.claim(by=person, filing=mine)
            told.append("won")
        except Refused as refusal:
            told.append(str(refusal.sentence))
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told


@pytest.mark.django_db(transaction=True)
def test_of_ten_people_who_claim_at_once_exactly_one_wins():
    lead = make.user("周砚", role="lead")
    filing, _matter = approved(make.store("店", on="pinduoduo"), lead)
    people = [make.user(f"专员{n}", role="lead") for n in range(10)]
    told = ten_claim(filing, people)
    assert told.count("won") == 1
    assert len(told) == 10


@pytest.mark.django_db(transaction=True)
def test_without_the_compare_several_would_win():
    """The negative control: the race is real, only the compare-and-set decides it."""
    lead = make.user("周砚", role="lead")
    filing, _matter = approved(make.store("店", on="pinduoduo"), lead)
    told = ten_claim(filing, [make.user(f"专员{n}", role="lead") for n in range(10)], guard_off=True)
    assert told.count("won") > 1


def test_pack_of_a_filing_is_intact_after_the_claim(shop, lead):
    filing, _matter = approved(shop, lead)
    filings.claim(by=lead, filing=filing)
    assert pack.verify(filing) == []
