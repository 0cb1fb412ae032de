"""The deadlines of a notice: of two readings the earlier is kept and a person asked (domain rule 3)."""

from __future__ import annotations

import re
from datetime import datetime

from orders.notices import dates
from orders.notices.due import Deadline, Notice, absolute, counted_down, windowed
from orders.notices.labels import Field, of
from orders.notices.purposes import RECTIFY, purpose
from orders.notices.reading import Reading, clause_around, sentence_around
from orders.notices.windows import rest_at, windows

KINDS = ("ticket_reply", "appeal", "supplement", "next_round", "rectify", "penalty_starts")
LABELLED = {
    "appeal_due_at": "appeal",
    "ticket_due_at": "ticket_reply",
    "due_at": "ticket_reply",
    "supplement_due_at": "supplement",
    "next_round_due_at": "next_round",
    "rectify_due_at": "rectify",
    "starts_at": "penalty_starts",
}
NEVER = datetime.max.replace(tzinfo=dates.SHANGHAI)
BEFORE_IT = re.compile(r"[ ]*(?:之?前|以前|截止|关闭|结束)")
PLEASE = re.compile(r"(?:请|须|需|务必)?(?:最晚|最迟)?(?:于|在)?[ ]?\Z")
SAYS_APPEAL = re.compile(r"[ ]?(?:提交|发起)申诉(?=\Z|[，。；;\s])")
UNTIL = re.compile(r"申诉[^，。；：:\n0-9]{0,8}(?:至|到|截止于?|为止)[ ]?\Z")
CLOSES = re.compile(r"截[止至]到?于?[ ]?\Z")
OPEN_TILL_THEN = re.compile(r"[ ]*(?:均?可|能)(?:以)?(?:提交|发起)?申诉")
TAKES_EFFECT = re.compile(r"[ ]*(?:起)?(?:正式|自动|开始)?(?:生效|执行|实施)")
RUNS_OUT = re.compile(r"[ ]*(?:到期|超时|逾期)")
COMES = re.compile(r"(?<!已)(?:将)?(?:于|自|从|在|将)[ ]?\Z")
EARLIEST = re.compile(r"最早(?:的)?(?:一|1)?[单笔个]?[^，。；\n]{0,6}\Z")
AGREES = re.compile(r"[ ]*时?(?:将)?(?:自动同意|视为(?:无异议|同意|放弃)|默认)")
RANGE = re.compile(r"[至到~～—-]")
COUNTDOWN_LABEL = re.compile("剩|倒计时")
OTHER_CLOCK = re.compile(r"发货|揽收|付款|报名|活动|售后")
LEFT = re.compile(r"(?:剩余|还剩|仅剩|倒计时)[^0-9，。；\n]{0,10}(?=[0-9])")


def deadlines_of(reading: Reading, notice: Notice) -> list[Deadline]:
    """One deadline of each kind, in the order of KINDS."""
    found = _labelled(reading, notice)
    taken = [(item.start, item.end) for item in found]
    in_prose = (*_written(reading, notice), *_windows(reading, notice), *_countdowns(reading, notice))
    found += [
        item
        for item in in_prose
        if not any(start <= item.start < end or start < item.end <= end for start, end in taken)
    ]
    return [
        _one(reading, [item for item in found if item.kind == kind])
        for kind in KINDS
        if any(item.kind == kind for item in found)
    ]


def _labelled(reading: Reading, notice: Notice) -> list[Deadline]:
    found = []
    for item in of(reading.fields, *LABELLED):
        kind = LABELLED[item.name]
        if kind == "ticket_reply" and not notice.is_ticket:
            kind = "appeal"
        if kind == "penalty_starts" and notice.stage not in ("proposed", "warning", None):
            continue
        value = _value(reading, notice, kind, item)
        if value:
            found.append(value)
    return found


def _value(reading: Reading, notice: Notice, kind: str, item: Field) -> Deadline | None:
    text = reading.text
    start, end = item.line(reading.page)
    start += len(text[start:end]) - len(text[start:end].lstrip())
    times = dates.labelled_moments(text, start, end, near=_near(reading, notice))
    if times and times[0].start - start <= 8:
        # 2026-11-18 至 2026-11-21 24:00: the end of a range is the deadline.
        is_range = len(times) == 2 and RANGE.search(text, times[0].end, times[1].start)
        moment = times[1] if is_range else times[0]
        made = absolute(reading, notice, kind, moment, item.start, moment.end)
        made.text = _label_text(reading, item, moment.end)
        made.is_from_effect = kind == "penalty_starts"
        return made
    # 申诉有效期：72小时 is a window; 剩余申诉时间：2天3小时 a countdown.
    rest = rest_at(text, start, end, labelled=True) if COUNTDOWN_LABEL.search(item.label) else None
    if rest:
        return counted_down(reading, kind, rest, _label_text(reading, item, rest.end), item.start)
    near = (window for window in windows(text, start, end, inside_needed=False) if window.start - start <= 4)
    return next((windowed(reading, notice, kind, window, window.end) for window in near), None)


