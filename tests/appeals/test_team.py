"""Sharing the work: who gets a case, laying aside and waking, what is new, who else is there, naming colleagues."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.conf import settings
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone, translation

from appeals import team_page, workload
from appeals.actions import answers, deadlines, evidence, moves, retention, talk, team
from appeals.models import Case, CaseLook
from casemgr.kit.models import AuditEvent, Notification
from casemgr.kit.workflow import Refused, Stale
from stores.actions import absences
from stores.models import EvidenceRequirement
from tests import make
from tests.appeals.cast import appeal_in, case_in, opened
from tests.appeals.test_evidence import given, photo

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def second(shop):
    """Another handler of the same shop."""
    return make.assign(make.user("何以宁", role="handler"), shop)


def away(person, deputy=None, days: int = 3):
    today = timezone.localdate()
    return absences.add(by=person, user=person, from_on=today, to_on=today + dt.timedelta(days=days), deputy=deputy)


# Who gets a case


def test_a_new_case_goes_to_the_handler_of_the_shop_with_the_least_load(shop, handler, second, lead):
    opened(shop, handler, due_in_hours=5)
    assert workload.proposed(shop, by=lead) == second
    for _n in range(3):
        opened(shop, second, due_in_hours=500)
    # one case due today weighs more than three that are not
    assert workload.proposed(shop, by=lead) == second
    opened(shop, second, due_in_hours=20)
    assert workload.proposed(shop, by=lead) == handler


def test_a_new_case_goes_to_nobody_who_is_away(shop, handler, second, lead, other_handler):
    away(handler, deputy=second)
    assert workload.proposed(shop, by=handler) == second
    away(second, deputy=lead)
    assert workload.proposed(shop, by=handler) == lead
    absences.end(by=lead, absence=handler.absences.get())
    assert workload.proposed(shop, by=lead) == handler


def test_the_deputy_of_an_absent_owner_is_offered_first_if_they_may_see_the_shop(
    shop, handler, second, lead, other_handler
):
    case = opened(shop, handler)
    away(handler, deputy=other_handler)  # does not look after this shop
    assert workload.candidates(shop, owner=handler)[0].person == second
    absences.end(by=handler, absence=handler.absences.get())
    away(handler, deputy=lead)
    found = workload.candidates(shop, owner=case.owner)
    assert (found[0].person, found[0].stands_in, found[-1].person) == (lead, handler, handler)


def test_assign_form_shows_load_and_absence(shop, handler, second, as_):
    case = opened(shop, handler)
    away(second)
    browser = as_(handler)
    browser.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    page = browser.get(reverse("case", args=[case.code])).content.decode()
    assert re.search(r"何以宁, 0 open cases, load 0, away until \d", page)


def test_of_two_who_take_a_case_over_the_second_is_told_who_has_it(shop, handler, second, lead, as_):
    case = opened(shop, handler)
    was = {"had": handler.code}
    assert as_(second).post(reverse("case-take", args=[case.code]), was).status_code == 302
    case.refresh_from_db()
    assert case.owner == second
    with pytest.raises(Stale, match="何以宁"):
        team.take(by=lead, case=case, had=handler.code)
    case.refresh_from_db()
    assert case.owner == second
    assert Notification.objects.filter(event="case.assign", recipient=handler).count() == 1


def test_a_case_is_not_given_to_somebody_who_may_not_see_the_shop(shop, handler, other_handler):
    case = opened(shop, handler)
    with pytest.raises(Refused):
        team.hand_over(by=handler, case=case, to=other_handler)


# Laying aside


def asleep(shop, person, **fields) -> Case:
    case = opened(shop, person, due_in_hours=24 * 14, **fields)
    team.snooze(by=person, case=case, until=timezone.now() + HOUR, reason="等快递回话 13812345678")
    return Case.objects.get(pk=case.pk)


def test_a_case_is_laid_aside_with_a_reason_and_one_audit_row(shop, handler):
    case = asleep(shop, handler)
    assert case.snoozed_until is not None
    assert "13812345678" not in case.snooze_reason
    assert AuditEvent.objects.filter(action="case.snooze", thread=case.code).count() == 1


def test_nothing_is_laid_aside_beyond_its_next_step(shop, handler):
    case = opened(shop, handler, due_in_hours=10)
    with pytest.raises(Refused, match="must be begun by"):
        team.snooze(by=handler, case=case, until=timezone.now() + 11 * HOUR, reason="x")
    case.safe_until = timezone.now() + 2 * HOUR
    case.save(update_fields=["safe_until"])
    with pytest.raises(Refused, match="must be begun by"):
        team.snooze(by=handler, case=case, until=timezone.now() + 3 * HOUR, reason="x")
    case.safe_until = timezone.now() - HOUR
    case.save(update_fields=["safe_until"])
    with pytest.raises(Refused, match="is due"):
        team.snooze(by=handler, case=case, until=timezone.now() + HOUR, reason="x")


def test_a_case_without_a_known_deadline_is_laid_aside_for_a_week_at_most(shop, handler):
    case = case_in("filed", shop, owner=handler)
    with pytest.raises(Refused, match="7 days"):
        team.snooze(by=handler, case=case, until=timezone.now() + 24 * 8 * HOUR, reason="x")
    team.snooze(by=handler, case=case, until=timezone.now() + 24 * 6 * HOUR, reason="x")


def test_a_deadline_that_changed_meanwhile_is_not_slept_through(shop, handler):
    case = opened(shop, handler, due_in_hours=24 * 14)
    stale = Case.objects.get(pk=case.pk)
    deadlines.add(by=handler, case=case, kind="appeal", due_at=timezone.now() + HOUR, source="hand", source_text="")
    with pytest.raises(Stale):
        team.snooze(by=handler, case=stale, until=timezone.now() + 2 * HOUR, reason="x")


def message(case, handler, owner):
    talk.say(by=owner, case=case, text="聊天记录找到了")


def upload(case, handler, owner):
    kind = EvidenceRequirement.objects.get_or_create(key="chat_log", defaults={"name_zh": "聊", "name_en": "c"})[0]
    evidence.add(by=handler, case=case, requirement=kind, uploads=[given("聊天.jpg", photo())], declared_true=True)


def none_there(case, handler, owner):
    kind = EvidenceRequirement.objects.get_or_create(key="chat_log", defaults={"name_zh": "聊", "name_en": "c"})[0]
    evidence.answer_none(by=owner, request=evidence.ask(by=handler, case=case, requirement=kind, text="请传"))


def answer(case, handler, owner):
    appeal = appeal_in("filed", case.matters.get())
    said = answers.Answer(result="rejected", text="维持", answered_at=timezone.now(), code="facts_stand")
    answers.record(by=handler, appeal=appeal, answer=said)


def nearer_deadline(case, handler, owner):
    deadlines.open_all(by=handler, case=case, dues=[deadlines.Due("supplement", timezone.now() + HOUR / 2, "hand", "")])


def missed_deadline(case, handler, owner):
    deadlines.watch(now=timezone.now() + 24 * 15 * HOUR)


@pytest.mark.parametrize("happens", [message, upload, none_there, answer, nearer_deadline, missed_deadline])
def test_a_case_wakes_at_once_when_something_happens(happens, shop, handler, owner):
    case = asleep(shop, handler)
    happens(case, handler, owner)
    case.refresh_from_db()
    assert (case.snoozed_until, case.snooze_reason) == (None, "")


def test_the_owners_own_note_wakes_nothing(shop, handler):
    """The control: a snooze that anything ended would make the test above say nothing."""
    case = asleep(shop, handler)
    talk.say(by=handler, case=case, text="已打电话", is_internal=True)
    case.refresh_from_db()
    assert case.snoozed_until is not None


def test_a_case_is_taken_up_again_once(shop, handler, as_):
    case = asleep(shop, handler)
    team.wake(by=handler, case=case)
    with pytest.raises(Refused):
        team.wake(by=handler, case=case)


def test_retention_empties_the_reason(shop, handler):
    case = case_in("closed", shop, snooze_reason="CANARY-REASON")
    long_ago = timezone.now() - dt.timedelta(days=365 * 9)
    Case.objects.filter(pk=case.pk).update(closed_at=long_ago, opened_at=long_ago)
    assert retention.erase(case=case, at=timezone.now())
    case.refresh_from_db()
    assert case.snooze_reason == ""


# What is new, who is there


def test_the_case_page_says_what_others_did_since_one_looked(shop, handler, owner, as_):
    case = opened(shop, handler)
    browser, page = as_(handler), reverse("case", args=[case.code])
    assert 'id="news"' not in browser.get(page).content.decode()
    talk.say(by=handler, case=case, text="我自己写的", is_internal=True)
    assert 'id="news"' not in browser.get(page).content.decode()
    talk.say(by=owner, case=case, text="截图已传")
    assert 'id="news"' in browser.get(page).content.decode()
    assert 'id="news"' not in browser.get(page).content.decode()


@pytest.mark.parametrize("ahead", [{"Sec-Purpose": "prefetch"}, {"Purpose": "prefetch"}])
def test_a_page_fetched_ahead_was_seen_by_nobody(ahead, shop, handler, as_):
    case = opened(shop, handler)
    as_(handler).get(reverse("case", args=[case.code]), headers=ahead)
    as_(handler).head(reverse("case", args=[case.code]))
    assert not CaseLook.objects.exists()


def test_a_look_is_written_at_most_once_a_minute(shop, handler, django_assert_num_queries):
    case = opened(shop, handler)
    request = RequestFactory().get("/")
    request.user = handler
    team_page.of_page(request, case)
    first = CaseLook.objects.get().seen_at
    team_page.of_page(request, case)
    assert CaseLook.objects.get().seen_at == first
    CaseLook.objects.update(seen_at=first - 2 * HOUR)
    team_page.of_page(request, case)
    assert CaseLook.objects.get().seen_at > first


def test_a_colleague_with_the_page_open_is_shown_while_it_is_open(shop, handler, second, as_):
    case = opened(shop, handler)
    as_(second).post(reverse("case-here", args=[case.code]))
    page = reverse("case", args=[case.code])
    assert "何以宁" in as_(handler).get(page).content.decode().split('id="presence"')[1].split("</div>")[0]
    CaseLook.objects.filter(user=second).update(here_at=timezone.now() - 2 * team.HERE)
    assert "何以宁" not in as_(handler).get(page).content.decode().split('id="presence"')[1].split("</div>")[0]


def test_an_open_page_hears_what_changed_without_marking_it_seen(shop, handler, owner, as_):
    case = opened(shop, handler)
    browser, poll = as_(handler), reverse("case-here", args=[case.code])
    browser.get(reverse("case", args=[case.code]))
    seen = CaseLook.objects.get().seen_at
    talk.say(by=owner, case=case, text="截图已传")
    for _n in range(2):
        assert owner.name in browser.post(poll).content.decode()
    assert CaseLook.objects.get().seen_at == seen


# Naming colleagues


def test_a_note_tells_the_colleagues_it_names_and_nobody_else(shop, handler, second, other_handler, owner):
    case = opened(shop, handler)
    Notification.objects.all().delete()
    note = f"@{second.name} 请看附件，@{other_handler.name} 知悉，@{handler.name}"
    talk.say(by=handler, case=case, text=note, is_internal=True)
    assert [row.recipient for row in Notification.objects.all()] == [second]
    talk.say(by=handler, case=case, text=f"您好 @{second.name}")
    assert not Notification.objects.filter(event="mention", recipient=second).exclude(key__endswith=":x").count() > 1


def test_choosing_a_colleague_keeps_the_text_from_the_merchant(shop, handler, second, as_):
    case = opened(shop, handler)
    as_(handler).post(reverse("case-say", args=[case.code]), {"text": "麻烦复核", "to": second.code})
    said = case.messages.get()
    assert (said.is_internal, said.text) == (True, f"@{second.name} 麻烦复核")
    page = as_(second).get(reverse("case", args=[case.code])).content.decode()
    assert f'<span class="pill plain t-info">@{second.name}</span>' in page


def test_a_note_is_shown_without_its_markup(shop, handler, second, as_):
    case = opened(shop, handler)
    talk.say(by=handler, case=case, text=f"<b>@{second.name}</b>\n第二行", is_internal=True)
    page = as_(handler).get(reverse("case", args=[case.code])).content.decode()
    assert "&lt;b&gt;" in page
    assert "<b>@" not in page


def test_a_name_that_begins_like_another_means_the_longer(db):
    from appeals.mentions import named

    short, long = make.user("林晓", role="handler"), make.user("林晓岚", role="handler")
    assert named("@林晓岚 看一下", [short, long]) == [long]
    assert named("@林晓 看一下", [short, long]) == [short]


# Pages that stood open


def test_a_diagnosis_from_an_old_page_overwrites_nothing(shop, handler, second, as_):
    case = opened(shop, handler)
    moves.take_in(by=handler, case=case)
    as_of = team_page.last_event(case)
    moves.diagnose(by=second, case=case, root_cause="carrier", line_of_defence="carrier_fault")
    typed = {"root_cause": "stock_error", "line_of_defence": "leniency", "cost_estimate": "两千元", "as_of": as_of}
    browser, url = as_(handler), reverse("case-diagnose", args=[case.code])
    refused = browser.post(url, typed)
    assert refused.status_code == 409
    assert "两千元" in refused.content.decode()
    case.refresh_from_db()
    assert case.root_cause == "carrier"
    assert browser.post(url, {**typed, "as_of": team_page.last_event(case)}).status_code == 302
