"""Cutting a page at its labels: 违规编号：…  违规通知时间：… (consoles, section 10, step 2)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from orders.notices.normalise import Page
from orders.notices.vocabulary import CJK, alternatives, vocabulary

# A label of these fields may be followed at once by its value: 订单号300000000901.
DIRECT = (
    *("violation_no", "notice_no", "ticket_no", "appeal_no", "aftersale_no", "order_no", "waybill_no", "goods"),
    *("attempts_left", "attempts_allowed", "attempts_used", "order_count"),
    *("noticed_at", "punished_at", "appeal_due_at", "decided_at", "promised_at", "shipped_at"),
)
# Labels that may stand inside a list of measures without ending it.
INSIDE_MEASURES = ("amount", "amount_per_order", "points", "restriction", "penalty_period", "other_amount")
# Words in front of a label that make it speak of something else.
OTHER_MATTER = re.compile(
    r"(?:上次|上一|原|历史|关联|审核|发货|复议|补充|报名|活动|整改|揽收|付款|下单|收货|退款|售后|其他|首次|累计"
    r"|日均)[^：:\s]{0,4}\Z"
)
SEPARATOR = (
    r"(?:[（(][^（()）\n]{1,8}[)）])?(?:(?P<colon>[ ]{0,3}[：:][ \t]*(?:\n[ \t]*)?)"
    r"|(?P<changed>[ ]?(?:(?:由|从)(?P<before>[^，。；\n]{1,20}?))?已?(?:更新|变更|调整|修改|减少|改)(?:为|至"
    r"|成)[ ]?)"
    r"|(?P<is>[ ]?[为是系][：:]?[ ]*)|(?P<tab>[ ]*\t[ \t]*)|(?P<line>[ ]*\n\s*)|(?P<gap>[ ]{2,})"
    r"|(?P<near>[ ]?(?=[0-9《〈「【“\"#]|[A-Z]{1,4}-?[0-9])))"
)
SEPARATORS = ("colon", "changed", "is", "tab", "line", "gap", "near")


@dataclass(frozen=True)
class Field:
    """One label and where its value stands: page.plain[value:end] (the value may run over lines)."""

    name: str
    label: str
    start: int
    value: int
    end: int
    separator: str
    before: str = ""

    def line(self, page: Page) -> tuple[int, int]:
        """The part of the value on its first line."""
        return self.value, min(self.end, page.line_end(self.value))


@lru_cache(maxsize=1)
def _pattern() -> tuple[re.Pattern[str], tuple[str, ...]]:
    expression, words = alternatives(vocabulary().labels.words)
    return re.compile(expression + SEPARATOR), tuple(word.field for word in words)


def fields_of(page: Page) -> list[Field]:
    """The labelled values of a page in the order in which they stand; a value ends where the next label begins."""
    pattern, names = _pattern()
    found: list[tuple[str, str, int, int, str, str]] = []
    for match in pattern.finditer(page.plain):
        number = next(place for place in range(len(names)) if match[place + 1] is not None)
        label = page.plain[match.start() : match.end(number + 1)]
        separator = next(kind for kind in SEPARATORS if match[kind] is not None)
        if _is_label(page.plain, names[number], label, match.start(), separator):
            found.append((names[number], label, match.start(), match.end(), separator, match["before"] or ""))
    ends = [*(start for _, _, start, *_ in found[1:]), *([len(page.plain)] if found else [])]
    return [
        Field(name, label, start, value, end, kind, before)
        for (name, label, start, value, kind, before), end in zip(found, ends, strict=True)
    ]


def _is_label(text: str, name: str, label: str, start: int, separator: str) -> bool:
    """Whether the word stands where a label may stand; prose uses the same words."""
    left = text[max(0, start - 12) : start]
    trimmed = left.rstrip(" *·•-")
    at_line_start = trimmed[-1:] in ("\n", "\t", "|") if trimmed else start <= len(left)
    if separator in ("tab", "line"):
        return at_line_start
    if separator == "gap":
        return at_line_start or left.endswith("  ")
    if separator in ("is", "near", "changed") and name not in DIRECT and not (separator != "near" and len(label) >= 4):
        return False
    if not re.search(rf"[{CJK}A-Za-z0-9]\Z", left):
        return True
    return len(label.replace(" ", "")) >= 4 and not OTHER_MATTER.search(left)


def first(fields: list[Field], *names: str) -> Field | None:
    """The first field of these names, in the order of the names."""
    for name in names:
        for item in fields:
            if item.name == name:
                return item
    return None


def of(fields: list[Field], *names: str) -> list[Field]:
    """All fields of these names, in the order of the page."""
    return [item for item in fields if item.name in names]
