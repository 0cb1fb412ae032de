"""The single facts of a notice: its number, when it came, the shop, the attempts, the time a count was taken."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from orders.notices import dates
from orders.notices.labels import first, of
from orders.notices.numbers import COUNT, count_of
from orders.notices.reading import Reading

NUMBER = re.compile(r"[\s《〈「【“\"#：:]*(?:[-•·*][ ])?(?P<number>(?:[A-Za-z]{1,6}[-_]?)?[0-9]{6,24})(?![0-9*.-])")
ANOTHER = re.compile(
    r"[》〉」】”\"]*[、，,和及][《〈「【“\"]*(?P<number>(?:[A-Za-z]{1,6}[-_]?)?[0-9]{6,24})(?![0-9*.-])"
)
SHOP = re.compile(r"[^\n\t，。；,;|]{2,40}?(?=[ ]{2,}|[\n\t，。；,;|]|\Z)")
SHOP_IN_PROSE = re.compile(
    r"店铺[ ]?[【“\"「《](?P<shop>[^】”\"」》\n]{2,30}?(?:店|铺|馆|旗舰)(?:[（(][^）)\n]{1,8}[）)])?)[】”\"」》]"
)
SHOP_AFTER_YOUR = re.compile(r"(?:您的?|贵)(?:店铺|店)[ ]?[【“\"「《](?P<shop>[^】”\"」》\n]{2,30})[】”\"」》]")
SHOP_NAME = re.compile(
    r"您的店铺[ ]*(?P<shop>[\u4e00-\u9fffA-Za-z0-9]{2,20}(?:旗舰店|专营店|专卖店|企业店|小店|店))(?=[ ]*[（(，,])"
)
NOTHING = re.compile(r"-+|—+|/|无|暂无|N/A", re.IGNORECASE)
ATTEMPTS = (
    re.compile(
        rf"(?:仅限|限|最多(?:可|能)?|至多|上限为?|共有?|共计|仅(?:可|有|能)?|只(?:可|有|能)|可|有)(?:发起|提交"
        rf"|进行)?(?:申诉)?(?P<n>{COUNT})[ ]?次(?:申诉)?(?:机会)?(?!以上|未|处罚|违规)"
    ),
    re.compile(rf"申诉(?:机会|次数)[ ]?(?:为|是|共|仅|有|上限)?[ ]?(?P<n>{COUNT})[ ]?次"),
    re.compile(rf"(?P<n>{COUNT})[ ]?次申诉(?:机会)?"),
)
LEFT = re.compile(rf"(?:剩余|还可|还剩|还有|尚有|仍有|仍可|尚可)[^，。；\n0-9]{{0,10}}?(?P<n>{COUNT})[ ]?次")
VALUE_COUNT = re.compile(rf"[ ]*(?P<n>{COUNT})[ ]?次?(?![0-9/])")
NOT_A_COUNT = re.compile(r"[ ]*(?:之?前|以前|止|申诉|提交|可|均可|内)")
AS_OF = re.compile(r"(?:\A|[\n，。；：\s])截[至止]到?(?:目前)?[ ]?(?:时间)?[ ]?\Z")


def numbers_of_violation(reading: Reading) -> list[str]:
    """
    The violation's number, else the notice's, else the ticket's; several where the text lists several (《A》、《B》).

    Empty where there is none, or where labels of one kind give different ones: a wrong number is worse than none.
    """
    for name in ("violation_no", "notice_no", "ticket_no"):
        found: dict[str, tuple[int, int]] = {}
        lists = 0
        for item in of(reading.fields, name):
            match = NUMBER.match(reading.text, item.value, item.end)
            if match is None:
                continue
            found.setdefault(match["number"], match.span("number"))
            place = match.end()
            while another := ANOTHER.match(reading.text, place, item.end):
                found.setdefault(another["number"], another.span("number"))
                place, lists = another.end(), lists + 1
        if len(found) == 1 or (found and lists):
            for start, end in found.values():
                reading.mark("violation_no", start, end)
            return list(found)
        if found:
            return []
    return []


@dataclass(frozen=True)
class Noticed:
    """
    When the platform told the shop.

    `at` is None where the text does not say or says two things; `earliest` is what windows are counted from (the first
    of several readings, the start of a day without a clock), so that no estimate is later than it may be.
    """

    at: datetime | None = None
    is_certain: bool = False
    earliest: datetime | None = None


def noticed(reading: Reading, *, is_ticket: bool) -> Noticed:
    """
    The time of the notice.

    违规时间 is often the time of the notice (a list has no other), but not always: taken, and not certain. A date
    without a clock is the end of that day, and not certain.
    """
    names = ["noticed_at", "punished_at", *(["created_at"] if is_ticket else []), "occurred_at"]
    for name in names:
        moments = [
            moment
            for item in of(reading.fields, name)
            if (moment := _moment(reading, *item.line(reading.page))) and moment.at
        ]
        if not moments:
            continue
        times = [moment.at for moment in moments if moment.at]
        first = moments[0]
        if len(set(times)) > 1:
            return Noticed(earliest=min(times))
        reading.mark("noticed_at", first.start, first.end)
        begin = times[0] if first.has_clock else times[0].replace(hour=0, minute=0, second=0)
        return Noticed(times[0], first.has_clock and name != "occurred_at", begin)
    return Noticed()


def _moment(reading: Reading, start: int, end: int) -> dates.Moment | None:
    """The time at the start of a value; without a year it is the nearest such day to the pasting."""
    near = dates.local(reading.times.pasted_at or reading.times.captured_at)
    found = dates.labelled_moments(reading.text, start, end, near=near)
    if not found or found[0].start - start > 6:
        return None
    return found[0]


def shop_name(reading: Reading) -> str | None:
    """The shop's name as it stands in the notice."""
    names: dict[str, tuple[int, int]] = {}
    for item in of(reading.fields, "shop"):
        start, end = item.line(reading.page)
        match = SHOP.match(reading.text, start, end)
        if match and match.group().strip() and not NOTHING.fullmatch(match.group().strip()):
            left = match.start() + len(match.group()) - len(match.group().lstrip())
            names.setdefault(match.group().strip(), (left, left + len(match.group().strip())))
    if not names:
        patterns = (SHOP_IN_PROSE, SHOP_AFTER_YOUR, SHOP_NAME)
        match = next((found for pattern in patterns if (found := pattern.search(reading.text))), None)
        if match:
            names[match["shop"]] = match.span("shop")
    if len(names) != 1:
        return None
    ((start, end),) = names.values()
    reading.mark("shop_name", start, end)
    return reading.page.text[start:end]


