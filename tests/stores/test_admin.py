"""The admin: for administrators only, every change with an audit row, used rules only read."""

from __future__ import annotations

import json

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from casemgr.kit.models import AuditEvent
from stores.actions import policies
from stores.models import (
    Assignment,
    CalendarDay,
    EvidenceNeed,
    EvidenceRequirement,
    Membership,
    Platform,
    Policy,
    User,
)
from tests import make

pytestmark = pytest.mark.django_db
PASSWORD = "a-long-password-1"


def change(thing) -> str:
    return reverse(f"admin:{thing._meta.app_label}_{thing._meta.model_name}_change", args=[thing.pk])


def inline(prefix: str, *rows: dict, first: int = 0) -> dict[str, str]:
    """The data of an inline formset: `first` of the rows are stored ones."""
    data = {f"{prefix}-TOTAL_FORMS": str(len(rows)), f"{prefix}-INITIAL_FORMS": str(first)}
    return data | {f"{prefix}-{n}-{name}": value for n, row in enumerate(rows) for name, value in row.items()}


def policy_form(policy: Policy, rounds: dict | None = None, **changes) -> dict:
    only = policy.rounds.get()
    facts = {name: value for name, value in policies.facts_of(policy).items() if value is not None}
    stored = {name: value for name, value in policies.rounds_of(policy)[0].items() if value not in (None, False)}
    return {
        **facts,
        **inline("rounds", {**stored, "id": only.pk, "policy": policy.pk, **(rounds or {})}, first=1),
        **changes,
    }


def actions() -> list[str]:
    return list(AuditEvent.objects.order_by("pk").values_list("action", flat=True))


@pytest.mark.parametrize("who", ["owner", "handler", "lead"])
def test_admin_does_not_exist_for_anybody_but_administrators(request, as_, who):
    browser = as_(request.getfixturevalue(who))
    assert [
        browser.get(url, follow=True).status_code for url in ("/admin/", "/admin/login/", "/admin/stores/user/")
    ] == [404] * 3


def test_anonymous_comes_to_the_one_sign_in_page(client):
    answer = client.get("/admin/stores/user/", follow=True)
    assert answer.redirect_chain[-1][0] == f"{reverse('login')}?next=/admin/stores/user/"


@pytest.mark.parametrize("model", sorted(admin.site._registry, key=lambda model: model._meta.label))
def test_every_table_of_the_admin_opens_for_an_administrator(as_, administrator, model):
    place = f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
    assert as_(administrator).get(reverse(place)).status_code == 200


def test_administrator_without_djangos_superuser_mark_may_do_everything(as_):
    plain = make.user("新管理员", role="administrator")
    assert as_(plain).get(reverse("admin:stores_user_add")).status_code == 200


def test_change_of_a_platform_leaves_an_audit_row_with_before_and_after(as_, administrator):
    platform = make.platform()
    sent = {"name_zh": "拼多多", "name_en": "Pinduoduo", "short_zh": "拼", "position": "0", "external_link_allowed": "unknown",
            "has_penalties": "on", "text_max": "300"}  # fmt: skip
    as_(administrator).post(change(platform), sent)
    row = AuditEvent.objects.get()
    assert (row.action, row.origin, row.actor_id, row.before, row.after) == (
        "platform.changed", "admin", administrator.pk, {"text_max": None}, {"text_max": 300})  # fmt: skip


def test_saving_without_a_change_leaves_no_audit_row(as_, administrator):
    day = CalendarDay.objects.create(on="2030-01-01", name="元旦", is_working=False, source="x")
    as_(administrator).post(change(day), {"on": "2030-01-01", "name": "元旦", "source": "x"})
    assert actions() == []


def test_adding_and_deleting_a_day_leave_audit_rows(as_, administrator):
    browser = as_(administrator)
    browser.post(reverse("admin:stores_calendarday_add"), {"on": "2030-01-01", "name": "元旦", "source": "x"})
    day = CalendarDay.objects.get()
    browser.post(reverse("admin:stores_calendarday_delete", args=[day.pk]), {"post": "yes"})
    assert (actions(), CalendarDay.objects.count()) == (["calendarday.created", "calendarday.deleted"], 0)
    assert AuditEvent.objects.latest("pk").before["name"] == "元旦"


