"""Lists that are shared work: many cases at once, views that are kept, one search box."""

from __future__ import annotations

import datetime as dt

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from appeals import search
from appeals.actions import views
from appeals.models import Case, SavedView
from casemgr.kit.models import AuditEvent
from casemgr.kit.workflow import Refused
from tests import make
from tests.appeals.cast import case_in, filing_in, opened

pytestmark = pytest.mark.django_db
BULK = "cases-bulk"


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def english(as_):
    def sign_in(person):
        browser = as_(person)
        browser.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
        return browser

    return sign_in


@pytest.fixture
def second(shop):
    return make.assign(make.user("何以宁", role="handler"), shop)


# Many cases at once


def test_each_case_is_done_or_refused_with_its_sentence_and_has_its_own_audit_row(shop, handler, second, english):
    mine, theirs, closed = opened(shop, handler), opened(shop, second), case_in("closed", shop)
    typed = {"do": "assign", "go": "1", "owner": second.code, "case": [one.code for one in (mine, theirs, closed)]}
    page = english(handler).post(reverse(BULK), typed, follow=True).content.decode()
    assert "何以宁 has it already." in page
    assert "The case is closed." in page
    assert ("1 done" in page, "2 refused" in page) == (True, True)
    mine.refresh_from_db()
    assert mine.owner == second
    assert list(AuditEvent.objects.filter(action="case.assign").values_list("thread", flat=True)) == [mine.code]


def test_what_needs_words_is_asked_for_first(shop, handler, second, english):
    case = opened(shop, handler)
    page = english(handler).post(reverse(BULK), {"do": "assign", "case": case.code}).content.decode()
    assert second.name in page
    case.refresh_from_db()
    assert case.owner == handler


def test_a_strangers_case_cannot_be_told_from_none(shop, handler, other_handler, english):
    case = opened(shop, handler)
    typed = {"do": "wake", "case": [case.code, "C-NOSUCH"]}
    page = english(other_handler).post(reverse(BULK), typed, follow=True).content.decode()
    assert page.count("There is no such case.") == 2
    assert shop.name not in page


def test_cases_are_laid_aside_and_taken_up_together_by_their_own_guards(shop, handler, english):
    soon, later = opened(shop, handler, due_in_hours=2), opened(shop, handler, due_in_hours=24 * 14)
    until = timezone.localtime(timezone.now() + dt.timedelta(hours=20)).strftime("%Y-%m-%dT%H:%M")
    browser, codes = english(handler), [soon.code, later.code]
    page = browser.post(
        reverse(BULK), {"do": "snooze", "go": "1", "until": until, "reason": "等承运商", "case": codes}, follow=True
    )
    assert "The next step must be begun by" in page.content.decode()
    assert list(Case.objects.filter(snoozed_until__isnull=False)) == [later]
    browser.post(reverse(BULK), {"do": "wake", "case": codes})
    assert not Case.objects.filter(snoozed_until__isnull=False).exists()


def test_a_note_on_many_cases_reaches_no_merchant(shop, handler, english):
    cases = [opened(shop, handler) for _n in range(2)]
    typed = {"do": "note", "go": "1", "text": "统一等平台公告", "case": [case.code for case in cases]}
    english(handler).post(reverse(BULK), typed)
    assert [case.messages.get().is_internal for case in cases] == [True, True]


def test_result_loaded_again_does_nothing_again(shop, handler, english):
    case = opened(shop, handler)
    browser = english(handler)
    answer = browser.post(reverse(BULK), {"do": "note", "go": "1", "text": "一次", "case": case.code})
    for _n in range(2):
        assert browser.get(answer.url).status_code == 200
    assert case.messages.count() == 1


def test_more_than_500_cases_are_refused_at_once(shop, lead, english):
    now = timezone.now()
    Case.objects.bulk_create(Case(store=shop, opened_at=now) for _n in range(501))
    refused = english(lead).post(reverse(BULK), {"do": "wake", "all": "1", "query": ""})
    assert (refused.status_code, "At most 500" in refused.content.decode()) == (409, True)


def test_all_of_a_filter_means_what_the_filter_shows(shop, lead, handler, english):
    opened(shop, handler)
    case_in("closed", shop)
    typed = {"do": "note", "go": "1", "text": "核对", "all": "1", "query": "view=closed"}
    page = english(lead).post(reverse(BULK), typed, follow=True).content.decode()
    assert "1 done" in page


def test_chosen_cases_are_exported_and_no_others(shop, handler, english):
    chosen, other = opened(shop, handler), opened(shop, handler)
    answer = english(handler).post(reverse(BULK), {"do": "export", "case": chosen.code})
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert (chosen.code in text, other.code in text) == (True, False)


# Kept views


def test_filters_are_kept_without_page_and_empty_ones(handler):
    view = views.save(by=handler, page="cases", name="等我", query="?status=&page=3&waiting_for=us&view=mine")
    assert view.query == "view=mine&waiting_for=us"
    views.save(by=handler, page="cases", name="等我", query="view=open")
    assert [one.query for one in SavedView.objects.all()] == ["view=open"]


