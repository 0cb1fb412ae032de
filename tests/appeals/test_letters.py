"""Letters: filled from stored facts alone, gaps visible, nothing said that is not true of every claimed order."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from appeals.actions import cases, evidence, facts, texts
from appeals.letters.draft import draft, gaps_in, over_by
from appeals.letters.facts import fact_rows, gather
from appeals.letters.skeleton import Filling, labels, mark
from appeals.models import Case
from casemgr.kit.workflow import Refused
from orders.models import Penalty
from stores import reference
from tests import make
from tests.appeals import burst
from tests.appeals.burst import START

RECORDED = {
    "stock_on_hand": "320",
    "stock_at": "11月07日21:00",
    "not_shipped_short": "核实未果",
    "not_shipped_reason": "核单未确认真实需求，举报后等待平台处理",
}


@pytest.fixture(autouse=True)
def _in_english():
    """Sentences are compared in their source language, whatever catalogue is compiled."""
    with translation.override("en"):
        yield


@pytest.fixture
def story(shop, handler):
    """46 orders in nine minutes, 31 of them in the notice; all contacted in chat, reported in time, usual days known."""
    orders = burst.burst_orders(shop, 46)
    burst.usual_days(shop, 2, 0, 1)
    burst.alert_of(shop, orders)
    for order in orders[:31]:
        burst.check(order, handler)
    burst.report(shop, orders, handler)
    case = burst.case_of(shop, handler, orders[:31])
    shop.merchant.company_name = "示例绿叶服饰有限公司"
    shop.merchant.save()
    return case


def complete(case: Case, by, lead) -> None:
    """Everything the text of this case needs: recorded facts, evidence, the merchant's declaration."""
    for name, value in RECORDED.items():
        facts.record(by=by, case=case, name=name, value=value, source="库存系统截图")
    for key in ("notice", "chat_log", "stock_count", "platform_report"):
        burst.item(case, by, key, captured_at=make.at("2026-11-18 10:40"), source_note="商家后台")
    evidence.generate(by=by, case=case, document="malicious_analysis")
    Case.objects.filter(pk=case.pk).update(declared_at=timezone.now(), declared_by=lead, declaration="非本店安排")
    case.refresh_from_db()


def test_facts_of_a_burst_come_from_orders_alerts_checks_and_reports(story):
    known = {name: fact.value for name, fact in gather(story).items()}
    wanted = {
        "shop_name": "绿叶拼多多店",
        "platform_name": "拼多多",
        "company_name": "示例绿叶服饰有限公司",
        "violation_ref": "违规编号90202611180031",
        "violation_type": "虚假交易",
        "noticed_at": "2026-11-18 10:26",
        "order_count": "31",
        "claimed_count": "31",
        "cluster_from": "11月07日21:03",
        "cluster_to": "11月07日21:12",
        "cluster_minutes": "9",
        "cluster_key_text": "脱敏收件人、手机号首尾、街道均一致（弱，不单独证明为同一人）",
        "usual_rate": "0至2笔（此前3日）",
        "ship_by_window": "11月09日21:03",
        "contact_at": "11月07日22:03",
        "contact_result": "31笔均已联系，未答31笔",
        "report_at": "11月08日10:20",
        "report_no": "JB20261108000012",
        "request_text": "撤销上述31笔的虚假交易认定",
    }
    assert {name: known.get(name) for name in wanted} == wanted


def test_what_is_not_on_record_is_absent_and_not_guessed(story):
    absent = {
        "stock_on_hand",
        "stock_at",
        "handover_at",
        "region",
        "e_stock",
        "carrier_name",
        "first_scan_window",
        "law_ref",
    }
    assert absent & gather(story).keys() == set()


