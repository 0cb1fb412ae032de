"""Pasted notices are read as a careful person would; what a text does not say stays unknown."""

from __future__ import annotations

import json
import re
import sys
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orders.notices import highlight, read, read_answer
from tests.orders.notice_cases import ANSWERS, NOTICED, NOTICES, NUMBER, violation


@pytest.mark.parametrize("name", NOTICES)
@pytest.mark.parametrize("is_platform_known", [True, False])
def test_made_up_notice_is_read_exactly(name: str, is_platform_known: bool) -> None:
    row = NOTICES[name]
    platform = row["platform"] if is_platform_known else None
    pasted_at = datetime.fromisoformat(row["pasted_at"])
    assert read(row["text"], platform=platform, pasted_at=pasted_at) == row["expected"]


def wrapped(text: str, width: int) -> str:
    """A text cut at a width, as a narrow column does."""
    return "\n".join(line[at : at + width] for line in text.split("\n") for at in range(0, max(1, len(line)), width))


def without_words(result: Any) -> Any:
    """A result without the verbatim texts, which keep the form of the notice."""
    if isinstance(result, dict):
        return {key: without_words(value) for key, value in result.items() if key != "text"}
    return [without_words(value) for value in result] if isinstance(result, list) else result


FULL_WIDTH = str.maketrans("0123456789-:.", "０１２３４５６７８９－：．")
# With each form the notices that nobody could read in it: N06 is a table, N05 has breaks of its own inside numbers.
FORMS = {
    "full width": (lambda text: text.translate(FULL_WIDTH), ()),
    "windows line ends": (lambda text: text.replace("\n", "\r\n"), ()),
    "ascii colons": (lambda text: text.replace("：", ":"), ()),
    "the other spelling": (lambda text: text.replace("申诉", "申述"), ()),
    "hard blanks": (lambda text: text.replace(" ", "\u00a0"), ()),
    "invisible characters": (lambda text: re.sub("(违规|订单|处罚)", "\\1\u200b", text), ()),
    "a label a line": (lambda text: re.sub("[ \u3000]{2,}|\u3000", "\n", text), ()),
    "tabs for gaps": (lambda text: re.sub("[ ]{2,}|\u3000", "\t", text), ()),
    "a chat's head line": (lambda text: "林晓岚 11-18 10:40\n" + text, ("N06",)),
    "slashes": (lambda text: re.sub(r"(20\d\d)-(\d\d)-(\d\d)", r"\1/\2/\3", text), ()),
    "chinese dates": (lambda text: re.sub(r"(20\d\d)-(\d\d)-(\d\d)", r"\1年\2月\3日", text), ()),
    "two-digit years": (lambda text: re.sub(r"20(\d\d-\d\d-\d\d)", r"\1", text), ()),
    "an empty line after each": (lambda text: text.replace("\n", "\n\n"), ()),
    "indented": (lambda text: "\n".join(f"  {line}   " for line in text.split("\n")), ()),
    "cut at 40": (lambda text: wrapped(text, 40), ("N06",)),
    "cut at 24": (lambda text: wrapped(text, 24), ("N05", "N06")),
    "cut at 17": (lambda text: wrapped(text, 17), ("N06",)),
}


@pytest.mark.parametrize(
    ("name", "form"), [(name, form) for name in NOTICES for form in FORMS if name not in FORMS[form][1]]
)
def test_same_notice_in_another_form_reads_the_same(name: str, form: str) -> None:
    change, _unreadable = FORMS[form]
    row = NOTICES[name]
    found = read(change(row["text"]), platform=row["platform"], pasted_at=datetime.fromisoformat(row["pasted_at"]))
    assert without_words(found) == without_words(row["expected"])


@pytest.mark.parametrize("name", ANSWERS)
def test_made_up_answer_is_read_exactly(name: str) -> None:
    assert read_answer(ANSWERS[name]["text"]) == ANSWERS[name]["expected"]


@pytest.mark.parametrize(
    "text",
    [
        "您的店铺近30天无违规记录，请继续保持，虚假发货率0%。",
        "平台规则升级公告：自2026年12月1日起，虚假发货处罚金额调整为每单50元，延迟发货每单5元。请各位商家知悉。",
        "【课程通知】如何避免虚假发货？3节课带你了解平台规则，报名截止时间：2026-11-30 18:00。",
        "关于《虚假发货规则》修订的公告\n平台将于2026-12-01起执行新的虚假发货规则，请在48小时内发货。",
        "为保障消费者权益，请您的店铺避免虚假发货、延迟发货，如有违规将按规则扣除违约金。",
        "上周您的店铺延迟发货率2%，缺货率1%，整体表现良好。",
        "您的店铺保证金不足，请于2026-11-30前补缴保证金1000元。",
        "亲，订单261109-900000000000101的买家催发货，请尽快发货。",
        "【大促报名】有严重违规处罚记录的店铺不可报名，保证金1000元可退。",
        "您的订单261109-900000000000101已签收。",
        "",
        "   \n\t ",
    ],
)
def test_text_that_accuses_nobody_is_ignored(text: str) -> None:
    assert read(text) == {"is_violation": False, "action": "ignore", "violations": []}


