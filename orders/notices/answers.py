"""What the platform answered to an appeal. An answer without a reason is never guessed into another code."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from orders.notices import dates
from orders.notices.labels import of
from orders.notices.numbers import COUNT, count_of, money_text, sums
from orders.notices.reading import Reading, clause_around
from orders.notices.windows import windows

NOT_LOST = r"(?<!未)(?<!不)(?<!没有)"
# The order matters: partly won texts hold both 撤销 and 维持; a refused pack (void) says 未受理 too.
RESULTS = (
    (
        "partly_accepted",
        re.compile(
            r"部分(?:申诉)?(?:成立|成功|通过|撤销|支持|有效)|申诉部分(?:成功|通过|成立)"
            r"|[笔单][^。；]{0,14}撤销处罚[^。]{0,4}[；;，,。]?(?:其余|剩余|余下|另外?)"
        ),
    ),
    (
        "void",
        re.compile(
            r"(?:格式|大小|尺寸|数量|附件|图片|文件)[^。；\n]{0,16}(?:不符|不支持|错误|超出|无法打开"
            r"|损坏)[^。\n]{0,30}(?:未受理|重新提交|重新上传|退回)"
            r"|(?:本次|该次)申诉(?:未|不予)受理[^。\n]{0,10}(?:请|需)?重新"
        ),
    ),
    (
        "rejected",
        re.compile(
            r"(?:申诉|复议|审核)(?:审核)?(?:结果)?[：: ]?(?:已?被?驳回|不通过|未通过|不成立|失败|未成功)|不予受理"
        ),
    ),
    (
        "more_wanted",
        re.compile(
            r"(?:需|请|待|应)(?:您|商家)?(?:在[^，。；\n]{0,16}内)?(?:尽快|继续|再次|及时|进一步)?(?:补充|补齐|补交"
            r"|完善)"
            r"|材料(?:需|待)补充|待(?:完善|补充)资料|待商家补充|补充材料不占用|申诉打回"
        ),
    ),
    (
        "rejected",
        re.compile(
            r"不通过|未通过|没有通过|驳回|不成立|未成立|失败"
            r"|维持(?:原|平台|该|此)?(?:处罚|判罚|判定|违规|决定|判|结果|处理)"
            r"|已过[^，。；\n]{0,4}(?:有效期|期限|时效|期)|不予(?:受理|支持|通过|撤销)|不予以撤销|不支持|无效申诉"
            r"|未成功"
        ),
    ),
    (
        "accepted",
        re.compile(
            rf"{NOT_LOST}(?:审核)?(?:通过|成功|成立)|{NOT_LOST}(?:予以|已(?:经)?|全部)(?:撤销|撤回|取消)"
            rf"|撤销(?:本次|该|此)?(?:处罚|违规)|申诉成功"
        ),
    ),
)
CODES = (
    (
        "out_of_time",
        re.compile(
            r"超过[^，。；\n]{0,10}(?:有效期|时效|期限|时限|截止)|超(?:出)?(?:期|时)|逾期"
            r"|已过[^，。；\n]{0,4}(?:期|时效|截止)|过期"
        ),
    ),
    (
        "not_relevant",
        re.compile(
            r"无关|不相关|不一致|其他订单|不匹配|不符合?(?:本次|该)|非本(?:单|次)"
            r"|与(?:本次|违规)?[^，。；\n]{0,8}(?:无关联|不对应)"
        ),
    ),
    (
        "evidence_unclear",
        re.compile(r"模糊|不清晰|不清楚|无法(?:识别|辨认|看清|辨别)|看不清|不完整|清晰度|截图被裁|遮挡"),
    ),
    (
        "evidence_missing",
        re.compile(
            r"未(?:能)?(?:提供|提交|上传|见|附)|缺少|缺失|没有(?:提供|提交|上传)|不足"
            r"|(?:凭证|证据|材料)(?:不够|不全|不充分)|无法证明|不足以证明|补充提供|无有效(?:凭证|证据)"
        ),
    ),
    (
        "facts_stand",
        re.compile(
            r"事实清楚|违规(?:事实|行为)?(?:成立|属实|存在)|确(?:实)?(?:存在|属)(?:违规)?|情况属实|核实无误|判定无误"
            r"|属于违规|维持原(?:处罚|判)"
        ),
    ),
)
# What is left of an answer without its verdict: nothing means no reason was given.
VERDICT = re.compile(
    r"(?:尊敬的|亲爱的)?(?:商家|您)?(?:您好|你好)?|关于|您?的?|本次|该|此|经(?:平台)?(?:审核|复核|核实|复审)|平台"
    r"|系统|审核|复核|结果|结论|违规|申诉|复议|处罚|通知|状态|更新|为|已|被|未|不|予|通过|驳回|失败|成立|成功|维持|原"
    r"|决定|判定|判罚|有|条|单|编号|号|处理|时间|原因|[0-9]+(?:条|次)?"
)
# What to do next is no reason.
GUIDANCE = re.compile(
    r"(?:^|(?<=[，。；！\n]))\s*(?:如|若|请|您可|可在|可于|剩余|还可|逾期|截止|感谢)[^，。；\n]*", re.MULTILINE
)
CONDITIONAL = re.compile(r"(?:如|若|逾期|或|未申诉)[^。；\n]{0,24}\Z")
DECIDED = re.compile(
    r"申诉(?:已)?(?:审核)?(?:已)?(?:部分)?(?:成功|失败|通过|未通过|不通过|驳回|成立|不成立)"
    r"|(?:审核|复议|复核|申诉)结果|状态(?:已)?(?:更新|变更)为|予以撤销|维持(?:原)?(?:处罚|判)|申诉(?:未|不予)受理"
    r"|待(?:完善|补充)资料|申诉[^。；\n]{0,40}(?:需|待)[^。；\n]{0,16}补充"
    r"|(?:处罚|违规|罚单)[^，。；\n]{0,20}(?:已|被)(?:撤销|撤回|取消)|撤销(?:处罚|违规)?(?:的)?通知|不予受理"
    r"|审核(?:已)?(?:通过|不通过|驳回)|申诉已"
)
ACCEPTED_COUNT = (
    re.compile(
        rf"(?P<n>{COUNT})[ ]?(?:笔|单|个)(?:订单)?(?:(?![未不无没])[^，。；\n0-9]){{0,12}}(?:凭证有效|有效|予以撤销"
        rf"|撤销|申诉成功|通过|成立)"
    ),
    re.compile(rf"(?:撤销|通过|成立)[^，。；\n0-9]{{0,10}}(?P<n>{COUNT})[ ]?(?:笔|单|个)"),
)
UPHELD_COUNT = (
    re.compile(rf"(?:其余|剩余|余下|另外?|另有)[ ]?(?P<n>{COUNT})[ ]?(?:笔|单|个)"),
    re.compile(rf"维持[^，。；\n0-9]{{0,10}}(?P<n>{COUNT})[ ]?(?:笔|单|个)"),
    re.compile(rf"(?P<n>{COUNT})[ ]?(?:笔|单|个)(?:订单)?[^，。；\n0-9]{{0,20}}维持"),
)
LEFT = re.compile(rf"(?:剩余|还可|还剩|还有|尚有|仍有|仍可)[^，。；\n0-9]{{0,10}}?(?P<n>{COUNT})[ ]?次")
NO_MORE = re.compile(
    r"(?:不可|不能|无法|不得|不支持)再(?:次)?申诉|(?:已无|没有|无)(?:剩余)?申诉(?:次数|机会)|为最终(?:结果|决定|处理)"
)
REFUND = re.compile(r"退回|退还|返还|退款至|返回|退至")
FREE = re.compile(r"不(?:占用|计入?|消耗|扣减?|影响)[^，。；\n]{0,6}(?:申诉)?(?:次数|机会)")
COSTS = re.compile(r"(?<!不)(?:占用|消耗|计入|扣减)[^，。；\n]{0,6}(?:申诉)?(?:次数|机会)")
ASKED = re.compile(r"提交|补充|上传|申诉|提供|回复|完成")


def answer_in(reading: Reading, *, received_at: datetime | None = None) -> dict[str, Any]:
    """
    The answer in a text: result, code, counts, attempts, what is due; null where the text does not say.

    With `received_at` (aware, or Shanghai time) the dict has `due_at` too: `due_text` counted from the receipt.
    """
    text = reading.text
    result = result_of(text)
    due_start, due_end = _due(reading, result)
    answer: dict[str, Any] = {
        "result": result,
        "code": code_of(text, result),
        "orders_accepted": _count(text, ACCEPTED_COUNT) if result in ("accepted", "partly_accepted") else None,
        "orders_upheld": 0
        if result == "accepted"
        else _count(text, UPHELD_COUNT)
        if result in ("partly_accepted", "rejected")
        else None,
        "attempts_left": attempts_left(text),
        "due_text": reading.page.text[due_start:due_end].strip() or None,
        "spends_attempt": _spends(text, result),
    }
    refund = _refund(text)
    if refund:
        answer["refund"] = refund
    if received_at is not None:
        answer["due_at"] = dates.written(_due_at(reading, due_start, due_end, received_at))
    return answer


def result_of(text: str) -> str | None:
    """accepted, partly_accepted, rejected, more_wanted, void; None where no word decides (已处理, 申诉完结)."""
    result = next(
        (
            result
            for result, pattern in RESULTS
            if any(not _is_conditional(text, match) for match in pattern.finditer(text))
        ),
        None,
    )
    if result == "void" and CODES[0][1].search(text):
        # 超过申诉有效期，系统不予受理 is a refusal for good, however it is worded.
        return "rejected"
    is_split = bool(_count(text, UPHELD_COUNT)) and (result == "accepted" or bool(_count(text, ACCEPTED_COUNT)))
    return "partly_accepted" if is_split and result in ("accepted", "rejected") else result


def _is_conditional(text: str, match: re.Match[str]) -> bool:
    """如…不成立 decides nothing."""
    return bool(CONDITIONAL.search(text, clause_around(text, match.start(), match.end())[0], match.start()))


def code_of(text: str, result: str | None) -> str | None:
    """The reason of a refusal as a code: no_reason where the text gives none, None where its reason is not known."""
    if result == "partly_accepted":
        return "partly"
    if result == "more_wanted":
        return "evidence_unclear" if CODES[2][1].search(text) else "evidence_missing"
    if result != "rejected":
        return None
    for code, pattern in CODES:
        if pattern.search(text):
            return code
    rest = re.sub(r"[\s，。；：:、！!《》【】（）()\"“”]", "", VERDICT.sub("", GUIDANCE.sub("", text)))
    return "no_reason" if len(rest) <= 2 else None


def is_decision(reading: Reading) -> bool:
    """Whether the text is an answer about a known violation: it decides, and brings no fields of a notice."""
    if of(reading.fields, "noticed_at", "punished_at", "appeal_due_at", "violation_type"):
        return False
    return any(not _is_conditional(reading.text, match) for match in DECIDED.finditer(reading.text))


def decided_at(reading: Reading) -> str | None:
    """When the platform answered."""
    for item in of(reading.fields, "decided_at"):
        found = dates.labelled_moments(
            reading.text, *item.line(reading.page), near=dates.local(reading.times.pasted_at)
        )
        if found and found[0].at:
            reading.mark("answer", found[0].start, found[0].end)
            return dates.written(found[0].at)
    return None


def attempts_left(text: str) -> int | None:
    """剩余申诉次数1次, 还可申诉1次; 0 where no further appeal is possible."""
    match = LEFT.search(text)
    if match:
        return count_of(match["n"])
    return 0 if NO_MORE.search(text) else None


def _count(text: str, patterns: tuple[re.Pattern[str], ...]) -> int | None:
    return next((count_of(match["n"]) for pattern in patterns if (match := pattern.search(text))), None)


def _due(reading: Reading, result: str | None) -> tuple[int, int]:
    """Where the text says until when the next step is due: a time before 前, or a window the shop has."""
    text = reading.text
    if result == "accepted":
        return 0, 0
    for moment in dates.moments(text):
        if re.match(r"[ ]*(?:之?前|以前|截止)", text[moment.end : moment.end + 4]) or re.search(
            r"截止(?:时间|日期)?[：:为是 ]{0,3}\Z", text[: moment.start]
        ):
            return moment.start, moment.end
    for window in windows(text, 0, len(text)):
        left, right = clause_around(text, window.start, window.end)
        if ASKED.search(text, window.end, right) and not re.search(
            r"平台|我们|系统|上传[后]?\Z", text[left : window.start]
        ):
            return window.start, window.end
    return 0, 0


def _due_at(reading: Reading, start: int, end: int, received_at: datetime) -> datetime | None:
    received = dates.local(received_at)
    times = dates.moments(reading.text, start, end, near=received)
    if times:
        return times[0].at
    found = windows(reading.text, start, end)
    return found[0].ends_at(received, reading.times, counts_first_day=False) if found else None


def _spends(text: str, result: str | None) -> bool | None:
    """Whether the answer spends an attempt: as it says; else a decision does, a refused pack not."""
    if FREE.search(text):
        return False
    if COSTS.search(text):
        return True
    return {"void": False, "accepted": True, "partly_accepted": True, "rejected": True}.get(result or "")


def _refund(text: str) -> str | None:
    for match in REFUND.finditer(text):
        left, right = clause_around(text, match.start(), match.end())
        found = sums(text, left, right)
        if found:
            return money_text(found[0].amount)
    return None
