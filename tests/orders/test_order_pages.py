"""Orders: the list, one order with its story, exports."""

from __future__ import annotations

import datetime as dt
import json

import pytest
import time_machine
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from casemgr.kit.tabular import open_table
from orders.actions import holds, reviews
from orders.models import Order, RiskAlert, Scan
from orders.screening import screen
from tests import make
from tests.orders.screening_cases import NOW, key, orders, spread

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


@pytest.fixture(autouse=True)
def _evening_of_the_promotion():
    with time_machine.travel(NOW, tick=False):
        yield


def numbers(page) -> set[str]:
    return {row["order"].order_no for row in page.context["rows"]}


def test_the_list_shows_only_orders_of_ones_shops(shop, douyin_shop, as_, handler, other_handler, lead, owner):
    mine, other = make.order(shop), make.order(make.store(on="douyin"))
    assert numbers(as_(handler).get(reverse("orders"))) == {mine.order_no}
    assert numbers(as_(other_handler).get(reverse("orders"))) == set()
    assert numbers(as_(lead).get(reverse("orders"))) == {mine.order_no, other.order_no}
    assert as_(owner).get(reverse("orders")).status_code == 404


def test_an_order_of_another_shop_and_a_missing_one_look_alike(shop, as_, other_handler):
    order = make.order(shop)
    browser = as_(other_handler)
    hidden = browser.get(reverse("order", args=[shop.code, order.order_no]))
    missing = browser.get(reverse("order", args=[shop.code, "nowhere"]))
    assert (hidden.status_code, missing.status_code) == (404, 404)


@pytest.mark.parametrize(
    ("rung", "left"), [("overdue", [-1]), ("1h", [-1, 1]), ("4h", [-1, 1, 4]), ("24h", [-1, 1, 4, 24])]
)
def test_rungs_hold_what_is_due_until_then_and_what_is_overdue(shop, as_, handler, rung, left):
    made = {}
    for hours in (-1, 1, 4, 24, 25):
        made[hours] = make.order(shop, ship_by=NOW + hours * HOUR).order_no
    for other in ({"fulfilment": "unknown", "state": ""}, {"fulfilment": "shipped"}, {"state": "unpaid"}):
        make.order(shop, ship_by=NOW - HOUR, **other)
    page = as_(handler).get(reverse("orders"), {"rung": rung})
    assert numbers(page) == {made[hours] for hours in left}
    tabs = {
        tab["url"].split("rung=")[-1].split("&")[0]: tab["count"]
        for tab in page.context["tabs"]
        if "rung=" in tab["url"]
    }
    assert tabs[rung] == len(left)


def test_an_order_is_found_by_number_and_by_waybill(shop, as_, handler):
    order = make.order(shop, "261107-900000000000001")
    make.order(shop)
    make.parcel(order, "JT9000000000001")
    browser = as_(handler)
    assert numbers(browser.get(reverse("orders"), {"q": "261107-9000"})) == {order.order_no}
    assert numbers(browser.get(reverse("orders"), {"q": "jt9000000000001"})) == {order.order_no}
    assert numbers(browser.get(reverse("orders"), {"q": "JT9"})) == set()


def test_orders_that_share_a_key_open_from_the_count_on_the_order(shop, as_, handler):
    made = orders(shop, spread(3, 5), key_phone=key("a"), phone_masked="138****1234")
    orders(shop, spread(2, 5), key_phone=key("b"))
    page = as_(handler).get(reverse("order", args=[shop.code, made[0].order_no]))
    row = next(row for row in page.context["keys"] if row["count"])
    assert row["count"] == 3
    assert numbers(as_(handler).get(row["url"])) == {order.order_no for order in made}


def test_a_key_of_an_order_one_may_not_see_opens_nothing(shop, as_, other_handler):
    order = orders(shop, spread(3, 5), key_phone=key("a"))[0]
    page = as_(other_handler).get(reverse("orders"), {"same": f"phone:{shop.code}:{order.order_no}"})
    assert numbers(page) == set()


def test_the_list_asks_as_many_questions_for_50_orders_as_for_10(shop, as_, lead):
    browser, counts = as_(lead), []
    for n in (10, 40):
        for order in orders(shop, spread(n, 9), key_masked=key("a"), ship_by=NOW + HOUR):
            make.line(order)
            make.parcel(order)
        screen(stores=[shop])
        with CaptureQueriesContext(connection) as asked:
            assert len(browser.get(reverse("orders")).context["rows"]) in (10, 50)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_the_story_of_an_order_is_told_from_stored_facts_with_their_sources(shop, as_, handler, owner):
    order = orders(shop, spread(12, 5), key_phone=key("a"), ship_by=NOW + HOUR, ship_by_source="file")[0]
    screen(stores=[shop])
    alert = RiskAlert.objects.get(detector="burst_buyer")
    parcel = make.parcel(order, "JT9000000000001", shipped_at=NOW - HOUR)
    Scan.objects.create(parcel=parcel, event_at=NOW, text="已揽收", city="杭州市", state="picked_up", content_key="k")
    hold = holds.ask(by=handler, alert=alert, orders=[order], reason="先核实")
    holds.acknowledge(by=owner, hold=hold)
    reviews.record_contact(by=handler, order=order, alert=alert, at=NOW - HOUR, channel="chat", result="no_answer")
    make.violation(shop, orders=[order])
    page = as_(handler).get(reverse("order", args=[shop.code, order.order_no]))
    story = page.context["story"]
    moments = [event["at"] for event in story]
    assert moments == sorted(moments, reverse=True)
    told = " ".join(f"{event['text']} {event['note']}" for event in story)
    for word in ("JT9000000000001", "杭州市 已揽收", "先核实", owner.name, handler.name, alert.code, "虚假交易"):
        assert word in told
    assert page.content.decode().count(alert.code) >= 1


