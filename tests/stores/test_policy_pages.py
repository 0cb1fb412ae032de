"""The pages of the rules: list, one rule over time, verifying, writing the next version."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from stores.actions import policies
from stores.models import ExemptionWindow, Policy
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def first() -> Policy:
    return make.policy("late_shipment", ship_by_hours=48)


@pytest.fixture
def address(first) -> str:
    return reverse("policy", args=["pinduoduo", "late_shipment"])


def english(browser):
    browser.cookies["django_language"] = "en"
    return browser


def sent(last: Policy | None = None, **changes):
    """What the form of a new version sends, filled with sensible values."""
    return {
        "base": last.version if last else 0,
        "effective_from": "2026-12-01T00:00",
        "clock_start": "paid_at",
        "ship_by_hours": "24",
        "penalty_basis": "unknown",
        "source": "notice board, page 4",
        "confidence": "C",
        "rounds-TOTAL_FORMS": "1",
        "rounds-INITIAL_FORMS": "0",
        "rounds-0-name_zh": "申诉",
        "rounds-0-name_en": "appeal",
        "rounds-0-window": "36",
        "rounds-0-unit": "hours",
        "rounds-0-counted_from": "notice",
        "rounds-0-confidence": "C",
        **changes,
    }


def queries(browser, url: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert browser.get(url).status_code == 200
    return len(seen)


def test_list_asks_the_same_number_of_queries_for_10_and_50_rows(as_, handler):
    for n in range(10):
        make.policy(f"kind_{n:02d}", penalty_basis="percent", penalty_value=Decimal("5"))
    few = queries(as_(handler), reverse("policies"))
    for n in range(10, 50):
        make.policy(f"kind_{n:02d}", penalty_basis="percent", penalty_value=Decimal("5"))
    assert queries(as_(handler), reverse("policies")) == few


def test_list_shows_the_version_in_force_and_marks_what_nobody_checked(as_, handler, lead, first):
    begins = timezone.now() - dt.timedelta(days=1)
    second = policies.new_version(by=lead, policy=first, effective_from=begins, ship_by_hours=24)
    make.violation_type("fake_shipment")
    lines = as_(handler).get(reverse("policies")).context["page"].object_list
    assert [(line["rule"].key, line["policy"]) for line in lines] == [
        ("fake_shipment", None),
        ("late_shipment", second),
    ]
    policies.verify(by=lead, policy=second, confidence="A")
    left = as_(handler).get(reverse("policies"), {"checked": "no"}).context["page"].object_list
    assert [line["rule"].key for line in left] == ["fake_shipment"]


def test_placeholder_amount_is_shown_as_not_counted(as_, handler):
    make.policy("late_shipment", penalty_basis="fixed", penalty_value=Decimal("5.00"), confidence="D")
    page = english(as_(handler)).get(reverse("policy", args=["pinduoduo", "late_shipment"]))
    line = next(one for one in page.context["lines"] if one.key == "penalty")
    assert (line.words, line.aside) == ("¥5.00", "not counted in sums until it is verified")


def test_unknown_amount_is_words_not_zero(as_, handler, first, address):
    page = english(as_(handler)).get(address)
    line = next(one for one in page.context["lines"] if one.key == "penalty")
    assert (line.words, line.is_known) == ("amount unknown", False)


def test_page_compares_a_version_with_the_one_before(as_, handler, lead, first, address):
    policies.new_version(by=lead, policy=first, effective_from=timezone.now() - dt.timedelta(days=9), ship_by_hours=24)
    context = english(as_(handler)).get(address).context
    assert [(one.old, one.new) for one in context["changes"]] == [("within 48 hours", "within 24 hours")]
    back = english(as_(handler)).get(address, {"to": "1", "from": "2"}).context
    assert [(one.old, one.new) for one in back["changes"]] == [("within 24 hours", "within 48 hours")]


def test_merchant_people_find_no_rules(as_, owner, address):
    assert [as_(owner).get(url).status_code for url in (reverse("policies"), address)] == [404, 404]


def test_rule_that_does_not_exist_is_not_found(as_, lead, first):
    assert as_(lead).get(reverse("policy", args=["pinduoduo", "nothing"])).status_code == 404


def test_handler_sees_a_rule_but_cannot_verify_it(as_, handler, first, address):
    assert b"policy-verify" not in as_(handler).get(address).content
    answer = as_(handler).post(
        reverse("policy-verify", args=["pinduoduo", "late_shipment"]), {"version": 1, "confidence": "A"}
    )
    first.refresh_from_db()
    assert (answer.status_code, first.is_verified) == (403, False)


def test_lead_verifies_a_version(as_, lead, first, address):
    answer = as_(lead).post(f"{address}verify/", {"version": "1", "confidence": "A", "note": "page 4"})
    first.refresh_from_db()
    assert (answer.url, first.verified_by, first.confidence) == (f"{address}?to=1", lead, "A")


def test_lead_writes_the_next_version_with_its_rounds(as_, lead, first, address):
    answer = as_(lead).post(f"{address}new/", sent(first))
    made = Policy.objects.get(version=2)
    assert answer.url == f"{address}?to=2"
    assert (made.ship_by_hours, made.effective_from, made.rounds.get().window) == (24, make.at("2026-12-01 00:00"), 36)


def test_lead_writes_the_first_version_of_an_unknown_rule(as_, lead):
    make.violation_type("late_shipment")
    as_(lead).post(reverse("policy-new", args=["pinduoduo", "late_shipment"]), sent())
    made = Policy.objects.get()
    assert (made.version, made.source, made.is_verified) == (1, "notice board, page 4", False)


def test_stale_form_is_told_so_keeps_its_text_and_goes_through_the_second_time(
    as_, lead, administrator, first, address
):
    policies.new_version(by=administrator, policy=first, effective_from=make.at("2026-10-01 00:00"))
    browser = as_(lead)
    answer = browser.post(f"{address}new/", sent(first, source="typed by hand"))
    assert (answer.status_code, Policy.objects.count()) == (200, 2)
    assert "管理员" in answer.context["form"].non_field_errors()[0]
    assert answer.context["form"]["source"].value() == "typed by hand"
    browser.post(f"{address}new/", sent(first, base=answer.context["form"]["base"].value()))
    assert Policy.objects.latest("version").version == 3


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"effective_from": "2019-01-01T00:00"}, "effective_from"),
        ({"penalty_basis": "fixed"}, "penalty_value"),
        ({"penalty_basis": "unknown", "penalty_value": "3"}, "penalty_basis"),
        ({"penalty_basis": "percent", "penalty_value": "300"}, "penalty_value"),
        ({"source": ""}, "source"),
        ({"confidence": ""}, "confidence"),
    ],
)
def test_form_of_a_new_version_says_what_is_wrong(as_, lead, first, address, changes, field):
    answer = as_(lead).post(f"{address}new/", sent(first, **changes))
    assert (list(answer.context["form"].errors), Policy.objects.count()) == ([field], 1)


def test_fields_not_meant_to_be_set_are_ignored(as_, lead, first, address):
    as_(lead).post(f"{address}new/", sent(first, verified_by=lead.pk, verified_at="2026-01-01", version="77"))
    made = Policy.objects.latest("pk")
    assert (made.version, made.verified_by, made.verified_at) == (2, None, None)


def test_lead_writes_down_what_a_platform_grants(as_, lead):
    platform = make.platform()
    typed = {
        "platform": platform.pk,
        "from_at": "2026-11-12T00:00",
        "to_at": "2026-11-14T00:00",
        "effect": "extend",
        "extend_hours": "24",
        "regions": "浙江安吉、湖州，德清",
        "source": "announcement 17",
    }
    as_(lead).post(reverse("window-new"), typed)
    made = ExemptionWindow.objects.get()
    assert (made.from_at, made.regions, made.extend_hours) == (
        make.at("2026-11-12 00:00"),
        ["浙江安吉", "湖州", "德清"],
        24,
    )


@pytest.mark.parametrize("changes", [{"extend_hours": ""}, {"effect": "pause"}, {"to_at": "2026-11-11T00:00"}])
def test_window_that_makes_no_sense_is_refused(as_, lead, changes):
    typed = {"platform": make.platform().pk, "from_at": "2026-11-12T00:00", "to_at": "2026-11-14T00:00",
             "effect": "extend", "extend_hours": "24", "source": "x", **changes}  # fmt: skip
    answer = as_(lead).post(reverse("window-new"), typed)
    assert (answer.status_code, ExemptionWindow.objects.count()) == (200, 0)
