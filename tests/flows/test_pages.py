"""Every page of the demo world as each person sees it, in Chinese and in English: quiet, accessible, in one language."""

from __future__ import annotations

import json
import re

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models

from appeals.demo import people, world
from appeals.models import Case, EvidenceRequest, Filing
from orders.models import Hold, ImportRun, Order, RiskAlert
from stores.models import Platform, Policy, Store, User
from tests.flows.desk import Desk, zh

CHINESE = re.compile(r"[\u4e00-\u9fff]+")
# Every text a reader sees or hears, but what is marked as Chinese.
GATHER = """() => {
  const said = [], isOurs = one => one && !one.closest('[lang^=zh], template, script, style')
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) if (isOurs(walker.currentNode.parentElement)) said.push(walker.currentNode.textContent)
  for (const name of ['title', 'aria-label', 'placeholder', 'alt'])
    for (const one of document.querySelectorAll(`[${name}]`)) if (isOurs(one)) said.push(one.getAttribute(name))
  return said
}"""
OURS = ("kit", "stores", "orders", "appeals")


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


def stored() -> str:
    """Every text of the database but the Chinese half of our own words (…_zh): what may stand on an English page."""
    texts = {"中文", "案", people.LVYE, people.TEA}
    for model in (one for app in OURS for one in apps.get_app_config(app).get_models()):
        kinds = (models.CharField, models.TextField, models.JSONField)
        names = [f.name for f in model._meta.fields if isinstance(f, kinds) and not f.name.endswith("_zh")]
        for row in model._default_manager.values_list(*names) if names else []:
            texts.update(json.dumps(one, ensure_ascii=False) if not isinstance(one, str) else one for one in row if one)
    gallery = [*(settings.BASE_DIR / "templates/ui").glob("gallery*.html"), settings.BASE_DIR / "casemgr/kit/views.py"]
    texts.update(path.read_text() for path in gallery)  # its sample facts are Chinese as the stored ones are
    texts.update("".join(row) for row in Order.objects.values_list("city", "district", "street"))
    return "\n".join(texts) + "".join(Platform.objects.values_list("short_zh", flat=True))


def in_english(desk: Desk, pages: list[tuple[str, str]], data: str) -> None:
    """The same pages after switching: the page says so, and nothing on it is Chinese but what is stored."""
    desk.context.add_cookies([{"name": "django_language", "value": "en", "url": desk.base}])
    for name, path in pages:
        desk.go(path)
        assert desk.page.locator("html").get_attribute("lang") == "en", path
        desk.look(f"{name}-en")
        said = CHINESE.findall("\n".join([desk.page.title(), *desk.page.evaluate(GATHER)]))
        desk.complaints += [f"{path} in English says {word}" for word in dict.fromkeys(said) if word not in data]


@pytest.mark.story
@pytest.mark.django_db(transaction=True)
def test_pages_of_the_demo_are_quiet_and_accessible_in_both_languages(sit, demo):
    data = stored()
    for login, pages, phone in (
        ("13800000102", staff_pages(), False),
        ("13800000101", lead_pages(), False),
        ("13800000111", merchant_pages(), True),
    ):
        desk = sit(login, phone=phone)
        for name, path in pages:
            desk.go(path)
            desk.look(name)
            desk.look_in_the_dark(name)
        in_english(desk, pages, data)


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


def admin_pages() -> list[tuple[str, str]]:
    """Each kind of page of Django's admin: index, lists, forms with rows inside, history, deletion, password."""
    shop, person = Store.objects.all()[0], User.objects.get(phone="13800000102")
    used = Policy.objects.filter(violation_type__platform__code="pinduoduo").first()
    assert used is not None
    return [
        ("admin", "/admin/"),
        ("admin-app", "/admin/stores/"),
        ("admin-policies", "/admin/stores/policy/"),
        ("admin-policy", f"/admin/stores/policy/{used.pk}/change/"),
        ("admin-policy-new", "/admin/stores/policy/add/"),
        ("admin-needs", "/admin/stores/evidenceneed/"),
        ("admin-person", f"/admin/stores/user/{person.pk}/change/"),
        ("admin-shop", f"/admin/stores/store/{shop.pk}/change/"),
        ("admin-shop-history", f"/admin/stores/store/{shop.pk}/history/"),
        ("admin-window", "/admin/stores/exemptionwindow/add/"),
        ("admin-alerts", "/admin/orders/riskalert/"),
        ("admin-audit", "/admin/kit/auditevent/"),
    ]


@pytest.mark.story
@pytest.mark.django_db(transaction=True)
def test_the_admin_is_quiet_and_accessible_light_and_dark_in_both_languages(sit, demo):
    pages = admin_pages()
    desk = sit("13800000100")
    for name, path in pages:
        desk.go(path)
        desk.look(name)
        desk.look_in_the_dark(name)
    desk.go("/admin/stores/policy/")
    assert desk.page.locator(".field-checked .pill").first.inner_text() == zh("Unverified")
    assert "2000" not in desk.page.locator("#result_list").inner_text()
    desk.go("/admin/stores/exemptionwindow/add/")
    desk.page.locator(".date-icon").first.click()
    desk.page.locator(".calendarbox td a").first.click()
    desk.page.locator(".clock-icon").first.click()
    desk.page.locator(".clockbox a").first.click()
    desk.check()
    desk.go(f"/admin/stores/store/{Store.objects.all()[0].pk}/change/")
    desk.page.locator(".select2-selection").first.click()
    desk.page.locator(".select2-results__option").first.wait_for()
    desk.context.add_cookies([{"name": "django_language", "value": "en", "url": desk.base}])
    for name, path in pages:
        desk.go(path)
        desk.look(f"{name}-en")
    small = sit("13800000100", phone=True)
    for name, path in pages[:6]:
        small.go(path)
        small.look(name)
