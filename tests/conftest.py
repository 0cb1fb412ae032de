"""The cast: one agency, one merchant with two shops, and strangers who must see none of it."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client, TransactionTestCase

from casemgr.kit import triggers
from stores import sessions
from stores.models import Merchant, Store, User
from tests import audited, make


@pytest.fixture(autouse=True, scope="session")
def _emptying_lifts_the_triggers():
    """Tests that commit are followed by Django's flush of all tables: for that, and only there, the triggers are lifted."""
    flush = TransactionTestCase._fixture_teardown

    def lifting(self):
        with triggers.lifted(connection, triggers.all_rules()):
            flush(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lifting)
        yield


@pytest.fixture(autouse=True)
def _every_request_leaves_an_audit_row(monkeypatch):
    """Whatever any test asks of a page or the admin: what it changes leaves an audit row in its own transaction (bar A1).

    Tests that commit are left out: their outermost transaction is no savepoint that could be watched.
    """
    request, found = Client.request, []

    def asked(self, **environ):
        if not connection.in_atomic_block:
            return request(self, **environ)
        with audited.watched() as watch:
            try:
                return request(self, **environ)
            finally:
                found.extend(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}: {one}" for one in watch.unaudited())

    monkeypatch.setattr(Client, "request", asked)
    yield
    assert found == [], "\n".join(["changed without an audit row:", *found])


@pytest.fixture(autouse=True)
def _private_files(settings, tmp_path):
    """Files that a test writes stay in the test's own folder."""
    settings.AUDIT_HEAD = str(tmp_path / "audit-head.json")
    settings.MEDIA_ROOT = tmp_path / "private"
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path / "private")},
        },
    }


@pytest.fixture
def merchant(db) -> Merchant:
    return make.merchant("绿叶服饰")


@pytest.fixture
def shop(merchant) -> Store:
    return make.store("绿叶拼多多店", on="pinduoduo", of=merchant)


@pytest.fixture
def douyin_shop(merchant) -> Store:
    return make.store("绿叶抖店", on="douyin", of=merchant)


@pytest.fixture
def lead(db) -> User:
    return make.user("周砚", role="lead")


@pytest.fixture
def handler(shop, douyin_shop) -> User:
    return make.assign(make.user("林晓岚", role="handler"), shop, douyin_shop)


@pytest.fixture
def other_handler(db) -> User:
    """An agency person who is assigned to no shop of the cast."""
    return make.user("何以宁", role="handler")


@pytest.fixture
def administrator(db) -> User:
    return make.user("管理员", role="administrator", is_superuser=True)


@pytest.fixture
def owner(merchant) -> User:
    return make.member(make.user("陈叶"), merchant)


@pytest.fixture
def merchant_staff(merchant, shop) -> User:
    """Staff of the merchant, limited to the first shop."""
    return make.member(make.user("小店员"), merchant, role="staff", shops=[shop])


@pytest.fixture
def stranger(db) -> User:
    """Owner of another merchant with a shop of their own."""
    other = make.merchant("别家商贸")
    make.store("别家店", on="pinduoduo", of=other)
    return make.member(make.user("陌生人"), other)


@pytest.fixture
def as_(client):
    """`as_(person)` gives a browser signed in as that person."""

    def sign_in(person: User) -> Client:
        browser = Client()
        browser.force_login(person)
        session = browser.session  # as the sign-in page leaves it
        sessions.begin(session)
        session.save()
        return browser

    return sign_in
