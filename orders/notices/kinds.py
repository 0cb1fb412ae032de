"""Which kind of violation a notice speaks of, and whether it speaks of one at all."""

from __future__ import annotations

import re

from orders.notices.labels import of
from orders.notices.reading import Reading, clause_around, sentence_around
from orders.notices.vocabulary import Hit, Words, vocabulary

NOT_SO = re.compile(
    r"(?:无|未发现|未出现|未涉及|不存在|不属于|不构成|并非|暂无|没有|不是|避免|防止|杜绝|如何|若|如|如果|一旦|凡|切勿"
    r"|禁止|严禁)[^，。；\n]{0,6}\Z"
)
# Sentences about rules in general accuse nobody.
RULE_TALK = re.compile(
    r"规则(?!分)|规范|标准|定义|请见|了解|课程|培训|解读|指南|攻略|公示期?征求|修订|(?<![您你们])的店铺|(?<!您)的商家"
    r"|学习|考试"
)
JUDGED = re.compile(r"(?:判定|认定|界定|定性|核实|核查)[^，。；\n]{0,8}\Z")
ACCUSED = re.compile(
    r"(?:判定|认定|存在|涉嫌|构成|因|由于|属于|发生|出现|被投诉|触发|被罚|您的?(?:店铺|订单|商品)|贵店|我们?店|你店"
    r"|本店)[^。；\n]{0,30}\Z"
)
ACCUSING_HEAD = re.compile(r"违规|处罚|通知|预警|工单|警告|罚单|判罚|扣款|赔付|处理")
PENALTY_TALK = re.compile(r"违规|处罚|判罚|罚单|罚款|预警|工单|赔付|扣款|扣除|违约金")
# The shop did nothing.
CLEAN = re.compile(r"(?:暂?无|未发现|没有|未产生|未出现)(?:任何)?(?:新增)?(?:违规|处罚)")
INVITATION = re.compile(r"报名|招商|大促|课程|直播间|培训|招募|征集|有奖|优惠券领取|问卷|升级公告|功能上线|系统维护")


def violation_type(reading: Reading) -> str | None:
    """
    The kind of violation: the labelled value, else the heading, else what the text judges.

    None where nothing says it or two of them say different things: a person chooses.
    """
    everywhere = _hits(reading, 0, len(reading.text))
    judged = [hit for hit in everywhere if JUDGED.search(reading.text, max(0, hit.start - 14), hit.start)]
    labelled, headed = _labelled(reading), _heading_hits(reading)
    heading, verdict = _codes(reading, headed), _codes(reading, judged)
    if labelled is not None:
        said = _codes(reading, labelled) or _codes(reading, labelled, generic=True)
        if said or any(hit.word.type is None for hit in labelled):
            differ = any(other and not said & other for other in (heading, verdict))
            return None if differ else _only(reading, labelled, said)
    if heading:
        differ = bool(verdict) and not heading & verdict
        return None if differ else _only(reading, headed, heading)
    for hits, generic in ((judged, False), (everywhere, False), (judged, True), (everywhere, True)):
        codes = _codes(reading, hits, generic=generic)
        if codes:
            return _only(reading, hits, codes)
    return None


def _heading_hits(reading: Reading) -> list[Hit]:
    """The kinds in the heading; of a text about several violations all of it, so that none speaks for the others."""
    numbers = {item.label for item in of(reading.fields, "violation_no")}
    is_one = len(of(reading.fields, "violation_no")) == len(numbers)
    return _hits(reading, *(reading.heading if is_one else (0, len(reading.text))))


def is_accusation(reading: Reading, *, has_number: bool, has_orders: bool, has_claim: bool) -> bool:
    """
    Whether the text says that this shop did something.

    A number of a violation does; so do orders or a count beside a kind or a penalty; a kind alone only in a sentence
    that accuses. Rule texts, invitations and 无违规 do not.
    """
    if has_number or _labelled(reading):
        return True
    text = reading.text
    types = _hits(reading, 0, len(text))
    is_about_penalty = bool(PENALTY_TALK.search(text)) and not CLEAN.search(text)
    if has_orders and (is_about_penalty or any(not hit.word.generic for hit in types)):
        return True
    if CLEAN.search(text):
        return False
    if INVITATION.search(text, *reading.heading):
        return False
    if has_claim and types:
        return True
    start, end = reading.heading
    if ACCUSING_HEAD.search(text, start, end) and not RULE_TALK.search(text, start, end) and _hits(reading, start, end):
        return True
    return any(_accuses(text, hit) for hit in types)


def _accuses(text: str, hit: Hit) -> bool:
    start, end = sentence_around(text, hit.start, hit.end)
    return bool(ACCUSED.search(text, start, hit.start)) and not RULE_TALK.search(text, start, end)


def _labelled(reading: Reading) -> list[Hit] | None:
    """The kinds in the labelled value; None without such a label, an empty list where its words are not known."""
    values = of(reading.fields, "violation_type")
    if not values:
        return None
    return [hit for item in values for hit in _hits(reading, *item.line(reading.page))]


def _hits(reading: Reading, start: int, end: int) -> list[Hit]:
    words: Words = vocabulary().types
    return [hit for hit in words.find(reading.text, start, end) if not _denied(reading.text, hit)]


def _denied(text: str, hit: Hit) -> bool:
    """不存在虚假发货, 如何避免延迟发货, and rates (虚假发货率) say nothing of this shop's deeds."""
    clause, _ = clause_around(text, hit.start, hit.end)
    return text[hit.end : hit.end + 1] == "率" or bool(NOT_SO.search(text, clause, hit.start))


def _codes(reading: Reading, hits: list[Hit], *, generic: bool = False) -> set[str]:
    codes = {_code(reading, hit) for hit in hits if bool(hit.word.generic) <= generic}
    return {code for code in codes if code is not None}


def _code(reading: Reading, hit: Hit) -> str | None:
    """A word may mean another kind on one platform (虚假轨迹 on Pinduoduo)."""
    elsewhere = hit.word.type_on or {}
    code: str | None = elsewhere.get(reading.platform.code, hit.word.type)
    return code


def _only(reading: Reading, hits: list[Hit], codes: set[str]) -> str | None:
    """The one code that is said, with the place of its first word; None where there are more."""
    if len(codes) != 1:
        return None
    (code,) = codes
    hit = next(hit for hit in hits if _code(reading, hit) == code)
    reading.mark("type", hit.start, hit.end)
    return code
