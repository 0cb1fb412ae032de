"""Orders by the million without an import, the same for the same seed: what screening and lists are measured on.

Rows go in as the database keeps them (casemgr.kit.bulk). Nine of ten recipients are masked as platforms mask them; one
of ten orders carries a phone number and an address in full, as files of shop systems do.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from appeals.models import Case, CaseViolation
from casemgr.kit.bulk import execute, insert
from orders.models import Order, Violation
from stores.models import Merchant, Platform, Store, User, ViolationType

DAYS = 90
_BLANK = [one.attname for one in Order._meta.fields if one.get_internal_type() == "CharField"]
_CLOCK = "%Y-%m-%d %H:%M:%S"


def shop(name: str) -> Store:
    """A merchant of its own with one shop that tells of scans."""
    merchant = Merchant.objects.create(name=name)
    return Store.objects.create(name=name, platform=Platform.objects.get(code="pinduoduo"), merchant=merchant)


def base(store: Store, count: int, until: dt.datetime, *, seed: int = 1) -> None:
    """`count` shipped orders of the last 90 days before `until`, in order of time, nobody's too often."""
    chance = random.Random(seed)
    step = dt.timedelta(days=DAYS) / max(1, count)
    begun = until - dt.timedelta(days=DAYS)
    moments = ((begun + step * place, begun + step * place) for place in range(count))
    _write(store, f"{seed}-", ((placed, told, _person(chance)) for placed, told in moments), is_shipped=True)


def news(store: Store, moments: list[dt.datetime], told_at: dt.datetime, *, seed: int = 2, bursts: int = 20) -> None:
    """Unshipped orders placed at `moments`, written at `told_at`; among them bursts of twelve of one recipient each."""
    chance = random.Random(seed)
    people = [_person(chance) for _moment in moments]
    for number in range(bursts):
        start = number * (len(moments) // max(1, bursts))
        people[start : start + 12] = [people[start]] * 12
    _write(store, f"{seed}-", ((at, told_at, who) for at, who in zip(moments, people, strict=True)), is_shipped=False)


def settle() -> None:
    """As it is some minutes after an import: statistics there, on PostgreSQL the pages known to be visible to all."""
    if connection.vendor == "postgresql":
        execute("VACUUM ANALYZE")


def _person(chance: random.Random) -> dict[str, str]:
    key = f"{chance.getrandbits(128):032x}"
    area = f"{chance.randrange(3_000):032x}"
    if chance.random() < 0.9:
        return {"key_masked": key, "key_area": area, "recipient_masked": "张**", "phone_masked": "138****1234"}
    return {"key_phone": key, "key_address": key[::-1], "key_masked": key[1:] + "0", "key_area": area}


def _write(
    store: Store, head: str, orders: Iterator[tuple[dt.datetime, dt.datetime, dict[str, str]]], *, is_shipped: bool
) -> None:
    said = {"state": "shipped", "fulfilment": "shipped"} if is_shipped else {"state": "paid", "fulfilment": "unshipped"}
    times = ("placed_at", "paid_at", "ship_by", "shipped_at", "created_at", "updated_at")
    columns = [
        "store_id",
        "order_no",
        *(name for name in _BLANK if name != "order_no"),
        *times,
        "quantity",
        "amount_paid",
    ]

    def rows() -> Iterator[tuple[Any, ...]]:
        for place, (placed, told, person) in enumerate(orders):
            at, due = placed.strftime(_CLOCK), (placed + dt.timedelta(hours=48)).strftime(_CLOCK)
            values: dict[str, Any] = {
                **dict.fromkeys(_BLANK, ""), **said, **person, "store_id": store.pk,
                "order_no": f"{head}{place:012d}", "ship_by_source": "file", "content_hash": f"{place:032x}",
                "placed_at": at, "paid_at": at, "ship_by": due, "shipped_at": at if is_shipped else None,
                "created_at": told.strftime(_CLOCK), "updated_at": told.strftime(_CLOCK), "quantity": 1,
                "amount_paid": "99.00",
            }  # fmt: skip
            yield tuple(values[name] for name in columns)

    with transaction.atomic():
        insert(Order, columns, rows())


def cases(count: int, *, seed: int = 1) -> User:
    """`count` cases with a violation each over ten shops, one in five of them open; returns a lead who sees them all."""
    chance, now = random.Random(seed), timezone.now().replace(microsecond=0)
    lead = User.objects.create(name="测量", phone="13900009999", agency_role="administrator", is_superuser=True)
    shops = [shop(f"{seed}-{number}") for number in range(10)]
    kind = ViolationType.objects.filter(platform=shops[0].platform).first()
    made: tuple[list[Any], ...] = ([], [], [])
    for number in range(1, count + 1):
        opened = now - dt.timedelta(minutes=chance.randrange(1, 500_000))
        is_open, store = number % 5 == 0, shops[number % 10]
        ends = {} if is_open else {"closed_at": opened + dt.timedelta(days=3), "outcome": "won", "status": "closed"}
        due = now + dt.timedelta(minutes=chance.randrange(-1_000, 9_000)) if is_open else None
        made[0].append(Case(pk=number, code=f"C{number:08d}", store=store, owner=lead, opened_by=lead, opened_at=opened,
                            next_due_at=due, order_count=3, **({"status": "preparing"} | ends)))  # fmt: skip
        made[1].append(Violation(pk=number, store=store, violation_type=kind, violation_no=f"{number:012d}",
                                 code=f"V{number:08d}", stage="in_force", noticed_at=opened))  # fmt: skip
        made[2].append(CaseViolation(case_id=number, violation_id=number))
    for rows in made:
        type(rows[0])._default_manager.bulk_create(rows, batch_size=2_000)
    return lead
