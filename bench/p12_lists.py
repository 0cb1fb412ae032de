"""P12: the list of cases with its filters and counts, beside Django's own changelist of the same rows."""

from __future__ import annotations

import statistics
from collections.abc import Callable

from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bench import many, plain_admin
from bench.harness import Figure, Stage, interleaved, ratio_of, spread
from stores.models import User

CASES = 100_000
PAGE = 50
REQUESTS = 10  # of one candidate in a round


def measure(stage: Stage) -> list[Figure]:
    """Both through the test client with the same middleware, session and person."""
    count = min(CASES, stage.rows * 2)
    stage.say(f"{count} cases")
    lead = many.cases(count)
    many.settle()
    with override_settings(ROOT_URLCONF=plain_admin.__name__):
        candidates = {
            "ours": list_of(lead, f"{reverse('cases')}?status=preparing"),
            "admin": list_of(lead, f"{reverse(plain_admin.CASES)}?status__exact=preparing"),
        }
        for one in candidates.values():
            one()
        seconds = interleaved(candidates, stage.rounds, say=stage.say)
    browser = _signed_in(lead)
    browser.get(reverse("cases"))  # the first request after signing in writes the session
    with CaptureQueriesContext(connection) as captured:
        browser.get(f"{reverse('cases')}?status=preparing")
    rates = [REQUESTS / one for one in seconds["ours"]]
    ratio = ratio_of(seconds["admin"], seconds["ours"])
    theirs = f"admin {spread([one / REQUESTS for one in seconds['admin']])} a page"
    return [
        Figure(
            "P12", f"list of 50 of {count} cases", statistics.median(rates), "/s", theirs, ratio, ">= 3", ratio >= 3
        ),
        Figure("P12", "questions it asks", len(captured), "", "", None, "<= 8", len(captured) <= 8),
    ]


def list_of(lead: User, address: str) -> Callable[[], None]:
    """So many requests for a list of cases at this address, by one signed-in person."""
    browser = _signed_in(lead)

    def ask() -> None:
        for _number in range(REQUESTS):
            answer = browser.get(address)
            if answer.status_code != 200 or answer.content.count(b">C00") != PAGE:
                raise RuntimeError(f"{address} answered {answer.status_code}")

    return ask


def _signed_in(lead: User) -> Client:
    browser = Client(SERVER_NAME="localhost")
    browser.force_login(lead)
    return browser
