"""The rectification plan as it stands: what, who, by when, and the number that shows whether it works."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from appeals.evidence import subject, words
from appeals.evidence.document import Column, Document, Sheet
from appeals.models import Case
from casemgr.kit.workflow import Refused

STATES = {
    "planned": "未开始",
    "doing": "进行中",
    "done": "已完成",
    "proven": "已完成，指标见效",
    "not_proven": "已完成，指标未见效",
}


def sheet(case: Case) -> Sheet:
    """The actions of `case` that are not waived. Raises Refused when there is no plan."""
    actions = [action for action in case.plan.all() if action.status != "waived"]
    if not actions:
        raise Refused(_("The case has no plan yet: add actions first."))
    rows = [
        [
            str(number),
            action.title,
            action.owner_name,
            f"{action.due_on:%Y-%m-%d}",
            action.metric or words.NO_RECORD,
            STATES[action.status],
        ]
        for number, action in enumerate(actions, 1)
    ]
    columns = [
        Column("序", align="right"),
        Column("整改事项", 3),
        Column("负责人", 1.2),
        Column("完成日期"),
        Column("衡量指标", 2),
        Column("进度"),
    ]
    facts = [*subject.facts(case, case.order_count), *_cause(case)]
    notes = ["指标数据按实际发生统计，不作预填。"]
    return Sheet("整改方案", facts, columns, rows, notes, is_wide=False, table_size=9.5)


def _cause(case: Case) -> list[tuple[str, str]]:
    """The cause as recorded in words, else the root cause chosen; nothing where neither is known."""
    recorded = case.facts.filter(name="cause_plain", is_waived=False).values_list("value", flat=True).first()
    if recorded:
        return [("原因", recorded)]
    cause = words.CAUSES.get(case.root_cause)
    return [("原因", cause)] if cause else []


DOCUMENT = Document("rectify_plan", gettext_lazy("Rectification plan"), "rectify_plan", "本店整改记录", sheet)
