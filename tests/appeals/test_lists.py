"""Lists ask the database as often for fifty rows as for ten."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.appeals.cast import opened


def queries(browser, url: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(url).status_code == 200
    return len(captured)


@pytest.mark.parametrize("name", ["cases", "today", "progress"])
def test_number_of_queries_does_not_grow_with_the_cases(name, shop, handler, owner, as_):
    browser = as_(owner if name == "progress" else handler)
    opened(shop, handler)
    few = queries(browser, reverse(name))
    for _n in range(9):
        opened(shop, handler)
    ten = queries(browser, reverse(name))
    for _n in range(40):
        opened(shop, handler)
    assert (ten, queries(browser, reverse(name))) == (few, few)
