"""Pages about long work: what it is, how far, why it stopped, what it left; and lists as files."""

from __future__ import annotations

import csv
import datetime as dt
import io

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.utils import timezone, translation

from appeals import jobs_shown, queries
from appeals.actions import filings
from appeals.evidence import pack, prebuilt
from appeals.models import PackFile
from casemgr.kit import exporting, jobs
from casemgr.kit.models import AuditEvent, Job
from casemgr.kit.workflow import Stale
from orders.actions import screenings
from orders.detectors import ALL
from stores.actions import reference
from tests import make
from tests.appeals import burst
from tests.appeals.cast import appeal_in, case_in, filing_in, matter_of


def job(person=None, **fields) -> Job:
    values = {"key": f"k{Job.objects.count()}", "kind": "orders.screen_shop", "requested_by": person, **fields}
    return Job.objects.create(**values)


def shown(browser, address: str) -> list[str]:
    return [row["job"].key for row in browser.get(address).context["rows"]]


# Who sees what


def test_person_sees_their_own_and_nobodys_of_their_shops_and_a_lead_all(as_, handler, other_handler, lead, shop):
    job(handler, key="mine")
    job(other_handler, key="another's", store_ref=shop.pk)
    job(key="nobody's", store_ref=shop.pk)
    job(key="the system's")
    assert sorted(shown(as_(handler), "/jobs/")) == ["mine", "nobody's"]
    assert sorted(shown(as_(lead), "/jobs/")) == ["another's", "mine", "nobody's", "the system's"]
    assert shown(as_(lead), "/jobs/?whose=mine") == []


def test_list_is_narrowed_by_state_and_kind_and_unknown_words_narrow_nothing(as_, lead):
    for state in ("queued", "running", "done", "failed", "parked", "dropped"):
        job(key=state, state=state)
    job(key="export", kind="kit.export", state="done")
    browser = as_(lead)
    assert sorted(shown(browser, "/jobs/?view=active")) == ["queued", "running"]
    assert sorted(shown(browser, "/jobs/?view=stopped")) == ["failed", "parked"]
    assert shown(browser, "/jobs/?view=done&kind=kit.export") == ["export"]
    assert len(shown(browser, "/jobs/?view=x&kind=x")) == 7


# One job


def test_stopped_job_says_why_what_is_kept_and_what_to_do_in_the_readers_language(as_, handler):
    made = job(handler, state="parked", error="The process that ran it died.", tries=5)
    context = as_(handler).get(f"/jobs/{made.code}/").context
    kind = jobs.kind_of(made.kind)
    assert (context["is_stopped"], context["is_running"]) == (True, False)
    assert (context["kept"], context["next_step"]) == (kind.kept, kind.next_step)
    with translation.override("en"):
        assert jobs_shown.page(made, handler, None)["error"] == "The process that ran it died."


def test_given_up_job_leaves_the_badge_and_a_retried_one_waits_again(as_, handler):
    one, two = job(handler, state="failed"), job(handler, state="parked")
    browser = as_(handler)
    badges = [queries.nav_counts(handler)["jobs"]]
    browser.post(f"/jobs/{one.code}/give-up/")
    badges.append(queries.nav_counts(handler)["jobs"])
    browser.post(f"/jobs/{two.code}/retry/")
    badges.append(queries.nav_counts(handler)["jobs"])
    assert badges == [2, 1, 0]
    assert list(Job.objects.order_by("pk").values_list("state", flat=True)) == ["dropped", "queued"]