def test_draft_of_a_complete_case_has_no_gap_and_fits(story, handler, lead):
    complete(story, handler, lead)
    made = draft(burst.draft_of(story, handler))
    assert (made.gaps, made.over_by) == ([], 0)
    assert made.box_text == (
        "9分钟内集中下单，涉及通知中31笔：脱敏收件人、手机号首尾、街道均一致（弱，不单独证明为同一人），"
        "平日同时段0至2笔（此前3日）（证据4）。当时库存320件。11月07日22:03起联系，31笔均已联系，未答31笔；"
        "11月08日10:20举报JB20261108000012。商家声明非本店安排；因核实未果未发货，未传单号。请撤销上述31笔的虚假交易认定。"
    )
    lines = made.letter_text.split("\n")
    assert lines[0].startswith(
        "致拼多多商家申诉审核：示例绿叶服饰有限公司（店铺：绿叶拼多多店）就违规编号90202611180031"
    )
    assert "证据1 处罚通知截图（来源：商家后台；取得时间：2026-11-18 10:40）" in lines
    assert "无记录—主张的31笔上传运单号—平台订单文件" in lines
    assert "六、承诺" not in lines


def test_missing_required_fact_stays_visible_in_the_text(story, handler):
    made = draft(burst.draft_of(story, handler))
    assert mark("stock_on_hand") in made.box_text
    assert made.gaps == gaps_in(made.box_text + made.letter_text)
    assert set(made.gaps) == {*RECORDED, "e_cluster", "e_stock", "e_chat", "e_report", "evidence_list", "declaration"}


def test_malicious_orders_are_not_argued_without_the_merchants_declaration(story, handler, lead):
    complete(story, handler, lead)
    Case.objects.filter(pk=story.pk).update(declared_at=None)
    story.refresh_from_db()
    assert draft(burst.draft_of(story, handler)).gaps == ["declaration"]


def test_waived_contact_is_left_out_of_the_text_without_a_gap(story, handler, lead):
    complete(story, handler, lead)
    story.matters.get().violation.named_orders.first().order.review.contacts.all().delete()
    assert "contact_at" not in gather(story)
    filing = burst.draft_of(story, handler)
    assert draft(filing).gaps == ["contact_at", "contact_result"]
    for name in ("contact_at", "contact_result"):
        facts.waive(by=lead, case=story, name=name, reason="一位买家关闭了聊天")
    made = draft(filing)
    assert made.gaps == []
    assert "联系" not in made.box_text


def test_waiver_of_a_required_fact_does_not_hide_the_gap(story, handler, lead):
    complete(story, handler, lead)
    story.facts.filter(name="stock_on_hand").delete()
    facts.waive(by=lead, case=story, name="stock_on_hand", reason="没有库存系统")
    assert draft(burst.draft_of(story, handler)).gaps == ["stock_on_hand"]


def test_waived_evidence_takes_its_number_out_of_the_text(story, handler, lead):
    complete(story, handler, lead)
    chat = story.evidence.get(requirement__key="chat_log")
    evidence.withdraw(by=handler, item=chat, reason="截图不全")
    filing = burst.draft_of(story, handler)
    assert draft(filing).gaps == ["e_chat"]
    evidence.waive(by=lead, case=story, requirement=burst.needed("chat_log"), reason="平台聊天已过期")
    assert draft(filing).gaps == []


def test_report_after_the_ship_by_time_is_not_called_timely(story):
    story.store.platform_reports.update(filed_at=START + dt.timedelta(hours=49))
    assert "report_at" not in gather(story)
    row = next(row for row in fact_rows(story) if row["name"] == "report_at")
    assert (row["state"], row["note"]) == (
        "missing",
        "The report does not lie before the ship-by time of every claimed order.",
    )


def test_report_that_leaves_out_a_claimed_order_is_not_used(story):
    reported = story.store.platform_reports.get()
    reported.orders.remove(story.matters.get().violation.named_orders.first().order)
    assert {"report_at", "report_no"} & gather(story).keys() == set()


