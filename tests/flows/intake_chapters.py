"""Steps 1 to 4 of the story: rules, files, alerts, and what is done about them."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from appeals.demo.clock import day
from appeals.demo.files import SCAN_COLUMNS
from casemgr.kit import jobs
from stores.models import Store
from tests.flows.desk import Desk
from tests.flows.weekend import Weekend, on_clock


def rules_are_there(administrator: Desk) -> None:
    """The administrator finds 拼多多 and 抖店 with their policies; what nobody verified says so."""
    administrator.go("/admin/stores/policy/")
    administrator.sees("拼多多")
    administrator.sees("抖店")
    administrator.look("admin-policies")
    administrator.go("/policies/")
    administrator.sees("未核实")
    administrator.look("policies")


def import_file(handler: Desk, shop: Store, name: str, content: bytes, *, kind: str = "") -> None:
    """Drop a file, look at what was understood."""
    handler.go("/imports/")
    handler.click("New import")
    handler.page.set_input_files("#id_file", {"name": name, "mimeType": "text/csv", "buffer": content})
    handler.page.select_option("#id_store", shop.code)
    if kind:
        handler.page.select_option("#id_kind", kind)
    handler.look(f"import-new-{shop.platform.code}{kind}")
    handler.click("Check the file")
    jobs.run_due()


def publish(handler: Desk, name: str) -> None:
    """Say yes to the checked rows and wait for the result."""
    button = handler.page.locator("form[action$='/publish/'] button")
    expect(button).to_be_visible()
    handler.look(f"import-checked-{name}")
    handler.press(button)
    jobs.run_due()
    expect(handler.page.locator("#refused")).to_be_visible()
    handler.page.reload()
    handler.look(f"import-result-{name}")


def files_come_in(handler: Desk, weekend: Weekend) -> None:
    """Two exports as the platforms wrote them, one with a ruined row; one table of scans mapped by hand."""
    import_file(handler, weekend.cast.pdd, "拼多多订单.csv", weekend.pinduoduo_file)
    publish(handler, "pinduoduo")
    rows = len(weekend.pdd) + 1
    expect(handler.page.locator(".stats")).to_contain_text(str(rows - 1))
    refused = handler.page.locator("#refused tbody tr")
    expect(refused).to_have_count(1)
    expect(refused).to_contain_text("E+20")
    import_file(handler, weekend.cast.douyin, "抖店订单.csv", weekend.douyin_file)
    publish(handler, "douyin")
    expect(handler.page.locator("#refused tbody tr")).to_have_count(0)
    import_file(handler, weekend.cast.pdd, "揽收明细.csv", weekend.scans_file, kind="scans")
    for header, field in SCAN_COLUMNS.items():
        handler.page.select_option(f"#id_map_{field}", header)
    handler.look("import-mapping")
    handler.click("Check the file")
    jobs.run_due()
    publish(handler, "scans")


def alerts_appear(handler: Desk) -> None:
    """Two bursts and seven parcels without a first scan; each says how many orders it holds."""
    handler.go("/alerts/")
    for words in ("46", "40", "7"):
        expect(
            handler.page.locator("main tbody a", has_text=re.compile(rf"(?<!\d){words}(?!\d)")).first
        ).to_be_visible()
    handler.look("alerts")


def burst_is_stopped(handler: Desk, merchant: Desk, weekend: Weekend) -> None:
    """The handler asks for a hold, the merchant acknowledges it on the phone."""
    handler.press(handler.page.locator("main tbody a", has_text=re.compile(r"(?<!\d)40(?!\d)")).first)
    handler.look("alert-burst")
    handler.click("Ask for a hold")
    handler.page.locator("#id_reason").fill("短时间内集中下单，疑似恶意，请先暂缓发货，我们今天核实")
    handler.look("alert-hold")
    handler.click("Ask for the hold")
    merchant.go("/m/")
    merchant.look("m-progress-hold")
    merchant.click("Look and confirm")
    merchant.look("m-hold")
    merchant.click("Understood, the warehouse has stopped")
    merchant.look("m-todo-empty")


def buyers_are_called(handler: Desk, weekend: Weekend) -> None:
    """Two calls: one buyer denies, one does not answer; the first is found malicious."""
    handler.go("/alerts/")
    handler.press(handler.page.locator("main tbody a", has_text=re.compile(r"(?<!\d)40(?!\d)")).first)
    handler.click("Start review")
    alert = handler.page.url
    _call(handler, alert, weekend.burst[0], on_clock(day(weekend.now, 1, "10:05")), {"q1": "denied", "q6": "asked"})
    _call(handler, alert, weekend.burst[1], on_clock(day(weekend.now, 1, "10:20")), {})
    handler.go(f"/orders/{weekend.cast.pdd.code}/{weekend.burst[0]}/")
    handler.look("order")
    handler.click("End the check")
    handler.page.check("input[name=verdict][value=malicious]")
    handler.page.locator("#id_note").fill("否认本人下单，称受人之托")
    handler.look("order-decide")
    handler.click("End the check")
    handler.go(alert)


def _call(handler: Desk, alert: str, order_no: str, at: str, answers: dict[str, str]) -> None:
    handler.go(alert)
    handler.press(handler.page.locator(f"#rows a[href*='{order_no}/contact/']"))
    handler.page.check("input[name=channel][value=call]")
    handler.page.check(f"input[name=result][value={'answered' if answers else 'no_answer'}]")
    handler.page.locator("#id_at").fill(at)
    for question, answer in answers.items():
        handler.page.select_option(f"#id_{question}", answer)
    if answers:
        handler.look("order-contact")
    handler.click("Record the contact")


def burst_is_reported(handler: Desk, weekend: Weekend) -> None:
    """Confirmed, and reported to the platform before the first order was due; the number is kept."""
    handler.click("Confirm")
    handler.page.locator("#id_note").fill("12分钟内同款同街道40单，已电话核实")
    handler.click("Confirm")
    handler.click("Prepare the report")
    handler.look("alert-report")
    handler.click("Keep the report")
    handler.click("It is filed: record the number")
    handler.page.locator("#id_number").fill("JB20261121000012")
    handler.page.locator("#id_filed_at").fill(on_clock(day(weekend.now, 1, "11:00")))
    handler.click("Record", exact=True)
    handler.sees("JB20261121000012")
    handler.look("alert-reported")
