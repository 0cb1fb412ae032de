"""The second factor of agency people: asked for, set up, used once, sealed, reset."""

from __future__ import annotations

import json
import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import translation

from casemgr.kit.models import AuditEvent
from casemgr.kit.workflow import Refused
from stores.actions import factors, people
from stores.models import User

pytestmark = pytest.mark.django_db
PASSWORD = "a-long-password-1"


@pytest.fixture(autouse=True)
def required(settings):
    settings.TOTP_REQUIRED = True
    cache.clear()


@pytest.fixture
def person(handler):
    handler.set_password(PASSWORD)
    handler.save()
    return handler


def code_of(secret: str, step: int = 0) -> str:
    """What the app shows for this secret, `step` half minutes from now."""
    now = list(yield_hotp_counters_from_time())[1]
    return format_hotp_value(hotp_value(secret, now + step))


def browser_of(person: User) -> Client:
    """A browser in which the password was just typed."""
    browser = Client()
    browser.cookies["django_language"] = "en"
    browser.post(reverse("login"), {"username": person.phone, "password": PASSWORD})
    return browser


def enrolled(person: User, *, used: bool = False) -> tuple[str, list[str]]:
    """Secret and ten codes of a person who set the second factor up in a browser."""
    browser = browser_of(person)
    page = browser.get(reverse("me-factor")).content.decode()
    secret = re.findall(r'id="factor-key">([A-Z2-7 ]+)<', page)[0].replace(" ", "")
    done = browser.post(reverse("me-factor"), {"code": code_of(secret)})
    if not used:
        cache.clear()  # as if half a minute had gone by
    return secret, done.context["codes"]


def is_in(browser: Client) -> bool:
    return browser.get(reverse("shops")).status_code == 200


def test_without_a_second_factor_agency_people_get_to_its_set_up_and_nowhere_else(person, administrator):
    browser = browser_of(person)
    names = ["shops", "today", "cases", "me", "me-password", "me-sessions", "notifications"]
    assert {browser.get(reverse(name)).url for name in names} == {reverse("me-factor")}
    picture = (browser.get(reverse("me-factor")).status_code, browser.get(reverse("me-factor-qr")))
    assert (picture[0], picture[1].headers["Content-Type"]) == (200, "image/svg+xml")
    assert b"data:" not in picture[1].content


def test_where_it_is_not_required_the_password_is_enough(person, settings):
    """The control: the way is barred by the setting and nothing else."""
    settings.TOTP_REQUIRED = False
    assert is_in(browser_of(person))


def test_merchants_are_not_asked(owner):
    owner.set_password(PASSWORD)
    owner.save()
    assert browser_of(owner).get(reverse("progress")).status_code == 200


def test_person_sets_it_up_and_signs_in_with_password_and_code(person):
    secret, codes = enrolled(person)
    browser = browser_of(person)
    assert (len(codes), is_in(browser)) == (10, False)
    answer = browser.post(reverse("login-code"), {"code": code_of(secret)})
    assert (answer.url, is_in(browser)) == (reverse("home"), True)


def test_wrong_code_at_set_up_sets_nothing_up(person):
    browser = browser_of(person)
    browser.get(reverse("me-factor"))
    browser.post(reverse("me-factor"), {"code": "000000"})
    assert (Authenticator.objects.count(), is_in(browser)) == (0, False)


def test_a_code_is_right_once(person):
    secret, _codes = enrolled(person)
    code, first, second = code_of(secret), browser_of(person), browser_of(person)
    first.post(reverse("login-code"), {"code": code})
    second.post(reverse("login-code"), {"code": code})
    assert (is_in(first), is_in(second)) == (True, False)


def test_the_code_of_the_set_up_does_not_sign_in_as_well(person):
    secret, _codes = enrolled(person, used=True)
    browser = browser_of(person)
    browser.post(reverse("login-code"), {"code": code_of(secret)})
    assert not is_in(browser)


def test_each_code_on_paper_is_right_once(person):
    _secret, codes = enrolled(person)
    for expected in (True, False):
        browser = browser_of(person)
        browser.post(reverse("login-code"), {"code": codes[3]})
        assert is_in(browser) is expected


@pytest.mark.parametrize("step", [-1, 1])
def test_a_clock_half_a_minute_off_is_forgiven(person, step):
    secret, _codes = enrolled(person)
    browser = browser_of(person)
    browser.post(reverse("login-code"), {"code": code_of(secret, step)})
    assert is_in(browser)


def test_codes_are_guessed_five_times_a_minute(person):
    secret, _codes = enrolled(person)
    browser = browser_of(person)
    for n in range(5):
        browser.post(reverse("login-code"), {"code": f"00000{n}"})
    limited = browser.post(reverse("login-code"), {"code": code_of(secret)})
    with translation.override("en"):
        assert str(limited.context["form"]["code"].errors[0]).startswith("Too many wrong codes")
    assert AuditEvent.objects.filter(action="user.sign_in_failed").count() == 5
    cache.clear()  # the control: without the counters the same code is right
    browser.post(reverse("login-code"), {"code": code_of(secret)})
    assert is_in(browser)


