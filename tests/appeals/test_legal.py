"""Grounds of law: nothing unverified reaches a letter, nothing is used until it is chosen, other words undo the check."""

from __future__ import annotations

import pytest
from django.utils import translation

from appeals.actions import facts, texts
from appeals.actions.grounds import choose
from appeals.letters import grounds
from casemgr.kit.models import AuditEvent
from casemgr.kit.workflow import Refused, Stale
from stores.actions import legal, reference
from stores.models import LegalGround
from tests.appeals import burst

WORDS = "平台应当对商家的申诉及时处理"


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def story(shop, handler):
    orders = burst.burst_orders(shop, 6)
    burst.alert_of(shop, orders)
    return burst.case_of(shop, handler, orders[:4])


@pytest.fixture
def ground(story) -> LegalGround:
    return LegalGround.objects.get(line_of_defence="malicious_order")


def verified(ground: LegalGround, administrator) -> LegalGround:
    legal.edit(by=administrator, ground=ground, text=WORDS, source="国家法律法规数据库")
    legal.verify(by=administrator, ground=ground)
    return ground


def test_seeded_grounds_are_unverified_without_wording_and_come_once(db):
    reference.load()
    before = list(LegalGround.objects.values_list("key", "text", "confidence", "verified_at"))
    assert {row[1:] for row in before} == {("", "C", None)}
    assert reference.load().legal_grounds == 0
    assert len(before) == LegalGround.objects.count() == 7


def test_administrator_writes_and_verifies_and_both_are_written_down(ground, administrator):
    verified(ground, administrator)
    ground.refresh_from_db()
    assert (ground.confidence, ground.verified_by) == ("A", administrator)
    told = AuditEvent.objects.filter(object_kind="legalground").order_by("pk").values_list("action", flat=True)
    assert list(told) == ["legalground.changed", "legalground.verified"]


def test_nothing_is_verified_without_wording_and_source(ground, administrator):
    with pytest.raises(Refused, match="wording"):
        legal.verify(by=administrator, ground=ground)
    legal.edit(by=administrator, ground=ground, text=WORDS)
    with pytest.raises(Refused, match="source"):
        legal.verify(by=administrator, ground=ground)


def test_only_an_administrator_keeps_the_grounds(ground, lead):
    with pytest.raises(Refused, match="administrator"):
        legal.edit(by=lead, ground=ground, text=WORDS)


def test_second_verification_is_told_who_was_first(ground, administrator):
    other_tab = LegalGround.objects.get(pk=ground.pk)
    verified(ground, administrator)
    with pytest.raises(Refused):
        legal.verify(by=administrator, ground=other_tab)
    with pytest.raises(Stale):
        legal.verify(by=administrator, ground=ground)


def test_wording_changed_after_the_check_takes_the_check_away_and_leaves_the_letter(
    ground, story, handler, administrator
):
    verified(ground, administrator)
    choose(by=handler, case=story, keys=[ground.key])
    assert WORDS in grounds.text(story)[0]
    legal.edit(by=administrator, ground=ground, text=WORDS + "并说明理由")
    assert (ground.verified_at, grounds.text(story)) == (None, ("", ""))


def test_letter_offers_verified_grounds_only_and_none_until_chosen(ground, story, handler, administrator):
    with pytest.raises(Refused, match="verified"):
        choose(by=handler, case=story, keys=[ground.key])
    verified(ground, administrator)
    filing = burst.draft_of(story, handler)
    texts.redraft(by=handler, filing=filing, replace=True)
    assert WORDS not in filing.letter_text
    choose(by=handler, case=story, keys=[ground.key])
    texts.redraft(by=handler, filing=filing, replace=True)
    assert f"{WORDS}（{ground.article}）。" in filing.letter_text
    choose(by=handler, case=story, keys=[])
    texts.redraft(by=handler, filing=filing, replace=True)
    assert WORDS not in filing.letter_text


def test_ground_of_another_line_of_defence_is_refused(story, handler, administrator):
    foreign = verified(LegalGround.objects.filter(line_of_defence="force_majeure").first(), administrator)
    with pytest.raises(Refused, match="verified"):
        choose(by=handler, case=story, keys=[foreign.key])


def test_law_typed_as_a_fact_never_reaches_the_letter(story, handler):
    facts.record(by=handler, case=story, name="law_ref", value="依据某法第一条。", source="记忆")
    filing = burst.draft_of(story, handler)
    texts.redraft(by=handler, filing=filing, replace=True)
    assert "某法" not in filing.letter_text


def test_case_page_shows_an_unverified_ground_as_such_and_offers_it_not(story, ground, handler, administrator, as_):
    burst.draft_of(story, handler)
    page = as_(handler).get(f"/cases/{story.code}/").content.decode()
    assert f'value="{ground.key}" disabled' in page
    assert "未核实" in page
    verified(ground, administrator)
    page = as_(handler).get(f"/cases/{story.code}/").content.decode()
    assert f'value="{ground.key}" disabled' not in page


def test_admin_edits_through_the_action_and_verifies_by_its_own_step(ground, administrator, as_):
    browser = as_(administrator)
    url = f"/admin/stores/legalground/{ground.pk}/change/"
    browser.post(url, {"article": ground.article, "text": WORDS, "source": "国家法律法规数据库"})
    ground.refresh_from_db()
    assert (ground.text, ground.verified_at) == (WORDS, None)
    browser.post("/admin/stores/legalground/", {"action": "verify_official", "_selected_action": [ground.pk]})
    ground.refresh_from_db()
    assert ground.verified_by == administrator