@pytest.mark.parametrize(
    ("text", "result", "stage"),
    [
        ("处罚撤销通知：您的违规单（违规编号：90202611130207）已撤销，已扣违约金140元将退回。", "accepted", "revoked"),
        ("违规编号90202611130207申诉审核结果：驳回。原因：凭证不足。", "rejected", None),
        ("您有1条违规状态更新为申诉失败，违规单编号《90202611130207》。", "rejected", None),
        ("您的申诉（违规编号90202611130207）需在48小时内补充物流凭证。", "more_wanted", None),
    ],
)
def test_decision_about_a_known_violation_is_an_update(text: str, result: str, stage: str | None) -> None:
    found = read(text)
    (item,) = found["violations"]
    assert (found["action"], item["violation_no"], item["answer"]["result"], item["stage"]) == (
        "update",
        "90202611130207",
        result,
        stage,
    )


def test_update_keeps_the_count_and_the_sum_from_before_where_the_text_gives_them() -> None:
    text = (
        "违规单编号《90202611180031》状态更新为申诉部分成功，处罚金额由3,000.00元更新为700.00元，"
        "31笔订单中24笔撤销，其余7笔维持，违规单量由31单变更为7单。"
    )
    (item,) = read(text)["violations"]
    assert (item["amounts"]["total"], item["amounts"]["total_before"]) == ("700.00", "3000.00")
    orders = item["orders"]
    assert (orders["claimed"], orders["claimed_at_first"], orders["revoked"], orders["upheld"]) == (7, 31, 24, 7)


@pytest.mark.parametrize(
    ("text", "platform"),
    [
        ("抖店商家：判罚单号902026111234，违规类型：缺货", "douyin"),
        ("小红书商家您好，违规编号：90202611180031 违规类型：缺货", "xiaohongshu"),
        ("京东：处罚编号：90202611180031 违规类型：缺货", "jd"),
        ("违规编号：90202611180031 违规类型：缺货 订单号：PO-211-00000000000001", "temu"),
        ("违规编号：90202611180031 违规类型：缺货 订单261109-900000000000101", "pinduoduo"),
        ("违规编号：90202611180031 违规类型：缺货", None),
        ("淘宝或拼多多店铺违规编号：90202611180031 违规类型：缺货", None),
    ],
)
def test_platform_is_told_from_the_text_or_left_open(text: str, platform: str | None) -> None:
    assert violation(text)["platform"] == platform


def test_highlight_gives_places_in_the_text_as_pasted() -> None:
    text = (
        "违 规 单 号：\r\n９０２０２６１１１８００３１\r\n违规类型：虚假发\r\n货  违规单量：３单\r\n"
        "申诉截止时间：2026-11-21 24:00"
    )
    found = {item["field"]: item["text"] for item in highlight(text)}
    assert found == {
        "violation_no": "９０２０２６１１１８００３１",
        "type": "虚假发\r\n货",
        "orders": "３",
        "deadlines": "申诉截止时间：2026-11-21 24:00",
    }


@pytest.mark.parametrize("name", NOTICES)
def test_highlight_of_every_notice_lies_in_its_text(name: str) -> None:
    text = NOTICES[name]["text"]
    marks = highlight(text, platform=NOTICES[name]["platform"])
    assert bool(marks) == NOTICES[name]["expected"]["is_violation"]
    assert all(text[mark["start"] : mark["end"]] == mark["text"] != "" for mark in marks)


FRAGMENTS = st.sampled_from(
    [
        fragment
        for row in NOTICES.values()
        for line in row["text"].split("\n")
        for fragment in (line, line[:9], line[-7:])
    ]
    + [
        "\n",
        "：",
        "剩余",
        "9999天",
        "前",
        "2026-02-30 10:00",
        "99:99",
        "99999999999999999999",
        "1.5万元",
        "\t",
        "每单",
        "合计",
        "\u200b",
    ]
)


@settings(max_examples=200, deadline=None, database=None)
@given(text=st.one_of(st.text(), st.lists(FRAGMENTS, max_size=12).map("".join)), pasted_at=st.none() | st.datetimes())
def test_any_text_gives_a_result_and_never_raises(text: str, pasted_at: datetime | None) -> None:
    result = read(text, pasted_at=pasted_at, captured_at=pasted_at)
    assert json.loads(json.dumps(result)) == result
    assert set(result) == {"is_violation", "action", "violations"}
    assert set(read_answer(text)) >= {"result", "code", "spends_attempt"}
    assert all(text[mark["start"] : mark["end"]] == mark["text"] for mark in highlight(text))


def notice_of(orders: int) -> str:
    named = (f"261109-9{place:014d}（快递单号JT{place:013d}）" for place in range(orders))
    return NUMBER + NOTICED + f"违规单量：{orders}单\n" + "、".join(named)


def calls_to_read(text: str) -> int:
    """How many functions run while this text is read: the work, counted instead of timed."""
    calls = 0

    def count(_frame: object, event: str, _arg: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        read(text)
    finally:
        sys.setprofile(None)
    return calls


def test_work_of_reading_grows_no_faster_than_the_orders() -> None:
    assert read(notice_of(300))["violations"][0]["orders"]["named"] == 300
    assert calls_to_read(notice_of(300)) < 6 * calls_to_read(notice_of(60))


def test_notices_pasted_one_under_the_other_are_told_apart() -> None:
    text = (
        "虚假发货\n违规编号：90202611180031\n通知时间：2026-11-18 10:00\n处罚金额：20元\n\n"
        "延迟发货\n违规编号：90202611180032\n通知时间：2026-11-18 11:00\n处罚金额：3元"
    )
    found = read(text)["violations"]
    assert [(item["violation_no"], item["type"], item["amounts"]["total"]) for item in found] == [
        ("90202611180031", "fake_shipment", "20.00"),
        ("90202611180032", "late_shipment", "3.00"),
    ]
