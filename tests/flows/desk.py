"""A person at a screen: clicks and types by the words they read, and every page they see is looked at closely."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from django.utils import translation
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Response, expect, sync_playwright

SHOTS = Path(__file__).parent / "shots"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
]
WIDE = {"viewport": {"width": 1280, "height": 900}, "locale": "zh-CN", "timezone_id": "Asia/Shanghai"}
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
    "locale": "zh-CN",
    "timezone_id": "Asia/Shanghai",
}
SERIOUS = ("serious", "critical")
PATIENCE = 15_000  # milliseconds
# A colour on its way from light to dark is nobody's text; what turns for ever (a spinner) is not waited for.
STILL = """() => Promise.allSettled(document.getAnimations()
  .filter(one => one.effect.getComputedTiming().iterations !== Infinity).map(one => one.finished))"""


def zh(text: str, context: str | None = None) -> str:
    """What a Chinese reader sees for an English source text. Fails where nobody has translated it."""
    with translation.override("zh-hans"):
        said = translation.pgettext(context, text) if context else translation.gettext(text)
    assert said != text, f"not translated into Chinese: {text!r}"
    return said


def launch() -> tuple[Any, Browser]:
    """The playwright and its Chromium; stop the first to end both."""
    playwright = sync_playwright().start()
    return playwright, playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)


class Desk:
    """One person's browser. Whatever the pages say on the console, and every 5xx, is kept in `complaints`."""

    # Where pictures go and the number of the last one; a fixture begins anew for each story.
    shots, counter = SHOTS, 0

    def __init__(self, browser: Browser, base: str, *, phone: bool = False, name: str = "") -> None:
        self.base, self.is_phone, self.name = base, phone, name
        self.context = browser.new_context(base_url=base, **(PHONE if phone else WIDE))
        self.context.set_default_timeout(PATIENCE)
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.clicks = self.typed = 0
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.complaints.append(f"{self.page.url}: {error}"))
        self.page.on("response", self._answered)

    def _heard(self, message: ConsoleMessage) -> None:
        # Chromium writes one line for every answer that is not 2xx; those that a test expects are asserted there.
        if not re.search(r"status of 4(04|09|22)", message.text):
            self.complaints.append(f"{self.page.url}: {message.type} {message.text}")

    def _answered(self, response: Response) -> None:
        if response.status >= 500:
            self.complaints.append(f"{response.request.method} {response.url}: {response.status}")

    def sign_in(self, login: str, password: str) -> None:
        self.go("/login/")
        self.page.locator("#id_username").fill(login)
        self.page.locator("#id_password").fill(password)
        self.page.locator("form:has(#id_username) button[type=submit]").click()
        self.page.wait_for_url(lambda url: "/login" not in url)

    def go(self, path: str, *, status: int = 200) -> None:
        """Open an address; it must answer with `status`."""
        answer = self.page.goto(path)
        assert answer is not None
        assert answer.status == status, f"{path}: {answer.status}"

    def click(self, text: str, *, within: str = "", context: str | None = None, exact: bool = False) -> None:
        """Press the button or link with this text (English source); within a part of the page named by a selector."""
        self.press(self.named(zh(text, context), within=within, exact=exact))

    def named(self, text: str, *, within: str = "", exact: bool = False) -> Locator:
        """The first visible button or link with this text as it is read."""
        part = self.page.locator(within) if within else self.page.locator("main")
        options: dict[str, Any] = {"name": text, "exact": exact}
        found = part.get_by_role("button", **options).or_(part.get_by_role("link", **options))
        return found.filter(visible=True).first

    def press(self, what: Locator) -> None:
        """Click, and wait until the page that comes stands still."""
        self.clicks += 1
        what.click()
        self.page.wait_for_load_state("load")

    def fill(self, label: str, value: str, *, within: str = "main") -> None:
        """Type into the field with this label (English source)."""
        self.typed += 1
        self.page.locator(within).get_by_label(zh(label)).filter(visible=True).first.fill(value)

    def open_up(self, selector: str) -> None:
        """Open every closed fold below a part of the page, as a person does before filling what is inside."""
        for fold in self.page.locator(f"{selector} details:not([open]) > summary").all():
            if fold.is_visible():
                fold.click()

    def sees(self, text: str) -> None:
        """The page shows this text (as it stands, already in the reader's language)."""
        expect(self.page.locator("body")).to_contain_text(text)

    def look(self, name: str) -> None:
        """Look at the page as it is now: a picture of all of it, accessibility, no scrolling sideways on a phone."""
        width = 390 if self.is_phone else 1280
        Desk.counter += 1
        Desk.shots.mkdir(parents=True, exist_ok=True)
        self.page.evaluate("for (const image of document.images) image.loading = 'eager'; scrollTo(0, 0)")
        self.page.screenshot(path=Desk.shots / f"{Desk.counter:02d}-{name}-{width}.png", full_page=True)
        self.check()

    def look_in_the_dark(self, name: str) -> None:
        """The same page after the system went dark: the theme follows, and axe finds nothing serious there either."""
        self.page.emulate_media(color_scheme="dark")
        page = self.page.locator("html")
        if page.get_attribute("data-bs-theme") is not None:  # the admin follows by style sheet alone
            expect(page).to_have_attribute("data-bs-theme", "dark")
        self.look(f"{name}-dark")
        self.page.emulate_media(color_scheme="light")

    def check(self) -> None:
        """What must hold on every page: axe finds nothing serious, nothing hangs over the edge. What is wrong is kept."""
        # Without preloading: for that axe would write a style element, which our policy refuses on the console.
        options = {"preload": False, "rules": {"target-size": {"enabled": True}}}
        seen = self.page.viewport_size
        if self.is_phone and seen:
            # As tall as the page: what lies half under a bar at the fold is reached by scrolling and is not small.
            tall = self.page.evaluate("document.documentElement.scrollHeight")
            self.page.set_viewport_size({"width": seen["width"], "height": max(seen["height"], tall)})
        self.page.evaluate(STILL)
        found = Axe().run(self.page, options=options).response["violations"]
        if self.is_phone and seen:
            self.page.set_viewport_size(seen)
        serious = [
            f"{self.page.url} axe {one['id']}: {node['html'][:200]} {node['failureSummary'][:200]}"
            for one in found
            if one["impact"] in SERIOUS
            for node in one["nodes"]
        ]
        self.complaints += serious
        if self.is_phone:
            wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            if wide > 0:
                self.complaints.append(f"{self.page.url}: {wide} px too wide for the phone")
