"""Merchants, shops and people: who sees them, who arranges them."""

from __future__ import annotations

import csv
import io
import re
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from casemgr.kit.models import AuditEvent
from casemgr.kit.workflow import Refused, Stale
from stores.actions import members, people, shops
from stores.models import Assignment, Invitation, Membership, Merchant, Store, User
from stores.queries import leads, merchant_people
from tests import make

pytestmark = pytest.mark.django_db
MISSING = "S-000000"


def page_of(store: Store) -> str:
    return reverse("shop", args=[store.code])


def same_for_all(answer) -> str:
    """The body without the token against forged requests, which is new in every answer."""
    return re.sub(r'"X-CSRFToken": "\w+"', "", answer.content.decode())


def facts(store: Store, **changes):
    return {"name": store.name, "external_id": store.external_id, "fulfilment": "own", "deposit_amount": "", "points_left": "",
            "state": "active", **changes}  # fmt: skip


@pytest.mark.parametrize("who", ["stranger", "other_handler", "owner"])
def test_shop_of_others_cannot_be_told_from_a_missing_one(request, as_, shop, who):
    person = request.getfixturevalue(who)
    for suffix in ("", "edit/", "merchant/", "people/new/"):
        theirs = as_(person).get(f"{page_of(shop)}{suffix}")
        missing = as_(person).get(f"/shops/{MISSING}/{suffix}")
        assert (theirs.status_code, same_for_all(theirs)) == (404, same_for_all(missing))
        assert missing.status_code == 404


def test_list_shows_only_shops_the_person_may_see(as_, shop, douyin_shop, stranger, handler, lead, other_handler):
    seen = {
        person.name: {one.name for one in as_(person).get(reverse("shops")).context["page"].object_list}
        for person in (handler, lead, other_handler)
    }
    assert seen == {
        "林晓岚": {"绿叶抖店", "绿叶拼多多店"},
        "周砚": {"绿叶抖店", "绿叶拼多多店", "别家店"},
        "何以宁": set(),
    }


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"platform": "douyin"}, ["绿叶抖店"]),
        ({"q": "拼多多"}, ["绿叶拼多多店"]),
        ({"state": "left"}, []),
        ({"mine": "1"}, ["绿叶抖店", "绿叶拼多多店"]),
        ({"sort": "-platform"}, ["绿叶拼多多店", "绿叶抖店"]),
        ({"sort": "password"}, ["绿叶抖店", "绿叶拼多多店"]),
    ],
)
def test_list_filters_and_sorts_by_the_address(as_, handler, query, names):
    shown = [one.name for one in as_(handler).get(reverse("shops"), query).context["page"].object_list]
    assert shown == names


def test_list_asks_the_same_number_of_queries_for_10_and_50_rows(as_, handler, merchant):
    def count() -> int:
        with CaptureQueriesContext(connection) as seen:
            as_(handler).get(reverse("shops"))
        return len(seen)

    for _n in range(10):
        make.assign(handler, make.store(of=merchant))
    few = count()
    for _n in range(38):
        make.assign(handler, make.store(of=merchant))
    assert count() == few


def test_export_holds_what_is_shown_cannot_run_and_is_recorded(as_, shop, douyin_shop, handler):
    Store.objects.filter(pk=shop.pk).update(name="=1+1", deposit_amount=Decimal("7600.00"))
    answer = as_(handler).get(reverse("shops"), {"export": "csv", "platform": "pinduoduo"})
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [(row[0], row[1], row[8]) for row in rows[1:]] == [("'=1+1", shop.code, "7600.00")]
    event = AuditEvent.objects.get(action="shops.exported")
    assert (event.actor_id, event.after) == (handler.pk, {"rows": 1, "format": "csv"})


def test_shop_page_names_handlers_and_the_merchants_people_of_this_shop(
    as_, shop, douyin_shop, handler, owner, merchant_staff
):
    def members(store: Store) -> list[str]:
        return [one.user.name for one in as_(handler).get(page_of(store)).context["members"]]

    assert [one.name for one in as_(handler).get(page_of(shop)).context["handlers"]] == ["林晓岚"]
    assert (members(shop), members(douyin_shop)) == (["小店员", "陈叶"], ["陈叶"])


