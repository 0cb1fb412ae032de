"""Guessing passwords (bar S1): how often, counted by whom, and that one victim keeps nobody else out."""

from __future__ import annotations

import datetime as dt
import re
import threading
import time
from contextlib import nullcontext

import pytest
import time_machine
from allauth.core.internal import ratelimit
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse

from casemgr.kit.models import AuditEvent
from stores import throttle
from tests import make

pytestmark = pytest.mark.django_db
PASSWORD = "a-long-password-1"
WRONG = "Phone, e-mail or password is not right."


@pytest.fixture(autouse=True)
def many_quick_attempts(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cache.clear()


def person_called(phone: str):
    person = make.user(phone, role="handler", phone=phone)
    person.set_password(PASSWORD)
    person.save()
    return person


@pytest.fixture
def victim():
    return person_called("13812345678")


def told(
    login: str, password: str = "wrong", *, ip: str = "203.0.113.5", browser: Client | None = None, **headers
) -> str:
    """What the page says to one attempt; "in" when it let somebody in."""
    browser = browser or Client()
    browser.cookies["django_language"] = "en"
    typed = {"username": login, "password": password}
    answer = browser.post(reverse("login"), typed, REMOTE_ADDR=ip, **headers)
    if answer.status_code == 302:
        return "in"
    return re.findall(rf"{re.escape(WRONG)}|Too many[^<]+", answer.content.decode())[0].strip()


def looked_at(attempts: list[str]) -> int:
    """How many of the attempts had their password looked at."""
    return attempts.count(WRONG) + attempts.count("in")


def test_one_address_gets_ten_wrong_attempts_a_minute_over_all_accounts(victim):
    attempts = [told(f"1390000{n:04d}") for n in range(25)]
    assert looked_at(attempts) == 10
    assert attempts[-1].startswith("Too many wrong attempts. Try again in ")
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(seconds=61)):
        assert told("13900000000") == WRONG


def test_one_account_gets_twenty_wrong_attempts_an_hour_from_wherever_they_come(victim):
    assert looked_at([told("13812345678", ip=f"198.51.100.{n}") for n in range(30)]) == 20


@pytest.mark.parametrize("spelling", ["138 1234 5678", " 13812345678", "VICTIM@example.cn"])
def test_other_spellings_of_the_login_are_the_same_account(victim, spelling):
    type(victim).objects.filter(pk=victim.pk).update(email="victim@example.cn")
    for n in range(20):
        told("13812345678", ip=f"198.51.100.{n}")
    assert looked_at([told(spelling, ip="198.51.100.200")]) == 0


def test_forwarded_addresses_that_the_sender_writes_move_nothing(victim):
    attempts = [told(f"1390000{n:04d}", HTTP_X_FORWARDED_FOR=f"198.51.100.{n}") for n in range(25)]
    assert looked_at(attempts) == 10


def test_behind_a_proxy_of_ours_the_address_it_added_counts(victim, settings):
    settings.PROXIES = 1
    mine = [told(f"1390000{n:04d}", HTTP_X_FORWARDED_FOR=f"10.0.0.{n}, 198.51.100.7") for n in range(25)]
    others = told("13900009999", HTTP_X_FORWARDED_FOR="198.51.100.7, 198.51.100.8")
    assert (looked_at(mine), others) == (10, WRONG)


def test_one_victim_does_not_lock_an_office_out(victim):
    person_called("13887654321")
    hammered = [told("13812345678") for _n in range(40)]
    assert (looked_at(hammered), told("13887654321", PASSWORD)) == (5, "in")


def test_owner_of_a_hammered_account_comes_in_with_a_browser_used_before(victim):
    own = Client()
    assert told("13812345678", PASSWORD, browser=own) == "in"
    own.post(reverse("logout"))
    for n in range(30):
        told("13812345678", ip=f"198.51.100.{n}")
    assert told("13812345678", PASSWORD, browser=Client(), ip="203.0.113.9").startswith("Too many")
    assert told("13812345678", PASSWORD, browser=own, ip="203.0.113.9") == "in"


def test_a_browser_used_before_has_no_more_guesses_than_others(victim):
    own = Client()
    told("13812345678", PASSWORD, browser=own)
    own.post(reverse("logout"))
    assert looked_at([told("13812345678", browser=own, ip=f"198.51.100.{n}") for n in range(30)]) == 20


def test_right_passwords_count_nothing(victim):
    assert {told("13812345678", PASSWORD) for _n in range(12)} == {"in"}


def test_right_password_is_refused_while_the_account_is_limited(victim):
    for n in range(20):
        told("13812345678", ip=f"198.51.100.{n}")
    assert told("13812345678", PASSWORD, ip="198.51.100.99").startswith("Too many wrong attempts. Try again in 60 min")


def test_unknown_accounts_are_limited_like_known_ones(victim):
    known = [told("13812345678") for _n in range(7)]
    unknown = [told("13800000001") for _n in range(7)]
    assert [one.split("in")[0] for one in known] == [one.split("in")[0] for one in unknown]


def test_without_the_counters_every_guess_is_looked_at(victim, monkeypatch):
    """The control: the limits above come from stores.throttle and from nothing else."""
    monkeypatch.setattr(throttle, "RATES", dict.fromkeys(throttle.RATES, "100000/m/key"))
    assert looked_at([told("13812345678") for _n in range(25)]) == 25


def test_failures_are_written_down_masked_and_not_without_end(victim):
    for n in range(30):
        told("13812345678", "my-secret-guess", ip=f"198.51.100.{n}")
    for n in range(80):
        told(f"nobody{n}@example.cn", "my-secret-guess", ip=f"192.0.2.{n}")
    rows = list(AuditEvent.objects.filter(action="user.sign_in_failed").values("object_code", "after"))
    known = [row["after"]["login"] for row in rows if row["object_code"] == victim.code]
    assert (len(known), set(known), len(rows)) == (20, {"138******78"}, 80)
    assert "nobody7" not in str(rows)
    assert "my-secret-guess" not in str(rows)


def post_from(address: str):
    """As much of a request as counting needs."""
    return type("Request", (), {"method": "POST", "META": {"REMOTE_ADDR": address}})()


@pytest.mark.django_db(transaction=True)
def test_counters_are_rows_so_that_every_process_counts_the_same(settings):
    for _n in range(5):
        throttle.take(post_from("203.0.113.5"), sign_in_pair="x")
    with pytest.raises(throttle.TooMany):
        throttle.take(post_from("203.0.113.5"), sign_in_pair="x")
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    throttle.take(post_from("203.0.113.5"), sign_in_pair="x")  # the control: the memory of one process knows nothing


@pytest.mark.django_db(transaction=True)
def test_attempts_at_the_same_moment_are_counted_one_after_another(monkeypatch):
    rate, slowly = ratelimit.apply_rate, 0.1

    def counted(*args, **kwargs):
        time.sleep(slowly)
        return rate(*args, **kwargs)

    def granted(name: str) -> int:
        done: list[bool] = []

        def attempt() -> None:
            try:
                throttle.take(post_from("203.0.113.5"), sign_in_pair=name)
                done.append(True)
            except throttle.TooMany:
                pass
            finally:
                connection.close()

        threads = [threading.Thread(target=attempt) for _n in range(8)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        return len(done)

    monkeypatch.setattr(ratelimit, "apply_rate", counted)
    assert granted("with the lock") <= 5
    monkeypatch.setattr(ratelimit, "cache_lock", lambda key: nullcontext(True))
    slowly = 1.0
    assert granted("without it") > 5  # the control
