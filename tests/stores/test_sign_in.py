"""The way in and out."""

from __future__ import annotations

import json

import pytest
from django.test import Client
from django.urls import reverse

from casemgr.kit.models import AuditEvent
from stores.actions import people
from tests import make

pytestmark = pytest.mark.django_db
PASSWORD = "a-long-password-1"


@pytest.fixture
def person():
    made = make.user("林晓岚", role="handler", phone="13812345678", email="lin@example.cn")
    made.set_password(PASSWORD)
    made.save()
    return made


def signs_in(login: str, password: str = PASSWORD) -> bool:
    browser = Client()
    browser.post(reverse("login"), {"username": login, "password": password})
    return "_auth_user_id" in browser.session


@pytest.mark.parametrize(
    "login", ["13812345678", "138 1234 5678", "lin@example.cn", "LIN@example.cn", " lin@example.cn "]
)
def test_person_signs_in_by_phone_or_mail(person, login):
    assert signs_in(login)


def test_unknown_accounts_wrong_passwords_and_people_who_left_are_told_the_same(person):
    gone = make.user("走了", role="handler", phone="13887654321", is_active=False)
    gone.set_password(PASSWORD)
    gone.save()
    tries = [("13812345678", "wrong"), ("13800000000", PASSWORD), ("nobody@example.cn", "x"), ("13887654321", PASSWORD)]
    told = set()
    for login, password in tries:
        form = Client().post(reverse("login"), {"username": login, "password": password}).context["form"]
        told.add((str(form.non_field_errors()[0]), form["password"].value() and "password echoed"))
    assert len({sentence for sentence, _echo in told}) == 1


def test_signing_in_and_out_leave_audit_rows_and_renew_the_session(person):
    browser = Client()
    browser.get(reverse("login"))
    browser.post(reverse("login"), {"username": "13812345678", "password": PASSWORD})
    first = browser.session.session_key
    browser.post(reverse("logout"))
    assert (browser.session.session_key == first, "_auth_user_id" in browser.session) == (False, False)
    assert list(AuditEvent.objects.order_by("pk").values_list("action", "actor_id", "origin")) == [
        ("user.signed_in", person.pk, "page"), ("user.signed_out", person.pk, "page")]  # fmt: skip


def test_a_link_cannot_sign_anybody_out(as_, person):
    browser = as_(person)
    assert (browser.get(reverse("logout")).status_code, "_auth_user_id" in browser.session) == (405, True)


def test_sign_in_never_leads_to_another_site(person):
    answer = Client().post(
        reverse("login"), {"username": "13812345678", "password": PASSWORD, "next": "https://evil.example/"}
    )
    assert answer.url == reverse("home")


def test_new_password_ends_the_sessions_of_the_person(as_, person, administrator):
    elsewhere = as_(person)
    assert elsewhere.get(reverse("shops")).status_code == 200
    people.set_password(by=administrator, user=person, password="another-long-one-2")
    answer = elsewhere.get(reverse("shops"))
    assert (answer.status_code, answer.url) == (302, f"{reverse('login')}?next={reverse('shops')}")
    assert (signs_in("13812345678"), signs_in("13812345678", "another-long-one-2")) == (False, True)
    assert "another-long-one-2" not in json.dumps(
        list(AuditEvent.objects.values("before", "after", "texts")), default=str
    )


def test_switching_a_person_off_ends_their_sessions(as_, person):
    browser = as_(person)
    type(person).objects.filter(pk=person.pk).update(is_active=False)
    assert browser.get(reverse("shops")).status_code == 302


@pytest.mark.parametrize(("is_demo", "shown"), [(True, ["13812345678"]), (False, [])])
def test_demo_people_are_offered_in_the_demo_only(settings, tmp_path, is_demo, shown):
    settings.VAR_DIR, settings.DEMO = tmp_path, is_demo
    rows = [{"role": "handler", "name": "林晓岚", "login": "13812345678", "password": PASSWORD}]
    (tmp_path / "demo_logins.json").write_text(json.dumps(rows), encoding="utf-8")
    offered = Client().get(reverse("login")).context["demo_logins"]
    assert [one["login"] for one in offered] == shown


def test_sign_in_page_works_where_no_demo_was_made(settings, tmp_path):
    settings.VAR_DIR, settings.DEMO = tmp_path, True
    assert Client().get(reverse("login")).context["demo_logins"] == []