def _label_text(reading: Reading, item: Field, end: int) -> str:
    """The words of a labelled value: label, colon, value on one line; a table's cell alone."""
    if item.separator == "cell":
        return reading.page.text[item.value : end].strip()
    label = reading.page.text[item.start : item.start + len(item.label)]
    gap = reading.page.text[item.start + len(item.label) : item.value]
    if "\n" in gap or "\t" in gap or gap.isspace():
        gap = "："
    return label + gap + reading.page.text[item.value : end].strip()


def _written(reading: Reading, notice: Notice) -> list[Deadline]:
    """Times in sentences: 请于X前提交申诉, 上述处罚于X生效, 最早一笔将于X到期, X时自动同意."""
    made = (_sentence(reading, notice, moment) for moment in dates.moments(reading.text, near=_near(reading, notice)))
    return [item for item in made if item]


def _sentence(reading: Reading, notice: Notice, moment: dates.Moment) -> Deadline | None:
    text = reading.text
    begin, stop = sentence_around(text, moment.start, moment.end)
    before, after = text[begin : moment.start], text[moment.end : stop]
    near, agrees = BEFORE_IT.match(after), AGREES.match(after)
    clause = clause_around(text, moment.start, moment.end)[0]
    if near:
        is_warning = notice.stage == "warning"
        kind = purpose(before, after[near.end() :], is_ticket=notice.is_ticket, is_warning=is_warning)
        please = PLEASE.search(before)
        said = SAYS_APPEAL.match(text, moment.end + near.end())
        end = said.end() if said else moment.end + near.end()
        start = begin + please.start() if please else moment.start
        return absolute(reading, notice, kind, moment, start, end) if kind else None
    is_until = UNTIL.search(before) or (CLOSES.search(before) and OPEN_TILL_THEN.match(after))
    if is_until or agrees:
        start = clause if is_until else moment.start
        return absolute(reading, notice, "appeal", moment, start, moment.end + (agrees.end() if agrees else 0))
    happens = TAKES_EFFECT.match(after) or RUNS_OUT.match(after)
    if happens and COMES.search(before) and notice.stage in ("proposed", "warning", None):
        return _penalty_start(reading, notice, moment, clause, moment.end + happens.end(), before)
    return None


def _penalty_start(
    reading: Reading, notice: Notice, moment: dates.Moment, start: int, end: int, before: str
) -> Deadline:
    made = absolute(reading, notice, "penalty_starts", moment, start, end)
    made.is_from_effect = TAKES_EFFECT.match(reading.text, moment.end) is not None
    count = notice.claimed
    if EARLIEST.search(COMES.sub("", before)) and count:
        made.extra["note"] = f"earliest of {count}; every order keeps its own ship_by"
    return made


def _windows(reading: Reading, notice: Notice) -> list[Deadline]:
    text, found = reading.text, []
    for window in windows(text, 0, len(text)):
        begin, stop = sentence_around(text, window.start, window.end)
        kind = purpose(text[begin : window.start], text[window.end : stop], is_ticket=notice.is_ticket)
        if kind is None:
            continue
        end = window.end
        if kind == "rectify":
            match = RECTIFY.match(text, window.end)
            end = match.end() if match else end
        found.append(windowed(reading, notice, kind, window, end))
    return found


def _countdowns(reading: Reading, notice: Notice) -> list[Deadline]:
    text, found = reading.text, []
    for match in LEFT.finditer(text):
        rest = rest_at(text, match.end(), reading.page.line_end(match.end()))
        if rest is None:
            continue
        begin, stop = sentence_around(text, match.start(), rest.end)
        if OTHER_CLOCK.search(text, begin, stop) and "申诉" not in text[begin:stop]:
            continue
        kind = purpose(text[begin : rest.start], text[rest.end : stop], is_ticket=notice.is_ticket) or (
            "ticket_reply" if notice.is_ticket else "appeal"
        )
        found.append(counted_down(reading, kind, rest, reading.page.text[match.start() : rest.end], match.start()))
    return found


def _near(reading: Reading, notice: Notice) -> datetime | None:
    return notice.noticed.earliest or dates.local(reading.times.pasted_at or reading.times.captured_at)


def _one(reading: Reading, found: list[Deadline]) -> Deadline:
    """Of several readings of one deadline the earliest, and a person where they differ; a countdown yields."""
    known = [item for item in found if item.due_at] or found
    firm = [item for item in known if item.rank < 2] or known
    chosen = min(firm, key=lambda item: (item.due_at or NEVER, item.rank))
    others = [item for item in firm if item.due_at and item.due_at != chosen.due_at]
    if chosen.due_at and others:
        chosen.needs_person = True
        texts = " / ".join(item.text or "" for item in (chosen, *others))
        chosen.extra["note"] = f"readings differ, the earlier is kept: {texts}"
    reading.mark("deadlines", chosen.start, chosen.end)
    return chosen
