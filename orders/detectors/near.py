"""What stands near new orders: the same key in the same shop (or the merchant's), close in time, however old it is.

Everything here goes from the new rows through the index on (shop, day, key) of one kind of key (orders/models/order.py),
so that its cost follows the number of new orders and not the number of those that were there before.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

from django.db.models import Max, Min, Q, QuerySet
from django.db.models.expressions import RawSQL

from casemgr.kit.bulk import among, fetch, listed
from casemgr.kit.sql import UtcDay, earlier_of, given, is_postgres, likely, moved, utc_day
from orders.detectors.base import Ground
from orders.enums import KeyKind
from orders.models import Order

# Around what is new so much more is read that a burst already under way is seen whole.
PAD = dt.timedelta(days=1)
DAY = dt.timedelta(days=1)
PEOPLE = tuple(f"key_{kind}" for kind in KeyKind.values if kind != KeyKind.AREA)
_AT = 'COALESCE(o."placed_at", o."paid_at")'
_ORDERS = Order._meta.db_table


class Place(NamedTuple):
    """One key of one shop on one day (UTC, as text): where to look for orders."""

    store_id: int
    day: str
    key: str


def has_key(kind: str) -> Q:
    """Orders with a key of this kind, said as the index on it; an area only where nothing is known of people."""
    others = dict.fromkeys(PEOPLE, "") if kind == KeyKind.AREA else {}
    return Q(**{f"key_{kind}__gt": ""}, **others)


def crowded(ground: Ground, news: QuerySet[Order], kind: str, count: int, window: dt.timedelta) -> set[Place]:
    """Where to read for bursts of one kind of key that hold something new: places with all orders of such bursts.

    Read are the keys that have `count` orders within `window` of new ones, a day before and after these. Which orders
    make a burst, the windows themselves decide. One query.
    """
    keyed = news.filter(has_key(kind)).order_by().annotate(day=UtcDay("counted_at"))
    grouped = keyed.values_list("store_id", f"key_{kind}", "day")
    inner, params = grouped.annotate(first=Min("counted_at"), last=Max("counted_at")).query.sql_with_params()
    pad = int(max(PAD, window).total_seconds()) + 1
    edges = f"{utc_day(moved('n.first', -pad))}, {utc_day(moved('n.last', pad))}"
    around, more = _around(ground, kind, int(window.total_seconds()))
    rows = fetch(
        f"WITH n(store_id, key, day, first, last) AS ({inner})"
        f" SELECT n.store_id, n.key, {edges} FROM n WHERE ({around}) >= %s",
        [*params, *more, count],
    )
    circle = _circles(ground)
    return {
        Place(store_id, day, key)
        for home, key, first, last in rows
        for day in _days(str(first), str(last))
        for store_id in circle[home]
    }


def _around(ground: Ground, kind: str, window: int) -> tuple[str, list[Any]]:
    """SQL that counts the orders within `window` seconds of the new ones in a row of `n`, and its parameters."""
    start, end = moved("n.first", -window), moved("n.last", window + 1)
    # The days from start to end, one by one, so that each is one step into the index.
    steps = range(-(-2 * window // 86_400) + 2)
    days = ", ".join(utc_day(earlier_of(moved(start, 86_400 * step), end)) for step in steps)
    same = (
        f'{utc_day(_AT)} IN ({days}) AND o."key_{kind}" = n.key AND {_keyed(kind)} AND {_AT} BETWEEN {start} AND {end}'
    )
    if not _is_wide(ground):
        return f"SELECT COUNT(*) FROM {_ORDERS} o WHERE o.store_id = n.store_id AND {same}", []
    # Never across merchants, whatever the keys say (rule 7). SQLite keeps the order of a CROSS JOIN.
    stores = Order._meta.get_field("store").related_model._meta.db_table  # type: ignore[union-attr]
    sisters = f"{stores} home CROSS JOIN {stores} sister CROSS JOIN {_ORDERS} o"
    related = f"home.id = n.store_id AND sister.merchant_id = home.merchant_id AND {among('sister.id')}"
    found = f"SELECT COUNT(*) FROM {sisters} WHERE {related} AND o.store_id = sister.id AND {same}"
    return found, [listed(ground.store_ids)]


def orders_at(places: set[Place], kind: str) -> QuerySet[Order]:
    """The orders that stand at the places; one step into the index for each place."""
    near, params = given((("store_id", "bigint"), ("day", "date"), ("key", "text")), sorted(places), "near")
    same = f'o.store_id = near.store_id AND {utc_day(_AT)} = near.day AND o."key_{kind}" = near.key AND {_keyed(kind)}'
    if is_postgres():
        # OFFSET 0 keeps the planner at one index look-up for each place, however little it knows of the table.
        sql = f"SELECT o.id FROM {near} CROSS JOIN LATERAL (SELECT o.id FROM {_ORDERS} o WHERE {same} OFFSET 0) o"
    else:
        sql = f"SELECT o.id FROM {near} CROSS JOIN {_ORDERS} o WHERE {same}"
    return Order.objects.filter(pk__in=RawSQL(sql, params))


def _keyed(kind: str) -> str:
    """`has_key` as SQL about the table o."""
    others = "".join(f" AND o.\"{name}\" = ''" for name in PEOPLE) if kind == KeyKind.AREA else ""
    there = f"o.\"key_{kind}\" > ''"
    return f"{likely(there)}{others}"


def _is_wide(ground: Ground) -> bool:
    return bool(ground.setting.params["scope"] == "merchant")


def _circles(ground: Ground) -> dict[int, list[int]]:
    """Shop -> the shops whose orders are looked at together with its own."""
    if not _is_wide(ground):
        return {store.pk: [store.pk] for store in ground.stores}
    of_merchant: dict[int, list[int]] = {}
    for store in ground.stores:
        of_merchant.setdefault(store.merchant_id, []).append(store.pk)
    return {store.pk: of_merchant[store.merchant_id] for store in ground.stores}


def days_between(start: dt.datetime, end: dt.datetime) -> list[str]:
    """The UTC days from one moment to another, as text."""
    return _days(str(start.astimezone(dt.UTC).date()), str(end.astimezone(dt.UTC).date()))


def _days(first: str, last: str) -> list[str]:
    start, end = dt.date.fromisoformat(first), dt.date.fromisoformat(last)
    return [str(start + DAY * n) for n in range((end - start).days + 1)]