def test_deleting_several_at_once_leaves_a_row_for_each(as_, administrator):
    for n in (1, 2):
        CalendarDay.objects.create(on=f"2030-01-0{n}", name="x", is_working=False, source="x")
    chosen = {
        "action": "delete_selected",
        "_selected_action": list(CalendarDay.objects.values_list("pk", flat=True)),
        "post": "yes",
    }
    as_(administrator).post(reverse("admin:stores_calendarday_changelist"), chosen)
    assert actions() == ["calendarday.deleted"] * 2


def test_official_days_are_not_deleted(as_, administrator):
    day = CalendarDay.objects.create(on="2026-10-01", name="国庆节", is_working=False, source="x")
    answer = as_(administrator).post(reverse("admin:stores_calendarday_delete", args=[day.pk]), {"post": "yes"})
    assert (answer.status_code, CalendarDay.objects.count()) == (403, 1)


def test_editing_the_matrix_in_its_list_leaves_audit_rows(as_, administrator):
    kind = EvidenceRequirement.objects.create(key="chat_log", name_zh="聊天记录", name_en="chat log")
    need = EvidenceNeed.objects.create(line_of_defence="leniency", requirement=kind, level="useful")
    sent = inline("form", {"id": need.pk, "level": "required", "group": ""}, first=1) | {"_save": "Save"}
    as_(administrator).post(reverse("admin:stores_evidenceneed_changelist"), sent)
    row = AuditEvent.objects.get()
    assert (row.action, row.before, row.after) == ("evidenceneed.changed", {"level": "useful"}, {"level": "required"})


def test_failing_change_leaves_neither_change_nor_audit_row(as_, administrator):
    other = make.user(phone="13911110000")
    sent = {
        "name": administrator.name,
        "phone": other.phone,
        "email": "",
        "agency_role": "administrator",
        "is_active": "on",
    }
    answer = as_(administrator).post(change(administrator), {**sent, **inline("assignments")})
    assert (answer.status_code, actions()) == (200, [])


def test_new_person_gets_a_password_that_is_written_nowhere(as_, administrator, client):
    sent = {
        "name": "新人",
        "phone": "139 1111 2222",
        "agency_role": "handler",
        "password1": PASSWORD,
        "password2": PASSWORD,
    }
    as_(administrator).post(reverse("admin:stores_user_add"), sent)
    person = User.objects.get(phone="13911112222")
    assert person.check_password(PASSWORD)
    written = json.dumps(list(AuditEvent.objects.values("before", "after")))
    assert (PASSWORD in written, person.password in written, "13911112222" in written) == (False, False, False)
    assert actions() == ["user.created"]


