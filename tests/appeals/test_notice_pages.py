"""From a pasted notice to an open case in the browser's two posts."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from appeals.models import Case
from orders.models import Violation
from tests import make

NOTICE = """虚假交易（大量拍下未发货）    当前进度：待申诉
违规编号：90202611180031  违规通知时间：{noticed}  申诉截止时间：{due}  可申诉次数：2
违规类型：虚假交易  违规单量：3单  处罚金额：300.00元
违规原因：店铺订单被短时间大量拍下且未按约定发货。买家电话13812345678。
处罚措施：1、扣除保证金300.00元 2、涉及商品搜索降权7天
261107-900000000000001  261107-900000000000002  261107-900000000000003"""


@pytest.fixture
def notice(shop) -> str:
    """A notice of a kind the shop's platform has, due in three days."""
    make.violation_type("false_transaction", on=shop.platform.code)
    now = timezone.localtime()
    return NOTICE.format(noticed=f"{now:%Y-%m-%d %H:%M:%S}", due=f"{now + dt.timedelta(days=3):%Y-%m-%d} 18:00")


def fields_of(answer) -> dict[str, str]:
    form = answer.context["form"]
    fields = {name: form[name].value() for name in form.fields}
    shown = {name: v.isoformat() if isinstance(v, dt.datetime) else v for name, v in fields.items()}
    return {name: value for name, value in shown.items() if value not in (None, False)}


def test_pasted_notice_becomes_a_case_without_typing(shop, handler, as_, notice):
    make.policy("false_transaction")
    for n in (1, 2):
        make.order(shop, f"261107-90000000000000{n}")
    browser = as_(handler)
    read = browser.post(reverse("violation-new"), {"step": "read", "text": notice})
    assert read.status_code == 200
    opened = browser.post(reverse("violation-new"), {**fields_of(read), "step": "open"})
    case = Case.objects.get()
    assert opened.url == reverse("case", args=[case.code])
    violation = Violation.objects.get()
    assert (violation.claimed_count, violation.named_count, violation.named_orders.exclude(order=None).count()) == (
        3,
        3,
        2,
    )
    assert (case.owner, case.matters.get().attempts_allowed, case.deadlines.get().source) == (handler, 2, "notice")


def test_phone_number_in_a_notice_is_masked_before_it_is_kept(shop, handler, as_, notice):
    browser = as_(handler)
    read = browser.post(reverse("violation-new"), {"step": "read", "text": notice})
    browser.post(reverse("violation-new"), {**fields_of(read), "step": "open"})
    assert "13812345678" not in str(Violation.objects.values().get())


def test_same_notice_again_leads_to_its_case(shop, handler, as_, notice):
    browser = as_(handler)
    for _turn in range(2):
        read = browser.post(reverse("violation-new"), {"step": "read", "text": notice})
        answer = browser.post(reverse("violation-new"), {**fields_of(read), "step": "open"})
    assert answer.url == reverse("case", args=[Case.objects.get().code])


def test_text_that_accuses_nobody_opens_nothing_and_says_so(shop, handler, as_):
    answer = as_(handler).post(
        reverse("violation-new"), {"step": "read", "text": "【活动通知】年终大促招商报名开始啦！"}
    )
    assert (answer.context["result"]["action"], Case.objects.count()) == ("ignore", 0)


def test_by_hand_with_gaps_keeps_what_is_typed_and_names_the_field(shop, handler, as_):
    typed = {"step": "open", "shop": shop.code, "violation_no": "777", "stage": "in_force", "owner": handler.code}
    answer = as_(handler).post(reverse("violation-new"), typed)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["violation_key"]
    assert answer.context["form"]["violation_no"].value() == "777"


def test_shop_of_another_merchant_cannot_be_named(shop, handler, as_, stranger):
    foreign = stranger.shops().get()
    kind = make.violation_type()
    typed = {
        "step": "open", "shop": foreign.code, "violation_key": kind.key, "stage": "in_force", "owner": handler.code,
    }  # fmt: skip
    answer = as_(handler).post(reverse("violation-new"), typed)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["shop"])
