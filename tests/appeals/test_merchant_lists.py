"""The merchant's pages ask the database as often for three shops with much work as for one with little."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from appeals.models import Case, EvidenceRequest
from orders.models import Hold
from stores.models import EvidenceRequirement
from tests import make
from tests.appeals.cast import opened


def busy(shop, handler, requirement):
    """One of everything that the merchant's pages list."""
    now = timezone.now()
    orders = [make.order(shop, ship_by=now) for _n in range(3)]
    for order in orders:
        make.line(order)
    Hold.objects.create(store=shop, reason="核实", asked_by=handler, asked_at=now).orders.add(orders[0])
    case, declared, costly, won = (opened(shop, handler) for _n in range(4))
    EvidenceRequest.objects.create(
        case=case, requirement=requirement, text="发货视频", requested_by=handler, requested_at=now
    )
    case.messages.create(author=handler, text="请看")
    Case.objects.filter(pk=declared.pk).update(status="diagnosing", line_of_defence="malicious_order")
    Case.objects.filter(pk=costly.pk).update(status="diagnosing", cost_estimate="500")
    Case.objects.filter(pk=won.pk).update(status="closed", outcome="won", closed_at=now)


@pytest.fixture
def requirement(db):
    return EvidenceRequirement.objects.create(key="video", name_zh="发货视频", name_en="Video")


@pytest.mark.parametrize(("name", "number"), [("progress", 11), ("m-todo", 8), ("m-shops", 8), ("m-messages", 8)])
def test_a_merchants_page_asks_as_often_for_three_shops_as_for_one(
    name, number, merchant, handler, owner, requirement, as_
):
    browser, seen = as_(owner), []
    for many in (1, 2):
        for _n in range(many):
            busy(make.store(of=merchant), handler, requirement)
        with CaptureQueriesContext(connection) as captured:
            assert browser.get(reverse(name)).status_code == 200
        seen.append(len(captured))
    assert seen == [number, number]


def test_the_first_thing_to_do_and_how_many_more_are_told(merchant, shop, handler, owner, requirement, as_):
    busy(shop, handler, requirement)
    shown = as_(owner).get(reverse("progress")).context
    assert (shown["turn_kind"], shown["turn"].text, shown["more"]) == ("requests", "发货视频", 3)
    todo = as_(owner).get(reverse("m-todo")).context
    sizes = {name: len(todo[name]) for name in ("requests", "holds", "declarations", "consents")}
    assert sizes == {"requests": 1, "holds": 1, "declarations": 1, "consents": 1}
    assert todo["holds"][0].order_count == 1


def test_a_shop_shows_what_must_ship_first_and_leaves_out_what_is_on_hold(
    merchant, shop, handler, owner, requirement, as_
):
    busy(shop, handler, requirement)
    for _n in range(12):
        make.order(shop, ship_by=timezone.now() + dt.timedelta(hours=5))
    rows = {row["shop"].name: row for row in as_(owner).get(reverse("m-shops")).context["rows"]}
    mine = rows[shop.name]
    assert (mine["shop"].overdue, mine["shop"].holding, mine["shop"].open_cases) == (2, 1, 3)
    assert len(mine["first"]) == 10
    assert [one["deadline"]["tone"] for one in mine["first"][:2]] == ["missed", "missed"]
