"""What was sold: orders as the shops of the demo had them, and how a platform's file shows them at any moment.

The random numbers are always the same ones, so that two worlds made at the same moment are the same world.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from casemgr.kit.clock import SHANGHAI

HOUR, MINUTE = dt.timedelta(hours=1), dt.timedelta(minutes=1)
SHIP_HOURS = 48
# Orders by the hour of the day in Shanghai: few at night, most in the evening.
BY_HOUR = (2, 1, 1, 1, 1, 1, 2, 4, 6, 8, 9, 9, 10, 9, 8, 8, 8, 9, 11, 13, 15, 14, 10, 5)


@dataclass(frozen=True)
class Article:
    code: str
    name: str
    spec: str
    price: Decimal


@dataclass(frozen=True)
class Place:
    province: str
    city: str
    district: str
    street: str


@dataclass(frozen=True)
class Trade:
    """What tells one shop's orders apart from another's: number shapes, words, goods."""

    seed: int
    goods: tuple[Article, ...]
    order_no: str  # what stands before twelve digits; with strftime signs for the day it was placed
    carrier: str = "极兔速递"
    waybill: str = "JT9{:012d}"


@dataclass
class Sale:
    """One order with everything that ever happens to it; `tag` says which part of the story needs it."""

    no: str
    article: Article
    quantity: int
    place: Place
    person: tuple[str, str, str]
    placed_at: dt.datetime
    shipped_at: dt.datetime | None
    scanned_at: dt.datetime | None
    refunded_at: dt.datetime | None = None
    waybill: str = ""
    carrier: str = ""
    tag: str = ""

    @property
    def paid_at(self) -> dt.datetime:
        return self.placed_at + dt.timedelta(seconds=20)

    @property
    def ship_by(self) -> dt.datetime:
        return self.paid_at + HOUR * SHIP_HOURS

    @property
    def delivered_at(self) -> dt.datetime | None:
        return self.scanned_at + HOUR * 44 if self.scanned_at else None

    @property
    def amount(self) -> Decimal:
        return self.article.price * self.quantity

    def scans(self, until: dt.datetime) -> Iterator[tuple[dt.datetime, str, str]]:
        """(when, what the carrier says, city) of every scan up to `until`."""
        if self.scanned_at is None or self.delivered_at is None:
            return
        told = [
            (self.scanned_at, "【杭州余杭网点】已揽收", "杭州市"),
            (self.scanned_at + HOUR * 9, "快件已离开【杭州转运中心】", "杭州市"),
            (self.delivered_at, "快件已签收，签收人：驿站代收", self.place.city),
        ]
        yield from (one for one in told if one[0] <= until)


GARMENTS = (
    Article("LY-KS-2601-BM", "女款针织开衫（示例款）", "白色 M", Decimal("89.00")),
    Article("LY-KS-2601-HL", "女款针织开衫（示例款）", "黑色 L", Decimal("89.00")),
    Article("LY-WY-2611-KS", "加绒卫衣（示例款）", "卡其 S", Decimal("69.90")),
    Article("LY-QZ-2604-LM", "高腰半身裙（示例款）", "蓝色 M", Decimal("59.00")),
    Article("LY-DD-2620-XL", "保暖打底衫（示例款）", "肤色 XL", Decimal("39.90")),
    Article("LY-YR-2630-MS", "短款羽绒服（示例款）", "米色 S", Decimal("299.00")),
)
TEAS = (
    Article("SY-LC-250", "高山绿茶（示例款）", "250g", Decimal("88.00")),
    Article("SY-HC-125", "正山红茶（示例款）", "125g", Decimal("126.00")),
    Article("SY-PE-357", "熟普茶饼（示例款）", "357g", Decimal("158.00")),
)
PLACES = (
    Place("浙江省", "杭州市", "余杭区", "仓前街道"),
    Place("浙江省", "宁波市", "鄞州区", "下应街道"),
    Place("江苏省", "苏州市", "吴中区", "木渎镇"),
    Place("江苏省", "南京市", "江宁区", "东山街道"),
    Place("上海市", "上海市", "闵行区", "莘庄镇"),
    Place("广东省", "广州市", "番禺区", "大石街道"),
    Place("广东省", "东莞市", "东莞市", "虎门镇"),
    Place("四川省", "成都市", "郫都区", "犀浦街道"),
    Place("湖北省", "武汉市", "洪山区", "关山街道"),
    Place("河南省", "郑州市", "金水区", "文化路街道"),
)
# Number shapes: 拼多多 the day and fifteen digits, 抖店 and 淘宝 nineteen digits.
PINDUODUO = Trade(11, GARMENTS, "%y%m%d-911")
DOUYIN = Trade(22, GARMENTS, "6938022", "圆通速递", "YT9{:012d}")
TEA_DOUYIN = Trade(33, TEAS, "6938033", "圆通速递", "YT9{:012d}")
TEA_TAOBAO = Trade(44, TEAS, "2938044", "圆通速递", "YT9{:012d}")
# Where the two bursts of the story go.
BURST_PDD = Place("浙江省", "嘉兴市", "南湖区", "新嘉街道")
BURST_DOUYIN = Place("广东省", "佛山市", "禅城区", "祖庙街道")
SURNAMES = "王李张刘陈杨黄赵周吴徐孙马朱胡郭何高林罗"
GIVEN = "静丽敏艳娟霞秀英慧玲婷雪琳颖佳晨欣怡"


class Till:
    """Rings up orders of one shop, numbering them as they come."""

    def __init__(self, trade: Trade, now: dt.datetime) -> None:
        self.trade, self.now = trade, now
        self.random = random.Random(trade.seed)
        self.sales: list[Sale] = []

    def ring(
        self,
        placed_at: dt.datetime,
        *,
        ships_after: dt.timedelta | None,
        scan_after: dt.timedelta | None = HOUR * 3,
        tag: str = "",
        place: Place | None = None,
        person: tuple[str, str, str] | None = None,
        article: Article | None = None,
    ) -> Sale:
        """One order; None for `ships_after`: never shipped, for `scan_after`: never scanned."""
        shipped = placed_at + ships_after if ships_after else None
        sale = Sale(
            no="",
            article=article or self.random.choice(self.trade.goods),
            quantity=1 if self.random.random() < 0.85 else 2,
            place=place or self.random.choice(PLACES),
            person=person or self._person(),
            placed_at=placed_at,
            shipped_at=shipped,
            scanned_at=shipped + scan_after if shipped and scan_after else None,
            carrier=self.trade.carrier,
            tag=tag,
        )
        self.sales.append(sale)
        return sale

    def _person(self) -> tuple[str, str, str]:
        pick = self.random.choice
        name = pick(SURNAMES) + "".join(pick(GIVEN) for _n in range(2))
        return name, f"138{self.random.randrange(10**8):08d}", f"示例路{self.random.randrange(1, 300)}号"

    def everyday(self, count: int, *, days: int = 10) -> None:
        """So many ordinary orders over the last `days`, each shipped when the warehouse works and scanned within the hour.

        The last of them is an hour old, so that every file made since has all of them.
        """
        last = self.now - HOUR
        first = last - dt.timedelta(days=days)
        while count:
            placed = (first + (last - first) * self.random.random()).replace(microsecond=0)
            if self.random.random() * max(BY_HOUR) > BY_HOUR[placed.astimezone(SHANGHAI).hour]:
                continue
            count -= 1
            scanned = MINUTE * (18 + 36 * self.random.random())
            self.ring(placed, ships_after=self._packed_at(placed) - placed, scan_after=scanned)

    def _packed_at(self, placed: dt.datetime) -> dt.datetime:
        """What came before two in the afternoon is sent by six, the rest by one the next day: never a day late."""
        local = placed.astimezone(SHANGHAI)
        is_early = local.hour < 14
        start = local.replace(hour=14 if is_early else 9, minute=0, second=0) + dt.timedelta(days=0 if is_early else 1)
        return start + HOUR * 4 * self.random.random()

    def close(self) -> list[Sale]:
        """All orders in order of time, with their numbers."""
        self.sales.sort(key=lambda sale: sale.placed_at)
        for n, sale in enumerate(self.sales, 1):
            sale.no = f"{sale.placed_at.astimezone(SHANGHAI).strftime(self.trade.order_no)}{n:012d}"
            sale.waybill = self.trade.waybill.format(self.trade.seed * 10**6 + n)
        return self.sales


def tagged(sales: Iterable[Sale], tag: str) -> list[Sale]:
    return [sale for sale in sales if sale.tag == tag]


def facts_of(sale: Sale, seen_at: dt.datetime) -> dict[str, Any]:
    """The order as a file made at `seen_at` shows it, in field names; what happens later is not in it yet."""
    shipped = sale.shipped_at if sale.shipped_at and sale.shipped_at <= seen_at else None
    delivered = sale.delivered_at if shipped and sale.delivered_at and sale.delivered_at <= seen_at else None
    name, phone, detail = sale.person
    return {
        "order_no": sale.no, "sub_order_no": sale.no, "sku_code": sale.article.code, "sku_name": sale.article.name,
        "sku_spec": sale.article.spec, "quantity": sale.quantity, "unit_price": sale.article.price,
        "amount_total": sale.amount, "amount_paid": sale.amount, "placed_at": sale.placed_at, "paid_at": sale.paid_at,
        "promised_ship_at": sale.ship_by, "shipped_at": shipped, "delivered_at": delivered, "closed_at": delivered,
        "waybill_no": sale.waybill if shipped else "", "carrier": sale.carrier if shipped else "",
        "province": sale.place.province, "city": sale.place.city, "district": sale.place.district,
        "street": sale.place.street, "recipient_name": name, "recipient_phone": phone, "address": detail,
        "is_refunded": bool(sale.refunded_at and sale.refunded_at <= seen_at), "warehouse": "余杭仓",
    }  # fmt: skip