def attempts(reading: Reading) -> tuple[int | None, int | None]:
    """(stated in all, left): 剩余申诉次数 is the rest, not the total."""
    stated = _labelled_count(reading, "attempts_allowed")
    left = _labelled_count(reading, "attempts_left")
    text = reading.text
    if left is None:
        match = LEFT.search(text)
        if match and "申诉" in text[max(0, match.start() - 14) : match.end() + 10]:
            left = count_of(match["n"])
            reading.mark("attempts_left", *match.span("n"))
    if stated is None and not of(reading.fields, "attempts_allowed"):
        stated = _attempts_in_prose(reading)
    return stated, left


def _attempts_in_prose(reading: Reading) -> int | None:
    text = reading.text
    for pattern in ATTEMPTS:
        for match in pattern.finditer(text):
            around = text[max(0, match.start() - 24) : match.end() + 8]
            is_rest = re.search(
                r"(?:剩余|还可|还剩|还有|尚|仍|已)[^，。；\n]{0,10}\Z",
                text[max(0, match.start() - 12) : match.end("n")],
            )
            if "申诉" in around and not is_rest:
                reading.mark("attempts_stated", *match.span("n"))
                return count_of(match["n"])
    return None


def _labelled_count(reading: Reading, name: str) -> int | None:
    item = first(reading.fields, name)
    match = VALUE_COUNT.match(reading.text, *item.line(reading.page)) if item else None
    if match is None:
        return None
    reading.mark("attempts_left" if name == "attempts_left" else "attempts_stated", *match.span("n"))
    return count_of(match["n"])


def counted_at(reading: Reading) -> str | None:
    """The time of a count (截至X，您有12笔…): neither the notice's time nor a deadline."""
    for moment in dates.moments(reading.text, near=dates.local(reading.times.pasted_at)):
        before = reading.text[max(0, moment.start - 8) : moment.start]
        if moment.at and AS_OF.search(before) and not NOT_A_COUNT.match(reading.text, moment.end):
            reading.mark("as_of", moment.start, moment.end)
            return dates.written(moment.at)
    return None
