"""The pages about people: who sees them, and that what is pressed there happens."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from casemgr.kit.models import AuditEvent
from stores.actions import links
from stores.models import Invitation, Store, User
from tests import make

pytestmark = pytest.mark.django_db


def names(answer) -> set[str]:
    return {one.name for one in answer.context["page"].object_list}


def again(person: User) -> User:
    return User.objects.get(pk=person.pk)


def test_lists_show_the_agency_and_the_merchants_apart(as_, lead, handler, owner, stranger):
    browser = as_(lead)
    agency, merchants = browser.get(reverse("people")), browser.get(reverse("people"), {"who": "merchants"})
    assert (names(agency), names(merchants)) == ({"周砚", "林晓岚"}, {"陈叶", "陌生人"})
    assert names(browser.get(reverse("people"), {"who": "merchants", "q": "绿叶"})) == {"陈叶"}


@pytest.mark.parametrize("who", ["agency", "merchants"])
def test_list_asks_the_same_number_of_queries_for_3_and_30_people(as_, lead, merchant, shop, who):
    def count() -> int:
        browser = as_(lead)
        with CaptureQueriesContext(connection) as seen:
            assert browser.get(reverse("people"), {"who": who}).status_code == 200
        return len(seen)

    def more(n: int) -> None:
        for _one in range(n):
            make.assign(make.user(role="handler"), shop)
            make.member(make.user(), merchant, role="staff", shops=[shop])
            links.invite(by=lead, name="x", phone="13700000002", merchant=merchant, role="staff", shops=[shop])

    more(3)
    few = count()
    more(27)
    assert count() == few


def test_administrator_changes_a_role_and_switches_off_and_on(as_, administrator, handler):
    browser = as_(administrator)
    browser.post(reverse("person-role", args=[handler.code]), {"role": "lead"})
    browser.post(reverse("person-switch", args=[handler.code]))
    assert (again(handler).agency_role, again(handler).is_active) == ("lead", False)
    browser.post(reverse("person-switch", args=[handler.code]), {"on": "1"})
    assert again(handler).is_active
    rows = AuditEvent.objects.filter(object_code=handler.code, action__startswith="user.").order_by("pk")
    told = [one for one in rows.values_list("action", flat=True) if one != "user.sessions_ended"]
    assert told == ["user.role_changed", "user.switched_off", "user.switched_on"]


def test_lead_arranges_merchant_people_and_nobody_of_the_agency(as_, lead, handler, merchant_staff, shop, douyin_shop):
    browser, membership = as_(lead), merchant_staff.memberships.get()
    typed = {
        "membership": membership.pk,
        f"{membership.pk}-role": "read_only",
        f"{membership.pk}-shops": [douyin_shop.pk],
    }
    browser.post(reverse("person-member", args=[merchant_staff.code]), typed)
    assert (again(merchant_staff).roles, list(again(merchant_staff).shops())) == ({"merchant_read_only"}, [douyin_shop])
    for name, data in (
        ("person-role", {"role": "lead"}),
        ("person-switch", {}),
        ("person-link", {}),
        ("person-sessions", {}),
    ):
        assert browser.post(reverse(name, args=[handler.code]), data).status_code == 409
    assert (again(handler).agency_role, again(handler).is_active, again(handler).sessions_ended) == ("handler", True, 0)


def test_owner_limits_a_colleague_to_a_shop_and_takes_them_out(as_, owner, merchant_staff, shop, douyin_shop):
    browser, page = as_(owner), reverse("m-person", args=[merchant_staff.code])
    browser.post(page, {"role": "staff", "shops": [douyin_shop.pk]})
    assert list(again(merchant_staff).shops()) == [douyin_shop]
    browser.post(page, {"role": "owner", "shops": []})
    assert again(merchant_staff).memberships.get().role == "staff"
    browser.post(page, {"remove": "1"})
    assert (merchant_staff.memberships.count(), again(merchant_staff).is_active) == (0, True)


@pytest.mark.parametrize("who", ["merchant_staff", "stranger", "handler", "lead"])
def test_colleagues_of_others_do_not_exist(request, as_, who, owner, merchant, merchant_staff):
    colleague, browser = make.member(make.user(), merchant, role="staff"), as_(request.getfixturevalue(who))
    assert browser.get(reverse("m-person", args=[colleague.code])).status_code == 404
    assert browser.post(reverse("m-person-link", args=[colleague.code])).status_code == 404


def test_owner_with_some_shops_only_arranges_nobody(as_, merchant, shop):
    limited = make.member(make.user(), merchant, shops=[shop])
    assert as_(limited).get(reverse("m-people")).status_code == 404


def test_invitation_is_sent_again_and_taken_back_from_the_list(as_, owner, merchant, shop):
    first = links.invite(by=owner, name="阿珍", phone="13700000002", merchant=merchant, role="staff", shops=[shop])
    browser = as_(owner)
    page = browser.post(reverse("invitation-again", args=[first.link.code]))
    second = Invitation.objects.open().get()
    assert (page.context["link"], second.pk != first.link.pk, list(second.shops.all())) == (second, True, [shop])
    browser.post(reverse("invitation-revoke", args=[second.code]))
    assert not Invitation.objects.open().exists()


def test_link_is_on_the_answer_and_nowhere_afterwards(as_, owner, merchant_staff):
    browser = as_(owner)
    shown = browser.post(reverse("m-person-link", args=[merchant_staff.code]))
    url = shown.context["url"]
    later = browser.get(reverse("m-people"))
    assert (url in shown.content.decode(), url in later.content.decode()) == (True, False)
    assert (shown.headers["Cache-Control"].count("no-store"), url in str(dict(browser.session.items()))) == (1, False)


def test_person_chooses_name_and_language_on_their_own_page(as_, owner):
    browser = as_(owner)
    browser.post(reverse("me"), {"name": "陈小叶", "language": "en"})
    assert (again(owner).name, again(owner).language, "<h1>You</h1>" in browser.get(reverse("me")).content.decode()) == (
        "陈小叶", "en", True)  # fmt: skip


def test_language_comes_along_to_a_new_browser(owner):
    owner.set_password("a-long-password-1")
    owner.language = "en"
    owner.save()
    browser = Client()
    browser.post(reverse("login"), {"username": owner.phone, "password": "a-long-password-1"})
    assert browser.cookies["django_language"].value == "en"


def test_shops_to_choose_from_are_of_this_merchant_only(as_, owner, shop, douyin_shop, stranger):
    offered = as_(owner).get(reverse("m-people-new")).context["form"].fields["shops"].queryset
    assert set(offered) == {shop, douyin_shop}
    assert Store.objects.count() == 3
