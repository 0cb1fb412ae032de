"""Bursts: which orders belong together, by which key, and how much that proves."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from orders.detectors import explain, title
from orders.detectors.bursts import runs
from orders.models import Order, RiskAlert
from orders.screening import screen
from tests import make
from tests.orders.screening_cases import NOW, key, minute, orders, spread

pytestmark = pytest.mark.django_db
FIRST = dt.datetime(2026, 11, 7, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _evening_of_the_promotion():
    with time_machine.travel(NOW, tick=False):
        yield


def found(*shops, **options) -> list:
    return screen(stores=list(shops), at=NOW, dry_run=True, **options).findings


def numbers(finding) -> set[str]:
    return {number for _store, number in finding.orders.values()}


@given(st.lists(st.integers(0, 60), max_size=40), st.integers(2, 5), st.integers(0, 20))
def test_a_moment_is_in_a_run_exactly_if_some_window_with_enough_moments_holds_it(offsets, count, length):
    moments = sorted(FIRST + dt.timedelta(minutes=n) for n in offsets)
    window = dt.timedelta(minutes=length)
    inside = {n for first, last in runs(moments, count, window) for n in range(first, last + 1)}
    expected = set()
    for start in range(-length, 61):
        begin = FIRST + dt.timedelta(minutes=start)
        held = {n for n, moment in enumerate(moments) if begin <= moment <= begin + window}
        expected |= held if len(held) >= count else set()
    assert inside == expected


def test_46_orders_of_one_masked_recipient_in_9_minutes_are_one_weak_finding(douyin_shop):
    made = orders(douyin_shop, spread(46, 9), key_masked=key("a"), recipient_masked="张**", phone_masked="138****1234",
                  district="余杭区", street="五常街道")  # fmt: skip
    [finding] = found(douyin_shop)
    assert (finding.detector, finding.key_kind, finding.key_strength, finding.severity) == (
        "burst_buyer",
        "masked",
        "weak",
        "low",
    )
    assert numbers(finding) == {order.order_no for order in made}
    assert finding.subject == "张** · 138****1234 · 余杭区五常街道 · R-AFFF"


def test_ten_orders_at_both_ends_of_a_closed_window_count(shop):
    orders(shop, [minute(0), *[minute(15)] * 8, minute(30)], key_phone=key("a"))
    assert len(found(shop)[0].orders) == 10


def test_ten_orders_in_a_window_one_second_too_long_do_not(shop):
    orders(shop, [minute(0), *[minute(15)] * 8, minute(30) + dt.timedelta(seconds=1)], key_phone=key("a"))
    assert found(shop) == []


def test_orders_of_a_family_are_no_burst(shop):
    orders(shop, spread(4, 10), key_phone=key("a"), key_address=key("b"), key_account=key("c"))
    assert found(shop) == []


def test_the_strongest_key_names_the_finding_and_the_orders_are_not_reported_again(shop):
    orders(shop, spread(12, 5), key_token=key("t"), key_phone=key("a"), key_address=key("b"), key_masked=key("m"))
    [finding] = found(shop)
    assert (finding.key_kind, finding.key_strength, finding.severity) == ("token", "strong", "high")


def test_orders_that_only_a_weaker_key_ties_to_the_group_join_it(shop):
    strong = orders(shop, spread(12, 5), key_phone=key("a"), key_address=key("b"))
    others = orders(shop, spread(3, 5), key_phone=key("z"), key_address=key("b"))
    [finding] = found(shop)
    assert finding.key_kind == "phone"
    assert numbers(finding) == {order.order_no for order in strong + others}
    assert (finding.facts["carried"], finding.facts["linked"]) == (12, {"address": 3})


def test_a_pick_up_point_is_no_buyer(shop):
    for n in range(20):
        orders(shop, [minute(-60 * 24 * (n + 1))], key_phone=key(f"p{n}"), key_address=key("b"))
    for place, moment in enumerate(spread(12, 5)):
        orders(shop, [moment], key_phone=key(f"q{place}"), key_address=key("b"))
    assert found(shop) == []


def test_many_names_at_one_address_that_nobody_used_before_are_a_finding(shop):
    for place, moment in enumerate(spread(12, 5)):
        orders(shop, [moment], key_phone=key(f"q{place}"), key_address=key("b"))
    [finding] = found(shop)
    assert (finding.key_kind, finding.key_strength, finding.facts["people"]) == ("address", "medium", 12)


def test_shops_of_one_merchant_join_only_when_the_scope_says_so(shop, douyin_shop):
    for one in (shop, douyin_shop):
        orders(one, spread(6, 5), key_phone=key("a"))
    assert found(shop, douyin_shop) == []
    [finding] = found(shop, overrides={"burst_buyer.scope": "merchant"})
    assert (finding.store_ids, finding.scope) == ([shop.pk, douyin_shop.pk], "merchant")


def test_a_finding_over_two_shops_is_an_alert_in_each_with_its_own_orders(shop, douyin_shop):
    for one in (shop, douyin_shop):
        orders(one, spread(6, 5), key_phone=key("a"))
    screen(stores=[shop, douyin_shop], at=NOW, overrides={"burst_buyer.scope": "merchant"})
    shown = {alert.store: set(alert.orders.values_list("store_id", flat=True)) for alert in RiskAlert.objects.all()}
    assert shown == {shop: {shop.pk}, douyin_shop: {douyin_shop.pk}}


def test_two_merchants_are_never_joined(shop):
    other = make.store(of=make.merchant("别家商贸"), on="pinduoduo")
    for one in (shop, other):
        orders(one, spread(6, 5), key_phone=key("a"))
    assert found(shop, other, overrides={"burst_buyer.scope": "merchant"}) == []


def test_40_orders_of_one_article_into_one_street_in_12_minutes_are_found_without_people(shop):
    made = orders(shop, spread(40, 12), key_area=key("s"), district="余杭区", street="五常街道")
    for order in made:
        make.line(order, sku_key=key("e"), sku_name="羊毛开衫", sku_spec="米白 M")
    [finding] = found(shop)
    assert (finding.detector, finding.key_kind, finding.key_strength, finding.severity) == (
        "burst_sku_area",
        "area",
        "weak",
        "low",
    )
    assert numbers(finding) == {order.order_no for order in made}
    assert finding.subject == "余杭区五常街道 · 羊毛开衫 米白 M · R-SFFF"


def test_different_articles_into_one_street_are_no_finding(shop):
    for place, order in enumerate(orders(shop, spread(40, 12), key_area=key("s"))):
        make.line(order, sku_key=key(f"e{place % 4}"))
    assert found(shop) == []


def test_an_area_says_nothing_where_a_recipient_key_exists(shop):
    for place, moment in enumerate(spread(40, 12)):
        [order] = orders(shop, [moment], key_area=key("s"), key_masked=key(f"m{place}"))
        make.line(order, sku_key=key("e"))
    assert found(shop) == []


def test_two_lines_of_one_article_count_as_one_order(shop):
    for order in orders(shop, spread(15, 12), key_area=key("s")):
        make.line(order, sku_key=key("e"))
        make.line(order, sku_key=key("e"))
    assert found(shop) == []


def test_new_rows_are_screened_with_what_was_there_around_them(shop):
    old = orders(shop, spread(9, 5), key_phone=key("a"), updated_at=minute(-500))
    new = orders(shop, [minute(9)], key_phone=key("a"), updated_at=NOW)
    orders(shop, spread(12, 5), key_phone=key("z"), updated_at=minute(-500))
    [finding] = found(shop, since=NOW)
    assert numbers(finding) == {order.order_no for order in old + new}


def test_looking_back_orders_placed_later_do_not_exist_yet(shop):
    orders(shop, spread(12, 20, start=0), key_phone=key("a"))
    result = screen(stores=[shop], at=minute(10), dry_run=True, overrides={"burst_buyer.count": 5})
    assert [len(finding.orders) for finding in result.findings] == [6]


def test_the_explanation_names_window_usual_rate_money_key_and_threshold(shop):
    for day in range(1, 8):
        orders(shop, [minute(-60 * 24 * day), minute(-60 * 24 * day + 20)])
    orders(shop, spread(46, 9), key_masked=key("a"), amount_paid="199.00")
    Order.objects.filter(pk__in=Order.objects.exclude(key_masked="").values("pk")[:2]).update(amount_paid=None)
    [finding] = found(shop)
    assert (finding.facts["usual"], finding.facts["usual_days"]) == ("1.0", 7)
    sentences = explain("burst_buyer", finding)
    assert len(sentences) == 5
    assert all(part in " ".join(sentences) for part in ("46", "20:03", "20:12", "1.0", "¥8,756.00", "10", "30"))
    assert "46" in title("burst_buyer", finding)


def test_money_at_risk_is_what_a_dependable_rule_says_and_unknown_otherwise(shop, douyin_shop):
    make.policy("late_shipment", on="pinduoduo", confidence="B", penalty_basis="fixed", penalty_value="3.00")
    make.policy("late_shipment", on="douyin", confidence="C", penalty_basis="fixed", penalty_value="5.00")
    for one in (shop, douyin_shop):
        orders(one, spread(12, 5), key_phone=key("a"))
    risks = {
        finding.store_ids[0]: (finding.risk_amount, finding.risk_unknown_count) for finding in found(shop, douyin_shop)
    }
    assert {pk: (str(amount), n) for pk, (amount, n) in risks.items()} == {
        shop.pk: ("36.00", 0),
        douyin_shop.pk: ("None", 12),
    }
