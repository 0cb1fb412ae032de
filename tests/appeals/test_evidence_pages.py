"""Evidence and text on the pages: limits said before, versions, the edited text beside the new draft, the matrix as it is now."""

from __future__ import annotations

import pytest
from django.utils import translation

from appeals.actions import evidence, texts
from appeals.evidence import intake
from appeals.evidence_page import compare, differences
from appeals.models import EvidenceItem
from stores.models import EvidenceNeed, Platform
from tests.appeals import burst


@pytest.fixture
def story(shop, handler):
    orders = burst.burst_orders(shop, 6)
    burst.alert_of(shop, orders)
    return burst.case_of(shop, handler, orders[:4])


@pytest.fixture
def filing(story, handler):
    made = burst.draft_of(story, handler)
    texts.redraft(by=handler, filing=made, replace=True)
    return made


def save(filing, handler, *, box: str | None = None, letter: str | None = None) -> None:
    texts.save_text(
        by=handler,
        filing=filing,
        version=filing.text_version,
        box_text=filing.box_text if box is None else box,
        letter_text=filing.letter_text if letter is None else letter,
    )


# Uploads


def test_limits_of_door_and_console_are_said_before_anybody_chooses_files(story, filing, handler, owner, as_):
    Platform.objects.filter(pk=story.store.platform_id).update(
        images_max=6, image_bytes_max=2_000_000, image_formats="jpg png"
    )
    page = as_(handler).get(f"/cases/{story.code}/").content.decode()
    assert f'data-max-bytes="{intake.limits().bytes}"' in page
    assert "6张图片" in page
    assert "JPG PNG" in page
    asked = evidence.ask(by=handler, case=story, requirement=burst.needed("chat_log"), text="聊天截图")
    mobile = as_(owner).get(f"/m/requests/{asked.code}/").content.decode()
    assert f'data-max-bytes="{intake.limits().bytes}"' in mobile
    assert "30 MB" in mobile


def test_several_files_at_once_are_kept_each_with_the_word_that_they_are_true(story, handler, as_):
    files = [burst.upload(f"{n}.png") for n in range(3)]
    url = f"/cases/{story.code}/evidence/notice/upload/"
    as_(handler).post(url, {"files": files, "declared_true": "on", "source_note": "后台"})
    assert [item.declared_true_at is not None for item in story.evidence.all()] == [True] * 3
    as_(handler).post(url, {"files": [burst.upload("x.png")]})
    assert story.evidence.count() == 3


def test_new_version_from_the_page_keeps_the_old_one_in_sight(story, handler, as_):
    [old] = burst.item(story, handler, "notice")
    as_(handler).post(
        f"/cases/{story.code}/items/{old.code}/replace/", {"file": burst.upload("清楚.png"), "declared_true": "on"}
    )
    fresh = EvidenceItem.objects.get(replaces=old)
    page = as_(handler).get(f"/cases/{story.code}/")
    assert fresh.version == 2
    assert [item for row in page.context["versions"] for item in row["items"]] == [old]


# Text


def test_line_ends_of_a_browser_count_as_one_character(filing, handler):
    save(filing, handler, box="一\r\n二")
    assert filing.box_text == "一\n二"


def test_edited_letter_is_kept_when_only_the_box_is_filled_anew(filing, handler):
    mine = filing.letter_text + "\n本店另附说明。"
    save(filing, handler, letter=mine)
    texts.redraft(by=handler, filing=filing, replace=False)
    assert filing.letter_text == mine
    assert [row["which"] for row in differences(filing)] == ["letter"]


def test_differences_mark_what_stands_on_one_side_only(filing, handler):
    mine, fresh = compare("甲，乙改。丙。", "甲，乙。丙。")
    assert [(part["op"], part["text"]) for part in mine] == [("same", "甲，"), ("del", "乙改。"), ("same", "丙。")]
    assert [(part["op"], part["text"]) for part in fresh] == [("same", "甲，"), ("add", "乙。"), ("same", "丙。")]
    assert differences(filing) == []


def test_page_shows_the_edited_text_beside_the_new_draft(story, filing, handler, as_):
    save(filing, handler, box=filing.box_text + "请尽快处理。")
    texts.redraft(by=handler, filing=filing, replace=False)
    page = as_(handler).get(f"/cases/{story.code}/").content.decode()
    assert "请尽快处理。</del>" in page


def test_page_says_when_the_letters_list_is_not_the_evidence_any_more(story, handler, as_):
    burst.item(story, handler, "notice")
    filing = burst.draft_of(story, handler)
    texts.redraft(by=handler, filing=filing, replace=True)
    assert not as_(handler).get(f"/cases/{story.code}/").context["is_renumbered"]
    burst.item(story, handler, "chat_log")
    assert as_(handler).get(f"/cases/{story.code}/").context["is_renumbered"]
    texts.redraft(by=handler, filing=filing, replace=True)
    assert not as_(handler).get(f"/cases/{story.code}/").context["is_renumbered"]


# The matrix


def test_line_of_the_matrix_changed_in_the_admin_shows_on_open_cases(story, handler, administrator, as_):
    needs = EvidenceNeed.objects.filter(line_of_defence="malicious_order").select_related("requirement")
    police = needs.get(requirement__key="police_receipt")
    with translation.override("en"):
        rows = {row.requirement.key: row for row in as_(handler).get(f"/cases/{story.code}/").context["checklist"].rows}
    assert not rows["police_receipt"].is_required
    as_(administrator).post(
        f"/admin/stores/evidenceneed/{police.pk}/change/",
        {
            "level": "required",
            "group": police.group,
            "shows_zh": "已就此报案",
            "shows_en": "reported",
        },
    )
    checklist = as_(handler).get(f"/cases/{story.code}/").context["checklist"]
    rows = {row.requirement.key: row for row in checklist.rows}
    assert rows["police_receipt"].is_missing
    assert rows["police_receipt"].need.shows_zh == "已就此报案"
