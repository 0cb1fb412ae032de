"""Steps 8 and 9 of the story: the platform answers, a second round, the end; and what strangers see of it."""

from __future__ import annotations

import re

from django.utils import timezone
from playwright.sync_api import expect

from tests.flows.case_chapters import ask, reviewed_and_filed
from tests.flows.desk import Desk, zh
from tests.flows.weekend import Weekend, on_clock

CLEARED, UPHELD = 24, 7


def answer(handler: Desk, case: str, *, result: str, text: str, code: str, **counts: int) -> None:
    """Record what the console shows as the platform's answer."""
    handler.go(case)
    handler.page.select_option("#answer_result", result)
    handler.page.locator("#answer_answered_at").fill(on_clock(timezone.now(), seconds=True))
    handler.page.locator("#answer_text").fill(text)
    handler.page.select_option("#answer_code", code)
    for name, value in counts.items():
        handler.page.locator(f"#answer_{name}").fill(str(value))
    handler.look(f"case-answer-{result}")
    handler.click("Record the answer", within="#answer")


def rejected_for_lack_of_proof(handler: Desk, case: str) -> None:
    """No proof of stock: the next round says what it must add."""
    text = "申诉不成立：未提供下单时有库存的凭证，请补充库存流水或盘点记录。"
    answer(handler, case, result="rejected", text=text, code="evidence_missing", attempts_left=1)
    handler.look("case-rejected")
    handler.click("Prepare the next round")
    handler.look("case-next-round")


def second_round(handler: Desk, merchant: Desk, lead: Desk, weekend: Weekend, case: str) -> None:
    """The missing record comes from the merchant; another person files the last attempt."""
    ask(handler, "stock_count")
    merchant.go("/m/")
    merchant.click("Send it now")
    merchant.page.set_input_files("#files", weekend.picture("盘点表"))
    merchant.page.check("input[name=declared_true]")
    merchant.click("Send", exact=True)
    handler.go(case)
    handler.press(handler.page.locator("form[action$='/redraft/'] button"))
    expect(handler.page.locator("#letter_text")).to_have_value(re.compile("请补充库存流水或盘点记录"))
    handler.look("case-second-ready")
    handler.click("Send to review")
    handler.click("Review", exact=True)
    handler.look("filing-last-attempt-own")
    reviewed_and_filed(lead, lead, case, number="2", receipt="SS20261123000002")


def won_in_part(handler: Desk, case: str) -> None:
    """24 of 31 orders cleared: the outcome is set, the plan carried out, the case closed."""
    text = "31笔订单中24笔凭证有效，撤销处罚；其余7笔维持。本次为最终结果。"
    answer(
        handler, case, result="partly_accepted", text=text, code="partly", accepted_count=CLEARED, upheld_count=UPHELD,
        attempts_left=0,
    )  # fmt: skip
    handler.click("Set the outcome and rectify")
    handler.look("case-rectifying")
    for target in ("doing", "done"):
        button = handler.page.locator(f"#plan form:has(input[value={target}]) button")
        while button.count():
            handler.press(button.first)
    handler.look("case-plan-done")
    handler.open_up("#outcome")
    handler.page.locator("#close_note").fill("31笔中24笔撤销处罚，限购与核单措施已上线。")
    handler.click("Close the case", within="#outcome form[action$='/close/']")
    expect(handler.page.locator("main")).to_contain_text(zh("won in part"))
    expect(handler.page.locator(".stepper [aria-current=step], .stepper .is-done").last).to_contain_text(zh("closed"))
    handler.look("case-closed")


def merchant_reads_it(merchant: Desk) -> None:
    """One sentence says what came of it."""
    merchant.go("/m/")
    merchant.sees(str(CLEARED))
    merchant.look("m-progress-closed")
    merchant.press(merchant.page.locator("main h2 a").first)
    merchant.look("m-case-closed")


def strangers_see_nothing(stranger: Desk, case: str, weekend: Weekend) -> None:
    """The owner of another merchant finds neither the case nor a trace of it."""
    code = case.rstrip("/").rpartition("/")[2]
    for path in (
        f"/m/cases/{code}/",
        f"/cases/{code}/",
        "/alerts/",
        f"/orders/{weekend.cast.pdd.code}/{weekend.burst[0]}/",
    ):
        stranger.go(path, status=404)
    stranger.look("stranger-404")
    for path in ("/m/", "/m/todo/", "/m/shops/", "/m/messages/", "/notifications/"):
        stranger.go(path)
        text = stranger.page.locator("body").inner_text()
        assert [word for word in (code, "绿叶", weekend.burst[0]) if word in text] == [], path
