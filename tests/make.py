"""Builders for tests: each makes one thing with what the test does not care about filled in."""

from __future__ import annotations

import datetime as dt
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from orders.models import Order, OrderLine, Parcel, ParcelOrder, RiskAlert, Violation, ViolationOrder
from stores.models import Assignment, Membership, Merchant, Platform, Policy, PolicyRound, Store, User, ViolationType

SHANGHAI = ZoneInfo("Asia/Shanghai")
_numbers = count(1)


def at(text: str) -> dt.datetime:
    """A moment from "2026-11-07 20:03" as read on a clock in Shanghai."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def user(name: str = "", *, role: str = "", phone: str = "", **fields: Any) -> User:
    """A person; `role` is a role of the agency (handler, lead, administrator) or empty for merchant people."""
    n = next(_numbers)
    person = User(name=name or f"person {n}", phone=phone or f"1390000{n:04d}", agency_role=role, **fields)
    person.set_unusable_password()
    person.save()
    return person


def platform(code: str = "pinduoduo") -> Platform:
    names = {
        "pinduoduo": ("拼多多", "Pinduoduo", "拼"),
        "douyin": ("抖店", "Douyin", "抖"),
        "taobao": ("淘宝", "Taobao", "淘"),
    }
    zh, en, short = names.get(code, (code, code, code[:1]))
    return Platform.objects.get_or_create(code=code, defaults={"name_zh": zh, "name_en": en, "short_zh": short})[0]


def violation_type(key: str = "false_transaction", *, on: str = "pinduoduo") -> ViolationType:
    names = {
        "false_transaction": ("虚假交易", "False transaction"),
        "fake_shipment": ("虚假发货", "Fake shipment"),
        "late_shipment": ("延迟发货", "Late shipment"),
    }
    zh, en = names.get(key, (key, key))
    return ViolationType.objects.get_or_create(platform=platform(on), key=key, defaults={"name_zh": zh, "name_en": en})[
        0
    ]


def policy(
    key: str = "false_transaction",
    *,
    on: str = "pinduoduo",
    version: int = 1,
    window: int | None = 72,
    attempts: int | None = None,
    confidence: str = "C",
    **fields: Any,
) -> Policy:
    values = {"effective_from": at("2020-01-01 00:00"), "source": "test", "confidence": confidence, **fields}
    made = Policy.objects.create(violation_type=violation_type(key, on=on), version=version, **values)
    PolicyRound.objects.create(policy=made, number=1, window=window, attempts=attempts, confidence="D")
    return made


def merchant(name: str = "绿叶服饰") -> Merchant:
    return Merchant.objects.create(name=name)


def store(name: str = "", *, on: str = "pinduoduo", of: Merchant | None = None, **fields: Any) -> Store:
    n = next(_numbers)
    return Store.objects.create(
        name=name or f"shop {n}",
        platform=platform(on),
        merchant=of or merchant(f"merchant {n}"),
        external_id=f"x{n}",
        **fields,
    )


def assign(person: User, *shops: Store) -> User:
    for shop in shops:
        Assignment.objects.get_or_create(user=person, store=shop)
    return person


def member(person: User, of: Merchant, *, role: str = "owner", shops: list[Store] | None = None) -> User:
    membership = Membership.objects.create(user=person, merchant=of, role=role, all_shops=shops is None)
    membership.shops.set(shops or [])
    return person


def order(shop: Store, order_no: str = "", **fields: Any) -> Order:
    n = next(_numbers)
    now = timezone.now()
    values = {
        "placed_at": now,
        "paid_at": now,
        "state": "paid",
        "fulfilment": "unshipped",
        "quantity": 1,
        "content_hash": f"{n:032d}",
        "created_at": now,
        "updated_at": now,
        **fields,
    }
    return Order.objects.create(store=shop, order_no=order_no or f"261107-{n:015d}", **values)


def line(of: Order, *, sku_key: str = "", quantity: int = 1, **fields: Any) -> OrderLine:
    n = next(_numbers)
    return OrderLine.objects.create(
        order=of,
        line_key=str(n),
        sku_key=sku_key,
        quantity=quantity,
        content_hash=f"{n:032d}",
        **{"sku_name": "开衫", **fields},
    )


def parcel(of: Order, waybill_no: str = "", **fields: Any) -> Parcel:
    n = next(_numbers)
    made = Parcel.objects.create(
        store=of.store,
        waybill_no=waybill_no or f"JT{n:013d}",
        **{"created_at": timezone.now(), "shipped_at": timezone.now(), **fields},
    )
    ParcelOrder.objects.create(parcel=made, order=of)
    return made


def violation(
    shop: Store, *, key: str = "false_transaction", orders: list[Order] | None = None, **fields: Any
) -> Violation:
    n = next(_numbers)
    made = Violation.objects.create(
        store=shop,
        violation_type=violation_type(key, on=shop.platform.code),
        **{
            "violation_no": f"9020{n:010d}",
            "stage": "in_force",
            "noticed_at": timezone.now(),
            "named_count": len(orders or []),
            **fields,
        },
    )
    for one in orders or []:
        ViolationOrder.objects.create(violation=made, order_no=one.order_no, order=one)
    return made


def alert(shop: Store, *, orders: list[Order] | None = None, **fields: Any) -> RiskAlert:
    now = timezone.now()
    values = {"detector": "burst_buyer", "severity": "high", "subject": "", "first_seen_at": now, "last_seen_at": now}
    made = RiskAlert.objects.create(
        store=shop, fingerprint=f"f{next(_numbers)}", order_count=len(orders or []), **{**values, **fields}
    )
    made.orders.add(*orders or [])
    return made
