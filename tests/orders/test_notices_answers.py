"""The platform's answers to appeals."""

from __future__ import annotations

import pytest

from orders.notices import read_answer
from tests.orders.notice_cases import PASTED


@pytest.mark.parametrize(
    ("text", "result", "code"),
    [
        ("恭喜，您的申诉成功，处罚已撤销。", "accepted", None),
        ("审核通过，处罚已取消。", "accepted", None),
        ("申诉部分成功：24笔通过，7笔维持原判。", "partly_accepted", "partly"),
        ("31单中，24单撤销处罚，7单维持。", "partly_accepted", "partly"),
        ("申诉结果：不成立。截图不清晰，看不清单号。", "rejected", "evidence_unclear"),
        ("申诉未通过，缺少揽收凭证。", "rejected", "evidence_missing"),
        ("证据不足，申诉驳回，请补充凭证后再次申诉。", "rejected", "evidence_missing"),
        ("申诉不通过，凭证非本次违规订单。", "rejected", "not_relevant"),
        ("已过申诉有效期，无法申诉。", "rejected", "out_of_time"),
        ("经复核判定无误，维持原判。", "rejected", "facts_stand"),
        ("审核不通过", "rejected", "no_reason"),
        ("申诉驳回，如有新凭证，请在3个工作日内再次申诉。", "rejected", "no_reason"),
        ("申诉失败，原因：商家责任导致延迟。", "rejected", None),
        ("当前状态：待完善资料", "more_wanted", "evidence_missing"),
        ("附件超出大小限制，申诉未受理，请重新上传。", "void", None),
        ("您的申诉已处理完成。", None, None),
        ("申诉完结", None, None),
        ("您的申诉已提交，平台将在3个工作日内审核。", None, None),
    ],
)
def test_answer_says_what_it_says_and_no_more(text: str, result: str | None, code: str | None) -> None:
    answer = read_answer(text)
    assert (answer["result"], answer["code"]) == (result, code)


def test_answer_is_due_from_its_receipt() -> None:
    text = "请您在24小时内补充发货凭证，本次补充不计入申诉次数。"
    answer = read_answer(text, received_at=PASTED)
    assert (answer["due_text"], answer["due_at"], answer["spends_attempt"]) == (
        "24小时内",
        "2026-11-21T12:00:00+08:00",
        False,
    )
    assert "due_at" not in read_answer(text)
