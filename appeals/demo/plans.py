"""Rectification in the demo: figures measured after the days were over, and a training with its signed sheet."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.utils import timezone

from appeals.actions import plans, trainings
from appeals.demo import clock, files
from appeals.models import Case

if TYPE_CHECKING:
    from appeals.demo.chapters import Chapters

THERE, MISSING = ("赵敏", "孙立", "周倩", "吴海", "郑小雨"), ("王涛",)


def tell(story: Chapters) -> None:
    """The case that is being put right gets a training, held and signed; then the daily run measures what is due."""
    case, lin, owner = Case.objects.get(status="rectifying"), story.cast.lin, story.cast.owner
    with clock.at(story.day(1, "09:30")):
        training = plans.add(
            by=lin, case=case, title="发货时效培训：怎么看最晚发货时间，来不及时先报备", owner_name="店长",
            due_on=timezone.localdate(), is_training=True, repeat_days=90,
        )  # fmt: skip
        plans.move(by=owner, action=training, to="doing")
    with clock.at(story.day(1, "18:10")):
        held = trainings.record(
            by=lin, action=training, held_on=timezone.localdate(), topic="最晚发货时间与报备", present=THERE,
            absent=MISSING,
        )  # fmt: skip
        lines = (f"培训：{held.topic}", f"日期：{held.held_on}", f"到场：{len(THERE)}人", "本图为演示生成")
        shot = files.picture("培训签到表", lines, name="签到表.png")
        trainings.add_sheet(by=lin, session=held, uploads=[shot], declared_true=True)
    with clock.at(story.now - dt.timedelta(minutes=7)):
        plans.measure_due()
