"""Orders as screening tests need them: many at once, close in time."""

from __future__ import annotations

import datetime as dt
from itertools import count

from orders.models import Order
from stores.models import Store
from tests import make

_numbers = count(1)
# The moment the tests of screening take as now: the evening of the promotion of the story.
NOW = make.at("2026-11-07 21:00")


def minute(n: float) -> dt.datetime:
    """`n` minutes after 20:00 of that evening."""
    return make.at("2026-11-07 20:00") + dt.timedelta(minutes=n)


def orders(shop: Store, moments: list[dt.datetime], **fields: object) -> list[Order]:
    """Unshipped paid orders placed at `moments`, made in one statement."""
    rows = []
    for moment in moments:
        n = next(_numbers)
        values = {
            "placed_at": moment, "paid_at": moment, "state": "paid", "fulfilment": "unshipped", "quantity": 1,
            "content_hash": f"{n:032d}", "created_at": moment, "updated_at": moment, "amount_paid": "99.00", **fields,
        }  # fmt: skip
        rows.append(Order(store=shop, order_no=f"S{n:08d}", **values))
    return Order.objects.bulk_create(rows)


def spread(n: int, minutes: float, start: float = 3) -> list[dt.datetime]:
    """`n` moments evenly over `minutes`, the first `start` minutes after 20:00, both ends included."""
    return [minute(start + minutes * place / (n - 1)) for place in range(n)]


def key(text: str) -> str:
    """A key as the importer would give it: 32 characters."""
    return text.ljust(32, "f")
