"""What the people of the demo do about the alerts: stop orders, call buyers, confirm, report to the platform."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from appeals.demo import clock
from appeals.demo.clock import MINUTE
from orders.actions import alerts, holds, reports, reviews
from orders.models import Order, RiskAlert
from stores.models import Store, User

if TYPE_CHECKING:
    from appeals.demo.chapters import Chapters


def burst_of(store: Store, detector: str) -> RiskAlert:
    """The shop's one burst of the story."""
    return RiskAlert.objects.get(store=store, detector=detector, status__in=["open", "reviewing", "confirmed"])


def pinduoduo_burst(story: Chapters) -> None:
    """40 orders of one article into one street: held, confirmed by the lead, reported before the first was due."""
    cast = story.cast
    alert = burst_of(cast.pdd, "burst_sku_area")
    _hold(story, alert, story.day(4, "20:31"), by=cast.lin, answer_after=21 * MINUTE)
    with clock.at(story.day(3, "09:52")):
        alert.refresh_from_db()
        note = "12分钟内同款同街道40单，平日同时段0至2单，且9单已自行取消"
        alerts.start_review(by=cast.lead, alert=alert)
        alerts.confirm(by=cast.lead, alert=alert, note=note)
    still_open = list(alert.orders.filter(fulfilment="unshipped"))
    _report(alert, still_open, "malicious_buyer", "JB{:%Y%m%d}00012", story.day(3, "10:20"), by=cast.lin)


def douyin_burst(story: Chapters) -> None:
    """46 orders of one recipient: held, two calls, one buyer denies, confirmed and reported."""
    cast = story.cast
    alert = burst_of(cast.douyin, "burst_buyer")
    _hold(story, alert, story.day(1, "12:26"), by=cast.lin, answer_after=15 * MINUTE)
    first, second = alert.orders.order_by("placed_at")[:2]
    with clock.at(story.day(1, "13:06")):
        alerts.start_review(by=cast.lin, alert=alert)
        review = reviews.record_contact(
            by=cast.lin, order=first, alert=alert, at=story.day(1, "13:02"), channel="call", result="answered",
            answers={"q1": "denied", "q6": "asked"}, note="对方称账号借给他人代拍，不知情",
        )  # fmt: skip
    with clock.at(story.day(1, "13:24")):
        reviews.record_contact(
            by=cast.lin, order=second, alert=alert, at=story.day(1, "13:21"), channel="call", result="no_answer"
        )
    with clock.at(story.day(1, "13:31")):
        reviews.decide(by=cast.lin, review=review, verdict="malicious", note="否认本人下单，称受人之托")
        alerts.confirm(by=cast.lin, alert=alert, note="46单同一脱敏收件人，已电话核实")
    _report(alert, list(alert.orders.all()), "malicious_buyer", "JB{:%Y%m%d}00037", story.day(1, "13:45"), by=cast.lin)


def unscanned(story: Chapters) -> None:
    """Seven parcels without a first scan: the carrier is asked, and its trouble reported to the platform."""
    cast = story.cast
    alert = burst_of(cast.pdd, "no_first_scan")
    with clock.at(story.day(1, "20:31")):
        alerts.start_review(by=cast.lin, alert=alert)
    _report(alert, list(alert.orders.all()), "carrier", "BB{:%Y%m%d}00105", story.day(1, "20:38"), by=cast.lin)


def _hold(story: Chapters, alert: RiskAlert, at: dt.datetime, *, by: User, answer_after: dt.timedelta) -> None:
    orders = holds.can_be_held(alert.orders.all())
    with clock.at(at):
        hold = holds.ask(
            by=by, alert=alert, orders=orders, reason="短时间内集中下单，疑似恶意，请先暂缓发货，我们今天核实"
        )
    with clock.at(at + answer_after):
        holds.acknowledge(by=story.cast.owner, hold=hold)


def _report(alert: RiskAlert, orders: list[Order], kind: str, number: str, at: dt.datetime, *, by: User) -> None:
    """Prepared and filed in the console; `number` takes the day."""
    with clock.at(at - 6 * MINUTE):
        report = reports.prepare(by=by, alert=alert, kind=kind, orders=orders)
    with clock.at(at + MINUTE):
        reports.record_filed(by=by, report=report, number=number.format(clock.local(at)), filed_at=at)