def test_unknown_fulfilment_is_shown_without_a_judgement(shop, as_, handler):
    order = make.order(shop, state="", fulfilment="unknown", ship_by=NOW - 5 * HOUR)
    clock = as_(handler).get(reverse("order", args=[shop.code, order.order_no])).context["clock"]
    assert (clock["tone"], clock["percent"]) == ("calm", None)


def test_an_order_number_with_a_slash_has_a_page_and_a_check(shop, as_, handler):
    order = make.order(shop, "A/7")
    browser = as_(handler)
    assert browser.get(reverse("order", args=[shop.code, order.order_no])).context["order"] == order
    assert browser.get(reverse("order-contact", args=[shop.code, order.order_no])).context["order"] == order


def test_the_export_has_the_filtered_orders_and_keeps_long_numbers(shop, as_, handler, tmp_path):
    kept = make.order(shop, "6938000000000000411", ship_by=NOW - HOUR, recipient_masked="=张**")
    make.order(shop, ship_by=NOW + 100 * HOUR)
    for form in ("csv", "xlsx"):
        answer = as_(handler).get(reverse("orders"), {"rung": "overdue", "format": form})
        path = tmp_path / f"orders.{form}"
        path.write_bytes(b"".join(answer.streaming_content))
        [(_line, cells)] = open_table(path).rows()
        assert (cells[2], cells[15]) == (kept.order_no, "=张**")


@pytest.mark.parametrize("kind", ["orders", "alerts"])
def test_export_data_writes_a_shops_rows_in_each_format(kind, shop, douyin_shop, tmp_path):
    for one in (shop, douyin_shop):
        orders(one, spread(12, 5), key_phone=key("a"))
    screen(stores=[shop, douyin_shop])
    expected = 12 if kind == "orders" else 1
    for form in ("csv", "xlsx", "json"):
        path = tmp_path / f"{kind}.{form}"
        call_command("export_data", kind, "--store", shop.code, "--format", form, "--out", str(path), verbosity=0)
        if form == "json":
            records = json.loads(path.read_text("utf-8"))
            assert [record["shop_code"] for record in records] == [shop.code] * expected
        else:
            assert len(list(open_table(path).rows())) == expected


def test_export_data_of_cases_says_not_yet(tmp_path):
    with pytest.raises(SystemExit) as ended:
        call_command("export_data", "cases", "--out", str(tmp_path / "cases.csv"))
    assert ended.value.code == 3


def test_export_data_of_an_unknown_shop_is_refused_in_words(tmp_path):
    with pytest.raises(CommandError, match="S-NOPE"):
        call_command("export_data", "orders", "--store", "S-NOPE", "--out", str(tmp_path / "a.csv"))


def test_screen_answers_in_the_stable_words(shop, capsys):
    made = orders(shop, spread(46, 9), key_masked=key("a"))
    call_command(
        "screen",
        "--store",
        shop.code,
        "--at",
        "2026-11-07 21:00",
        "--dry-run",
        "--json",
        "--set",
        "burst_buyer.count=20",
    )
    told = json.loads(capsys.readouterr().out)
    assert set(told) >= {"at", "findings", "counts", "suppressed_old", "seconds"}
    assert told["counts"] == {"burst_buyer": 1, "burst_sku_area": 0, "ship_by": 0, "no_first_scan": 0}
    [finding] = told["findings"]
    assert set(finding) >= {
        "detector",
        "scope",
        "shops",
        "orders",
        "subject",
        "key_strength",
        "severity",
        "money_at_risk",
        "explain",
    }
    assert (finding["detector"], finding["scope"], finding["shops"], finding["key_strength"]) == (
        "burst_buyer",
        "shop",
        [shop.code],
        "weak",
    )
    assert set(finding["orders"]) == {order.order_no for order in made}
    assert RiskAlert.objects.count() == 0


@pytest.mark.parametrize(
    "wrong", [["--store", "S-NOPE"], ["--at", "gestern"], ["--set", "burst_buyer.count"], ["--set", "x.y=1"]]
)
def test_screen_refuses_in_words_what_it_cannot_read(shop, wrong):
    with pytest.raises(CommandError, match=r"\w"):
        call_command("screen", *wrong)


def test_the_clock_task_opens_updates_and_doubles_nothing(shop):
    from orders.tasks import screen_clock

    orders(shop, [NOW - 2 * HOUR], ship_by=NOW - HOUR, ship_by_source="file")
    orders(shop, spread(46, 9), key_masked=key("a"))
    assert [screen_clock()["opened"] for _n in range(3)] == [1, 0, 0]
    assert list(RiskAlert.objects.values_list("detector", flat=True)) == ["ship_by"]
    assert Order.objects.count() == 47