def test_administrator_resets_a_password_with_an_audit_row_and_ends_the_sessions(as_, administrator, handler):
    elsewhere = as_(handler)
    reset = reverse("admin:auth_user_password_change", args=[handler.pk])
    sent = {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true", "set-password": "1"}
    as_(administrator).post(reset, sent)
    assert actions() == ["user.password_set"]
    assert elsewhere.get(reverse("shops")).status_code == 302


def test_own_password_is_changed_with_an_audit_row(as_, administrator):
    administrator.set_password("the-old-password-1")
    administrator.save()
    sent = {"old_password": "the-old-password-1", "new_password1": PASSWORD, "new_password2": PASSWORD}
    as_(administrator).post(reverse("admin:password_change"), sent)
    administrator.refresh_from_db()
    assert (administrator.check_password(PASSWORD), actions()) == (True, ["user.password_set"])


def test_administrator_cannot_lock_themselves_out(as_, administrator):
    sent = {"name": administrator.name, "phone": administrator.phone, "agency_role": "handler", "is_active": "on"}
    as_(administrator).post(change(administrator), {**sent, **inline("assignments")})
    administrator.refresh_from_db()
    assert (administrator.agency_role, actions()) == ("administrator", [])


def test_assignments_and_memberships_leave_audit_rows(as_, administrator, shop, other_handler):
    browser = as_(administrator)
    sent = {"name": "何以宁", "phone": other_handler.phone, "agency_role": "handler", "is_active": "on"}
    browser.post(change(other_handler), {**sent, **inline("assignments", {"store": shop.pk, "user": other_handler.pk})})
    member = make.user("小叶")
    sent = {"name": "小叶", "phone": member.phone, "agency_role": "", "is_active": "on"}
    row = {"merchant": shop.merchant_id, "role": "staff", "shops": shop.pk, "user": member.pk}
    browser.post(change(member), {**sent, **inline("memberships", row)})
    assert (Assignment.objects.count(), Membership.objects.count()) == (1, 1)
    assert actions() == ["assignment.created", "membership.created"]
    assert AuditEvent.objects.latest("pk").after["shops"] == [shop.code]


def test_membership_takes_only_shops_of_its_merchant(as_, administrator, shop, stranger):
    foreign = make.store("外店")
    member = make.user("小叶")
    row = {"merchant": shop.merchant_id, "role": "staff", "shops": foreign.pk, "user": member.pk}
    sent = {"name": "小叶", "phone": member.phone, "agency_role": "", "is_active": "on", **inline("memberships", row)}
    answer = as_(administrator).post(change(member), sent)
    assert (answer.status_code, Membership.objects.filter(user=member).count()) == (200, 0)


def test_unused_rule_is_corrected_through_the_action(as_, administrator):
    policy = make.policy(ship_by_hours=48)
    policies.verify(by=administrator, policy=policy, confidence="A")
    as_(administrator).post(change(policy), policy_form(policy, rounds={"window": "36"}, ship_by_hours="24"))
    policy.refresh_from_db()
    assert (policy.ship_by_hours, policy.rounds.get().window, policy.is_verified) == (24, 36, False)
    assert actions() == ["policy.verified", "policy.changed", "policy.changed"]


def test_used_rule_cannot_be_changed_in_the_admin(as_, administrator, shop):
    policy = make.policy(ship_by_hours=48)
    sent = policy_form(policy, rounds={"window": "1"}, ship_by_hours="1")
    make.order(shop, ship_by_policy=policy)
    browser = as_(administrator)
    page = browser.get(change(policy))
    assert page.status_code == 200
    assert reverse("policy-new", args=["pinduoduo", "false_transaction"]) in page.content.decode()
    assert browser.post(change(policy), sent).status_code == 403
    policy.refresh_from_db()
    assert (policy.ship_by_hours, policy.rounds.get().window, actions()) == (48, 72, [])


def test_rules_are_never_deleted(as_, administrator):
    policy = make.policy()
    answer = as_(administrator).post(reverse("admin:stores_policy_delete", args=[policy.pk]), {"post": "yes"})
    assert (answer.status_code, Policy.objects.count()) == (403, 1)


def test_first_version_of_a_rule_is_made_in_the_admin_and_a_second_is_sent_to_its_page(as_, administrator):
    kind = make.violation_type()
    sent = {"violation_type": kind.pk, "effective_from_0": "2026-01-01", "effective_from_1": "00:00", "clock_start": "paid_at",
            "penalty_basis": "unknown", "source": "x", "confidence": "C",
            **inline("rounds", {"number": "1", "name_zh": "申诉", "name_en": "appeal", "window": "72", "unit": "hours",
                                "counted_from": "notice", "confidence": "C"})}  # fmt: skip
    browser = as_(administrator)
    browser.post(reverse("admin:stores_policy_add"), sent)
    made = Policy.objects.get()
    assert (made.version, made.rounds.get().window, made.is_verified) == (1, 72, False)
    again = browser.post(reverse("admin:stores_policy_add"), sent)
    assert (list(again.context["adminform"].form.errors), Policy.objects.count()) == (["violation_type"], 1)


@pytest.mark.parametrize("table", ["auditevent", "job", "heartbeat", "notification"])
def test_tables_that_are_only_looked_at_cannot_be_written(as_, administrator, table):
    browser = as_(administrator)
    assert browser.get(reverse(f"admin:kit_{table}_changelist")).status_code == 200
    assert browser.post(reverse(f"admin:kit_{table}_add"), {}).status_code == 403


def test_tables_without_audit_are_not_in_the_admin():
    named = {model._meta.label for model in admin.site._registry}
    assert not {label for label in named if label.startswith(("auth.", "django_celery_beat."))}


def test_list_of_people_asks_the_same_number_of_queries_for_3_and_13_rows(as_, administrator):
    def count() -> int:
        with CaptureQueriesContext(connection) as seen:
            as_(administrator).get(reverse("admin:stores_user_changelist"))
        return len(seen)

    for _n in range(2):
        make.user(role="handler")
    few = count()
    for _n in range(10):
        make.user(role="handler")
    assert count() == few


def test_seeded_platform_cannot_lose_its_code(as_, administrator):
    platform = make.platform()
    sent = {
        "code": "other",
        "name_zh": "拼多多",
        "name_en": "x",
        "short_zh": "拼",
        "position": "0",
        "external_link_allowed": "unknown",
    }
    as_(administrator).post(change(platform), sent)
    assert Platform.objects.get(pk=platform.pk).code == "pinduoduo"