def test_claimed_order_outside_the_burst_takes_the_whole_cluster_out_of_the_text(story, handler):
    alone = burst.burst_orders(story.store, 1)[0]
    burst.check(alone, handler, status="malicious")
    row = story.matters.get().violation.named_orders.create(order_no=alone.order_no, order=alone)
    cases.judge(by=handler, case=story)
    assert row.verdict.kind == "malicious_order"
    assert {"cluster_from", "cluster_minutes", "cluster_key_text", "usual_rate"} & gather(story).keys() == set()


def test_shipped_order_among_the_claimed_bars_the_sentence_that_none_was_shipped(story, handler):
    facts.record(by=handler, case=story, name="not_shipped_short", value="核实未果", source="核单")
    make.parcel(story.matters.get().violation.named_orders.first().order)
    assert "not_shipped_short" not in gather(story)


def test_order_that_is_our_fault_is_neither_counted_nor_told(story, handler, lead):
    wrong = story.verdicts.first()
    cases.overrule(by=lead, verdict=wrong, to="ours", reason="仓库漏发")
    known = gather(story)
    assert known["claimed_count"].value == "30"
    assert known["unclaimed_sentence"].value == "（其余1笔不在本次主张之内）"
    assert known["request_text"].value == "撤销上述30笔的虚假交易认定"
    assert wrong.violation_order.order_no not in known["timeline"].value


def test_real_brushing_gets_no_letter_but_leniency(story, handler):
    Case.objects.filter(pk=story.pk).update(root_cause="real_brushing")
    story.refresh_from_db()
    filing = burst.draft_of(story, handler)
    with pytest.raises(Refused, match="brushing"):
        draft(filing)
    story.line_of_defence = "leniency"
    story.save()
    story.verdicts.update(kind="ours")
    made = draft(filing)
    told = [mark(name) for name in ("cause_plain", "remedy_done", "e_remedy")]
    assert made.letter_text.split("\n")[3] == (
        f"本店核对后确认31笔违规属实，不作争辩。直接原因：{told[0]}。消费者处理：{told[1]}（{told[2]}）。"
    )
    assert "consent" in made.gaps


@pytest.mark.parametrize(
    ("stage", "wanted"),
    [
        ("in_force", "撤销上述31笔的虚假交易认定，退还保证金3,000.00元、解除搜索降权、撤销扣分4分"),
        (
            "proposed",
            "撤销上述31笔的虚假交易认定，不予扣除保证金3,000.00元、不予搜索降权、不予扣分4分",
        ),
    ],
)
def test_request_asks_for_what_the_notice_names_and_nothing_else(story, stage, wanted):
    violation = story.matters.get().violation
    violation.stage = stage
    violation.save()
    Penalty.objects.create(violation=violation, kind="deposit_deduction", amount="3000")
    Penalty.objects.create(violation=violation, kind="search_demotion", days=7)
    Penalty.objects.create(violation=violation, kind="points", points=4)
    assert gather(story)["request_text"].value == wanted


def test_request_names_no_sum_when_only_some_orders_are_claimed(story, lead):
    Penalty.objects.create(violation=story.matters.get().violation, kind="fine", amount="3000")
    cases.overrule(by=lead, verdict=story.verdicts.first(), to="ours", reason="漏发")
    assert gather(story)["request_text"].value == "撤销上述30笔的虚假交易认定，退还违约金"


def test_usual_rate_needs_three_days_on_record(shop, handler):
    orders = burst.burst_orders(shop, 20)
    burst.usual_days(shop, 1, 0)
    burst.alert_of(shop, orders)
    case = burst.case_of(shop, handler, orders)
    assert "usual_rate" not in gather(case)


def test_cluster_counts_only_this_shops_orders(shop, douyin_shop, handler):
    """The detector may look over all shops of a merchant; a platform reads of its own shop alone (rule 7)."""
    orders = burst.burst_orders(shop, 20)
    early = burst.burst_orders(douyin_shop, 5, start=START - dt.timedelta(hours=1))
    burst.alert_of(shop, orders + early)
    case = burst.case_of(shop, handler, orders)
    assert gather(case)["cluster_from"].value == "11月07日21:03"


