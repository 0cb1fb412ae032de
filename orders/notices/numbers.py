"""Small numbers, in digits or in Chinese, and sums of money."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

CHINESE_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {
    "〇": 0,
    "两": 2,
    "壹": 1,
    "贰": 2,
    "叁": 3,
    "肆": 4,
    "伍": 5,
    "陆": 6,
    "柒": 7,
    "捌": 8,
    "玖": 9,
}
CHINESE_UNITS = {"十": 10, "百": 100, "千": 1000, "拾": 10, "佰": 100, "仟": 1000}
COUNT = r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,7}|[零一二两三四五六七八九十百千]{1,7})"

_SUM = (
    r"(?P<sign>¥|￥|CNY|RMB|人民币)?[ ]?-?(?P<number>[0-9]{1,3}(?:[,，][0-9]{3})+(?![0-9])(?:\.[0-9]{1,2})?"
    r"|[0-9]{1,12}(?:\.[0-9]{1,2})?)(?![0-9.])[ ]?(?P<scale>万|千)?[ ]?(?P<unit>元|块|圆|CNY|RMB)?"
)
_SUM_IN_WORDS = (
    r"(?P<words>[零一二两三四五六七八九十百千壹贰叁肆伍陆柒捌玖拾佰仟]{1,8})(?P<ten_thousand>万)?[ ]?[元块圆]"
)
SUM = re.compile(rf"(?<![0-9.,A-Za-z-])(?:{_SUM}|{_SUM_IN_WORDS})")
PER_ORDER_AFTER = re.compile(r"[ ]?(?:[/／每]|一)[ ]?(?:单|笔|件|个?订单)")
PER_ORDER_BEFORE = re.compile(r"(?:每一?|按|/)(?:单|笔|件|个?订单)[^，。；;\n0-9]{0,14}\Z|每[单笔件]\Z")
TOTAL_BEFORE = re.compile(r"(?:合计|共计|总计|累计|总额|总共|总金额|(?<![一-龥])共|[，,、；;]共)[^0-9，。；;\n]{0,8}\Z")


@dataclass(frozen=True)
class Money:
    """A sum in a text: role is total (合计, 共), per_order (每单, /单) or plain."""

    start: int
    end: int
    amount: Decimal
    role: str

    @property
    def text(self) -> str:
        """The sum as the result carries it: two places."""
        return money_text(self.amount)


def money_text(amount: Decimal) -> str:
    """Two places, no exponent, no thousands."""
    return f"{amount.quantize(Decimal('0.01')):f}"


def count_of(text: str) -> int | None:
    """31, 1,200, 三, 十二, 一百零五 as a number; None where it is none."""
    plain = text.replace(",", "").strip()
    if re.fullmatch(r"[0-9]{1,9}", plain):
        return int(plain)
    total, current = 0, 0
    if not plain:
        return None
    for char in plain:
        if char in CHINESE_DIGITS:
            current = CHINESE_DIGITS[char]
        elif char in CHINESE_UNITS:
            total += (current or 1) * CHINESE_UNITS[char]
            current = 0
        else:
            return None
    return total + current


def sums(text: str, start: int = 0, end: int | None = None, *, unit_needed: bool = True) -> list[Money]:
    """
    The sums of money in text[start:end]; without `unit_needed` a bare number counts too (beside a label).

    10元, ￥10.00, 3,000.00元, 1.5万元. A number with neither sign nor unit is no money in prose.
    """
    stop = len(text) if end is None else end
    found = []
    for match in SUM.finditer(text, start, stop):
        if unit_needed and not (match["sign"] or match["unit"] or match["words"]):
            continue
        amount = _amount(match)
        if amount is not None:
            found.append(Money(match.start(), match.end(), amount, _role(text, match.start(), match.end(), stop)))
    return found


def _amount(match: re.Match[str]) -> Decimal | None:
    if match["words"]:
        count = count_of(match["words"])
        return None if count is None else Decimal(count) * (10000 if match["ten_thousand"] else 1)
    try:
        number = Decimal(re.sub("[,，]", "", match["number"]))
    except InvalidOperation:
        return None
    scale = {"万": 10000, "千": 1000}.get(match["scale"] or "", 1)
    return number * scale


def _role(text: str, start: int, end: int, stop: int) -> str:
    left = text[max(0, start - 24) : start]
    if PER_ORDER_AFTER.match(text, end, stop):
        return "per_order"
    if TOTAL_BEFORE.search(left):
        return "total"
    return "per_order" if PER_ORDER_BEFORE.search(left) else "plain"
