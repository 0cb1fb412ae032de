"""The order books of the four shops: everyday trade of ten days, and the orders the story is about."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from appeals.demo import trade
from appeals.demo.clock import day
from appeals.demo.trade import GARMENTS, HOUR, MINUTE, TEAS, Sale, Till

SECOND = dt.timedelta(seconds=1)
# The burst of the 抖店 shop has one recipient under one masked name; the phone number's middle is masked in the file.
BURST_PERSON = ("张小满", "13800001234", "示例路88号")
BURST_SIZES = {"pinduoduo": 40, "douyin": 46}
NAMED_IN_NOTICE = 31


@dataclass(frozen=True)
class Books:
    """All orders of the demo, shop by shop, in order of time."""

    pdd: list[Sale]
    douyin: list[Sale]
    tea_douyin: list[Sale]
    tea_taobao: list[Sale]


def write(now: dt.datetime) -> Books:
    """The books of a world that is told at `now`."""
    return Books(pinduoduo(now), douyin(now), _quiet(now), tea_taobao(now))


def pinduoduo(now: dt.datetime) -> list[Sale]:
    """1,500 orders: 40 of one article into one street within 12 minutes, seven parcels nobody scanned, some nearly late."""
    till = Till(trade.PINDUODUO, now)
    burst_pinduoduo(till, day(now, 4, "19:03"))
    for n in range(7):
        till.ring(
            day(now, 4, "10:11") + 37 * MINUTE * n, ships_after=_until(now, 4, 3, n), scan_after=None, tag="unscanned"
        )
    for hours in (48.9, 48.3, 47.4, 47.1, 46.2, 45.8, 44.9, 43.7, 42.5, 41.0, 39.6, 38.2, 37.1):
        till.ring(now - HOUR * hours, ships_after=None, tag="late")
    _in_time(till, "won", day(now, 9, "08:40"), 4)
    _in_time(till, "partly", day(now, 9, "13:10"), 5)
    till.ring(day(now, 10, "14:30"), ships_after=53 * HOUR, tag="partly")
    _in_time(till, "filed", day(now, 6, "14:05"), 5)
    till.everyday(1500 - len(till.sales))
    return till.close()


def burst_pinduoduo(till: Till, start: dt.datetime, *, cancelled: bool = True) -> None:
    """40 orders of one article into one street within 12 minutes; nine of them are cancelled later, 31 stay open."""
    for n in range(BURST_SIZES["pinduoduo"]):
        sale = till.ring(
            start + 18 * SECOND * n, ships_after=None, tag="burst", place=trade.BURST_PDD, article=GARMENTS[0]
        )
        if cancelled and n >= NAMED_IN_NOTICE:
            sale.refunded_at = start + 20 * HOUR + n * MINUTE


def burst_douyin(till: Till, start: dt.datetime) -> None:
    """46 orders within 9 minutes under one masked name, phone number and street."""
    for n in range(BURST_SIZES["douyin"]):
        till.ring(
            start + 11 * SECOND * n, ships_after=None, tag="burst", place=trade.BURST_DOUYIN, person=BURST_PERSON,
            article=GARMENTS[2],
        )  # fmt: skip


def douyin(now: dt.datetime) -> list[Sale]:
    """900 orders: 46 of one recipient within 9 minutes, some that were shipped late."""
    till = Till(trade.DOUYIN, now)
    burst_douyin(till, day(now, 1, "12:03"))
    for n in range(3):
        till.ring(day(now, 4, "21:10") + 9 * MINUTE * n, ships_after=57 * HOUR + 13 * MINUTE * n, tag="intake")
    for n in range(5):
        till.ring(day(now, 8, "18:20") + 7 * MINUTE * n, ships_after=62 * HOUR + 5 * MINUTE * n, tag="rectifying")
    for n in range(2):
        till.ring(day(now, 10, "09:30") + 21 * MINUTE * n, ships_after=56 * HOUR + 8 * MINUTE * n, tag="accepted")
    till.everyday(900 - len(till.sales))
    return till.close()


def _quiet(now: dt.datetime) -> list[Sale]:
    """120 orders in which nothing is wrong."""
    till = Till(trade.TEA_DOUYIN, now)
    till.everyday(120)
    return till.close()


def tea_taobao(now: dt.datetime) -> list[Sale]:
    """150 orders of a shop with its own system."""
    till = Till(trade.TEA_TAOBAO, now)
    for n in range(3):
        till.ring(
            day(now, 10, "10:05") + 15 * MINUTE * n,
            ships_after=55 * HOUR + 11 * MINUTE * n,
            tag="lost",
            article=TEAS[2],
        )
    for n in range(2):
        till.ring(day(now, 9, "16:40") + 25 * MINUTE * n, ships_after=50 * HOUR + 9 * MINUTE * n, tag="withdrawn")
    for n in range(3):
        till.ring(day(now, 9, "11:15") + 19 * MINUTE * n, ships_after=52 * HOUR + 6 * MINUTE * n, tag="expired")
    _in_time(till, "reviewing", day(now, 5, "09:20"), 4)
    till.everyday(150 - len(till.sales))
    return till.close()


def _in_time(till: Till, tag: str, start: dt.datetime, count: int) -> None:
    """Orders that were shipped and scanned well before their time."""
    for n in range(count):
        till.ring(
            start + 17 * MINUTE * n,
            ships_after=9 * HOUR + 6 * MINUTE * n,
            scan_after=2 * HOUR + 4 * MINUTE * n,
            tag=tag,
        )


def _until(now: dt.datetime, placed_days_ago: int, shipped_days_ago: int, n: int) -> dt.timedelta:
    """From the n-th unscanned order to the evening on which its number was uploaded."""
    placed = day(now, placed_days_ago, "10:11") + 37 * MINUTE * n
    return day(now, shipped_days_ago, "19:40") + 2 * MINUTE * n - placed
