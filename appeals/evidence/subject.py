"""What a document is about: shop, platform and notice, as they stand at its head."""

from __future__ import annotations

from appeals.evidence import words
from appeals.models import Case


def facts(case: Case, order_count: int) -> list[tuple[str, str]]:
    """Shop, platform, violation and the number of orders shown."""
    violations = [
        matter.violation for matter in case.matters.select_related("violation__violation_type").order_by("pk")
    ]
    names = "、".join(dict.fromkeys(violation.violation_type.name_zh for violation in violations))
    return [
        ("店铺", case.store.name),
        ("平台", case.store.platform.name_zh),
        ("违规类型", names or words.NO_RECORD),
        ("违规编号", numbers([violation.violation_no for violation in violations])),
        ("订单数", f"{order_count}笔"),
    ]


def numbers(found: list[str]) -> str:
    """Up to three numbers, then how many; 无记录 when the notices carry none."""
    known = [number for number in found if number]
    if not known:
        return words.NO_RECORD
    text = "、".join(known[:3])
    return text if len(known) <= 3 else f"{text}等{len(known)}件"
