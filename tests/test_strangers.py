"""The stranger sweep, generated from the list of addresses: what is not yours does not exist (rule 6).

That the same addresses are open to those they belong to is test_permissions.py.
"""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.world import world_of

# Addresses with no object in them: open to whoever is signed in on that side; scoped inside, checked by the canary.
SKIPPED = re.compile(r"^(admin:|set_language|javascript-catalog)")
FREE = {"login", "logout", "health", "password_reset"}  # open to everybody


def addresses(patterns=None, prefix: str = "") -> list[tuple[str, tuple[str, ...]]]:
    """Every named address with the names of its arguments."""
    out = []
    for entry in patterns if patterns is not None else get_resolver().url_patterns:
        if isinstance(entry, URLResolver):
            if entry.app_name != "admin":
                out += addresses(entry.url_patterns, prefix + str(entry.pattern))
        elif isinstance(entry, URLPattern) and entry.name and not SKIPPED.match(entry.name):
            route = prefix + str(entry.pattern)
            out.append((entry.name, tuple(re.findall(r"<(?:\w+:)?(\w+)>", route))))
    return sorted(set(out))


ADDRESSES = addresses()
OBJECTS = [(name, args) for name, args in ADDRESSES if args]


def url_of(world: dict, name: str, args: tuple[str, ...], *, missing: bool = False) -> str:
    values = world["arguments"].get(name)
    assert values is not None, f"{name}{args}: add it to tests/world.py, or the sweep cannot see it"
    if missing:
        values = {key: (value if isinstance(value, int) else "X-" + "0" * 6) for key, value in values.items()}
    return reverse(name, kwargs={key: values[key] for key in args})


def told(answer, url: str) -> tuple[int, str]:
    """Status and page as a person gets them, without what differs on every page: its own address and the form token."""
    text = answer.content.decode().replace(url, "ADDRESS").replace(quote(url, safe=""), "ADDRESS")
    return answer.status_code, re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "TOKEN", text)


@pytest.fixture
def world(db, shop, handler, owner, lead):
    return world_of(shop, handler, owner)


@pytest.mark.parametrize(("name", "args"), OBJECTS)
def test_stranger_merchant_and_unassigned_handler_find_nothing(name, args, world, as_, stranger, other_handler):
    shared = world["open_to_agency"]
    for person in (stranger, other_handler):
        if name in shared and person.is_agency:
            continue
        browser, url = as_(person), url_of(world, name, args)
        for method in (browser.get, browser.post):
            answer = method(url)
            assert answer.status_code in (404, 405), f"{method.__name__} {url} as {person}: {answer.status_code}"
            if answer.status_code == 404:
                gone = url_of(world, name, args, missing=True)
                assert told(method(gone), gone) == told(answer, url)