def test_running_job_shows_counts_and_an_estimate_and_its_part_stops_asking_when_it_ends(as_, handler):
    now = timezone.now()
    made = job(handler, state="running", progress_done=4, progress_total=11, started_at=now - dt.timedelta(minutes=4))
    browser = as_(handler)
    with time_machine.travel(now, tick=False):
        progress = browser.get(f"/jobs/{made.code}/").context["progress"]
    assert (progress["done"], progress["total"], progress["percent"]) == (4, 11, 36)
    assert progress["left"] == dt.timedelta(minutes=7)
    part = browser.get(f"/jobs/{made.code}/", headers={"HX-Request": "true"})
    assert (b'hx-trigger="every 2s"' in part.content, b"<html" in part.content) == (True, False)
    Job.objects.filter(pk=made.pk).update(state="done")
    assert browser.get(f"/jobs/{made.code}/", headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
    assert b"hx-get" not in browser.get(f"/jobs/{made.code}/").content


# Lists as files


@pytest.fixture
def few_at_once(monkeypatch):
    monkeypatch.setattr(exporting, "AT_ONCE", 3)


def exported(browser, address: str) -> Job:
    answer = browser.get(address)
    assert answer.status_code == 302, answer.status_code
    jobs.run_due()
    return Job.objects.get(code=answer.url.split("/")[-2])


def cells(browser, made: Job) -> list[list[str]]:
    content = b"".join(browser.get(f"/jobs/{made.code}/file/").streaming_content)
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def test_short_list_comes_at_once_and_a_long_one_by_way_of_a_job(as_, handler, shop, few_at_once):
    browser = as_(handler)
    for _n in range(3):
        make.order(shop)
    assert browser.get("/orders/?format=csv").status_code == 200
    make.order(shop)
    made = exported(browser, "/orders/?format=csv")
    assert (made.state, made.result, len(cells(browser, made))) == ("done", {"rows": 4}, 5)
    events = AuditEvent.objects.filter(action="orders.export").order_by("pk")
    assert [event.after for event in events] == [{"rows": 3, "format": "csv"}, {"rows": 4, "format": "csv"}]


def test_exported_list_is_what_the_person_sees_masked_and_dead_in_a_spreadsheet(
    as_, handler, other_handler, shop, few_at_once
):
    for n in range(4):
        make.order(shop, f"N{n}", phone_masked="138****5678", recipient_masked="=cmd|'x'!A1", state="paid")
    make.order(shop, "other state", state="closed")
    make.order(make.store("别家店"), "not theirs", state="paid")
    browser = as_(handler)
    _head, *table = cells(browser, exported(browser, "/orders/?format=csv&state=paid"))
    assert [row[2] for row in table] == ["N3", "N2", "N1", "N0"]
    assert {(row[15], row[16]) for row in table} == {("'=cmd|'x'!A1", "138****5678")}
    assert as_(other_handler).get("/orders/?format=csv").status_code == 200  # a list without rows, at once


def test_cases_and_alerts_are_exported_the_same_way(as_, lead, shop, few_at_once):
    for _n in range(4):
        case_in("preparing", shop)
        make.alert(shop)
    browser = as_(lead)
    for address in ("/cases/?export=csv", "/alerts/?format=csv", "/cases/?export=xlsx"):
        made = exported(browser, address)
        assert (made.state, made.result) == ("done", {"rows": 4}), address


def test_file_is_for_whoever_asked_alone(as_, handler, lead, shop, few_at_once):
    for _n in range(4):
        make.order(shop)
    made = exported(as_(handler), "/orders/?format=csv")
    answers = {person: as_(person).get(f"/jobs/{made.code}/file/").status_code for person in (handler, lead)}
    assert answers == {handler: 200, lead: 404}
    page = as_(lead).get(f"/jobs/{made.code}/").context
    assert (page["file"], page["file_of"]) == (None, handler)  # the control: the job itself a lead may see


def test_same_wish_is_the_same_job_and_a_person_who_left_gets_no_file(as_, handler, shop, few_at_once):
    for _n in range(4):
        make.order(shop)
    with time_machine.travel(timezone.now(), tick=False):
        urls = {as_(handler).get("/orders/?format=csv").url for _time in range(2)}
    assert (len(urls), Job.objects.count()) == (1, 1)
    handler.is_active = False
    handler.save()
    [made] = jobs.run_due()
    assert (made.state, made.file) == ("failed", "")


def test_files_go_after_seven_days_and_those_of_no_job_after_one(as_, handler, shop, few_at_once):
    for _n in range(4):
        make.order(shop)
    made = exported(as_(handler), "/orders/?format=csv")
    default_storage.save("exports/orphan.csv", io.BytesIO(b"x"))
    now = timezone.now()
    assert exporting.forget_old(now) == 0
    assert exporting.forget_old(now + dt.timedelta(days=2)) == 1
    assert default_storage.listdir("exports")[1] == [made.file.rpartition("/")[2]]
    assert exporting.forget_old(now + dt.timedelta(days=7, seconds=1)) == 1
    assert default_storage.listdir("exports")[1] == []
    assert as_(handler).get(f"/jobs/{made.code}/").context["file_is_gone"] is True
    assert as_(handler).get(f"/jobs/{made.code}/file/").status_code == 404


# A shop looked through again


def test_shop_is_screened_by_one_job_however_often_it_is_asked_for(as_, handler, shop):
    browser = as_(handler)
    soon = timezone.now() + dt.timedelta(minutes=30)
    make.order(shop, ship_by=soon, ship_by_source="file")
    first, second = (browser.post(f"/shops/{shop.code}/screen/").url for _time in range(2))
    assert (first == second, AuditEvent.objects.filter(action="store.screen").count()) == (True, 1)
    [made] = jobs.run_due()
    assert (made.state, made.result["opened"], made.progress_done) == ("done", 1, len(ALL))
    screenings.ask(by=handler, store=shop)
    [again] = jobs.run_due()
    assert (again.pk, again.result["opened"]) == (made.pk, 0)
    assert AuditEvent.objects.filter(action="store.screen").count() == 2


# The pack that is built before it is claimed


@pytest.fixture
def filing(shop, lead):
    reference.load()
    shop.platform.refresh_from_db()
    case = case_in("reviewing", shop, owner=lead, line_of_defence="malicious_order")
    matter = matter_of(case, attempts_allowed=2)
    burst.item(case, lead, "notice")
    made = filing_in("in_review", case, lead, box_text="正文", letter_text="全文", sent_by=lead)
    made.appeals.add(appeal_in("draft", matter))
    filings.approve(by=lead, filing=made, second_look="再看过")
    return made


def folders() -> list[str]:
    return default_storage.listdir("packs")[0] if default_storage.exists("packs") else []


def test_claim_takes_over_the_pack_that_the_approval_had_built(filing, lead):
    [made] = jobs.run_due()
    assert (made.kind, made.state, made.result["images"]) == ("appeals.build_pack", "done", 1)
    assert PackFile.objects.count() == 0  # nothing counts before the claim
    filings.claim(by=lead, filing=filing)
    assert sorted(PackFile.objects.values_list("file", flat=True)) == sorted(
        row["file"] for row in made.result["files"]
    )
    assert (pack.verify(filing), folders()) == ([], [made.result["folder"].rpartition("/")[2]])


def test_loser_of_the_race_throws_the_common_pack_not_away(filing, lead, handler):
    jobs.run_due()
    stale = type(filing).objects.get(pk=filing.pk)
    filings.claim(by=lead, filing=filing)
    stale_too = type(filing).objects.get(pk=filing.pk)
    stale_too.status, stale_too.frozen_at = "approved", None
    with pytest.raises(Stale):
        filings.claim(by=handler, filing=stale)
    with pytest.raises(Stale):
        filings.claim(by=handler, filing=stale_too)
    assert pack.verify(filing) == []


def test_pack_is_built_by_the_claim_when_something_changed_or_the_job_has_not_run(filing, lead):
    [made] = jobs.run_due()
    filing.case.store.platform.images_max = 8
    filing.case.store.platform.save()
    filings.claim(by=lead, filing=filing)
    assert filing.pack["images_max"] == 8
    assert made.result["folder"] not in PackFile.objects.values_list("file", flat=True)[0]
    assert pack.verify(filing) == []


def test_pack_that_cannot_be_built_says_so_before_anybody_claims_and_spends_nothing(filing, lead, as_):
    filing.case.store.platform.text_max = 1
    filing.case.store.platform.save()
    [made] = jobs.run_due()
    assert (made.state, made.error != "", folders()) == ("failed", True, [])
    filing.refresh_from_db()
    assert (filing.status, filing.case.matters.get().attempts_used) == ("approved", 0)
    assert as_(lead).get(f"/filings/{filing.code}/").context["pack_job"]["is_stopped"] is True


def test_packs_nobody_waits_for_any_more_go_and_the_others_stay(filing, lead):
    jobs.run_due()
    later = timezone.now() + dt.timedelta(hours=1)
    assert (prebuilt.tidy(later), len(folders())) == (0, 1)
    filings.drop_open(by=lead, case=filing.case, note="不申诉了")
    assert (prebuilt.tidy(timezone.now() - dt.timedelta(days=1)), prebuilt.tidy(later), folders()) == (0, 1, [])
