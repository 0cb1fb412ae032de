"""Facts of the head and the request: who, which notice, which orders, what it did and what is asked for."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TypeVar

from django.utils import timezone
from django.utils.translation import gettext as _

from appeals.enums import AppealResult
from appeals.evidence import subject, words
from appeals.letters.collected import Collected, Ground
from appeals.models import Appeal
from orders.enums import ViolationStage
from orders.models import Violation

# Measure -> what is asked when it is in force, when it is only announced, and its name when leniency is asked for.
# {n} is the amount or the points, as far as the notice says them.
MEASURES = {
    "fine": ("退还违约金{n}", "不予扣除违约金{n}", "违约金{n}"),
    "compensation": ("退还赔付扣款{n}", "不予赔付扣款{n}", "赔付扣款{n}"),
    "deposit_deduction": ("退还保证金{n}", "不予扣除保证金{n}", "保证金扣款{n}"),
    "points": ("撤销扣分{n}", "不予扣分{n}", "扣分{n}"),
    "search_demotion": ("解除搜索降权", "不予搜索降权", "搜索降权"),
    "promotion_ban": ("解除活动限制", "不予限制活动", "活动限制"),
    "sales_removed": ("恢复商品销量", "不予删除商品销量", "删除销量"),
    "item_removed": ("恢复商品", "不予下架商品", "商品下架"),
    "listing_ban": ("解除发布限制", "不予限制发布", "发布限制"),
    "funds_hold": ("解除资金限制{n}", "不予限制资金{n}", "资金限制{n}"),
    "settlement_delay": ("恢复结算周期", "不予延长结算", "结算延长"),
}
LONGEST_QUOTE = 120
N = TypeVar("N", Decimal, int)


def collect(ground: Ground, out: Collected) -> None:
    """shop_name, platform_name, company_name, violation_*, noticed_at, counts, request_text, prior_round, filed_on."""
    store = ground.case.store
    out.add("shop_name", store.name, _("shop"))
    out.add("platform_name", store.platform.name_zh, _("shop"))
    out.add("company_name", store.merchant.company_name, _("merchant"))
    out.lacks("company_name", _("The merchant's legal name is not entered yet."))
    _notice(ground, out)
    _counts(ground, out)
    out.add("request_text", _request(ground), _("measures named in the notice"))
    out.add("prior_round", _prior_round(ground), _("last answer of the platform"))
    out.add("filed_on", words.full_day(timezone.localdate()), _("today"))


def _notice(ground: Ground, out: Collected) -> None:
    violations = [matter.violation for matter in ground.matters]
    source = _("notice of the platform")
    out.add("violation_ref", _reference(violations), source)
    out.add("violation_type", "、".join(dict.fromkeys(v.violation_type.name_zh for v in violations)), source)
    times = [violation.noticed_at for violation in violations if violation.noticed_at]
    if times and len(times) == len(violations):
        first, last = min(times), max(times)
        same = words.stamp(first) == words.stamp(last)
        out.add("noticed_at", words.stamp(first) if same else f"{words.stamp(first)}至{words.stamp(last)}", source)
    out.lacks("noticed_at", _("The notice carries no time."))


def _reference(violations: list[Violation]) -> str:
    """违规编号…; a message without a number by its day and first line; empty when neither is known for all."""
    if violations and all(violation.violation_no for violation in violations):
        return f"违规编号{subject.numbers([violation.violation_no for violation in violations])}"
    named = [_message(violation) for violation in violations]
    return "、".join(named) if named and all(named) and len(named) <= 3 else ""


def _message(violation: Violation) -> str:
    if violation.violation_no:
        return f"违规编号{violation.violation_no}"
    title = next((line.strip() for line in violation.text.splitlines() if line.strip()), "")[:40]
    if not title or violation.noticed_at is None:
        return ""
    return f"{words.full_day(timezone.localtime(violation.noticed_at).date())}站内信“{title}”"


def _counts(ground: Ground, out: Collected) -> None:
    matched, claimed = ground.matched_count, len(ground.claimed)
    source = _("verdicts of the case")
    if matched:
        out.add("order_count", matched, _("orders of the notice found in our imports"))
    out.lacks("order_count", _("No order of the notice is in our imports."))
    if claimed:
        out.add("claimed_count", claimed, source)
    out.lacks("claimed_count", _("No verdict fits this line of defence."))
    if claimed and matched > claimed:
        out.add("unclaimed_sentence", f"（其余{matched - claimed}笔不在本次主张之内）", source)


def _request(ground: Ground) -> str:
    """What is asked for: the finding revoked, and each measure the notice names; amounts only where they are known for
    exactly the claimed orders."""
    claimed = len(ground.claimed)
    if not claimed or not ground.matters:
        return ""
    parts = _measures(ground)
    if ground.is_leniency:
        return f"减轻{'、'.join(parts)}" if parts else "减轻处理"
    types = "、".join(dict.fromkeys(matter.violation.violation_type.name_zh for matter in ground.matters))
    return "，".join([f"撤销上述{claimed}笔的{types}认定", *(["、".join(parts)] if parts else [])])


def _measures(ground: Ground) -> list[str]:
    amounts, points = _known_sums(ground)
    texts: list[str] = []
    for matter, penalty in ground.penalties():
        if penalty.kind not in MEASURES:
            continue
        is_proposed = matter.violation.stage in (ViolationStage.PROPOSED, ViolationStage.WARNING)
        form = MEASURES[penalty.kind][2 if ground.is_leniency else 1 if is_proposed else 0]
        amount, point = amounts.get(penalty.kind), points.get(penalty.kind)
        number = f"{point}分" if penalty.kind == "points" and point else words.money(amount) if amount else ""
        texts.append(form.format(n=number))
    return list(dict.fromkeys(texts))


def _known_sums(ground: Ground) -> tuple[dict[str, Decimal], dict[str, int]]:
    """Sum of each kind of measure over the notices, where every one names it and all matched orders are claimed."""
    if len(ground.claimed) < max(
        ground.matched_count, *(matter.violation.claimed_count or 0 for matter in ground.matters)
    ):
        return {}, {}
    amounts: dict[str, list[Decimal | None]] = defaultdict(list)
    points: dict[str, list[int | None]] = defaultdict(list)
    for _matter, penalty in ground.penalties():
        amounts[penalty.kind].append(penalty.amount)
        points[penalty.kind].append(penalty.points)
    return _sums(amounts, Decimal(0)), _sums(points, 0)


def _sums(rows: dict[str, list[N | None]], zero: N) -> dict[str, N]:
    """The sum of each row in which every value is known."""
    known = {kind: [value for value in row if value is not None] for kind, row in rows.items()}
    return {kind: sum(known[kind], zero) for kind, row in rows.items() if len(known[kind]) == len(row)}


def _prior_round(ground: Ground) -> str:
    """What the platform said last time, in its own words, and which evidence is new since then."""
    answered = Appeal.objects.filter(matter__case=ground.case, answered_at__isnull=False).order_by("answered_at", "pk")
    last = answered.exclude(answer_result=AppealResult.ACCEPTED).last()
    if last is None or last.answered_at is None:
        return ""
    said = " ".join(last.answer_text.split())
    quote = f"“{said[:LONGEST_QUOTE]}{'…' if len(said) > LONGEST_QUOTE else ''}”" if said else "未说明理由"
    fresh = [row for row in ground.numbered if row.item.protected_at is None]
    added = f"本次补充{'、'.join(row.caption for row in fresh)}。" if fresh else ""
    return f"平台{words.full_day(timezone.localtime(last.answered_at).date())}答复：{quote}。{added}"
