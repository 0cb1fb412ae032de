"""How the people of the demo share the work: a holiday to come, a case laid aside, a note to a colleague, kept views."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.utils import timezone

from appeals.actions import talk, team, views
from appeals.demo import clock
from appeals.models import Case
from stores.actions import absences

if TYPE_CHECKING:
    from appeals.demo.chapters import Chapters


def tell(story: Chapters) -> None:
    """Shortly before now, so that what is new is new."""
    cast = story.cast
    preparing, filed = (Case.objects.get(status=status) for status in ("preparing", "filed"))
    with clock.at(story.now - 4 * clock.MINUTE):
        start = timezone.localdate() + dt.timedelta(days=2)
        absences.add(by=cast.he, user=cast.he, from_on=start, to_on=start + dt.timedelta(days=2), deputy=cast.lin)
        team.look(by=cast.lead, case=preparing)
        until = clock.day(story.now, -1, "10:00")
        team.snooze(by=cast.lin, case=filed, until=until, reason="平台一般次日上午出结果，明早再看后台")
        views.save(by=cast.lead, page="cases", name="全组逾期", query="view=overdue", is_shared=True)
        views.save(by=cast.lin, page="cases", name="等商家补材料", query="view=merchant&waiting_for=merchant")
    with clock.at(story.now - 3 * clock.MINUTE):
        note = f"恶意下单的依据基本齐了，@{cast.lead.name} 有空先看一眼聚集分析，聊天记录到了就能提交复核。"
        talk.say(by=cast.lin, case=preparing, text=note, is_internal=True)
