"""Every page of the demo world as each person sees it, in Chinese and in English: quiet, accessible, in one language."""

from __future__ import annotations

import re

import pytest

from appeals.demo import people, world
from appeals.models import Case, EvidenceRequest, Filing
from orders.models import Hold, ImportRun, RiskAlert
from stores.models import Store, User
from tests.flows.desk import Desk

CHINESE = re.compile(r"[\u4e00-\u9fff]+")
# Words of the page itself, not of what it shows: links of the frame, headings of tables, labels, buttons.
WORDS = "nav a, .views a, th, label, button, dt, summary, .btn, .stat-l, .next-eyebrow, .form-hint"
GATHER = """selector => [...document.querySelectorAll(selector)]
    .filter(one => !one.closest('[lang^=zh]') && one.checkVisibility())
    .map(one => [...one.childNodes].filter(node => node.nodeType === 3).map(node => node.textContent).join(' '))"""


@pytest.fixture
def demo(transactional_db, settings, tmp_path) -> None:
    settings.VAR_DIR = tmp_path
    world.seed()


def staff_pages() -> list[tuple[str, str]]:
    """(name, address) of what a handler of the garment shops sees."""
    cases = {case.status: case for case in Case.objects.filter(store__merchant__name=people.LVYE).order_by("pk")}
    alerts = {alert.detector: alert for alert in RiskAlert.objects.exclude(status="cleared").order_by("pk")}
    shop, order = Store.objects.get(name="绿叶服饰专营店"), alerts["burst_buyer"].orders.all()[0]
    filing, run = (
        Filing.objects.filter(status="filed", case__store=shop).last(),
        ImportRun.objects.filter(store=shop).last(),
    )
    assert filing is not None
    assert run is not None
    return [
        ("today", "/today/"),
        ("cases", "/cases/"),
        *((f"case-{status}", f"/cases/{case.code}/") for status, case in cases.items()),
        ("timeline", f"/cases/{cases['filed'].code}/timeline/"),
        ("filing", f"/filings/{filing.code}/"),
        ("violation-new", "/violations/new/"),
        ("violation-by-hand", "/violations/new/?by=hand"),
        ("alerts", "/alerts/"),
        *((f"alert-{detector}", f"/alerts/{alert.code}/") for detector, alert in alerts.items()),
        ("alert-hold", f"/alerts/{alerts['ship_by'].code}/report/"),
        ("orders", "/orders/"),
        ("order", f"/orders/{order.store.code}/{order.order_no}/"),
        ("imports", "/imports/"),
        ("import-new", "/imports/new/"),
        ("import", f"/imports/{run.code}/"),
        ("jobs", "/jobs/"),
        ("notifications", "/notifications/"),
        ("search", "/search/?q=绿叶"),
        ("shops", "/shops/"),
        ("shop", f"/shops/{shop.code}/"),
        ("policies", "/policies/"),
        ("policy", "/policies/pinduoduo/late_shipment/"),
    ]


def lead_pages() -> list[tuple[str, str]]:
    review = Filing.objects.get(status="in_review")
    return [
        ("lead-today", "/today/"),
        ("lead-team", "/today/?of=team"),
        ("lead-cases", "/cases/"),
        ("lead-case-reviewing", f"/cases/{review.case.code}/"),
        ("lead-filing-review", f"/filings/{review.code}/"),
        ("lead-gallery", "/ui/"),
    ]


def merchant_pages() -> list[tuple[str, str]]:
    asked = EvidenceRequest.objects.filter(state="open")[0]
    hold = Hold.objects.all()[0]
    return [
        ("m-progress", "/m/"),
        ("m-todo", "/m/todo/"),
        ("m-request", f"/m/requests/{asked.code}/"),
        ("m-hold", f"/m/holds/{hold.code}/"),
        ("m-case", f"/m/cases/{asked.case.code}/"),
        ("m-shops", "/m/shops/"),
        ("m-messages", "/m/messages/"),
        ("m-notifications", "/notifications/"),
    ]


def data_words() -> list[str]:
    """Names of things and people, which stay Chinese whatever the language of the page."""
    names = [*Store.objects.values_list("name", flat=True), *User.objects.values_list("name", flat=True)]
    return sorted({*names, people.LVYE, people.TEA, "中文", "案"}, key=len, reverse=True)


def chinese_in(texts: list[str], names: list[str]) -> list[str]:
    """What is left of Chinese in the texts when names are taken out."""
    left = []
    for text in texts:
        for name in names:
            text = text.replace(name, "")
        left += CHINESE.findall(text)
    return list(dict.fromkeys(left))


def in_english(desk: Desk, pages: list[tuple[str, str]], names: list[str]) -> None:
    """The same pages after switching: the page says so, and its own words are English."""
    desk.context.add_cookies([{"name": "django_language", "value": "en", "url": desk.base}])
    for name, path in pages:
        desk.go(path)
        assert desk.page.locator("html").get_attribute("lang") == "en", path
        desk.look(f"{name}-en")
        words = [desk.page.title(), *desk.page.evaluate(GATHER, WORDS)]
        desk.complaints += [f"{path} in English says {word}" for word in chinese_in(words, names)]


@pytest.mark.story
@pytest.mark.django_db(transaction=True)
def test_pages_of_the_demo_are_quiet_and_accessible_in_both_languages(sit, demo):
    names = data_words()
    for login, pages, phone in (
        ("13800000102", staff_pages(), False),
        ("13800000101", lead_pages(), False),
        ("13800000111", merchant_pages(), True),
    ):
        desk = sit(login, phone=phone)
        for name, path in pages:
            desk.go(path)
            desk.look(name)
        in_english(desk, pages, names)


@pytest.mark.story
@pytest.mark.django_db(transaction=True)
def test_frame_of_staff_pages_fits_a_phone(sit, weekend):
    """Tables scroll in their box; the pages themselves do not (today, cases, alerts, the way in)."""
    desk = sit("", phone=True)
    desk.go("/login/")
    desk.look("login")
    desk = sit("13800000102", phone=True)
    for name, path in (("today", "/today/"), ("cases", "/cases/"), ("alerts", "/alerts/"), ("imports", "/imports/")):
        desk.go(path)
        desk.look(f"staff-{name}")
