"""What a window or a time in a sentence is for: appeal, rectify, supplement, next round, ticket reply."""

from __future__ import annotations

import re

# Windows of the platform, of carriers and buyers are no deadlines of the shop.
NOT_OURS_BEFORE = re.compile(
    r"(?:平台|我们|系统|小二|客服|工作人员|款项|金额)[^，。；\n]{0,10}\Z"
    r"|(?:上传|揽收|签收|付款|下单|发货|成团|拍下)[^，。；\n]{0,8}(?:后|起|超过)\Z"
)
NOT_OURS_AFTER = re.compile(
    r"[^，。；\n]{0,6}(?:未|无|没有|不能|退回|到账|退还|返还|审核|反馈结果|处理完|公示|自动|发货|揽收|签收|无物流"
    r"|更新|答复您|生效|有效|累计|成交)"
)
RECTIFY = re.compile(r"(?:完成|提交|进行|予以)?整改")
SUPPLEMENT = re.compile(r"补充|补齐|补交|完善")
NEXT_ROUND = re.compile(r"复议|再次申诉|二次申诉|重新申诉")
APPEAL = re.compile(r"申诉|凭证|举证|异议|申辩|提交(?:相关)?(?:材料|证据|证明)|材料")
REPLY = re.compile(r"处理|回复|响应|回应|联系|反馈")
SHIP = re.compile(r"发货|上传[^，。；\n]{0,6}(?:单号|物流)")
KINDS = (("rectify", RECTIFY), ("supplement", SUPPLEMENT), ("next_round", NEXT_ROUND), ("appeal", APPEAL))


def purpose(before: str, after: str, *, is_ticket: bool, is_warning: bool = False) -> str | None:
    """
    The kind of deadline that the words around a window or a time make it; None where it is none of the shop's.

    `before` and `after` are the rest of the sentence. What follows decides, then what stands before.
    """
    following = after[:28]
    if is_warning and SHIP.search(following):
        return "penalty_starts"
    if NOT_OURS_AFTER.match(following) and not re.match(r"[^，。；\n]{0,4}(?:发起|提交)", following):
        return None
    if NOT_OURS_BEFORE.search(before):
        return None
    first_clause = re.split(r"[，,]", following, maxsplit=1)[0]
    for words in (first_clause, following, before[-40:]):
        for kind, pattern in KINDS:
            if pattern.search(words):
                return "ticket_reply" if is_ticket and kind == "appeal" else kind
        if is_ticket and REPLY.search(words):
            return "ticket_reply"
    return None
