"""The other ways a case ends, by clicking: won at once, not fought, overdue, withdrawn."""

from __future__ import annotations

import datetime as dt
import re

import pytest
import time_machine
from django.utils import timezone
from playwright.sync_api import expect

from appeals.actions import deadlines
from appeals.demo import world
from appeals.models import Case
from tests.flows.case_chapters import reviewed_and_filed
from tests.flows.desk import Desk, zh
from tests.flows.round_chapters import answer

HANDLER, LEAD, OWNER, TEA_OWNER, TEA_HANDLER = (
    "13800000102", "13800000101", "13800000111", "13800000121", "13800000103",
)  # fmt: skip


@pytest.fixture
def demo(transactional_db, settings, tmp_path) -> None:
    settings.VAR_DIR = tmp_path
    world.seed()


def page_of(case: Case) -> str:
    return f"/cases/{case.code}/"


def close(desk: Desk, *, note: str, outcome: str = "") -> None:
    """Close the case that the desk looks at."""
    desk.open_up("#outcome")
    if outcome:
        desk.page.select_option("#close_outcome", outcome)
    desk.page.locator("#close_note").fill(note)
    desk.click("Close the case", within="#outcome form[action$='/close/']")


def ended(case: Case) -> tuple[str, str]:
    case.refresh_from_db()
    return case.status, case.outcome


@pytest.mark.story
@pytest.mark.django_db(transaction=True)
def test_a_case_is_won_at_its_first_attempt(sit, demo):
    case = Case.objects.get(status="reviewing")
    handler, lead = sit(TEA_HANDLER), sit(LEAD)
    reviewed_and_filed(lead, handler, page_of(case), number="1", receipt="SS20261123000101")
    text = "申诉成立：涉及订单均在承诺时间内揽收，处罚予以撤销。"
    answer(handler, page_of(case), result="accepted", text=text, code="", accepted_count=case.order_count)
    handler.click("Set the outcome and rectify")
    close(handler, note="平台撤销全部处罚，无需整改。")
    assert ended(case) == ("closed", "won")
    assert list(case.matters.values_list("attempts_used", flat=True)) == [1]
    merchant = sit(TEA_OWNER, phone=True)
    merchant.go(f"/m/cases/{case.code}/")
    merchant.look("m-won")


@pytest.mark.story
@pytest.mark.django_db(transaction=True)
def test_a_case_is_not_fought_when_the_merchant_agrees(sit, demo):
    case = Case.objects.get(status="intake")
    handler, merchant = sit(TEA_HANDLER), sit(OWNER, phone=True)
    handler.go(page_of(case))
    handler.click("Take in")
    handler.page.select_option("#id_root_cause", "merchant_late")
    handler.page.select_option("#id_line_of_defence", "leniency")
    handler.page.locator("#id_cost_estimate").fill("三笔共赔付15元，不再影响活动报名")
    handler.click("Save", within="#diagnosis")
    handler.look("not-fought-asked")
    merchant.go("/m/todo/")
    merchant.look("m-consent")
    merchant.press(merchant.page.locator(f"form[action='/m/cases/{case.code}/consent/'] button"))
    handler.go(page_of(case))
    handler.click("Do not fight, rectify")
    handler.press(handler.page.locator("form[action$='/plan/propose/'] button"))
    handler.look("not-fought-plan")
    for action in case.plan.order_by("pk"):
        waive = f"#plan form:has(input[value=waived])[action$='/plan/{action.code}/']"
        handler.open_up("#plan")
        handler.page.locator(f"{waive} input[name=note]").first.fill("演示：并入店铺整体整改计划")
        handler.press(handler.page.locator(f"{waive} button").first)
    close(handler, note="属实，商家同意不申诉，转入店铺整改。")
    assert ended(case) == ("closed", "accepted")


@pytest.mark.story
@pytest.mark.django_db(transaction=True)
def test_an_overdue_case_is_loud_and_closed_by_a_lead_who_says_why(sit, demo):
    case = Case.objects.get(status="diagnosing")
    assert case.next_due_at is not None
    with time_machine.travel(case.next_due_at + dt.timedelta(minutes=5), tick=True):
        deadlines.watch()
        handler, lead = sit(HANDLER), sit(LEAD)
        for desk, name in ((handler, "handler"), (lead, "lead")):
            desk.go("/notifications/")
            desk.sees(case.code)
            desk.look(f"overdue-told-{name}")
        handler.go(page_of(case))
        expect(handler.page.locator("main")).to_contain_text(zh("overdue"))
        handler.look("overdue-case")
        # The system closes nothing, and a handler cannot close it as expired.
        close(handler, outcome="expired", note="没来得及。")
        handler.look("overdue-refused")
        assert ended(case) == ("diagnosing", "")
        lead.go(page_of(case))
        close(lead, outcome="expired", note="承运商未按时提供说明；周砚已在后台核对，确认不可再提交。")
        assert ended(case) == ("closed", "expired")
        lead.look("overdue-closed")


@pytest.mark.story
@pytest.mark.django_db(transaction=True)
def test_a_merchant_withdraws(sit, demo):
    case = Case.objects.get(status="preparing")
    handler, merchant = sit(HANDLER), sit(OWNER, phone=True)
    merchant.go(f"/m/cases/{case.code}/")
    merchant.page.locator("form[action$='/say/'] textarea").fill("我们已与买家协商一致，不申诉了，请撤回。")
    merchant.press(merchant.page.locator("form[action$='/say/'] button[type=submit]"))
    handler.go(page_of(case))
    handler.sees("不申诉了，请撤回")
    close(handler, outcome="withdrawn", note="商家已与买家协商一致，自行撤回。")
    assert ended(case) == ("closed", "withdrawn")
    # What was asked of the merchant is asked no more.
    merchant.go("/m/todo/")
    assert re.search(case.code, merchant.page.content()) is None
    merchant.look("m-todo-after")
    assert timezone.now() >= case.closed_at
