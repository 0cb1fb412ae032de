"""A stage for the stories: the people of the demo at their screens, and files of a promotion weekend."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest
from django.core.management import call_command
from django.utils import timezone

from appeals.demo import people
from tests.flows.desk import SHOTS, Desk, launch
from tests.flows.weekend import Weekend


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    # Playwright's sync interface runs in a loop of its own; the database calls of the test beside it are harmless.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    playwright, chromium = launch()
    yield chromium
    chromium.close()
    playwright.stop()


@pytest.fixture
def sit(browser, live_server, request) -> Iterator[Callable[..., Desk]]:
    """`sit(login, phone=…)`: a person of the demo, signed in at a screen of their own.

    At the end all that was wrong on any page anybody looked at is told at once.
    """
    desks: list[Desk] = []
    story = request.node.path.stem.removeprefix("test_")
    Desk.shots, Desk.counter = SHOTS if story == "story" else SHOTS / story, 0

    def at_a_desk(login: str, *, phone: bool = False) -> Desk:
        desk = Desk(browser, live_server.url, phone=phone)
        desks.append(desk)
        if login:
            desk.sign_in(login, people.PASSWORD)
        return desk

    yield at_a_desk
    for desk in desks:
        desk.context.close()
    complaints = list(dict.fromkeys(complaint for desk in desks for complaint in desk.complaints))
    assert complaints == [], "\n".join(complaints)


@pytest.fixture
def weekend(transactional_db) -> Weekend:
    """Reference facts, people and shops; and what was sold at the weekend, not imported yet."""
    call_command("load_reference", verbosity=0)
    return Weekend(people.create(), timezone.now())