def test_shop_without_anybody_says_what_is_missing_and_where_to_mend_it(as_, lead):
    lonely = make.store("空店")
    links = [one.href for one in as_(lead).get(page_of(lonely)).context["hurdles"]]
    assert links == ["#handlers", reverse("shop-member-new", args=[lonely.code])]


def test_handler_arranges_nothing(as_, shop, handler):
    browser = as_(handler)
    answers = [browser.get(reverse("shop-new")), browser.get(reverse("merchant-new")), browser.post(f"{page_of(shop)}edit/"),
               browser.post(f"{page_of(shop)}handlers/add/", {"person": handler.code})]  # fmt: skip
    assert [one.status_code for one in answers] == [403, 403, 403, 403]
    with pytest.raises(Refused):
        shops.edit_shop(by=handler, store=shop, name="mine")


def test_lead_adds_a_merchant_and_a_shop(as_, lead):
    platform = make.platform("douyin")
    answer = as_(lead).post(reverse("merchant-new"), {"name": "新商家", "company_name": ""})
    made = Merchant.objects.get(name="新商家")
    assert answer.url == f"{reverse('shop-new')}?merchant={made.code}"
    typed = {"merchant": made.pk, "platform": platform.pk, "name": "新店", "external_id": "77", "fulfilment": "cloud"}
    answer = as_(lead).post(reverse("shop-new"), typed)
    store = Store.objects.get(name="新店")
    assert (answer.url, store.merchant, store.fulfilment, store.deposit_amount) == (page_of(store), made, "cloud", None)


def test_same_shop_id_of_a_platform_is_refused_with_the_text_kept(as_, lead, shop):
    typed = {"merchant": shop.merchant_id, "platform": shop.platform_id, "name": "又一家", "external_id": shop.external_id,
             "fulfilment": "own"}  # fmt: skip
    answer = as_(lead).post(reverse("shop-new"), typed)
    form = answer.context["form"]
    assert (list(form.errors), form["name"].value(), Store.objects.filter(name="又一家").count()) == (
        ["external_id"],
        "又一家",
        0,
    )
    with pytest.raises(Refused):
        shops.add_shop(
            by=lead, merchant=shop.merchant, platform=shop.platform, name="又一家", external_id=shop.external_id
        )


def test_lead_edits_a_shop_and_the_change_is_recorded(as_, lead, shop):
    stamp = as_(lead).get(f"{page_of(shop)}edit/").context["form"]["stamp"].value()
    as_(lead).post(f"{page_of(shop)}edit/", facts(shop, points_left="9", stamp=stamp))
    row = AuditEvent.objects.get(action="store.changed")
    assert (row.before, row.after, row.store_ref) == ({"points_left": None}, {"points_left": 9}, shop.pk)


def test_stale_page_is_told_who_changed_the_shop_keeps_its_text_and_then_goes_through(as_, lead, administrator, shop):
    browser, url = as_(lead), f"{page_of(shop)}edit/"
    stamp = browser.get(url).context["form"]["stamp"].value()
    shops.edit_shop(by=administrator, store=Store.objects.get(pk=shop.pk), points_left=3)
    answer = browser.post(url, facts(shop, points_left="9", stamp=stamp))
    form = answer.context["form"]
    assert "管理员" in form.non_field_errors()[0]
    assert (form["points_left"].value(), Store.objects.get(pk=shop.pk).points_left) == ("9", 3)
    browser.post(url, facts(shop, points_left="9", stamp=form["stamp"].value()))
    assert Store.objects.get(pk=shop.pk).points_left == 9


def test_change_of_a_field_that_somebody_changed_meanwhile_is_stale(shop, lead):
    mine = Store.objects.get(pk=shop.pk)
    shops.edit_shop(by=None, store=shop, points_left=3)
    with pytest.raises(Stale):
        shops.edit_shop(by=lead, store=mine, points_left=9)
    assert Store.objects.get(pk=shop.pk).points_left == 3


def test_shop_keeps_merchant_and_platform_whatever_is_sent(as_, lead, shop, stranger):
    other = Merchant.objects.exclude(pk=shop.merchant_id).get()
    stamp = as_(lead).get(f"{page_of(shop)}edit/").context["form"]["stamp"].value()
    sent = facts(shop, name="改名", merchant=other.pk, platform=make.platform("taobao").pk, stamp=stamp, code="S-1")
    as_(lead).post(f"{page_of(shop)}edit/", sent)
    changed = Store.objects.get(pk=shop.pk)
    assert (changed.name, changed.merchant_id, changed.platform_id, changed.code) == (
        "改名", shop.merchant_id, shop.platform_id, shop.code)  # fmt: skip


