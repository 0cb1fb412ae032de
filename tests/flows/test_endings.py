"""The other ways a case begins and ends, by clicking: won at once, not fought, overdue, withdrawn; tickets, many notices."""

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
from orders.models import Order
from stores.models import Platform, Store, User
from tests.flows.case_chapters import reviewed_and_filed
from tests.flows.desk import Desk, zh
from tests.flows.round_chapters import answer
from tests.flows.weekend import on_clock

HOUR = dt.timedelta(hours=1)

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
        handler.page.locator(f"#plan details:has({waive.removeprefix('#plan ')}) > summary").last.click()
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


def ticket(now: dt.datetime) -> str:
    """What 微信小店 writes when a buyer urges: to be answered within a day, no penalty yet."""
    made, due = (on_clock(at, seconds=True).replace("T", " ") for at in (now - HOUR, now + 20 * HOUR))
    return (
        "催发货工单　工单编号：90000000077　工单状态：待商家处理\n订单编号：3728000000000000777　订单金额：￥89.00\n"
        f"创建时间：{made}　商家处理截止时间：{due}\n用户诉求：商家超过约定时间未发货，要求尽快发货或赔付。\n"
        "逾期未处理的，平台将支持用户诉求。"
    )


@pytest.mark.story
@pytest.mark.django_db(transaction=True)
def test_a_ticket_is_answered_in_time(sit, demo):
    merchant = Store.objects.get(name="绿叶服饰专营店").merchant
    wechat = Platform.objects.get(code="wechat")
    shop = Store.objects.create(name="绿叶微信小店", platform=wechat, merchant=merchant)
    User.objects.get(phone=HANDLER).assignments.create(store=shop)
    handler = sit(HANDLER)
    handler.go("/violations/new/")
    handler.open_up("main form")
    handler.page.select_option("#id_shop", shop.code)
    handler.fill("The platform's notice", ticket(timezone.now()))
    handler.click("Read it", context="a notice")
    handler.click("Open the case")
    case = Case.objects.get(store=shop)
    handler.look("ticket-case")
    handler.page.locator("#ticket textarea").fill("已联系仓库，今日18点前发出，单号发出后即上传。")
    handler.page.locator("#ticket [name=answered_at]").fill(on_clock(timezone.now()))
    handler.click("Record the reply", within="#ticket")
    handler.look("ticket-answered")
    handler.click("Close the case", within="#ticket")
    assert ended(case) == ("closed", "withdrawn")
    assert list(case.deadlines.values_list("kind", "missed_at")) == [("ticket_reply", None)]
    assert list(case.matters.values_list("attempts_used", flat=True)) == [0]


@pytest.mark.story
@pytest.mark.django_db(transaction=True)
def test_three_hundred_notices_of_one_order_each_become_one_case(sit, demo):
    shop = Store.objects.get(name="绿叶服饰专营店")
    numbers = Order.objects.filter(store=shop, violation_orders=None).order_by("pk").values_list("order_no", flat=True)
    now = timezone.now()
    noticed, due = (on_clock(at, seconds=True).replace("T", " ") for at in (now - HOUR, now + 71 * HOUR))
    text = "\n\n".join(
        f"延迟发货    当前进度：待申诉\n违规编号：9020261188{place:04}  违规通知时间：{noticed}  申诉截止时间：{due}\n"
        f"店铺名称：{shop.name}  违规类型：延迟发货  违规单量：1单  处罚金额：3.00元  可申诉次数：2\n"
        f"违规原因：以下订单未在承诺发货时间内发货：{number}。"
        for place, number in enumerate(numbers[:300])
    )
    handler = sit(HANDLER)
    # 300 violations are written one by one: seconds, and more of them on a machine that is busy.
    handler.context.set_default_timeout(90_000)
    handler.context.set_default_navigation_timeout(90_000)
    before = set(Case.objects.values_list("pk", flat=True))
    handler.go("/violations/new/")
    handler.page.locator("main textarea").first.fill(text)
    handler.click("Read it", context="a notice")
    handler.look("three-hundred-proposed")
    handler.press(handler.page.locator("button[name=step][value=open]"))
    case = Case.objects.exclude(pk__in=before).get()
    assert (case.matters.count(), case.order_count) == (300, 300)
    handler.go(page_of(case))
    handler.click("Take in")
    assert case.verdicts.count() == 300
    assert case.verdicts.exclude(kind__in=["unknown", "not_found"]).exists()
    handler.look("three-hundred-judged")
