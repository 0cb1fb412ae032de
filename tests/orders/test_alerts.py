"""What is done about alerts: review, holds, checks of buyers, reports, and the pages for it."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from casemgr.kit.models import AuditEvent, Notification
from casemgr.kit.workflow import Refused, Stale
from orders.actions import alerts, holds, reports, reviews, settings
from orders.models import DetectorSetting, Hold, OrderReview, PlatformReport, RiskAlert
from orders.screening import screen
from tests import make
from tests.orders.screening_cases import NOW, key, orders, spread

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


@pytest.fixture(autouse=True)
def _evening_of_the_promotion():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def burst(shop) -> RiskAlert:
    """Twelve orders of one masked recipient in five minutes."""
    orders(shop, spread(12, 5), key_masked=key("a"), recipient_masked="张**", phone_masked="138****1234")
    screen(stores=[shop])
    return RiskAlert.objects.get()


def first(alert):
    return alert.orders.order_by("placed_at").first()


def contact(handler, order, alert, **fields):
    facts = {"at": NOW - 2 * HOUR, "channel": "chat", "result": "answered", "answers": {}, **fields}
    return reviews.record_contact(by=handler, order=order, alert=alert, **facts)


def found_malicious(handler, alert):
    review = contact(handler, first(alert), alert, answers={"q1": "denied", "q6": "asked"})
    reviews.decide(by=handler, review=review, verdict="malicious", note="两项强提示")
    return review


# The alert


def test_a_burst_is_confirmed_by_a_handler_once_an_order_was_found_malicious(burst, handler):
    alerts.start_review(by=handler, alert=burst)
    with pytest.raises(Refused):
        alerts.confirm(by=handler, alert=burst)
    found_malicious(handler, burst)
    alerts.confirm(by=handler, alert=burst)
    assert (burst.status, burst.handled_by) == ("confirmed", handler)


def test_a_lead_confirms_without_that_but_says_why(burst, lead):
    alerts.start_review(by=lead, alert=burst)
    with pytest.raises(Refused):
        alerts.confirm(by=lead, alert=burst)
    alerts.confirm(by=lead, alert=burst, note="同行已报同一收件人")
    assert burst.status == "confirmed"


def test_an_alert_with_a_standing_hold_is_no_false_alarm_yet(burst, handler):
    hold = holds.ask(by=handler, alert=burst, orders=[first(burst)], reason="核实")
    with pytest.raises(Refused):
        alerts.false_alarm(by=handler, alert=burst, note="公司团购")
    holds.release(by=handler, hold=hold, note="公司团购")
    alerts.false_alarm(by=handler, alert=burst, note="公司团购")
    burst.refresh_from_db()
    assert burst.status == "false_alarm"


# Holds


def test_a_hold_tells_the_merchants_people_of_the_shop_and_nobody_else(
    burst, handler, shop, owner, merchant_staff, stranger, merchant
):
    reader = make.member(make.user("只读"), merchant, role="read_only")
    other_shop = make.member(make.user("童装店员"), merchant, role="staff", shops=[make.store(of=merchant)])
    hold = holds.ask(by=handler, alert=burst, orders=list(burst.orders.all()), reason="先核实")
    told = set(Notification.objects.values_list("recipient", flat=True))
    assert told == {owner.pk, merchant_staff.pk}
    assert not {reader.pk, other_shop.pk, stranger.pk, handler.pk} & told
    assert Notification.objects.first().url == f"/m/holds/{hold.code}/"


def test_a_hold_is_asked_once_for_an_order(burst, handler):
    holds.ask(by=handler, alert=burst, orders=[first(burst)], reason="核实")
    with pytest.raises(Refused):
        holds.ask(by=handler, alert=burst, orders=[first(burst)], reason="核实")
    assert Hold.objects.count() == 1


def test_a_shipped_order_or_one_of_another_alert_cannot_be_held(burst, handler, shop):
    order = first(burst)
    order.fulfilment = "shipped"
    order.save()
    for wrong in (order, make.order(shop)):
        with pytest.raises(Refused):
            holds.ask(by=handler, alert=burst, orders=[wrong], reason="核实")


def test_only_the_merchant_acknowledges_and_the_asker_is_told(burst, handler, owner, merchant):
    hold = holds.ask(by=handler, alert=burst, orders=[first(burst)], reason="核实")
    reader = make.member(make.user("只读"), merchant, role="read_only")
    for wrong in (handler, reader):
        with pytest.raises(Refused):
            holds.acknowledge(by=wrong, hold=hold)
    holds.acknowledge(by=owner, hold=hold)
    assert (hold.status, hold.acknowledged_by) == ("acknowledged", owner)
    assert (
        Notification.objects.filter(event="hold.acknowledged").values_list("recipient", flat=True).get() == handler.pk
    )


def test_a_hold_of_a_malicious_order_never_releases_itself(burst, handler):
    hold = holds.ask(by=handler, alert=burst, orders=[first(burst)], reason="核实")
    found_malicious(handler, burst)
    with pytest.raises(Refused):
        holds.release(by=None, hold=hold, note="时间到")
    hold.refresh_from_db()
    assert hold.status == "asked"


def test_a_genuine_order_leaves_its_hold_and_the_others_stay(burst, handler):
    hold = holds.ask(by=handler, alert=burst, orders=list(burst.orders.all()), reason="核实")
    review = contact(handler, first(burst), burst, answers={"q1": "self"})
    reviews.decide(by=handler, review=review, verdict="genuine")
    assert (hold.orders.count(), hold.orders.filter(pk=review.order_id).exists(), hold.status) == (11, False, "asked")


def test_releasing_twice_is_stale_and_tells_once(burst, handler, owner):
    hold = holds.ask(by=handler, alert=burst, orders=[first(burst)], reason="核实")
    again = Hold.objects.get(pk=hold.pk)
    holds.release(by=handler, hold=hold, note="真实")
    with pytest.raises(Stale):
        holds.release(by=handler, hold=again, note="真实")
    assert Notification.objects.filter(event="hold.released", recipient=owner).count() == 1


def test_a_reminder_is_sent_once_an_hour(burst, handler, owner):
    hold = holds.ask(by=handler, alert=burst, orders=[first(burst)], reason="核实")
    for _n in range(2):
        holds.remind(by=handler, hold=hold)
    assert Notification.objects.filter(event="hold.reminded", recipient=owner).count() == 1


# Checks


def test_one_strong_hint_alone_is_never_malicious(burst, handler):
    review = contact(handler, first(burst), burst, answers={"q1": "denied", "q2": "cannot_say"})
    assert reviews.strong_hints(review) == ["q1"]
    with pytest.raises(Refused):
        reviews.decide(by=handler, review=review, verdict="malicious", note="只有一项")


def test_the_same_hint_twice_is_still_one(burst, handler):
    for hours in (3, 2):
        review = contact(handler, first(burst), burst, at=NOW - hours * HOUR, answers={"q1": "denied"})
    with pytest.raises(Refused):
        reviews.decide(by=handler, review=review, verdict="malicious", note="同一项")


def test_a_lead_may_decide_with_less(burst, handler, lead):
    review = contact(handler, first(burst), burst, answers={"q1": "denied"})
    reviews.decide(by=lead, review=review, verdict="malicious", note="同一账号已在别单承认")
    assert (review.status, review.decided_by) == ("malicious", lead)


def test_no_answer_is_unreachable_only_after_one_chat_and_two_calls_an_hour_apart(burst, handler):
    order = first(burst)
    review = contact(handler, order, burst, result="no_answer")
    contact(handler, order, burst, channel="call", at=NOW - 3 * HOUR, result="no_answer")
    with pytest.raises(Refused):
        reviews.decide(by=handler, review=review, verdict="unreachable")
    contact(handler, order, burst, channel="call", at=NOW - 2 * HOUR, result="no_answer")
    reviews.decide(by=handler, review=OrderReview.objects.get(), verdict="unreachable")
    assert OrderReview.objects.get().status == "unreachable"


@pytest.mark.parametrize("wrong", [
    {"at": NOW + HOUR},
    {"channel": "call", "at": NOW - 14 * HOUR},
    {"answers": {"q1": "nonsense"}},
    {"answers": {"q99": "self"}},
])  # fmt: skip
def test_a_contact_that_cannot_or_may_not_be_is_refused_and_leaves_nothing(burst, handler, wrong):
    with pytest.raises(Refused):
        contact(handler, first(burst), burst, **wrong)
    assert OrderReview.objects.count() == 0


def test_a_third_call_is_refused(burst, handler):
    for hours in (5, 4):
        contact(handler, first(burst), burst, channel="call", at=NOW - hours * HOUR, result="no_answer")
    with pytest.raises(Refused):
        contact(handler, first(burst), burst, channel="call", at=NOW - 3 * HOUR, result="no_answer")


def test_a_phone_number_in_a_note_is_masked(burst, handler):
    review = contact(handler, first(burst), burst, note="回电 13800001234")
    assert "13800001234" not in review.contacts.get().note
    assert "13800001234" not in str(list(AuditEvent.objects.values()))


# Reports


def test_an_order_found_genuine_is_not_reported_as_malicious(burst, handler):
    review = contact(handler, first(burst), burst, answers={"q1": "self"})
    reviews.decide(by=handler, review=review, verdict="genuine")
    with pytest.raises(Refused):
        reports.prepare(by=handler, alert=burst, kind="malicious_buyer", orders=list(burst.orders.all()))
    rest = list(burst.orders.exclude(pk=review.order_id))
    assert reports.prepare(by=handler, alert=burst, kind="malicious_buyer", orders=rest).orders.count() == 11


def test_a_report_is_filed_with_number_and_time_of_the_console_and_answered(burst, handler):
    report = reports.prepare(by=handler, alert=burst, kind="malicious_buyer", orders=[first(burst)])
    with pytest.raises(Refused):
        reports.record_filed(by=handler, report=report, number="JB1", filed_at=NOW + HOUR)
    reports.record_filed(
        by=handler, report=report, number="JB1", filed_at=NOW - HOUR, extends_ship_by_to=NOW + 48 * HOUR
    )
    reports.record_answer(by=handler, report=report, is_accepted=False, note="证明不足")
    report.refresh_from_db()
    assert (report.status, report.number, report.filed_at) == ("refused", "JB1", NOW - HOUR)


# Settings


def test_a_changed_setting_is_a_new_version_and_the_old_one_stays(administrator):
    first_one = settings.change(by=administrator, detector="burst_buyer", params={"count": 20})
    second = settings.change(by=administrator, detector="burst_buyer", params={"count": 25}, seen_version=1)
    first_one.refresh_from_db()
    assert (first_one.is_current, first_one.params) == (False, {"count": 20})
    assert (second.version, second.is_current, second.params) == (2, True, {"count": 25})


def test_a_setting_changed_meanwhile_is_stale(administrator, lead):
    settings.change(by=administrator, detector="burst_buyer", params={"count": 20})
    settings.change(by=lead, detector="burst_buyer", params={"count": 30}, seen_version=1)
    with pytest.raises(Stale, match=lead.name):
        settings.change(by=administrator, detector="burst_buyer", params={"count": 15}, seen_version=1)
    assert DetectorSetting.objects.get(is_current=True).params == {"count": 30}


def test_the_admin_writes_versions(as_, administrator):
    browser = as_(administrator)
    data = {"detector": "burst_buyer", "count": "20", "window_minutes": "10", "is_on": "on", "severity": "high"}
    browser.post(reverse("admin:orders_detectorsetting_add"), data)
    made = DetectorSetting.objects.get()
    browser.post(reverse("admin:orders_detectorsetting_change", args=[made.pk]), {**data, "count": "30"})
    versions = DetectorSetting.objects.order_by("version").values_list("version", "params", "is_current", "created_by")
    assert list(versions) == [
        (1, {"count": 20, "window_minutes": 10}, False, administrator.pk),
        (2, {"count": 30, "window_minutes": 10}, True, administrator.pk),
    ]


def test_the_admin_refuses_a_threshold_the_detector_does_not_have(as_, administrator):
    data = {"detector": "ship_by", "count": "20", "is_on": "on", "severity": "high"}
    answer = as_(administrator).post(reverse("admin:orders_detectorsetting_add"), data)
    assert (answer.status_code, DetectorSetting.objects.count()) == (200, 0)


# Pages


PAGES = ["alert", "alert-confirm", "alert-false-alarm", "alert-resolve", "alert-hold", "alert-report"]


@pytest.mark.parametrize("name", PAGES)
def test_alert_pages_open_for_who_looks_after_the_shop_and_exist_for_nobody_else(
    name, burst, as_, client, handler, lead, other_handler, owner, stranger
):
    url = reverse(name, args=[burst.code])
    assert [as_(person).get(url).status_code for person in (handler, lead)] == [200, 200]
    assert [as_(person).get(url).status_code for person in (other_handler, owner, stranger)] == [404, 404, 404]
    assert client.get(url).status_code == 302


@pytest.mark.parametrize("name", [*PAGES, "alert-start"])
def test_nothing_is_done_by_who_may_not_see_the_alert(name, burst, as_, other_handler, owner):
    before = list(RiskAlert.objects.values())
    for person in (other_handler, owner):
        as_(person).post(
            reverse(name, args=[burst.code]), {"note": "x", "reason": "x", "orders": [first(burst).order_no]}
        )
    assert list(RiskAlert.objects.values()) == before
    assert (Hold.objects.count(), PlatformReport.objects.count()) == (0, 0)


def test_the_list_shows_only_alerts_of_ones_shops(burst, as_, other_handler, handler):
    other = make.store(on="douyin")
    make.assign(other_handler, other)
    assert burst.code in as_(handler).get(reverse("alerts")).content.decode()
    assert burst.code not in as_(other_handler).get(reverse("alerts")).content.decode()


def test_the_list_is_narrowed_by_state_kind_severity_and_shop(burst, as_, handler, shop, douyin_shop):
    page = lambda **query: as_(handler).get(reverse("alerts"), query).context["page"].paginator.count  # noqa: E731
    assert (
        page()
        == page(detector="burst_buyer")
        == page(severity="low")
        == page(shop=shop.code)
        == page(status="open")
        == 1
    )
    assert (
        page(detector="ship_by")
        == page(severity="high")
        == page(shop=douyin_shop.code)
        == page(status="confirmed")
        == 0
    )
    assert page(status="nonsense", sort="nonsense", page="nonsense") == 1


def test_the_list_asks_as_many_questions_for_50_alerts_as_for_10(shop, as_, lead):
    browser, made = as_(lead), []

    def more(n: int) -> None:
        for _n in range(n):
            made.append(RiskAlert(store=shop, detector="burst_buyer", fingerprint=str(len(made)), severity="low",
                                  key_kind="masked", key_strength="weak", facts={"minutes": 9}, order_count=46,
                                  first_seen_at=NOW, last_seen_at=NOW))  # fmt: skip
        RiskAlert.objects.bulk_create(made[-n:])

    counts = []
    for n in (10, 40):
        more(n)
        with CaptureQueriesContext(connection) as asked:
            assert len(browser.get(reverse("alerts")).context["rows"]) == len(made)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_the_alert_page_shows_rows_threshold_strength_and_version(burst, as_, handler):
    text = as_(handler).get(reverse("alert", args=[burst.code])).content.decode()
    assert all(order.order_no in text for order in burst.orders.all())
    assert "张**" in text
    assert "138****1234" in text
    for word in ("弱标识", "30 分钟", "第 0 版"):
        assert word in text


def test_asking_for_a_hold_on_the_page_takes_only_chosen_orders(burst, as_, handler):
    chosen = [order.order_no for order in burst.orders.all()[:3]]
    answer = as_(handler).post(reverse("alert-hold", args=[burst.code]), {"reason": "先核实", "orders": chosen})
    assert answer.status_code == 302
    assert sorted(Hold.objects.get().orders.values_list("order_no", flat=True)) == sorted(chosen)


def test_an_order_of_another_shop_is_not_accepted_in_the_form(burst, as_, handler, douyin_shop):
    foreign = make.order(douyin_shop)
    answer = as_(handler).post(
        reverse("alert-hold", args=[burst.code]), {"reason": "先核实", "orders": [foreign.order_no]}
    )
    assert (answer.status_code, Hold.objects.count()) == (200, 0)


def test_a_refusal_keeps_what_was_typed(burst, as_, handler):
    holds.ask(by=handler, alert=burst, orders=[first(burst)], reason="核实")
    answer = as_(handler).post(reverse("alert-false-alarm", args=[burst.code]), {"note": "公司团购，已联系采购"})
    assert answer.status_code == 200
    assert "公司团购，已联系采购" in answer.content.decode()


def test_the_way_of_an_alert_from_hold_to_report_on_the_pages(burst, as_, handler, owner):
    browser, url = as_(handler), lambda name, *more: reverse(name, args=[burst.code, *more])
    numbers = list(burst.orders.values_list("order_no", flat=True))
    browser.post(url("alert-hold"), {"reason": "先核实", "orders": numbers})
    holds.acknowledge(by=owner, hold=Hold.objects.get())
    browser.post(url("alert-start"))
    at = {"at": "2026-11-07T19:30", "channel": "chat", "result": "answered"}
    browser.post(reverse("order-contact", args=[burst.store.code, numbers[0]]), {**at, "q1": "denied", "q6": "asked"})
    browser.post(
        reverse("order-decide", args=[burst.store.code, numbers[0]]), {"verdict": "malicious", "note": "两项强提示"}
    )
    browser.post(url("alert-confirm"), {"note": ""})
    browser.post(url("alert-report"), {"kind": "malicious_buyer", "orders": numbers, "note": "46 单同一收件人"})
    report = PlatformReport.objects.get()
    browser.post(url("alert-report-filed", report.code), {"number": "JB20261107", "filed_at": "2026-11-07T20:40"})
    browser.post(url("alert-report-answer", report.code), {"answer": "accepted"})
    browser.post(url("alert-resolve"), {"note": ""})
    burst.refresh_from_db()
    report.refresh_from_db()
    assert (burst.status, report.status, report.number, Hold.objects.get().status) == (
        "resolved",
        "accepted",
        "JB20261107",
        "acknowledged",
    )


def test_the_export_has_the_rows_of_the_list_and_leaves_a_trace(burst, as_, handler):
    answer = as_(handler).get(reverse("alerts"), {"format": "csv"})
    rows = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert len(rows) == 2
    assert burst.code in rows[1]
    assert AuditEvent.objects.get(action="alerts.export").after == {"rows": 1, "format": "csv"}


def test_a_get_changes_nothing(burst, as_, handler):
    before = timezone.now(), list(RiskAlert.objects.values())
    for name in PAGES:
        as_(handler).get(reverse(name, args=[burst.code]))
    assert as_(handler).get(reverse("alert-start", args=[burst.code])).status_code == 405
    assert (timezone.now(), list(RiskAlert.objects.values())) == before
