"""One-time links: coming in by invitation, and setting a new password."""

from __future__ import annotations

import datetime as dt
import json
import re
import threading
import time

import pytest
import time_machine
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from casemgr.kit.job_kinds import kind_of
from casemgr.kit.jobs import Running
from casemgr.kit.models import AuditEvent, Job
from casemgr.kit.workflow import Refused
from stores.actions import links
from stores.models import Invitation, PasswordLink, User
from stores.models.link import digest
from tests import make

pytestmark = pytest.mark.django_db
PASSWORD = "a-long-password-1"
CHOSEN = {"name": "阿珍", "password": "quite-a-new-one-3", "again": "quite-a-new-one-3"}


@pytest.fixture(autouse=True)
def no_attempts_yet():
    cache.clear()


def told(url: str, data: dict | None = None, browser: Client | None = None):
    browser = browser or Client()
    browser.cookies["django_language"] = "en"
    return browser.post(url, data) if data is not None else browser.get(url)


def link_in(answer) -> str:
    """The address that the page shows once, as a path."""
    return re.findall(r"https?://testserver(/(?:welcome|password)/[\w-]+/)", answer.content.decode())[0]


def welcome(issued) -> str:
    return reverse("welcome", args=[issued.token])


def signs_in(login: str, password: str) -> bool:
    browser = Client()
    browser.post(reverse("login"), {"username": login, "password": password})
    return "_auth_user_id" in browser.session


@pytest.fixture
def invited(merchant, shop, lead):
    return links.invite(by=lead, name="阿珍", phone="13700000002", merchant=merchant, role="staff", shops=[shop])


def test_administrator_invites_a_handler_who_then_signs_in(as_, administrator, shop):
    typed = {"name": "新专员", "phone": "137 0000 0002", "email": "", "role": "handler", "shops": [shop.pk]}
    url = link_in(as_(administrator).post(reverse("people-invite"), typed))
    assert not User.objects.filter(phone="13700000002").exists()
    answer = told(url, CHOSEN)
    person = User.objects.get(phone="13700000002")
    assert (answer.url, person.name, person.agency_role, list(person.shops())) == (
        reverse("login"),
        "阿珍",
        "handler",
        [shop],
    )
    assert signs_in("13700000002", CHOSEN["password"])


def test_owner_invites_a_colleague_limited_to_one_shop(as_, owner, shop, douyin_shop):
    page = as_(owner).post(
        reverse("m-people-new"), {"name": "阿珍", "phone": "13700000002", "role": "staff", "shops": [shop.pk]}
    )
    told(link_in(page), CHOSEN)
    person = User.objects.get(phone="13700000002")
    assert (person.roles, list(person.shops())) == ({"merchant"}, [shop])
    assert person in [row["membership"].user for row in as_(owner).get(reverse("m-people")).context["rows"]]


def test_owner_gives_no_ownership_and_no_shops_of_others(owner, merchant, stranger):
    theirs = stranger.shops().get()
    for given in ({"role": "owner"}, {"role": "staff", "shops": [theirs]}):
        with pytest.raises(Refused):
            links.invite(by=owner, name="x", phone="13700000002", merchant=merchant, **given)
    with pytest.raises(Refused):
        links.invite(by=owner, name="x", phone="13700000002", merchant=theirs.merchant, role="staff")
    with pytest.raises(Refused):
        links.invite(by=owner, name="x", phone="13700000002", agency_role="handler")


@pytest.mark.parametrize("who", ["merchant_staff", "handler", "lead"])
def test_only_administrators_invite_into_the_agency(request, who):
    with pytest.raises(Refused):
        links.invite(by=request.getfixturevalue(who), name="x", phone="13700000002", agency_role="handler")


def test_looking_at_an_invitation_uses_nothing_up_and_using_it_does(invited):
    looks = [told(welcome(invited)).status_code for _n in range(3)]
    used = told(welcome(invited), CHOSEN)
    again = told(welcome(invited), {**CHOSEN, "name": "somebody else"})
    assert (looks, used.status_code, again.status_code) == ([200, 200, 200], 302, 404)
    assert User.objects.get(phone="13700000002").name == "阿珍"


def test_everything_that_is_not_valid_is_one_page(merchant, lead, invited, shop):
    def fresh(n: int):
        return links.invite(by=lead, name="x", phone=f"1370000100{n}", merchant=merchant, role="staff")

    used, revoked, old, again = invited, fresh(1), fresh(2), fresh(3)
    told(welcome(used), CHOSEN)
    links.revoke(by=lead, invitation=revoked.link)
    Invitation.objects.filter(pk=old.link.pk).update(expires_at=timezone.now())
    links.invite_again(by=lead, invitation=again.link)
    person = make.member(make.user(), merchant)
    passed, gone = links.make_password_link(by=None, user=person), make.member(make.user(), merchant)
    told(reverse("password-link", args=[passed.token]), CHOSEN)
    left = links.make_password_link(by=None, user=gone)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    urls = [welcome(one) for one in (used, revoked, old, again)]
    urls += [reverse("password-link", args=[one.token]) for one in (passed, left)]
    urls += [reverse(name, args=["never-made"]) for name in ("welcome", "password-link")]
    pages = {told(url, data).content for url in urls for data in (None, CHOSEN)}
    statuses = {told(url).status_code for url in urls}
    assert (len(pages), statuses) == (1, {404})


