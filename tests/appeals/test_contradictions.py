"""Contradictions of each kind, found with their two sources, and gone by themselves when one side is mended."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone, translation

from appeals import contradictions
from appeals.actions import cases, evidence, facts, texts
from appeals.letters import claims_made
from appeals.models import Case
from appeals.workflow import CASE
from orders.models import Order, ParcelOrder
from stores.models import Merchant
from tests import make
from tests.appeals import burst
from tests.appeals.burst import START
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


@pytest.fixture
def filing(story, handler):
    Merchant.objects.update(company_name="绿叶服饰有限公司")
    made = burst.draft_of(story, handler)
    texts.redraft(by=handler, filing=made, replace=True)
    return made


def found(case: Case) -> list[str]:
    return [str(one.sentence) for one in contradictions.of(Case.objects.get(pk=case.pk))]


def order_of(case: Case, place: int = 0) -> Order:
    order = case.verdicts.order_by("violation_order_id")[place].violation_order.order
    assert order is not None
    return order


def write(filing, handler, text: str) -> None:
    texts.save_text(
        by=handler,
        filing=filing,
        version=filing.text_version,
        box_text=filing.box_draft + text,
        letter_text=filing.letter_text,
    )


def test_drafted_text_contradicts_nothing(story, filing):
    assert found(story) == []


# Scanned before paid


def test_scan_before_payment_is_found_with_both_sources_and_goes_when_the_scan_is_mended(shop, handler):
    case = shipped(shop, handler, 2)
    assert found(case) == []
    order = order_of(case)
    order.parcels.update(first_scan_at=order.paid_at - dt.timedelta(hours=1))
    [one] = contradictions.of(case)
    assert order.order_no in one.sentence
    assert [source.href for source in one.sources] == [
        f"/orders/{shop.code}/{order.order_no}/",
        f"/cases/{case.code}/timeline/",
    ]
    order.parcels.update(first_scan_at=order.paid_at + dt.timedelta(hours=9))
    assert found(case) == []


def test_order_taken_out_of_the_claim_contradicts_nothing_any_more(shop, handler):
    case = shipped(shop, handler, 2)
    order = order_of(case)
    order.parcels.update(first_scan_at=order.paid_at - dt.timedelta(hours=1))
    verdict = case.verdicts.get(violation_order__order=order)
    cases.overrule(by=handler, verdict=verdict, to="ours", reason="运单号填错")
    assert found(case) == []


# One waybill, two buyers


@pytest.mark.parametrize(
    ("one", "other", "clash"),
    [
        ({"key_account": "a"}, {"key_account": "b"}, True),
        ({"key_account": "a", "key_phone": "p"}, {"key_account": "b", "key_phone": "p"}, False),
        ({"key_account": "a"}, {"key_account": "a"}, False),
        ({"key_account": "a"}, {"key_phone": "p"}, False),
        ({"key_area": "x"}, {"key_area": "y"}, False),
    ],
)
def test_waybill_of_two_orders_clashes_only_where_the_buyers_are_known_to_differ(shop, handler, one, other, clash):
    case = shipped(shop, handler, 1)
    order = order_of(case)
    Order.objects.filter(pk=order.pk).update(**one)
    second = make.order(shop, **other)
    ParcelOrder.objects.create(parcel=order.parcels.get(), order=second)
    told = found(case)
    assert bool(told) is clash
    assert not clash or (order.order_no in told[0] and second.order_no in told[0])


# Figures


@pytest.mark.parametrize(
    ("text", "figure"),
    [
        ("本店共发出57笔。", "57笔"),
        ("损失1,234.56元。", "1,234.56元"),
        ("已于2026-11-09 03:33联系。", "2026-11-09 03:33"),
        ("11月09日03:33发出。", "11月09日03:33"),
    ],
)
def test_figure_that_no_record_gives_is_found_until_it_is_recorded_with_its_source(
    story, filing, handler, text, figure
):
    write(filing, handler, text)
    assert any(figure in sentence for sentence in found(story))
    facts.record(by=handler, case=story, name="not_shipped_reason", value=text, source="商家说明")
    assert found(story) == []


def test_figures_that_the_data_give_contradict_nothing(story, filing, handler):
    paid = timezone.localtime(order_of(story).paid_at)
    write(filing, handler, f"其中4笔于{paid:%Y-%m-%d %H:%M}付款，均未发出；0笔已退款。")
    assert found(story) == []


def test_count_that_was_right_when_written_is_found_when_the_verdicts_change(story, filing, handler):
    write(filing, handler, "本次主张4笔。")
    assert found(story) == []
    verdict = story.verdicts.order_by("violation_order_id").first()
    cases.overrule(by=handler, verdict=verdict, to="ours", reason="核对后确为本店漏发")
    assert order_of(story).order_no
    told = claims_made.unfounded(filing)
    # Four orders are still named by the notice, so the figure itself is known; five are not.
    assert told == []
    write(filing, handler, "本次主张5笔。")
    assert any("5笔" in sentence for sentence in found(story))


# Denials


def test_text_that_denies_what_our_records_show_is_found_and_goes_when_mended(story, filing, handler):
    write(filing, handler, "订单均未退款。")
    assert found(story) == []
    Order.objects.filter(pk=order_of(story).pk).update(refunded_at=START + dt.timedelta(days=1))
    [sentence] = found(story)
    assert "未退款" in sentence
    assert order_of(story).order_no in sentence
    write(filing, handler, "")
    assert found(story) == []


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("均未上传运单号", "uploaded"),
        ("未传单号", "uploaded"),
        ("没有揽收记录", "first_scan"),
        ("均未签收", "delivered"),
        ("买家没有申请退款", "refund_asked"),
        ("从未联系过买家", "contact"),
        ("未向平台报备", "report"),
        ("没有催发货", "urged"),
        ("未联系上买家", None),
        ("其中2笔未退款", None),
        ("已退款", None),
    ],
)
def test_denial_is_read_from_the_words(text, key):
    assert [step for _words, step in claims_made.denials(text, 4)] == ([key] if key else [])


# Dates


def test_evidence_younger_than_the_letter_is_found_until_it_is_withdrawn(story, filing, handler):
    day = timezone.localdate() - dt.timedelta(days=1)
    letter = f"事实部分均出自所列记录。绿叶服饰有限公司　{day:%Y年%m月%d日}"
    [item] = burst.item(story, handler, "buyer_statement", captured_at=timezone.now())
    texts.save_text(
        by=handler, filing=filing, version=filing.text_version, box_text=filing.box_draft, letter_text=letter
    )
    [one] = contradictions.of(Case.objects.get(pk=story.pk))
    assert one.sources[1].href == f"/cases/{story.code}/#item-{item.code}"
    evidence.withdraw(by=handler, item=item, reason="晚于申诉信")
    assert found(story) == []


def test_evidence_as_old_as_the_letter_contradicts_nothing(story, filing, handler):
    burst.item(story, handler, "buyer_statement", captured_at=timezone.now())
    today = f"绿叶服饰有限公司　{timezone.localdate():%Y年%m月%d日}"
    texts.save_text(
        by=handler, filing=filing, version=filing.text_version, box_text=filing.box_draft, letter_text=today
    )
    assert found(story) == []


def test_declaration_after_the_date_of_the_letter_is_found(story, filing, handler):
    Case.objects.filter(pk=story.pk).update(declared_at=timezone.now())
    texts.save_text(
        by=handler,
        filing=filing,
        version=filing.text_version,
        box_text=filing.box_draft,
        letter_text="绿叶　2026年01月02日",
    )
    assert any("declared" in sentence for sentence in found(story))


def test_no_date_in_the_letter_is_no_contradiction():
    assert [claims_made.dated(text) for text in ("", "绿叶　2026年02月30日", "2026年01月02日发出。")] == [None] * 3


# Where they stand


def test_contradiction_keeps_a_case_from_review_and_stands_on_its_page_with_links(story, filing, handler, as_):
    write(filing, handler, "本店共发出57笔。")
    case = Case.objects.get(pk=story.pk)
    assert any("57笔" in str(hurdle.text) for hurdle in CASE.hurdles(case, "reviewing", by=handler))
    for url in (f"/cases/{case.code}/", f"/filings/{filing.code}/"):
        page = as_(handler).get(url).content.decode()
        assert 'id="contradiction-1"' in page
        assert f"/cases/{case.code}/#orders" in page