def test_no_page_opens_between_password_and_code(person):
    enrolled(person)
    browser = browser_of(person)
    for name in ("shops", "me", "me-factor", "admin:index"):
        assert browser.get(reverse(name), follow=True).request["PATH_INFO"] == reverse("login")


def test_code_page_without_a_password_before_it_leads_back(client):
    assert (client.get(reverse("login-code")).url, client.post(reverse("login-code"), {"code": "1"}).url) == (
        "/login/",
        "/login/",
    )


@pytest.mark.parametrize("change", ["off", "password"])
def test_what_changed_between_password_and_code_counts(person, administrator, change):
    secret, _codes = enrolled(person)
    browser = browser_of(person)
    if change == "off":
        people.switch(by=administrator, user=person, on=False)
    else:
        people.set_password(by=administrator, user=person, password="another-long-one-2")
    browser.post(reverse("login-code"), {"code": code_of(secret)})
    assert not is_in(browser)


def test_admin_goes_through_the_same_door(administrator):
    administrator.set_password(PASSWORD)
    administrator.save()
    browser = browser_of(administrator)
    typed = {"username": administrator.phone, "password": PASSWORD}
    assert browser.get("/admin/").url == reverse("me-factor")
    Client().post("/admin/login/", typed)
    secret, _codes = enrolled(administrator)
    fresh = Client()
    fresh.post("/admin/login/", typed)
    half = browser_of(administrator)
    assert [one.get("/admin/").status_code for one in (fresh, half)] == [302, 302]
    half.post(reverse("login-code"), {"code": code_of(secret)})
    assert half.get("/admin/").status_code == 200


def test_a_session_from_before_the_second_factor_does_not_stay(person):
    elsewhere = browser_of(person)
    enrolled(person)
    answer = elsewhere.get(reverse("shops"))
    assert (answer.url.split("?")[0], "_auth_user_id" in elsewhere.session) == (reverse("login"), False)


def test_secrets_lie_sealed(person):
    secret, codes = enrolled(person)
    stored = json.dumps(list(Authenticator.objects.values("data"))) + json.dumps(
        list(AuditEvent.objects.values("before", "after"))
    )
    assert [word in stored for word in (secret, *codes)] == [False] * 11


def test_secret_waits_sealed_while_it_is_set_up(person):
    browser = browser_of(person)
    page = browser.get(reverse("me-factor")).content.decode()
    secret = re.search(r'id="factor-key">([A-Z2-7 ]+)<', page)[1].replace(" ", "")
    assert secret not in json.dumps(dict(browser.session.items()))


def test_person_cannot_switch_it_off_while_required_and_can_where_not(person, settings):
    secret, _codes = enrolled(person)
    browser = browser_of(person)
    browser.post(reverse("login-code"), {"code": code_of(secret)})
    browser.post(reverse("me-factor-off"), {"current": PASSWORD})
    assert Authenticator.objects.filter(user=person).count() == 2
    settings.TOTP_REQUIRED = False
    browser.post(reverse("me-factor-off"), {"current": "not mine"})
    assert Authenticator.objects.filter(user=person).count() == 2
    browser.post(reverse("me-factor-off"), {"current": PASSWORD})
    assert Authenticator.objects.filter(user=person).count() == 0


def test_administrator_resets_it_and_the_person_sets_up_anew(person, administrator, lead):
    secret, _codes = enrolled(person)
    inside = browser_of(person)
    inside.post(reverse("login-code"), {"code": code_of(secret)})
    for by in (lead, person):
        with pytest.raises(Refused):
            factors.reset(by=by, user=person)
    assert factors.reset(by=administrator, user=person)
    assert (is_in(inside), browser_of(person).get(reverse("shops")).url) == (False, reverse("me-factor"))
    told = AuditEvent.objects.filter(object_code=person.code, action__startswith="user.factor").order_by("pk")
    assert list(told.values_list("action", "actor_id")) == [
        ("user.factor_set", person.pk),
        ("user.factor_reset", administrator.pk),
    ]


def test_new_codes_for_paper_need_the_password_and_end_the_old_ones(person):
    secret, old = enrolled(person)
    browser = browser_of(person)
    browser.post(reverse("login-code"), {"code": code_of(secret)})
    assert "codes" not in (browser.post(reverse("me-codes"), {"current": "not mine"}).context or {})
    new = browser.post(reverse("me-codes"), {"current": PASSWORD}).context["codes"]
    assert (len(new), set(new) & set(old)) == (10, set())
