"""When sessions begin and end (bar S3)."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.contrib.auth.base_user import AbstractBaseUser
from django.test import Client
from django.urls import reverse

from casemgr.kit.models import AuditEvent
from stores.actions import members, people
from stores.models import User
from tests import make

pytestmark = pytest.mark.django_db
PASSWORD = "a-long-password-1"


def later(**spell: float):
    return time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(**spell))


def is_in(browser: Client) -> bool:
    """Whether the next request still finds the person signed in."""
    answer = browser.get(reverse("me"))
    assert answer.status_code in (200, 302)
    return answer.status_code == 200


def switched_off(person, by):
    people.switch(by=by, user=person, on=False)


def new_role(person, by):
    people.change_role(by=by, user=person, role="lead")


def new_password(person, by):
    people.set_password(by=by, user=person, password="another-long-one-2")


def ended(person, by):
    people.end_sessions(by=by, user=person)


@pytest.mark.parametrize("change", [switched_off, new_role, new_password, ended])
def test_change_ends_every_session_at_the_next_request(as_, handler, administrator, change):
    browsers = [as_(handler), as_(handler)]
    assert [is_in(one) for one in browsers] == [True, True]
    change(handler, administrator)
    assert [is_in(one) for one in browsers] == [False, False]


@pytest.mark.parametrize("change", ["role", "shops", "removed"])
def test_change_of_a_membership_ends_the_sessions(as_, merchant_staff, douyin_shop, lead, change):
    browser, membership = as_(merchant_staff), merchant_staff.memberships.get()
    assert is_in(browser)
    if change == "removed":
        members.remove(by=lead, membership=membership)
    else:
        role = "read_only" if change == "role" else "staff"
        members.change(
            by=lead, membership=membership, role=role, shops=None if change == "shops" else membership.shops.all()
        )
    assert not is_in(browser)
    assert AuditEvent.objects.filter(action="user.sessions_ended", object_code=merchant_staff.code).count() == 1


def test_without_our_digest_only_the_password_would_end_a_session(as_, handler, administrator, monkeypatch):
    """The control: Django's own digest knows nothing of roles."""
    monkeypatch.setattr(User, "_get_session_auth_hash", AbstractBaseUser._get_session_auth_hash)
    browser = as_(handler)
    new_role(handler, administrator)
    assert is_in(browser)


def test_other_shops_count_at_the_next_request_even_of_a_session_that_lives(as_, merchant_staff, shop, douyin_shop):
    browser, membership = as_(merchant_staff), merchant_staff.memberships.get()
    seen = [one["code"] for one in browser.get(reverse("me")).context["frame"]["shops"]]
    membership.shops.set([douyin_shop])  # behind everybody's back, so that the session stays
    now = [one["code"] for one in browser.get(reverse("me")).context["frame"]["shops"]]
    assert (seen, now) == ([shop.code], [douyin_shop.code])


def test_session_id_is_another_after_signing_in(handler):
    handler.set_password(PASSWORD)
    handler.save()
    browser = Client()
    session = browser.session
    session["planted"] = "by somebody else"
    session.save()
    browser.cookies["sessionid"] = planted = session.session_key
    browser.post(reverse("login"), {"username": handler.phone, "password": PASSWORD})
    assert is_in(browser)
    assert browser.cookies["sessionid"].value != planted
    old = Client()
    old.cookies["sessionid"] = planted
    assert not is_in(old)


@pytest.mark.parametrize(("who", "idle_hours", "whole_hours"), [("handler", 12, 7 * 24), ("owner", 14 * 24, 30 * 24)])
def test_idle_and_old_sessions_end(request, as_, who, idle_hours, whole_hours):
    person = request.getfixturevalue(who)
    idle, busy = as_(person), as_(person)
    with later(hours=idle_hours - 0.1):
        assert is_in(busy)
    with later(hours=idle_hours + 0.1):
        assert (is_in(idle), is_in(busy)) == (False, True)
    for hours in range(idle_hours, whole_hours, idle_hours - 1):
        with later(hours=hours):
            assert is_in(busy)
    with later(hours=whole_hours + 0.1):
        assert not is_in(busy)


def test_limits_are_settings_and_nothing_else_ends_a_session(as_, handler, settings):
    """The control: with wider limits the same session lives on."""
    settings.SESSION_HOURS = {"agency": (1000, 1000), "merchant": (1, 1)}
    browser = as_(handler)
    with later(hours=500):
        assert is_in(browser)


def test_person_ends_all_other_sessions_and_stays(as_, handler):
    here, elsewhere = as_(handler), as_(handler)
    here.post(reverse("me-sessions"))
    assert (is_in(here), is_in(elsewhere)) == (True, False)


def test_own_new_password_needs_the_old_one_and_keeps_this_session(as_, handler):
    handler.set_password(PASSWORD)
    handler.save()
    here, elsewhere = as_(handler), as_(handler)
    typed = {"password": "another-long-one-2", "again": "another-long-one-2"}
    here.post(reverse("me-password"), {**typed, "current": "not-mine"})
    assert (is_in(elsewhere), User.objects.get(pk=handler.pk).check_password(PASSWORD)) == (True, True)
    here.post(reverse("me-password"), {**typed, "current": PASSWORD})
    assert (is_in(here), is_in(elsewhere)) == (True, False)
    assert User.objects.get(pk=handler.pk).check_password("another-long-one-2")


def test_role_changed_in_the_admin_ends_sessions_of_members_too(as_, administrator, merchant_staff, merchant, shop):
    browser, membership = as_(merchant_staff), merchant_staff.memberships.get()
    data = {
        "name": merchant_staff.name, "phone": merchant_staff.phone, "email": "", "agency_role": "", "is_active": "on",
        "memberships-TOTAL_FORMS": 1, "memberships-INITIAL_FORMS": 1, "memberships-0-id": membership.pk,
        "memberships-0-user": merchant_staff.pk, "memberships-0-merchant": merchant.pk,
        "memberships-0-role": "read_only", "memberships-0-shops": [shop.pk],
    }  # fmt: skip
    answer = as_(administrator).post(reverse("admin:stores_user_change", args=[merchant_staff.pk]), data)
    assert (answer.status_code, is_in(browser)) == (302, False)


def test_last_administrator_cannot_be_switched_off_nor_anybody_by_themselves(administrator, lead, handler):
    other = make.user(role="administrator")
    assert people.switch(by=administrator, user=other, on=False)
    for by, user in ((administrator, administrator), (lead, handler), (handler, lead)):
        with pytest.raises(people.Refused):
            people.switch(by=by, user=user, on=False)
    with pytest.raises(people.Refused):
        people.change_role(by=None, user=administrator, role="lead")
