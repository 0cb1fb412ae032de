"""Documents of tracking, contacts, reports, outages and performance: stored facts of this shop alone, whole and legible."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.utils import timezone, translation

from appeals import checklist
from appeals.actions import evidence
from appeals.evidence import (
    contact_records,
    documents_for,
    files,
    glyphs,
    numbering,
    outage_proof,
    platform_reports,
    shop_performance,
    tracking_table,
)
from appeals.evidence.typesetting import typeset
from appeals.models import BuyerContact, Case
from casemgr.kit.workflow import Refused
from orders.models import Carrier, Scan
from stores.models import ExemptionWindow
from tests import make
from tests.appeals import burst
from tests.appeals.burst import NOTICED, START
from tests.appeals.reading import text_of
from tests.appeals.test_documents import shipped


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def story(shop, handler):
    orders = burst.burst_orders(shop, 6)
    burst.alert_of(shop, orders)
    return burst.case_of(shop, handler, orders[:4])


def orders_of(case: Case) -> list:
    return [verdict.violation_order.order for verdict in case.verdicts.order_by("violation_order_id")]


def bare(text: str) -> str:
    return re.sub(r"\s+", "", text)


# Tracking


def test_tracking_tells_each_parcel_with_the_source_of_each_time(shop, handler):
    case = shipped(shop, handler, 2)
    first, second = (order.parcels.get() for order in orders_of(case))
    carrier = Carrier.objects.create(code="jt", name_zh="极兔速递", name_en="J&T")
    type(first).objects.filter(pk=first.pk).update(carrier=carrier, last_event_at=make.at("2026-11-10 08:00"))
    Scan.objects.create(parcel=first, event_at=make.at("2026-11-09 12:12"), text="已揽收", content_key="1")
    rows = tracking_table.sheet(case).rows
    assert rows[0][2:] == [first.waybill_no, "极兔速递", "11-09 05:12①", "11-09 12:12②", "11-10 08:00②", "无记录"]
    assert rows[1][2:] == [second.waybill_no, "无记录", "11-09 05:13①", "11-09 12:13①", "无记录", "无记录"]


def test_order_without_a_parcel_keeps_its_line(shop, handler):
    case = shipped(shop, handler, 2)
    order = orders_of(case)[1]
    order.parcels.clear()
    assert [row[:3] for row in tracking_table.sheet(case).rows][1] == ["2", order.order_no, "无记录"]


# Contacts


def test_contacts_of_checks_and_of_the_case_stand_in_one_list_and_the_silent_order_says_so(story, handler):
    first, second, *silent = orders_of(story)
    burst.check(first, handler, result="answered", status="malicious", q1="denied")
    BuyerContact.objects.create(
        case=story, order=second, channel="platform_chat", contacted_at=START + dt.timedelta(hours=2), reply="answered",
        reply_text="不是我买的", offer="refund", offer_result="accepted", recorded_by=handler,
    )  # fmt: skip
    rows = contact_records.sheet(story).rows
    assert rows[0][2:] == [
        "2026-11-07 22:03①",
        "平台聊天",
        "已答",
        "请问这单是您本人下的吗？否认",
        "无",
        "核实为异常订单",
    ]
    assert rows[1][2:] == ["2026-11-07 23:03②", "平台聊天", "已答", "不是我买的", "退款，已同意", "无记录"]
    assert [row[1] for row in rows[2:]] == [order.order_no for order in silent]
    assert {cell for row in rows[2:] for cell in row[2:]} == {"无记录"}


# Reports


def test_reports_name_number_time_state_and_whether_the_limit_had_passed(story, handler):
    first, second, *unreported = orders_of(story)
    burst.report(story.store, [first], handler, status="accepted")
    burst.report(story.store, [second], handler, number="", filed_at=START + dt.timedelta(hours=60))
    burst.report(story.store, unreported, handler, status="to_file", filed_at=None)
    rows = platform_reports.sheet(story).rows
    told = ["恶意订单举报", "JB20261108000012", "2026-11-08 10:20", "已受理", "2026-11-09 21:03", "是", "未延长"]
    assert rows[0][2:] == told
    assert rows[1][3:8] == ["无记录", "2026-11-10 09:03", "已提交", "2026-11-09 21:03", "否"]
    assert [row[2] for row in rows[2:]] == ["无记录"] * 2


def test_own_record_of_reports_does_not_stand_for_the_receipt(story, handler):
    burst.report(story.store, orders_of(story), handler)
    evidence.generate(by=handler, case=story, document="platform_reports")
    missing = {row.requirement.key for row in checklist.of(story).missing}
    assert "platform_report" in missing
    burst.item(story, handler, "platform_report")
    assert "platform_report" not in {row.requirement.key for row in checklist.of(story).missing}


# Outage


def window(case: Case, **fields) -> ExemptionWindow:
    values = {"from_at": START, "to_at": START + dt.timedelta(days=2), "effect": "pause", "source": "平台公告第12号"}
    return ExemptionWindow.objects.create(platform=case.store.platform, **{**values, **fields})


def test_outage_names_the_announcement_and_the_orders_inside_it(story):
    first, *others = orders_of(story)
    type(first).objects.filter(pk=first.pk).update(province="新疆", city="喀什")
    type(first).objects.filter(pk__in=[order.pk for order in others[1:]]).update(province="浙江")
    window(story, regions=["新疆"])
    sheet = outage_proof.sheet(story)
    assert ("公告1", "2026-11-07 21:03至2026-11-09 21:03，时限暂停，地区：新疆（出处：平台公告第12号）") in sheet.facts
    # The second has a town but no province: nobody knows whether the announcement means it.
    assert [row[-1] for row in sheet.rows] == ["公告1", "无记录", "不在内", "不在内"]


@pytest.mark.parametrize(
    "fields",
    [
        {"violation_keys": ["late_shipment"]},
        {"from_at": START + dt.timedelta(days=9), "to_at": START + dt.timedelta(days=10)},
    ],
)
def test_announcement_about_something_else_proves_nothing(story, fields):
    window(story, **fields)
    with pytest.raises(Refused, match="No announced exemption"):
        outage_proof.sheet(story)


def test_announcement_for_a_carrier_leaves_orders_without_a_parcel_unknown(story):
    window(story)
    window(story, carriers=["jt"])
    assert {row[-1] for row in outage_proof.sheet(story).rows} == {"公告1"}
    ExemptionWindow.objects.filter(carriers=[]).delete()
    with pytest.raises(Refused):
        outage_proof.sheet(story)


def test_carriers_notice_on_file_is_listed_without_any_announcement(story, handler):
    burst.item(story, handler, "carrier_comms", source_note="网点微信", captured_at=START)
    sheet = outage_proof.sheet(story)
    assert ("与承运商沟通记录", "与承运商沟通记录（来源：网点微信；2026-11-07 21:03）") in sheet.facts
    assert {row[-1] for row in sheet.rows} == {"无记录"}


# Performance


def test_rates_count_only_what_is_known_and_never_another_shop(story, shop, douyin_shop):
    day = NOTICED - dt.timedelta(days=5)
    limit = {"placed_at": day, "ship_by": day + dt.timedelta(hours=48)}
    for late_by, count in ((-2, 3), (2, 1)):
        for _n in range(count):
            sent = make.order(
                shop, **limit, fulfilment="shipped", shipped_at=limit["ship_by"] + dt.timedelta(hours=late_by)
            )
            make.parcel(
                sent, shipped_at=sent.shipped_at, first_scan_at=sent.shipped_at + dt.timedelta(hours=20 + late_by * 4)
            )
    make.order(shop, **limit, fulfilment="unknown")
    make.order(shop, placed_at=day, ship_by=None, fulfilment="shipped")
    unscanned = make.order(shop, placed_at=day, ship_by=NOTICED + dt.timedelta(days=1), fulfilment="shipped")
    make.parcel(unscanned, shipped_at=day)
    make.order(douyin_shop, **limit, fulfilment="unshipped")
    make.order(shop, **{**limit, "placed_at": NOTICED - dt.timedelta(days=40)})
    sheet = shop_performance.sheet(story)
    facts = dict(sheet.facts)
    # The burst itself (6 orders, unshipped, due before the notice) counts as what it is: not shipped in time.
    assert (facts["期间订单"], facts["按时发货率"]) == ("13笔", "30.0%（3/10笔）")
    assert facts["24小时揽收率"] == "75.0%（3/4件）"
    [row] = [row for row in sheet.rows if row[0] == f"{timezone.localtime(day):%m-%d}"]
    assert row[1:7] == ["7", "3", "1", "1", "1", "1"]
    assert sheet.rows[0][1:] == ["无记录"] * 10


# Whole and legible


def test_three_hundred_orders_are_all_in_the_pdf_on_numbered_pages(shop, handler):
    case = shipped(shop, handler, 300)
    order = orders_of(case)[0]
    order.parcels.update(carrier_word="㐂镕速运🙂")
    made = evidence.generate(by=handler, case=case, document="tracking_table")
    content = files.read(made.file)
    read, sheet = text_of(content), tracking_table.sheet(case)
    assert [cell for row in sheet.rows for cell in row if bare(glyphs.legible(cell)) not in read] == []
    assert [number for number in (row[1] for row in sheet.rows) if number not in read] == []
    assert "\ufffd" not in read
    assert glyphs.missing(glyphs.legible("".join(cell for row in sheet.rows for cell in row))) == []
    pages = len(re.findall(rb"/Type ?/Page\b", content))
    assert pages >= 8
    assert [f"第{page}/{pages}页" in read for page in range(1, pages + 1)] == [True] * pages
    assert len(files.pages_of(made.file)) == 3


def test_text_of_each_document_is_read_back_as_it_was_given(story, handler):
    orders = orders_of(story)
    burst.check(orders[0], handler, result="answered", status="malicious", q1="denied")
    burst.report(story.store, orders, handler)
    make.parcel(orders[0], shipped_at=START + dt.timedelta(hours=1))
    window(story)
    for module in (tracking_table, contact_records, platform_reports, outage_proof, shop_performance):
        sheet = module.sheet(story)
        read = text_of(typeset("sheet.typ", sheet.as_data(made_on="2026-11-20"), timestamp=0).pdf)
        given = [sheet.title, *(text for pair in sheet.facts for text in pair), *sheet.notes]
        given += [column.name for column in sheet.columns] + [cell for row in sheet.rows for cell in row]
        assert [text for text in given if bare(text) not in read] == [], module.DOCUMENT.key


def test_document_holds_no_order_of_another_shop(story, douyin_shop, handler):
    foreign = make.order(douyin_shop, "OTHER-1")
    burst.report(douyin_shop, [foreign, orders_of(story)[0]], handler, number="FOREIGN")
    burst.report(story.store, [orders_of(story)[1], foreign], handler)
    said = str(platform_reports.sheet(story))
    assert "OTHER-1" not in said
    assert "FOREIGN" not in said


@pytest.mark.parametrize("document", ["tracking_table", "contact_records", "platform_reports", "outage_proof"])
def test_nothing_on_record_makes_no_document(story, handler, document):
    with pytest.raises(Refused):
        evidence.generate(by=handler, case=story, document=document)


def test_numbered_list_says_what_each_document_was_made_from(story, handler):
    burst.report(story.store, orders_of(story), handler)
    evidence.generate(by=handler, case=story, document="platform_reports")
    [row] = numbering.of(story)
    assert row.line.startswith("证据1 报备/举报回执：报备与举报记录（由本店报备与举报记录汇总；生成时间：")


def test_outage_is_offered_where_force_majeure_is_argued(shop, handler):
    case = shipped(shop, handler, 1)
    case.line_of_defence = "force_majeure"
    assert "outage_proof" in [document.key for document in documents_for(case)]
