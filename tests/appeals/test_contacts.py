"""Speaking with the platform and with buyers: limits that nobody sets aside, words that are stopped, promises kept in mind."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from appeals import contact_page, contact_rules, next_step
from appeals.actions import buyers, cases, contacts, retention
from appeals.actions.buyers import Reply, Said
from appeals.actions.contacts import Told
from appeals.letters import facts as letter_facts
from appeals.models import BuyerContact, Case, PlatformContact
from casemgr.kit.models import AuditEvent
from casemgr.kit.workflow import Refused, Stale
from orders.models import OrderReview, ReviewContact
from stores import reference
from tests import make
from tests.appeals.cast import opened

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def order(shop):
    return make.order(shop, "261120-000000000007788", ship_by=timezone.now() + 30 * HOUR, ship_by_source="file")


@pytest.fixture
def case(shop, handler, order):
    return opened(shop, handler, orders=[order], key="late_shipment")


def noon() -> dt.datetime:
    """A moment of yesterday in which buyers may be called."""
    return timezone.localtime().replace(hour=12, minute=0, second=0, microsecond=0) - dt.timedelta(days=1)


def said(channel="platform_chat", at=None, *, reply="waiting", text="您好，这单预计晚一天发出。", **more) -> Said:
    back: dict[str, Any] = {
        name: more.pop(name) for name in ("offer_result", "words", "refund_is_understood") if name in more
    }
    back["at"] = more.pop("result_at", None)
    return Said(channel, at or noon(), text, Reply(reply, **back), **more)


def spoke(by, case, order, **more) -> BuyerContact:
    return buyers.record(by=by, case=case, order=order, said=said(**more))


# Limits


def test_nobody_calls_a_buyer_before_writing_in_the_chat_not_even_a_lead(case, order, lead):
    with pytest.raises(Refused, match="chat first"):
        spoke(lead, case, order, channel="virtual_call")
    spoke(lead, case, order)
    assert spoke(lead, case, order, channel="virtual_call", at=noon() + HOUR).channel == "virtual_call"


@pytest.mark.parametrize(
    ("clock", "is_allowed"), [("08:29", False), ("08:30", True), ("20:30", True), ("20:31", False)]
)
def test_buyers_are_called_between_0830_and_2030_only(case, order, lead, clock, is_allowed):
    spoke(lead, case, order, at=noon() - dt.timedelta(days=2))
    at = dt.datetime.combine(noon().date(), dt.time.fromisoformat(clock), tzinfo=make.SHANGHAI)
    if is_allowed:
        spoke(lead, case, order, channel="virtual_call", at=at)
    else:
        with pytest.raises(Refused, match="between 08:30 and 20:30"):
            spoke(lead, case, order, channel="virtual_call", at=at)


def test_a_third_call_is_refused_and_those_of_the_check_are_counted_in(case, order, lead):
    spoke(lead, case, order)
    review = OrderReview.objects.create(order=order)
    ReviewContact.objects.create(review=review, at=noon(), channel="call", result="no_answer", by=lead)
    spoke(lead, case, order, channel="virtual_call", at=noon() + HOUR)
    with pytest.raises(Refused, match="twice at most"):
        spoke(lead, case, order, channel="virtual_call", at=noon() + 2 * HOUR)
    assert contact_rules.calls_made(order) == 2


def test_a_buyer_who_does_not_want_to_talk_is_not_called_again(case, order, lead):
    spoke(lead, case, order, reply="refused")
    with pytest.raises(Refused, match="does not want to talk"):
        spoke(lead, case, order, channel="virtual_call", at=noon() + HOUR)
    spoke(lead, case, order, at=noon() + HOUR, reply="answered")  # they may write by themselves


def test_order_of_another_case_is_refused(case, shop, lead):
    with pytest.raises(Refused, match="does not belong"):
        spoke(lead, case, make.order(shop))


# Words


@pytest.mark.parametrize(
    "row", [row for row in reference.forbidden() if row["audience"] == "buyer"], ids=lambda r: r["key"]
)
def test_forbidden_phrases_are_stopped_however_they_are_spaced(row):
    for phrase in row["examples"]:
        assert contact_rules.forbidden_in(phrase)
        assert contact_rules.forbidden_in("\u200b ".join(phrase))


def test_everyday_words_are_not_stopped():
    for text in ("包裹已揽收成功，预计明天到", "已为您登记退款，原路退回", "如需改地址请在订单页操作"):
        assert contact_rules.forbidden_in(text) == []


def test_a_forbidden_text_is_not_recorded_and_stays_in_the_form(case, order, lead, as_):
    page = reverse("case-buyer", args=[case.code, order.order_no])
    text = "退款给您，您就撤诉"
    body = {"channel": "platform_chat", "contacted_at": noon().isoformat(), "text": text, "reply": "waiting"}
    answer = as_(lead).post(page, body)
    assert (answer.status_code, BuyerContact.objects.count()) == (422, 0)
    shown = answer.content.decode()
    assert text in shown
    assert "以利益换撤回" in shown or "trading money" in shown
    checked = as_(lead).post(page, {**body, "do": "check"}).content.decode()
    assert f'data-copy="{text}"' not in checked
    assert text in checked
    fine = as_(lead).post(page, {**body, "text": "您好，预计明天发出", "do": "check"}).content.decode()
    assert 'data-copy="您好，预计明天发出"' in fine
    assert BuyerContact.objects.count() == 0


def test_ready_texts_name_shop_platform_and_last_four_and_hold_no_link(case, order):
    texts = contact_page.ready_texts(case, order)
    together = " ".join(one.text for one in texts)
    assert [one.key for one in texts] == ["opening", "later", "statement", "closing"]
    assert case.store.name in together
    assert "拼多多" in together
    assert "7788" in together
    assert order.order_no not in together
    assert "http" not in together
    assert "{{" not in together


def test_phone_numbers_in_what_was_said_are_masked(case, order, lead):
    contact = spoke(lead, case, order, text="我的电话13877665544", words="打13877665544", reply="answered")
    told = contacts.add(by=lead, case=case, told=Told("phone", noon(), "请回拨13877665544", promise="回电13877665544"))
    kept = contact.text + contact.reply_text + told.words + told.promise
    assert "13877665544" not in kept


# Offers


def test_offers_need_their_amount_or_date(case, order, lead):
    for offer, more, words in [
        ("compensation", {}, "amount of the compensation"),
        ("later_date", {}, "needs the date"),
        ("later_date", {"ship_by": order.ship_by - HOUR}, "after the old limit"),
        ("refund", {"amount": Decimal(5)}, "can close the appeal"),
    ]:
        with pytest.raises(Refused, match=words):
            spoke(lead, case, order, offer=offer, **more)
    made = spoke(lead, case, order, offer="refund", amount=Decimal(5), refund_is_understood=True)
    assert (made.offer_result, made.offer_amount) == ("open", Decimal(5))


def test_accepting_a_refund_later_asks_for_the_warning_again(case, order, lead):
    made = spoke(lead, case, order, offer="refund", amount=Decimal(5), refund_is_understood=True)
    yes = {"offer_result": "accepted", "at": noon() + HOUR}
    with pytest.raises(Refused, match="can close the appeal"):
        buyers.answered(by=lead, contact=made, back=Reply("answered", **yes))
    buyers.answered(by=lead, contact=made, back=Reply("answered", **yes, refund_is_understood=True))
    assert BuyerContact.objects.get().offer_result == "accepted"


def test_of_two_people_writing_an_answer_down_the_second_is_told(case, order, lead, handler):
    made = spoke(lead, case, order, offer="compensation", amount=Decimal(5))
    late = BuyerContact.objects.get()
    buyers.answered(by=lead, contact=made, back=Reply("answered", offer_result="declined", at=noon() + HOUR))
    with pytest.raises(Stale):
        buyers.answered(by=handler, contact=late, back=Reply("answered", offer_result="accepted", at=noon() + HOUR))
    assert BuyerContact.objects.get().offer_result == "declined"


# A later date that the buyer agreed to


def agree(by, case, order, *, at=None, ship_by=None, channel="platform_chat") -> None:
    at = at or noon()
    if channel == "virtual_call":
        spoke(by, case, order, at=at)
    later = {"offer": "later_date", "ship_by": ship_by or order.ship_by + 24 * HOUR}
    spoke(by, case, order, channel=channel, at=at, reply="answered", offer_result="accepted", result_at=at, **later)


def kind_of(case) -> str:
    return case.verdicts.get().kind


def test_a_date_agreed_in_the_chat_before_the_old_limit_makes_the_verdict(case, order, lead):
    assert kind_of(case) == "unknown"
    agree(lead, case, order)
    assert kind_of(case) == "agreed_delay"
    assert {fact["name"] for fact in case.verdicts.get().facts} == {"ship_by", "agreed_at", "agreed_ship_by"}


def test_agreements_after_the_limit_by_telephone_or_not_kept_make_no_verdict(shop, handler):
    past = timezone.now() - 60 * HOUR
    for number, (channel, agreed, shipped) in enumerate(
        [
            ("platform_chat", past + HOUR, None),  # after the limit
            ("virtual_call", past - 40 * HOUR, None),  # proves nothing
            ("platform_chat", past - HOUR, past + 10 * HOUR),  # shipped later than agreed
            ("platform_chat", past - HOUR, None),  # the agreed date passed, nothing shipped
        ]
    ):
        order = make.order(shop, f"A{number}", ship_by=past, shipped_at=shipped)
        case = opened(shop, handler, orders=[order], key="late_shipment")
        BuyerContact.objects.create(
            case=case, order=order, channel=channel, contacted_at=agreed, reply="answered", offer="later_date",
            offer_ship_by=past + 5 * HOUR, offer_result="accepted", result_at=agreed, recorded_by=handler,
        )  # fmt: skip
        cases.judge(by=handler, case=case)
        assert kind_of(case) != "agreed_delay", number


def test_a_kept_later_date_excuses_a_late_shipment_but_no_missing_scan(shop, handler):
    limit = timezone.now() - 60 * HOUR
    for key, expected in (("late_shipment", "agreed_delay"), ("fake_shipment", "unknown")):
        order = make.order(shop, f"K-{key}", ship_by=limit, shipped_at=limit + 4 * HOUR)
        case = opened(shop, handler, orders=[order], key=key)
        BuyerContact.objects.create(
            case=case, order=order, channel="platform_chat", contacted_at=limit - HOUR, reply="answered",
            offer="later_date", offer_ship_by=limit + 5 * HOUR, offer_result="accepted", result_at=limit - HOUR,
            recorded_by=handler,
        )  # fmt: skip
        cases.judge(by=handler, case=case)
        assert kind_of(case) == expected


def test_the_agreement_is_a_fact_of_the_letter_only_when_every_claimed_order_has_one(case, order, lead):
    Case.objects.filter(pk=case.pk).update(line_of_defence="agreed_delay")
    agree(lead, case, order)
    case.refresh_from_db()
    found = letter_facts.collect(case)
    assert found.facts["agreed_channel"].value == "平台聊天"
    assert found.facts["not_due_count"].value == "1"
    assert f"{timezone.localdate(order.ship_by + 24 * HOUR):%m月%d日}" == found.facts["agreed_ship_by"].value
    verdict = case.verdicts.get()
    cases.overrule(by=lead, verdict=verdict, to="agreed_delay", reason="x")
    BuyerContact.objects.all().delete()
    cases.judge(by=lead, case=case)
    assert "agreed_ship_by" not in letter_facts.collect(case).facts


def test_delay_negotiation_is_unknown_unless_a_source_was_found(order):
    left = contact_rules.negotiation_left(order, "pinduoduo", [])
    assert (left.rule.requests, left.until, left.is_over) == (None, None, False)
    known = contact_rules.negotiation_left(order, "wechat", [])
    assert (known.rule.requests, known.until, known.is_over) == (3, order.ship_by - 4 * HOUR, False)
    offers = [BuyerContact(offer="later_date")] * 3
    assert contact_rules.negotiation_left(order, "wechat", offers).is_over


# The platform


def told(**more) -> Told:
    values = {"ticket_no": "GD2611200007", "promise": "24小时内回复", "follow_up_at": noon() + HOUR, **more}
    return Told("chat", noon(), "已为您登记，专员会复核。", agent="小二0231", **values)


def test_a_due_follow_up_stands_in_the_next_step_and_on_the_page_of_today(case, handler, as_):
    contacts.add(by=handler, case=case, told=told())
    texts = [str(hurdle.text) for hurdle in next_step.of(case, by=handler, filing=None).hurdles]
    assert any("24小时内回复" in text for text in texts)
    assert "GD2611200007" in as_(handler).get(reverse("today")).content.decode()
    contacts.follow_up(by=handler, contact=PlatformContact.objects.get())
    assert not any("24小时内回复" in str(h.text) for h in next_step.of(case, by=handler, filing=None).hurdles)
    assert "GD2611200007" not in as_(handler).get(reverse("today")).content.decode()


def test_the_reminder_does_not_stand_in_the_way_of_the_next_step(case, handler):
    before = [button.blocked for button in next_step.of(case, by=handler, filing=None).buttons]
    contacts.add(by=handler, case=case, told=told())
    assert [button.blocked for button in next_step.of(case, by=handler, filing=None).buttons] == before


def test_recording_the_next_contact_settles_the_follow_up_once(case, handler, lead, as_):
    contacts.add(by=handler, case=case, told=told())
    first = PlatformContact.objects.get()
    body = {"channel": "chat", "contacted_at": (noon() + 2 * HOUR).isoformat(), "words": "仍在复核"}
    as_(handler).post(reverse("case-platform", args=[case.code]) + f"?after={first.code}", body)
    first.refresh_from_db()
    assert (first.followed_up_by, PlatformContact.objects.count()) == (handler, 2)
    with pytest.raises(Stale, match=handler.name):
        contacts.follow_up(by=lead, contact=first)
    assert AuditEvent.objects.filter(thread=case.code, action="contact.followed_up").count() == 1


def test_follow_ups_of_strangers_shops_are_nobodys_business(case, handler, other_handler):
    contacts.add(by=handler, case=case, told=told())
    assert [len(contact_page.due_for(who, team=True)) for who in (handler, other_handler)] == [1, 0]


def test_words_of_an_erased_case_are_gone(case, order, lead, handler):
    contacts.add(by=handler, case=case, told=told())
    spoke(lead, case, order, words="买家的话", reply="answered")
    Case.objects.filter(pk=case.pk).update(status="closed", outcome="withdrawn", closed_at=timezone.now())
    assert retention.erase(case=case, at=timezone.now() + dt.timedelta(days=1200))
    one, other = PlatformContact.objects.get(), BuyerContact.objects.get()
    assert (one.words, one.promise, one.agent, other.text, other.reply_text) == ("", "", "", "", "")
    assert (one.ticket_no, other.reply) == ("GD2611200007", "answered")


def test_the_case_page_asks_as_much_whatever_the_number_of_contacts(case, order, handler):
    asked = []
    for _round in range(2):
        for n in range(4):
            contacts.add(by=handler, case=case, told=told(follow_up_at=None))
            spoke(handler, case, order, at=noon() + n * HOUR / 10)
        matters = list(case.matters.select_related("violation").prefetch_related("violation__penalties__settled_by"))
        with CaptureQueriesContext(connection) as queries:
            shown = contact_page.context(case, matters)
            [(row["last"].order.order_no, row["n"]) for row in shown["buyer_rows"]]
            [(one.recorded_by.name, one.is_due) for one in shown["platform_contacts"]]
        asked.append(len(queries))
    assert asked[0] == asked[1]