def test_shipped_in_time_tells_windows_of_limits_and_scans(shop, handler):
    orders = []
    for hour in (10, 19):
        order = make.order(shop, ship_by=make.at("2026-11-10 20:00"), ship_by_source="file")
        make.parcel(order, first_scan_at=make.at(f"2026-11-10 {hour}:30"), carrier_word="示例快递")
        orders.append(order)
    burst.reference.load()
    case = burst.opened(shop, handler, orders=orders, key="late_shipment")
    case.line_of_defence = "shipped_in_time"
    known = {name: fact.value for name, fact in gather(case).items()}
    assert (known["ship_by_window"], known["first_scan_window"], known["carrier_name"]) == (
        "11月10日20:00",
        "11月10日10:30至19:30",
        "示例快递",
    )


def test_second_round_quotes_the_platform_and_names_what_is_new(story, handler, lead):
    complete(story, handler, lead)
    appeal = burst.draft_of(story, handler).appeals.get()
    story.evidence.exclude(requirement__key="stock_count").update(protected_at=timezone.now())
    type(appeal).objects.filter(pk=appeal.pk).update(
        answered_at=make.at("2026-11-20 15:31"), answer_result="rejected", answer_text="没有库存证明"
    )
    assert gather(story)["prior_round"].value == "平台2026年11月20日答复：“没有库存证明”。本次补充证据3。"


def test_recorded_fact_never_takes_the_place_of_a_count(story, handler):
    facts.record(by=handler, case=story, name="claimed_count", value="300", source="口头")
    assert gather(story)["claimed_count"].value == "31"


def test_text_longer_than_the_console_takes_is_told(story, handler):
    story.store.platform.text_max = 100
    assert over_by(story, "字" * 130) == 30


def test_skeletons_name_only_known_variables_and_each_label_stands_for_one():
    known = {row["name"] for row in reference.variables()}
    for letter in reference.letters().values():
        kinds = letter["variables"]
        assert {*kinds["required"], *kinds["required_or_waived"], *kinds["optional"]} <= known
    assert len(set(labels().values())) == len(labels())


def test_optional_block_is_left_out_whole_and_a_required_one_keeps_its_mark():
    filling = Filling({"a": "甲"}, needed={"report_no", "a"}, waived=set())
    assert filling.fill("{{a}}[[，见{{e_trace}}]]。[[编号{{report_no}}]]") == f"甲。编号{mark('report_no')}"
    filling.waived = {"report_no"}
    assert filling.fill("{{a}}[[，编号{{report_no}}]]") == "甲"


def test_values_are_text_and_never_filled_again():
    assert Filling({"a": "{{b}}[[x]]", "b": "乙"}, needed={"a"}).fill("{{a}}") == "{{b}}[[x]]"


def test_letters_are_chinese_whoever_asks(story, handler):
    filing = burst.draft_of(story, handler)
    with translation.override("en"):
        in_english = draft(filing)
    with translation.override("zh-hans"):
        assert draft(filing) == in_english


def test_queries_for_the_facts_do_not_grow_with_the_orders(shop, handler):
    counts = []
    for size in (3, 30):
        orders = burst.burst_orders(shop, size)
        burst.alert_of(shop, orders, fingerprint=str(size))
        case = burst.case_of(shop, handler, orders, violation_no=f"9020{size}")
        for order in orders:
            burst.check(order, handler)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            gather(case)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_saving_a_text_keeps_the_gaps_that_still_stand_in_it(story, handler):
    filing = burst.draft_of(story, handler)
    texts.save_text(by=handler, filing=filing, version=0, box_text=f"库存{mark('stock_on_hand')}件", letter_text="")
    assert filing.gaps == ["stock_on_hand"]
