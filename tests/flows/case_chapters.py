"""Steps 5 to 7 of the story: the notice becomes a case, the material comes together, the appeal is filed."""

from __future__ import annotations

import re

from django.utils import timezone
from playwright.sync_api import expect

from tests.flows.desk import Desk
from tests.flows.weekend import NAMED, Weekend, on_clock


def notice_becomes_a_case(handler: Desk, weekend: Weekend) -> str:
    """Pasted, looked at, opened: at most three clicks and two fields. The address of the case."""
    handler.go("/violations/new/")
    handler.look("notice-paste")
    handler.clicks = handler.typed = 0
    handler.fill("The platform's notice", weekend.notice)
    handler.click("Read it", context="a notice")
    handler.look("notice-read")
    expect(handler.page.locator("#id_claimed_count")).to_have_value(str(NAMED))
    handler.click("Open the case")
    expect(handler.page).to_have_url(re.compile(r"/cases/C-\w{6}/$"))
    assert (handler.clicks <= 3, handler.typed <= 2) == (True, True), (handler.clicks, handler.typed)
    handler.look("case-intake")
    return handler.page.url


def cause_is_found(handler: Desk) -> None:
    """Taken in, malicious orders chosen as cause and line, preparing begun: 31 of 31 orders can be claimed."""
    handler.click("Take in")
    handler.look("case-diagnosing")
    handler.page.select_option("#id_root_cause", "malicious_order")
    handler.page.select_option("#id_line_of_defence", "malicious_order")
    handler.click("Save", within="#diagnosis")
    expect(handler.page.locator(".stats")).to_contain_text(f"{NAMED} / {NAMED}")
    handler.click("Start preparing")
    handler.look("case-preparing")


def make(handler: Desk, document: str) -> None:
    """Have the system make one of its documents."""
    handler.press(handler.page.locator(f"form[action$='/documents/{document}/'] button"))
    expect(handler.page.locator("#evidence .tile")).not_to_have_count(0)


def upload(handler: Desk, weekend: Weekend, key: str, name: str) -> None:
    """Put one picture on one line of the checklist."""
    line = f"#need-{key}"
    handler.open_up(line)
    handler.page.set_input_files(f"{line} input[type=file]", weekend.picture(name))
    handler.page.check(f"{line} input[name=declared_true]")
    handler.click("Upload", within=line)


def ask(handler: Desk, key: str) -> None:
    """Ask the merchant for one kind of evidence, in the ready words."""
    line = f"#need-{key}"
    handler.open_up(line)
    handler.click("Ask the merchant", within=line)


def material_comes_together(handler: Desk, merchant: Desk, weekend: Weekend, case: str) -> None:
    """Our own documents, what the handler has, and what the merchant sends and declares on the phone."""
    handler.press(handler.page.locator("form[action$='/plan/propose/'] button"))
    for document in ("malicious_analysis", "order_timeline", "rectify_plan"):
        make(handler, document)
    upload(handler, weekend, "notice", "处罚通知截图")
    upload(handler, weekend, "platform_report", "举报回执")
    upload(handler, weekend, "stock_count", "库存截图")
    ask(handler, "chat_log")
    handler.look("case-evidence")
    handler.go(f"{case}timeline/")
    handler.look("case-timeline")
    _merchant_sends(merchant, weekend, "聊天记录", "m-request-chat")
    merchant.go("/m/todo/")
    merchant.look("m-todo-declare")
    merchant.page.check("input[name=agreed]")
    merchant.click("Declare", exact=True)
    merchant.go("/m/")
    merchant.look("m-progress-preparing")


def _merchant_sends(merchant: Desk, weekend: Weekend, name: str, shot: str) -> None:
    """From the first page to the upload in at most four taps."""
    merchant.go("/m/")
    merchant.clicks = 0
    merchant.click("Send it now")
    merchant.page.set_input_files("#files", [weekend.picture(name), weekend.picture(f"{name}2")])
    merchant.look(shot)
    merchant.page.check("input[name=declared_true]")
    merchant.click("Send", exact=True)
    assert merchant.clicks + 1 <= 4  # the box that says it is true is a tap, too
    expect(merchant.page).to_have_url(re.compile(r"/m/todo/$"))


def facts_are_recorded(handler: Desk, lead: Desk, weekend: Weekend, case: str) -> None:
    """What no file tells is recorded with its source; what cannot be known a lead lets go, with the reason."""
    handler.go(case)
    for name, value, source in (
        ("stock_on_hand", "320", "仓库系统当日库存"),
        ("stock_at", on_clock(weekend.now).replace("T", " "), "仓库系统当日库存"),
        ("not_shipped_short", "核实未果", "核单记录"),
        ("not_shipped_reason", "核单未确认真实需求，为避免拒收与空退，举报后等待平台处理", "核单与暂缓记录"),
    ):
        fact = f"#fact-{name}"
        handler.open_up(fact)
        handler.page.locator(f"{fact} input[name=value]").fill(value)
        handler.page.locator(f"{fact} input[name=source]").fill(source)
        handler.click("Keep", within=fact)
    lead.go(case)
    for name in ("contact_at", "contact_result"):
        fact = f"#fact-{name}"
        lead.open_up(fact)
        lead.page.locator(f"{fact} input[name=waiver_reason]").fill("只联系了其中两位，不写联系结果")
        lead.click("Keep", within=fact)
    lead.look("case-lead-waives")


def text_is_drafted(handler: Desk, case: str) -> None:
    """Filled from the facts, nothing missing, sent to review."""
    handler.go(case)
    handler.press(handler.page.locator("form[action$='/redraft/'] button"))
    expect(handler.page.locator("#box_text")).to_have_value(re.compile(r"12分钟内集中下单"))
    assert "待补" not in handler.page.locator("#letter_text").input_value()
    handler.look("case-ready")
    handler.click("Send to review")
    handler.look("case-reviewing")


def reviewed_and_filed(reviewer: Desk, filer: Desk, case: str, *, number: str, receipt: str) -> None:
    """One approves, one claims, files in the console and records its time and receipt."""
    reviewer.go(case)
    reviewer.click("Review", exact=True)
    reviewer.look(f"filing-review-{number}")
    reviewer.click("Approve", exact=True)
    filer.go(reviewer.page.url)
    filer.click("Claim and freeze the pack")
    filer.look(f"filing-claimed-{number}")
    filer.page.locator("#id_filed_at").fill(on_clock(timezone.now(), seconds=True))
    filer.page.locator("#id_receipt_no").fill(receipt)
    filer.click("Record as filed")
    expect(filer.page).to_have_url(re.compile(re.escape(case.partition("/cases/")[2])))
    filer.look(f"case-filed-{number}")
