"""From a pasted notice to an open case in the browser's two posts."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from appeals.actions import cases
from appeals.models import Case
from casemgr.kit.tabular import write_csv, write_xlsx
from orders.models import Order, Violation, ViolationOrder
from stores.models import EvidenceRequirement
from tests import make
from tests.appeals.cast import appeal_in, opened

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


def several(count: int, *, day: str = "2026-11-18") -> str:
    """So many notices of one order each, one under the other."""
    one = (
        "违规编号：9020261118{n:04}\n违规类型：虚假交易\n当前进度：待申诉\n违规通知时间：{day} 10:00:00\n"
        "申诉截止时间：{day} 23:00:00\n处罚金额：5.00元\n订单号：261107-90000000000{n:04}"
    )
    return "\n\n".join(one.format(n=n, day=day) for n in range(count))


def sent(answer) -> dict[str, str]:
    """What the review page would send back unchanged."""
    form = answer.context["form"]
    fields = {name: form[name].value() or "" for name in form.fields}
    for one in answer.context["proposal"]:
        bound = one["form"]
        fields |= {bound.add_prefix(name): bound[name].value() or "" for name in bound.fields}
        fields |= {f"row-{row.place}": row.choice for row in one["bundle"].rows}
    return fields


def test_many_notices_of_one_day_are_proposed_as_one_case(shop, handler, as_):
    make.violation_type("false_transaction", on=shop.platform.code)
    browser = as_(handler)
    read = browser.post(reverse("violation-new"), {"step": "read", "text": several(12), "shop": shop.code})
    assert [len(one["bundle"].rows) for one in read.context["proposal"]] == [12]
    browser.post(reverse("violation-many"), {**sent(read), "step": "open"})
    case = Case.objects.get()
    assert (case.matters.count(), case.order_count, str(case.stake_amount), case.deadlines.count()) == (
        12,
        12,
        "60.00",
        1,
    )


def test_verdicts_of_many_violations_take_as_many_questions_as_of_two(shop, handler, as_):
    make.violation_type("false_transaction", on=shop.platform.code)
    browser, asked = as_(handler), []
    for count, day in ((2, "2026-11-18"), (12, "2026-11-17")):
        Violation.objects.update(violation_no=F("code"))  # the next notices are new ones, whatever their numbers
        text = several(count, day=day)
        read = browser.post(reverse("violation-new"), {"step": "read", "text": text, "shop": shop.code})
        browser.post(reverse("violation-many"), {**sent(read), "step": "open"})
        case = Case.objects.latest("pk")
        for named in ViolationOrder.objects.filter(violation__in=case.violations.all()):
            order = Order.objects.filter(store=shop, order_no=named.order_no).first()
            ViolationOrder.objects.filter(pk=named.pk).update(order=order or make.order(shop, named.order_no))
        with CaptureQueriesContext(connection) as captured:
            cases.judge(by=handler, case=case)
        asked.append(len(captured))
    assert asked[0] == asked[1]


def test_each_notice_can_stand_alone_or_be_left_out(shop, handler, as_):
    make.violation_type("false_transaction", on=shop.platform.code)
    browser = as_(handler)
    read = browser.post(reverse("violation-new"), {"step": "read", "text": several(4), "shop": shop.code})
    again = browser.post(reverse("violation-many"), {**sent(read), "step": "sort", "row-1": "own", "row-2": "skip"})
    assert [len(one["bundle"].rows) for one in again.context["proposal"]] == [2, 1]
    browser.post(reverse("violation-many"), {**sent(again), "row-2": "skip", "step": "open"})
    assert sorted(case.matters.count() for case in Case.objects.all()) == [1, 2]


def test_known_notices_of_many_are_shown_with_their_case(shop, handler, as_):
    make.violation_type("false_transaction", on=shop.platform.code)
    browser = as_(handler)
    read = browser.post(reverse("violation-new"), {"step": "read", "text": several(3), "shop": shop.code})
    browser.post(reverse("violation-many"), {**sent(read), "step": "open"})
    again = browser.post(reverse("violation-new"), {"step": "read", "text": several(4), "shop": shop.code})
    assert [row.case for row in again.context["known"]] == [Case.objects.get()] * 3
    assert [len(one["bundle"].rows) for one in again.context["proposal"]] == [1]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_violation_list_of_a_console_is_read_from_its_file(shop, handler, as_, form):
    make.violation_type("fake_shipment", on=shop.platform.code)
    rows = [["违规编号", "违规类型", "订单号", "违规通知时间", "申诉截止时间", "处罚金额"]]
    rows += [
        [f"9020261113020{n}", "虚假发货", f"261109-90000000000010{n}", f"2026-11-1{n} 18:00", "2026-11-26 18:00", "20"]
        for n in (1, 2)
    ]
    file = io.BytesIO()
    (write_csv if form == "csv" else write_xlsx)(rows, file)
    upload = SimpleUploadedFile(f"list.{form}", file.getvalue())
    answer = as_(handler).post(reverse("violation-new"), {"step": "read", "file": upload, "shop": shop.code})
    found = [(one["bundle"].kind_key, one["bundle"].order_count) for one in answer.context["proposal"]]
    assert found == [("fake_shipment", 1), ("fake_shipment", 1)]  # two days, two cases


def test_picture_is_kept_as_evidence_of_the_case_it_opens(shop, handler, as_, notice):
    EvidenceRequirement.objects.get_or_create(key="notice", defaults={"name_zh": "处罚通知", "name_en": "notice"})
    browser = as_(handler)
    read = browser.post(reverse("violation-new"), {"step": "read", "text": notice})
    fields = fields_of(read) | {"step": "open", "picture": picture()}
    assert browser.post(reverse("violation-new"), fields).status_code == 422  # nobody said that it is as it was taken
    browser.post(reverse("violation-new"), fields | {"picture": picture(), "declared_true": "on"})
    assert Case.objects.get().evidence.get().requirement.key == "notice"


def test_picture_in_place_of_a_list_is_sent_to_the_form(shop, handler, as_):
    answer = as_(handler).post(reverse("violation-new"), {"step": "read", "file": picture()})
    assert list(answer.context["form"].errors) == ["file"]


def picture() -> SimpleUploadedFile:
    file = io.BytesIO()
    Image.new("RGB", (400, 300), "white").save(file, "PNG")
    return SimpleUploadedFile("notice.png", file.getvalue(), "image/png")


def test_revoked_penalty_is_marked_where_it_is_known(shop, handler, as_, notice):
    browser = as_(handler)
    read = browser.post(reverse("violation-new"), {"step": "read", "text": notice})
    browser.post(reverse("violation-new"), {**fields_of(read), "step": "open"})
    text = "您的违规（违规编号：90202611180031）处罚已撤销，保证金300元已退回。"
    answer = browser.post(reverse("violation-new"), {"step": "read", "text": text})
    (known,) = answer.context["known"]
    case = Case.objects.get()
    assert known["matter"].case == case
    browser.post(reverse("case-update", args=[case.code, known["matter"].violation.code]), {"text": text})
    assert Violation.objects.get().stage == "revoked"
    assert case.messages.get().is_internal


def test_pasted_answer_fills_the_answer_form_and_saves_nothing(shop, handler, as_):
    case = opened(shop, handler, orders=[make.order(shop)])
    Case.objects.filter(pk=case.pk).update(status="filed")
    matter = case.matters.get()
    appeal = appeal_in("filed", matter)
    address = reverse("case-read-answer", args=[case.code, matter.violation.code])
    text = "申诉驳回：凭证模糊无法识别，剩余申诉次数1次，请在24小时内再次申诉。"
    form = as_(handler).post(address, {"text": text}).context["form"]
    assert (form["result"].value(), form["code"].value(), form["attempts_left"].value()) == (
        "rejected",
        "evidence_unclear",
        1,
    )
    appeal.refresh_from_db()
    assert appeal.status == "filed"