def test_invitation_ends_after_seven_days(invited):
    def seen(days: float) -> int:
        with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(days=days)):
            return told(welcome(invited)).status_code

    assert (seen(6.9), seen(7.1)) == (200, 404)


def test_only_a_digest_of_a_link_is_stored(invited, merchant):
    passed = links.make_password_link(by=None, user=make.member(make.user(), merchant))
    assert [len(one.token) for one in (invited, passed)] == [43, 43]  # 256 bits
    stored = json.dumps(
        [*Invitation.objects.values(), *PasswordLink.objects.values(), *AuditEvent.objects.values()], default=str
    )
    assert (invited.token in stored, passed.token in stored, digest(invited.token) in stored) == (False, False, True)


@pytest.mark.django_db(transaction=True)
def test_two_who_use_a_link_at_once_make_one_person(merchant, lead, shop, monkeypatch):
    issued = links.invite(by=lead, name="阿珍", phone="13700000002", merchant=merchant, role="staff")

    def made_by_eight() -> list[str]:
        done: list[str] = []

        def use() -> None:
            try:
                invitation = Invitation.objects.get(pk=issued.link.pk)
                links.accept(invitation=invitation, name="阿珍", password=CHOSEN["password"])
                done.append("in")
            except Refused as refused:
                done.append(type(refused).__name__)
            finally:
                connection.close()

        threads = [threading.Thread(target=use) for _n in range(8)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        return sorted(done)

    assert made_by_eight() == ["NotValid"] * 7 + ["in"]
    Invitation.objects.filter(pk=issued.link.pk).update(used_at=None, phone="13700000002")
    monkeypatch.setattr(links, "_claim", lambda link: None)
    assert made_by_eight() == ["in"] * 8  # the control: nothing but the claim holds the others back


def test_revoked_invitation_keeps_no_login(lead, invited):
    links.revoke(by=lead, invitation=invited.link)
    assert Invitation.objects.values_list("phone", "email").get(pk=invited.link.pk) == ("", "")


def test_invited_login_that_has_an_account_elsewhere_is_told_to_no_owner(as_, owner, merchant, stranger, shop):
    def invited_page(phone: str) -> str:
        page = as_(owner).post(reverse("m-people-new"), {"name": "阿珍", "phone": phone, "role": "staff"})
        pages.append(link_in(page))
        text = re.sub(r'"\w{64}"|/welcome/[\w-]+/', "", page.content.decode())
        return text.replace(phone, "PHONE")

    pages: list[str] = []
    stranger.set_password(PASSWORD)
    stranger.save()
    assert invited_page("13700000002") == invited_page(stranger.phone)
    looks = [
        re.sub(r'"\w{64}"|/welcome/[\w-]+/', "", told(url).content.decode()).replace(phone, "PHONE")
        for url, phone in zip(pages, ("13700000002", stranger.phone), strict=True)
    ]
    assert looks[0] == looks[1]
    assert told(pages[1], CHOSEN).status_code == 200  # not their password: nothing happens
    assert stranger.memberships.count() == 1
    told(pages[1], {**CHOSEN, "password": PASSWORD, "again": PASSWORD})
    assert {one.merchant for one in stranger.memberships.all()} == {merchant, stranger.memberships.first().merchant}
    assert signs_in(stranger.phone, PASSWORD)


def test_somebody_with_a_link_does_not_guess_a_password_with_it(owner, merchant, stranger):
    stranger.set_password(PASSWORD)
    stranger.save()
    issued = links.invite(by=owner, name="x", phone=stranger.phone, merchant=merchant, role="staff")
    for _n in range(5):
        told(welcome(issued), CHOSEN)
    limited = told(welcome(issued), {**CHOSEN, "password": PASSWORD, "again": PASSWORD})
    assert str(limited.context["form"].non_field_errors()[0]).startswith("Too many wrong attempts")


def test_lead_makes_a_link_to_a_new_password_and_sessions_end(as_, lead, owner):
    elsewhere = as_(owner)
    first = link_in(as_(lead).post(reverse("person-link", args=[owner.code])))
    second = link_in(as_(lead).post(reverse("person-link", args=[owner.code])))
    assert told(first).status_code == 404  # a newer one was made
    assert told(second, CHOSEN).url == reverse("login")
    assert (elsewhere.get(reverse("me")).status_code, signs_in(owner.phone, CHOSEN["password"])) == (302, True)


def test_weak_passwords_are_refused_and_keep_the_link(owner):
    url = reverse("password-link", args=[links.make_password_link(by=None, user=owner).token])
    for weak in ("short", "1234567890", "password123"):
        assert told(url, {"password": weak, "again": weak}).status_code == 200
    assert told(url, CHOSEN).status_code == 302


def test_owner_makes_links_for_own_staff_and_for_nobody_else(owner, merchant, merchant_staff, stranger, handler, lead):
    assert links.make_password_link(by=owner, user=merchant_staff).token
    second_owner, of_two = make.member(make.user(), merchant), make.member(make.user(), merchant, role="staff")
    make.member(of_two, stranger.memberships.get().merchant, role="staff")
    for other in (stranger, handler, lead, second_owner, of_two, owner):
        with pytest.raises(Refused):
            links.make_password_link(by=owner, user=other)


def test_forgotten_password_answers_the_same_and_mails_only_whom_it_knows(client, owner, settings, monkeypatch):
    settings.HAS_MAIL = True
    User.objects.filter(pk=owner.pk).update(email="chen@example.cn")
    pages = {
        re.sub(r'"\w{64}"', "", told(reverse("password_reset"), {"login": login}).content.decode())
        for login in ("chen@example.cn", "nobody@example.cn")
    }
    jobs = list(Job.objects.filter(kind="stores.mail_password_link").order_by("pk"))
    for job in jobs:
        kind_of(job.kind).handler(Running(job))
    assert (len(pages), len(jobs), [one.to for one in mail.outbox]) == (1, 2, [["chen@example.cn"]])
    assert "chen@example.cn" not in json.dumps([job.payload for job in jobs])
    url = re.search(r"http://testserver(/password/[\w-]+/)", mail.outbox[0].body)[1]
    assert told(url, CHOSEN).status_code == 302
    assert signs_in("chen@example.cn", CHOSEN["password"])


def test_one_account_is_mailed_three_times_an_hour(owner, settings):
    settings.HAS_MAIL = True
    User.objects.filter(pk=owner.pk).update(email="chen@example.cn")
    for _n in range(5):
        told(reverse("password_reset"), {"login": "chen@example.cn"})
    assert Job.objects.filter(kind="stores.mail_password_link").count() == 3


def test_known_and_unknown_logins_take_the_same_work(owner, settings):
    """As long: the same number of password hashes; a ratio of times would say less on a busy machine."""
    from django.contrib.auth.hashers import Argon2PasswordHasher

    hashed: list[float] = []
    plain = Argon2PasswordHasher.encode

    def counted(self, *args, **kwargs):
        hashed.append(time.perf_counter())
        return plain(self, *args, **kwargs)

    owner.set_password(PASSWORD)
    owner.save()
    off = make.user(is_active=False)
    off.set_password(PASSWORD)
    off.save()
    without = make.user()
    counts = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Argon2PasswordHasher, "encode", counted)
        patch.setattr(
            Argon2PasswordHasher, "verify", lambda self, password, encoded: counted(self, password, "s" * 16) == encoded
        )
        for name, login in {
            "known": owner.phone,
            "off": off.phone,
            "no password": without.phone,
            "unknown": "13899999999",
        }.items():
            hashed.clear()
            signs_in(login, "wrong")
            counts[name] = len(hashed)
    assert counts == {"known": 1, "off": 1, "no password": 1, "unknown": 1}


def test_every_step_leaves_a_row(invited, lead, owner):
    told(welcome(invited), CHOSEN)
    person = User.objects.get(phone="13700000002")
    link = links.make_password_link(by=lead, user=person)
    told(reverse("password-link", args=[link.token]), CHOSEN)
    rows = AuditEvent.objects.order_by("pk").values_list("action", "actor_id")
    assert [row for row in rows if not row[0].startswith("store.")] == [
        ("invitation.made", lead.pk),
        ("user.created", None),
        ("merchant.member_added", None),
        ("invitation.used", person.pk),
        ("user.password_link", lead.pk),
        ("user.password_set", person.pk),
    ]


def test_first_administrator_of_an_empty_place_sets_a_password_by_link(db):
    issued = links.first_administrator(name="掌门", login="boss@example.cn")
    told(reverse("password-link", args=[issued.token]), CHOSEN)
    person = User.objects.get(email="boss@example.cn")
    assert (person.is_staff, person.is_superuser, signs_in("boss@example.cn", CHOSEN["password"])) == (True, True, True)
    with pytest.raises(Refused):
        links.first_administrator(name="another", login="13700000009")
