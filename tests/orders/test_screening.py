"""Screening as a whole: what becomes of findings, again and again (rules 8 and 9)."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from casemgr.kit.models import AuditEvent
from orders.actions import alerts, settings
from orders.models import AlertOrder, Order, RiskAlert
from orders.screening import screen
from tests import make
from tests.orders.screening_cases import NOW, key, minute, orders, spread

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _evening_of_the_promotion():
    with time_machine.travel(NOW, tick=False):
        yield


def everything() -> list[dict]:
    return list(RiskAlert.objects.order_by("pk").values())


def test_screening_twice_changes_nothing(douyin_shop):
    orders(douyin_shop, spread(46, 9), key_masked=key("a"))
    first = screen(stores=[douyin_shop], at=NOW)
    before, links, events = everything(), AlertOrder.objects.count(), AuditEvent.objects.count()
    second = screen(stores=[douyin_shop], at=NOW)
    assert (first.opened, second.opened, second.updated, second.cleared) == (1, 0, 0, 0)
    assert (everything(), AlertOrder.objects.count(), AuditEvent.objects.count()) == (before, links, events)


def test_an_alert_shows_its_rows_threshold_key_strength_and_setting_version(douyin_shop, administrator):
    setting = settings.change(by=administrator, detector="burst_buyer", params={"count": 20, "window_minutes": 10})
    made = orders(douyin_shop, spread(46, 9), key_masked=key("a"))
    screen(stores=[douyin_shop], at=NOW)
    alert = RiskAlert.objects.get()
    assert set(alert.orders.all()) == set(made)
    assert alert.threshold == {"count": 20, "window_minutes": 10, "scope": "shop"}
    assert (alert.key_kind, alert.key_strength, alert.severity) == ("masked", "weak", "low")
    assert (alert.setting, alert.setting_version) == (setting, 1)


def test_an_alert_made_without_any_setting_has_version_0(douyin_shop):
    orders(douyin_shop, spread(46, 9), key_phone=key("a"))
    screen(stores=[douyin_shop], at=NOW)
    alert = RiskAlert.objects.get()
    assert (alert.setting_version, alert.setting, alert.severity) == (0, None, "high")


def test_a_growing_burst_updates_its_alert(douyin_shop):
    orders(douyin_shop, spread(12, 5), key_phone=key("a"))
    screen(stores=[douyin_shop], at=NOW)
    late = orders(douyin_shop, [minute(1), minute(9)], key_phone=key("a"), updated_at=NOW)
    result = screen(stores=[douyin_shop], at=NOW, since=NOW)
    alert = RiskAlert.objects.get()
    assert (result.opened, result.updated, alert.order_count) == (0, 1, 14)
    assert set(late) <= set(alert.orders.all())


def test_a_false_alarm_is_not_raised_again_for_the_same_orders(douyin_shop, handler):
    orders(douyin_shop, spread(12, 5), key_phone=key("a"))
    screen(stores=[douyin_shop], at=NOW)
    alerts.false_alarm(by=handler, alert=RiskAlert.objects.get(), note="公司团购")
    assert screen(stores=[douyin_shop], at=NOW).opened == 0


def test_a_finding_that_returns_with_new_orders_is_new_and_names_the_old(douyin_shop, handler):
    orders(douyin_shop, spread(12, 5), key_phone=key("a"))
    screen(stores=[douyin_shop], at=NOW)
    old = RiskAlert.objects.get()
    alerts.false_alarm(by=handler, alert=old, note="公司团购")
    orders(douyin_shop, [minute(7)], key_phone=key("a"))
    screen(stores=[douyin_shop], at=NOW)
    new = RiskAlert.objects.exclude(pk=old.pk).get()
    assert (new.previous, new.status, new.order_count) == (old, "open", 13)


def test_a_condition_that_went_away_clears_its_open_alert(shop):
    [order] = orders(shop, [minute(0)], ship_by=minute(30), ship_by_source="file")
    screen(stores=[shop], at=NOW)
    Order.objects.filter(pk=order.pk).update(fulfilment="shipped", shipped_at=NOW)
    result = screen(stores=[shop], at=NOW)
    assert (result.cleared, RiskAlert.objects.get().status) == (1, "cleared")


def test_a_cleared_condition_that_returns_is_new_and_names_the_old(shop):
    [order] = orders(shop, [minute(0)], ship_by=minute(30), ship_by_source="file", fulfilment="unshipped")
    screen(stores=[shop])
    Order.objects.filter(pk=order.pk).update(fulfilment="shipped", shipped_at=timezone.now())
    screen(stores=[shop])
    Order.objects.filter(pk=order.pk).update(fulfilment="unshipped", shipped_at=None)
    screen(stores=[shop])
    old, new = RiskAlert.objects.order_by("pk")
    assert (old.status, new.status, new.previous) == ("cleared", "open", old)


def test_a_condition_a_person_works_on_is_not_cleared_but_says_that_it_went_away(shop, handler):
    [order] = orders(shop, [minute(0)], ship_by=minute(30), ship_by_source="file")
    screen(stores=[shop], at=NOW)
    alerts.start_review(by=handler, alert=RiskAlert.objects.get())
    Order.objects.filter(pk=order.pk).update(fulfilment="shipped", shipped_at=NOW)
    screen(stores=[shop], at=NOW)
    alert = RiskAlert.objects.get()
    assert (alert.status, alert.facts["gone_at"]) == ("reviewing", NOW.isoformat())


def test_two_alerts_that_late_rows_join_become_one(douyin_shop):
    orders(douyin_shop, spread(10, 5, start=0), key_phone=key("a"))
    orders(douyin_shop, spread(10, 5, start=50), key_phone=key("a"))
    screen(stores=[douyin_shop], at=NOW)
    assert RiskAlert.objects.count() == 2
    orders(douyin_shop, spread(10, 30, start=12), key_phone=key("a"))
    result = screen(stores=[douyin_shop], at=NOW)
    assert (result.opened, result.updated, result.cleared) == (0, 1, 1)
    assert sorted(RiskAlert.objects.values_list("status", "order_count")) == [("cleared", 10), ("open", 30)]


def test_old_history_is_counted_not_alarmed(douyin_shop):
    orders(douyin_shop, spread(46, 9), key_phone=key("a"))
    result = screen(stores=[douyin_shop], at=NOW + dt.timedelta(days=15))
    assert (result.suppressed_old, result.findings, RiskAlert.objects.count()) == (1, [], 0)


def test_an_open_alert_that_grows_old_is_not_cleared(douyin_shop):
    orders(douyin_shop, spread(46, 9), key_phone=key("a"))
    screen(stores=[douyin_shop], at=NOW)
    screen(stores=[douyin_shop], at=NOW + dt.timedelta(days=15))
    assert RiskAlert.objects.get().status == "open"


def test_a_look_into_the_past_changes_nothing_that_was_seen_later(shop):
    orders(shop, [minute(0)], ship_by=minute(30), ship_by_source="file")
    screen(stores=[shop])
    before = everything()
    screen(stores=[shop], at=minute(-60))
    assert everything() == before


def test_a_dry_run_writes_nothing_and_finds_the_same(douyin_shop):
    made = orders(douyin_shop, spread(46, 9), key_phone=key("a"))
    result = screen(stores=[douyin_shop], at=NOW, dry_run=True)
    [finding] = result.findings
    assert {number for _store, number in finding.orders.values()} == {order.order_no for order in made}
    assert (RiskAlert.objects.count(), AuditEvent.objects.count()) == (0, 0)


def test_a_threshold_tried_out_is_marked_with_what_it_was(douyin_shop):
    orders(douyin_shop, spread(5, 5), key_phone=key("a"))
    result = screen(stores=[douyin_shop], at=NOW, dry_run=True, overrides={"burst_buyer.count": "5"})
    assert result.findings[0].threshold == {"count": 5, "window_minutes": 30, "scope": "shop", "tried_out": True}


@pytest.mark.parametrize("bad", [{"nothing.count": 1}, {"burst_buyer.hours": 1}, {"burst_buyer.count": "x"},
                                 {"burst_buyer.count": 1}, {"burst_buyer.scope": "world"}, {"count": 5}])  # fmt: skip
def test_an_unknown_threshold_is_refused_in_words(douyin_shop, bad):
    with pytest.raises(ValueError, match=r"\w"):
        screen(stores=[douyin_shop], overrides=bad)


def test_a_detector_that_is_off_for_a_shop_finds_nothing_there(shop, douyin_shop, administrator):
    settings.change(by=administrator, detector="burst_buyer", params={}, store=shop, is_on=False)
    for one in (shop, douyin_shop):
        orders(one, spread(12, 5), key_phone=key("a"))
    screen(stores=[shop, douyin_shop], at=NOW)
    assert RiskAlert.objects.get().store == douyin_shop


def test_thresholds_come_from_shop_over_platform_over_default(shop, douyin_shop, administrator):
    settings.change(by=administrator, detector="burst_buyer", params={"count": 30, "window_minutes": 5})
    settings.change(by=administrator, detector="burst_buyer", params={"count": 20}, platform=douyin_shop.platform)
    settings.change(by=administrator, detector="burst_buyer", params={"count": 12}, store=douyin_shop)
    for one in (shop, douyin_shop):
        orders(one, spread(12, 5), key_phone=key("a"))
    screen(stores=[shop, douyin_shop], at=NOW)
    alert = RiskAlert.objects.get()
    assert (alert.store, alert.setting_version) == (douyin_shop, 3)
    assert alert.threshold == {"count": 12, "window_minutes": 5, "scope": "shop"}


def test_screening_asks_as_many_questions_for_500_orders_as_for_50(douyin_shop, django_assert_num_queries):
    def mix(n: int) -> None:
        orders(
            douyin_shop,
            spread(n, 9),
            key_phone=key("a"),
            key_address=key("b"),
            ship_by=minute(60),
            ship_by_source="file",
        )
        orders(douyin_shop, spread(n, 9), key_masked=key("c"))
        for order in orders(douyin_shop, spread(n, 9), key_area=key("d")):
            make.line(order, sku_key=key("e"))

    mix(25)
    with django_assert_num_queries(22):
        screen(stores=[douyin_shop], at=NOW, dry_run=True)
    mix(250)
    with django_assert_num_queries(22):
        screen(stores=[douyin_shop], at=NOW, dry_run=True)
