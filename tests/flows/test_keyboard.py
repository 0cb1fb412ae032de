"""The main job by keyboard alone: sign in, look at today, open a case, paste a notice and open its case."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from appeals.demo import notices, people, world
from appeals.models import Case
from orders.models import Order
from stores.models import Store
from tests.flows.desk import zh

RING = """() => {
  const one = document.activeElement, style = getComputedStyle(one), box = one.closest('.drop, .search') ?? one
  return [style.outlineStyle, getComputedStyle(box).outlineStyle].some(kind => kind !== 'none') || one.matches('main')
}"""
SMALL = """least => [...document.querySelectorAll('a, button, summary, select, textarea, input:not([type=hidden])')]
  .filter(one => one.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
  .filter(one => getComputedStyle(one).display !== 'inline')
  .filter(one => !one.matches('.skip, [type=file]') && !(one.matches('[type=checkbox], [type=radio]') && one.closest('label')))
  .map(one => [one.outerHTML.slice(0, 100), one.getBoundingClientRect()])
  .filter(([_, box]) => box.width > 0 && (box.height < least - .5 || box.width < least - .5)).map(([html]) => html)"""


@pytest.fixture
def demo(transactional_db, settings, tmp_path) -> None:
    settings.VAR_DIR = tmp_path
    world.seed()


def notice() -> str:
    """What 拼多多 would write about three late orders of the demo, to be appealed within three days."""
    shop = Store.objects.get(name="绿叶服饰专营店")
    numbers = list(Order.objects.filter(store=shop).order_by("pk").values_list("order_no", flat=True)[:3])
    now = timezone.now()
    return notices.pinduoduo_late(
        number="90202611229977",
        shop=shop.name,
        order_nos=numbers,
        noticed_at=now - dt.timedelta(hours=2),
        due_at=now + dt.timedelta(days=3),
    )


def focused(page: Page) -> str:
    return page.evaluate("document.activeElement.textContent.trim() || document.activeElement.name || ''")


def tab_to(page: Page, wanted: str, *, most: int = 120) -> None:
    """Press Tab until the focus stands on the thing a CSS selector names; every stop shows its focus."""
    for _press in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", wanted):
            assert page.evaluate(RING), f"{wanted} does not show its focus"
            return
    raise AssertionError(f"{wanted} was not reached with {most} tabs from {page.url}")


def enter(page: Page) -> None:
    """Press Enter and wait for the page that comes."""
    with page.expect_navigation():
        page.keyboard.press("Enter")


@pytest.mark.story
@pytest.mark.django_db(transaction=True)
def test_the_main_job_is_done_by_keyboard_alone(sit, demo):
    desk = sit("")
    page = desk.page
    desk.go("/login/")
    tab_to(page, "[name=username], [name=login]")
    page.keyboard.type("13800000102")
    tab_to(page, "[type=password]")
    page.keyboard.type(people.PASSWORD)
    enter(page)

    # Today: the first stop of a page leads past the frame.
    desk.go("/today/")
    page.keyboard.press("Tab")
    assert focused(page) == zh("Skip to the content")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    tab_to(page, "main a[href^='/cases/C-']")
    enter(page)
    assert page.url.split("/")[-3] == "cases"

    # Search from anywhere; a menu closes on Escape and gives the focus back.
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.matches('[data-search]')")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Control+k")
    assert page.evaluate("document.activeElement.matches('[data-search]')")
    page.locator(".side-foot summary").focus()
    page.keyboard.press("Enter")
    assert page.locator(".side-foot [data-menu]").get_attribute("open") is not None
    page.keyboard.press("Escape")
    assert page.locator(".side-foot [data-menu]").get_attribute("open") is None
    assert page.evaluate("document.activeElement.matches('.side-foot summary')")

    # Paste a notice, read what was understood, open the case.
    before = set(Case.objects.values_list("pk", flat=True))
    desk.go("/violations/new/")
    tab_to(page, "main textarea")
    page.keyboard.insert_text(notice())
    tab_to(page, "main button[type=submit]")
    enter(page)
    tab_to(page, "main button[type=submit].btn-primary")
    enter(page)
    opened = Case.objects.exclude(pk__in=before).get()
    assert page.url.endswith(f"/cases/{opened.code}/")


@pytest.mark.story
@pytest.mark.django_db(transaction=True)
def test_a_dialog_keeps_the_focus_and_gives_it_back(sit, demo):
    desk = sit("13800000102")
    page = desk.page
    desk.go("/ui/")
    opener = page.locator("[data-open=g-confirm]").first
    opener.focus()
    page.keyboard.press("Enter")
    for _press in range(8):
        page.keyboard.press("Tab")
        # Between two rounds a browser lets its own bar have the focus; the page behind never gets it.
        assert page.evaluate(
            "document.activeElement === document.body || !!document.activeElement.closest('#g-confirm')"
        )
    page.keyboard.press("Escape")
    assert not page.locator("#g-confirm").is_visible()
    assert page.evaluate("document.activeElement.matches('[data-open=g-confirm]')")


@pytest.mark.story
@pytest.mark.django_db(transaction=True)
def test_what_is_pressed_is_large_enough(sit, demo):
    """24 px for the agency, 44 px for merchants, where it does not stand inside a sentence."""
    for login, phone, least, paths in (
        (
            "13800000102",
            False,
            24,
            ["/today/", "/cases/", "/alerts/", "/orders/", "/shops/", "/imports/", "/notifications/"],
        ),
        ("13800000111", True, 44, ["/m/", "/m/todo/", "/m/shops/", "/m/messages/", "/notifications/"]),
    ):
        desk = sit(login, phone=phone)
        for path in paths:
            desk.go(path)
            desk.complaints += [f"{path}: smaller than {least} px: {html}" for html in desk.page.evaluate(SMALL, least)]