def test_a_default_view_opens_first_and_can_be_left(handler, as_):
    views.save(by=handler, page="cases", name="我的", query="view=mine", is_default=True)
    browser, cases = as_(handler), reverse("cases")
    assert browser.get(cases).url == f"{cases}?view=mine"
    assert browser.get(cases, headers={"referer": f"http://testserver{cases}?view=mine"}).status_code == 200
    assert browser.get(f"{cases}?view=all").status_code == 200
    assert browser.get(reverse("alerts")).status_code == 200
    views.save(by=handler, page="cases", name="全部开着", query="view=open", is_default=True)
    assert SavedView.objects.get(is_default=True).name == "全部开着"


def test_only_leads_share_and_others_only_look(handler, second, lead, as_, client):
    with pytest.raises(Refused):
        views.save(by=handler, page="cases", name="全所", query="view=open", is_shared=True)
    shared = views.save(by=lead, page="cases", name="全所逾期", query="view=overdue", is_shared=True, is_default=True)
    page = as_(second).get(f"{reverse('cases')}?view=open").content.decode()
    assert "全所逾期" in page
    assert as_(second).get(reverse("cases")).status_code == 200  # another's default is not theirs
    with pytest.raises(Refused):
        views.delete(by=second, view=shared)
    private = views.save(by=handler, page="cases", name="私人", query="view=mine")
    assert as_(lead).post(reverse("view-delete", args=[private.code])).status_code == 404


def test_a_shared_view_shows_each_only_their_own_shops(shop, handler, other_handler, lead, as_):
    views.save(by=lead, page="cases", name="全部开着", query="view=open", is_shared=True)
    case = opened(shop, handler)
    assert case.code not in as_(other_handler).get(f"{reverse('cases')}?view=open").content.decode()


@pytest.mark.parametrize("page", ["cases", "alerts", "orders"])
def test_every_list_shows_its_kept_views(page, handler, as_):
    views.save(by=handler, page=page, name=f"我的{page}", query="shop=none")
    shown = as_(handler).get(f"{reverse(page)}?shop=other").content.decode()
    assert f"我的{page}" in shown
    assert 'action="/views/keep/"' in shown


# Search


def found(user, text: str) -> dict[str, list[str]]:
    return {group.title: [hit.label for hit in group.hits] for group in search.find(user, text)}


def test_search_finds_by_every_number_and_name(shop, handler, lead):
    order = make.order(shop, "261107-0042", phone_masked="138****5678")
    make.parcel(order, "JT9000000000001")
    case = opened(shop, handler, violation_no="90201122334455")
    filing = filing_in("filed", case, handler, receipt_no="SQ20261123001", receipt_file="receipts/x.png")
    label = f"{case.code} {shop.name}"
    assert found(lead, "90201122334455") == {"Cases": [label]}
    assert found(lead, "SQ20261123001") == {"Cases": [label]}
    assert found(lead, "261107-0042") == {"Orders": ["261107-0042"]}
    assert found(lead, "jt9000000000001") == {"Parcels": ["261107-0042"]}
    assert found(lead, "5678") == {"Orders by the last digits of the phone": ["261107-0042"]}
    assert found(lead, shop.name) == {"Cases": [label], "Shops": [shop.name]}
    assert found(lead, shop.merchant.name)["Merchants"] == [shop.merchant.name]
    assert found(lead, shop.external_id)["Shops"] == [shop.name]
    for code in (case.code, case.violations.get().code, filing.code):
        assert [hit.label for group in search.find(lead, code.lower()) for hit in group.hits] == [code]


def test_search_leads_to_the_one_thing_whose_code_was_typed(shop, handler, as_):
    case = opened(shop, handler)
    filing = filing_in("draft", case, handler)
    for thing, page in ((case, "case"), (filing, "filing")):
        assert as_(handler).get(reverse("search"), {"q": thing.code}).url == reverse(page, args=[thing.code])


def test_search_finds_nothing_of_a_strangers(shop, handler, other_handler):
    order = make.order(shop, phone_masked="138****5678")
    case = opened(shop, handler, orders=[order])
    texts = [case.code, order.order_no, "5678", shop.name, shop.merchant.name, shop.code, case.violations.get().code]
    assert {text: found(handler, text) != {} for text in texts} == dict.fromkeys(texts, True)
    assert {text: found(other_handler, text) for text in texts} == {text: {} for text in texts}


@pytest.mark.parametrize("text", ["绿叶", "5678", "261107-0042", "JT9000000000001", "C-NOSUCH", "90201122334455"])
def test_search_asks_at_most_eight_questions(text, shop, handler, as_):
    for number in range(3):
        make.parcel(make.order(shop, f"261107-004{number}", phone_masked="138****5678"), f"JT900000000000{number}")
    opened(shop, handler, violation_no="90201122334455")
    browser = as_(handler)
    browser.get(reverse("search"))
    with CaptureQueriesContext(connection) as asked:
        browser.get(reverse("search"), {"q": text})
    assert len(asked) <= 8


# The board


def test_the_board_counts_each_state_and_asks_as_often_for_many(shop, handler, other_handler, as_):
    browser, page = as_(handler), f"{reverse('cases-board')}?view=open"
    asked = []
    for many in (1, 20):
        for _n in range(many):
            opened(shop, handler)
        with CaptureQueriesContext(connection) as captured:
            columns = browser.get(page).context["columns"]
        asked.append(len(captured))
    assert [(column["state"].key, column["n"]) for column in columns][:2] == [("intake", 21), ("diagnosing", 0)]
    assert len(columns[0]["cards"]) == 5
    assert asked[0] == asked[1]
    assert as_(other_handler).get(page).context["columns"][0]["n"] == 0
