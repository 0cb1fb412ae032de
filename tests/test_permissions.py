"""Every address answers every kind of person as docs/permissions.toml says; an address that is not in it fails."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from django.contrib import admin
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests import make
from tests.test_strangers import ADDRESSES, url_of
from tests.world import world_of

MATRIX = tomllib.loads((Path(__file__).parent.parent / "docs" / "permissions.toml").read_text(encoding="utf-8"))
ACTORS = MATRIX["actors"]
ANSWERS = {name: dict(zip(ACTORS, words.split(), strict=True)) for name, words in MATRIX["answers"].items()}
ROOMS = sorted({name.split("-")[0] for name, _args in ADDRESSES})
OPEN = {200, 302, 400, 409, 410, 413, 422, 429}
WORDS = {404: "gone", 403: "never", 405: "none", **dict.fromkeys(OPEN, "open")}


@pytest.fixture
def people(owner, merchant_staff, merchant, stranger, handler, other_handler, lead, administrator):
    reader = make.member(make.user("看店人"), merchant, role="read_only")
    there = [None, owner, merchant_staff, reader, stranger, handler, other_handler, lead, administrator]
    return dict(zip(ACTORS, there, strict=True))


@pytest.fixture
def world(shop, handler, owner):
    return world_of(shop, handler, owner)


def word(answer) -> str:
    """The answer as the matrix calls it."""
    if answer.status_code == 302 and answer.url.startswith(reverse("login")):
        return "login"
    return WORDS.get(answer.status_code, str(answer.status_code))


def asked(browser, method: str, url: str, body: dict) -> str:
    """The answer to one request, whatever it did undone again."""
    with transaction.atomic():
        said = word(getattr(browser, method)(url, body))
        transaction.set_rollback(True)
    return said


def complaints(world, people, as_, client, addresses, answers=ANSWERS) -> list[str]:
    """What is other than the matrix says, a sentence each."""
    found = []
    browsers = {actor: as_(person) if person else client for actor, person in people.items()}
    for name, args in addresses:
        url = url_of(world, name, args) if args else reverse(name)
        for method, kind in zip(("get", "post"), MATRIX["addresses"][name], strict=True):
            body = world["bodies"].get(name, {}) if method == "post" else {}
            for actor, browser in browsers.items():
                said = asked(browser, method, url, body)
                if said != answers[kind][actor]:
                    found.append(f"{method} {name} as {actor}: {said} instead of {answers[kind][actor]}")
    return found


def test_matrix_names_every_address_and_no_other():
    assert sorted(MATRIX["addresses"]) == sorted({name for name, _args in ADDRESSES})


@pytest.mark.django_db
@pytest.mark.parametrize("room", ROOMS)
def test_address_answers_as_the_matrix_says(room, world, people, as_, client):
    mine = [(name, args) for name, args in ADDRESSES if name.split("-")[0] == room]
    assert complaints(world, people, as_, client, mine) == []


@pytest.mark.django_db
def test_sweep_sees_an_address_that_is_open_to_too_many(world, people, as_, client):
    """The control: were the case page for agency people only of the shop's owner, the sweep would say so."""
    wrong = {**ANSWERS, "shop": {**ANSWERS["shop"], "handler": "gone"}}
    [case] = [pair for pair in ADDRESSES if pair[0] == "case"]
    assert complaints(world, people, as_, client, [case], wrong) == ["get case as handler: open instead of gone"]


@pytest.mark.django_db
@pytest.mark.parametrize("actor", ACTORS)
def test_admin_is_for_administrators(actor, people, as_, client, shop):
    browser = as_(people[actor]) if people[actor] else client
    expected = dict(zip(ACTORS, MATRIX["admin"]["answers"].split(), strict=True))[actor]
    for model in admin.site._registry:
        for page in ("changelist", "add"):
            url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}")
            answer = browser.get(url, follow=actor != "administrator")
            if actor == "anonymous":
                assert answer.redirect_chain[-1][0].startswith(reverse("login")), url
            elif expected == "open":
                # some tables are only read: there is no page to add a row
                assert word(answer) in ("open", "never"), f"{url}: {answer.status_code}"
            else:
                assert word(answer) == expected, f"{url}: {answer.status_code}"


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_methods_change_nothing(method, world, people, as_):
    """No address knows them; where a page answers one, it answers as to GET and writes nothing."""
    browser = as_(people["administrator"])
    for name, args in ADDRESSES:
        url = url_of(world, name, args) if args else reverse(name)
        with CaptureQueriesContext(connection) as captured, transaction.atomic():
            getattr(browser, method)(url)
            transaction.set_rollback(True)
        written = [one["sql"] for one in captured if one["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
        assert [sql for sql in written if "notification" not in sql and "session" not in sql] == [], f"{method} {url}"
