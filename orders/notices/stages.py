"""How far the platform's measure has come: warning, ticket, proposed, in force, revoked, or not said."""

from __future__ import annotations

import re

from orders.notices.labels import first, of
from orders.notices.reading import Reading
from orders.notices.vocabulary import Hit, vocabulary

WARNING_HEAD = re.compile(r"预警|即将|风险提醒|风险提示|超时提醒|发货提醒|警示")
TICKET_HEAD = re.compile(r"工单|客诉单")
DONE = re.compile(
    r"(?<!如)(?<!若)(?<!未)已经?(?:从|由|自|在|于|按|对|将)?[^，。；：:\n如若未将]{0,16}?(?:扣除|扣款|扣划|划扣|扣减"
    r"|扣取|冻结|赔付|处罚|执行|生效)"
    r"|(?:扣款|扣除)成功|已扣(?!分)"
)
COMING = re.compile(
    r"(?:处罚|措施|处理|决定)[^，。；\n]{0,8}(?:将)?(?:于|自|从|在)[^，。；\n]{4,24}(?:生效|执行|实施)"
    r"|(?:逾期|超时|如|若)未[^。；\n]{0,24}(?:将|则|视为|默认)|拟(?:对|作出|处)|(?:公示|申诉)期内"
)
JUDGEMENT = re.compile(
    r"(?:判定|认定|核实)[^。\n]{0,80}(?:扣除|扣款|赔付|处罚|扣划|降权|限制)|按规则(?:扣除|扣|处以|赔付)|处以"
    r"|被(?:处罚|判罚|扣)"
)
STRONG_IN_HEAD = ("待生效", "未生效", "已生效", "已撤销", "处罚撤销", "公示中", "已处罚", "即将生效")
NO_APPEAL = re.compile(r"(?:不支持|不可|无法|不能|不得)(?:再次?)?申诉|不予受理申诉|无申诉入口")


def stage_of(reading: Reading, *, is_ticket: bool, has_measures: bool) -> str | None:
    """
    The stage. Facts beat status words that only say who is to move (待申诉 with the money already taken is in force),
    and 已处理 says nothing about the result.
    """
    status = _status(reading)
    stage = status.word.stage if status and not status.word.weak else None
    if stage and stage != "ticket" and status:
        reading.mark("stage", status.start, status.end)
        return str(stage)
    if is_ticket:
        return "ticket"
    in_heading = _in_heading(reading)
    if in_heading:
        return in_heading
    if DONE.search(reading.text):
        return "in_force"
    if COMING.search(reading.text):
        return "proposed"
    if status and status.word.stage == "proposed":
        reading.mark("stage", status.start, status.end)
        return "proposed"
    if has_measures or JUDGEMENT.search(reading.text):
        return "in_force"
    return None


def is_ticket(reading: Reading, *, has_violation_no: bool) -> bool:
    """A ticket wants an answer; it is no penalty and spends no attempt."""
    if has_violation_no:
        return False
    return bool(TICKET_HEAD.search(reading.text, *reading.heading)) or first(reading.fields, "ticket_no") is not None


def ticket_kind(reading: Reading) -> str | None:
    """催发货 of 催发货工单."""
    match = re.search(r"([\u4e00-\u9fff]{2,8}?)工单(?![编号状超逾])", reading.text)
    return match[1] if match else None


def appeal_is_closed(reading: Reading) -> bool:
    """Whether the text says that nothing can be appealed."""
    status = _status(reading)
    return bool(NO_APPEAL.search(reading.text)) or bool(
        status and status.word.can_appeal is False and status.word.appeal_state is None
    )


def _status(reading: Reading) -> Hit | None:
    """The status that counts: one with a firm stage before one that only says who is to move."""
    found = []
    for item in [*of(reading.fields, "status"), *of(reading.fields, "measures")]:
        start, end = item.line(reading.page)
        hit = vocabulary().statuses.longest(reading.text, start, min(end, start + (20 if item.name == "status" else 8)))
        if hit and (item.name == "status" or hit.word.appeal_state):
            found.append(hit)
    firm = [hit for hit in found if hit.word.stage and not hit.word.weak]
    return next(iter(firm or found), None)


def _in_heading(reading: Reading) -> str | None:
    start, end = reading.heading
    for hit in vocabulary().statuses.find(reading.text, start, end):
        if hit.word.text in STRONG_IN_HEAD:
            reading.mark("stage", hit.start, hit.end)
            return str(hit.word.stage)
    if WARNING_HEAD.search(reading.text, start, end):
        return "warning"
    return None