def test_lead_assigns_and_takes_away(as_, lead, shop, other_handler):
    browser = as_(lead)
    browser.post(f"{page_of(shop)}handlers/add/", {"person": other_handler.code})
    browser.post(f"{page_of(shop)}handlers/add/", {"person": other_handler.code})
    assert Assignment.objects.filter(user=other_handler, store=shop).count() == 1
    browser.post(f"{page_of(shop)}handlers/remove/", {"person": other_handler.code})
    assert Assignment.objects.filter(user=other_handler).count() == 0
    done = list(AuditEvent.objects.order_by("pk").values_list("action", "object_code"))
    assert done == [("store.assigned", shop.code), ("store.unassigned", shop.code)]


def test_merchant_people_and_people_who_left_are_not_assigned(as_, lead, shop, owner):
    gone = make.user("走了", role="handler", is_active=False)
    for person in (owner, gone):
        assert as_(lead).post(f"{page_of(shop)}handlers/add/", {"person": person.code}).status_code == 404
        with pytest.raises(Refused):
            people.assign(by=lead, user=person, store=shop)
    assert Assignment.objects.count() == 0


def test_lead_invites_a_person_of_the_merchant_who_is_nobody_until_they_come(as_, lead, shop, douyin_shop):
    typed = {"name": "阿珍", "phone": "137 0000 0002", "role": "staff", "shops": [shop.pk]}
    as_(lead).post(f"{page_of(shop)}people/new/", typed)
    invitation = Invitation.objects.get(phone="13700000002")
    assert (invitation.merchant, invitation.role, list(invitation.shops.all())) == (shop.merchant, "staff", [shop])
    assert not User.objects.filter(phone="13700000002").exists()


def test_person_of_a_merchant_is_given_only_shops_of_that_merchant(as_, lead, shop, stranger):
    foreign = Store.objects.exclude(merchant=shop.merchant).get()
    answer = as_(lead).post(
        f"{page_of(shop)}people/new/", {"name": "x", "phone": "137000000", "role": "staff", "shops": [foreign.pk]}
    )
    assert (list(answer.context["form"].errors), User.objects.filter(name="x").count()) == (["shops"], 0)
    with pytest.raises(Refused):
        members.add(by=lead, user=make.user(), merchant=shop.merchant, shops=[foreign])


@pytest.mark.parametrize(("typed", "field"), [({}, "phone"), ({"phone": "12ab"}, "phone"), ({"email": "x"}, "email")])
def test_person_needs_a_login_that_makes_sense(as_, lead, shop, typed, field):
    answer = as_(lead).post(f"{page_of(shop)}people/new/", {"name": "x", "role": "staff", **typed})
    assert field in answer.context["form"].errors
    assert Membership.objects.count() == 0


def test_login_of_somebody_else_is_refused(lead):
    make.user(phone="13900009999", email="a@example.cn")
    for taken in ({"phone": "139 0000 9999"}, {"email": "A@example.cn"}):
        with pytest.raises(Refused):
            people.create_person(by=lead, name="second", **taken)


def test_lead_gives_neither_agency_roles_nor_passwords(lead, owner):
    for grant in ({"agency_role": "administrator"}, {"password": "long-enough-1"}):
        with pytest.raises(Refused):
            people.create_person(by=lead, name="x", phone="13911112222", **grant)
    with pytest.raises(Refused):
        people.set_password(by=lead, user=owner, password="long-enough-1")
    assert AuditEvent.objects.count() == 0


def test_those_who_are_told_are_the_shops_people_and_the_leads(
    shop, douyin_shop, owner, merchant_staff, stranger, lead, handler
):
    gone = make.member(make.user("走了", is_active=False), shop.merchant)
    assert gone not in merchant_people(shop)
    assert ({one.name for one in merchant_people(shop)}, {one.name for one in merchant_people(douyin_shop)}) == (
        {"陈叶", "小店员"}, {"陈叶"})  # fmt: skip
    assert leads() == [lead]
