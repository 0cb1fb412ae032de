"""Many orders of one buyer or recipient in a short time: 恶意下单, 刷单, 薅羊毛.

Keys are tried strongest first. The strongest key that carries a group names the finding; orders that a weaker key ties
to such a group join it, so that no order stands in two findings. A masked pair proves nothing: only the composite of
name shape, ends of the phone number and street, many times in one window, is a finding, and a weak one.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Sequence

from django.db.models import Count, Max
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from orders.detectors.assembling import COLUMNS, Burst, findings, orders_of_interest, window_of
from orders.detectors.base import Detector, Found, Ground, Param, Told, within
from orders.detectors.bursts import Row, groups
from orders.detectors.near import Place, days_between, orders_at
from orders.detectors.wording import (
    clock_time,
    day_time,
    key_words,
    paid_words,
    strength_words,
    threshold_words,
    usual_words,
)
from orders.enums import KeyKind, Severity
from orders.models import Order
from stores.models import Store

KEY = "burst_buyer"
KEYS = (KeyKind.TOKEN, KeyKind.ACCOUNT, KeyKind.PHONE, KeyKind.ADDRESS, KeyKind.MASKED)
# An address with so many other recipients at other times is a pick-up point, an office or a school and proves nothing
# (performance.md, linked rings).
PICK_UP_POINT = 20
PICK_UP_LOOK_BACK = dt.timedelta(days=90)


def find(ground: Ground) -> Found:
    """Groups of at least `count` orders of one key in one shop (scope merchant: in its shops) within `window_minutes`.

    One query for the kinds of keys there are, two a kind at most, two for the addresses among them, one for what is
    usual and one for what it may cost.
    """
    bursts: list[Burst] = []
    for kind in _kinds_there(ground):
        found = _groups(ground, kind)
        _join(bursts, kind, _without_pick_up_points(ground, found) if kind == KeyKind.ADDRESS else found)
    return Found(findings(ground, KEY, bursts))


def _kinds_there(ground: Ground) -> list[str]:
    """The kinds of keys the new orders have at all: one look spares the others their queries."""
    news = ground.orders().filter(ground.is_new()).order_by()
    there = news.aggregate(**{f"any_{kind}": Max(f"key_{kind}") for kind in KEYS})
    return [kind for kind in KEYS if there[f"any_{kind}"]]


def _groups(ground: Ground, kind: str) -> list[list[Row]]:
    """Bursts of one kind of key. The database leaves only keys with enough orders, the windows are counted here."""
    name, count = f"key_{kind}", ground.setting.params["count"]
    is_wide = ground.setting.params["scope"] == "merchant"
    keyed = orders_of_interest(ground, kind)
    if keyed is None:
        return []
    if ground.since is None:
        where = "store__merchant_id" if is_wide else "store_id"
        heavy = keyed.values(where, name).annotate(n=Count("pk")).filter(n__gte=count).values(name)
        keyed = keyed.filter(**{f"{name}__in": heavy})
    rows = keyed.values_list("pk", "store_id", "order_no", "counted_at", name, *COLUMNS)
    # Never across merchants, whatever the keys say (rule 7).
    circle = {store.pk: store.merchant_id if is_wide else store.pk for store in ground.stores}
    return groups((Row(*row) for row in rows), count, window_of(ground), by=lambda row: (circle[row.store_id], row.key))


def _join(bursts: list[Burst], kind: str, found: Sequence[Sequence[Row]]) -> None:
    """Put groups of a weaker key beside the bursts there are: into the one they overlap most, else as a new one."""
    home = {row.pk: place for place, burst in enumerate(bursts) for row in burst.rows}
    for group in found:
        hosts = Counter(home[row.pk] for row in group if row.pk in home)
        fresh = [row for row in group if row.pk not in home]
        if not hosts:
            bursts.append(Burst(kind, group[0].key, fresh))
        elif fresh:
            bursts[hosts.most_common(1)[0][0]].take(kind, fresh)


def _without_pick_up_points(ground: Ground, found: list[list[Row]]) -> list[list[Row]]:
    """The groups whose address is not one that many different people use at other times."""
    if not found:
        return found
    start = min(group[0].at for group in found) - PICK_UP_LOOK_BACK
    if ground.since is None:
        merchants = {store.merchant_id for store in ground.stores}
        keys = {group[0].key for group in found}
        orders = Order.objects.filter(store__merchant__in=merchants, key_address__in=keys)
    else:
        orders = orders_at(_addresses(ground, found, start), KeyKind.ADDRESS)
    orders = orders.filter(within(start, ground.at))
    people: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for pk, key, *person in orders.values_list("pk", "key_address", "key_phone", "key_masked", "recipient_masked"):
        people[key].append((pk, next(filter(None, person), "")))

    def is_shared(group: Sequence[Row]) -> bool:
        inside = {row.pk for row in group}
        return len({who for pk, who in people[group[0].key] if who and pk not in inside}) >= PICK_UP_POINT

    return [group for group in found if not is_shared(group)]


def _addresses(ground: Ground, found: list[list[Row]], start: dt.datetime) -> set[Place]:
    """The addresses of the groups in all shops of their merchants, on every day since `start`."""
    merchant_of = {store.pk: store.merchant_id for store in ground.stores}
    shops = Store.objects.filter(merchant__in=set(merchant_of.values())).values_list("merchant_id", "pk")
    keys = {(merchant_of[group[0].store_id], group[0].key) for group in found}
    days = days_between(start, ground.at)
    return {Place(pk, day, key) for merchant, pk in shops for of, key in keys if of == merchant for day in days}


def title(alert: Told) -> str:
    """Burst: 46 orders in 9 minutes, same masked recipient."""
    text = ngettext(
        "Burst: %(n)s order in %(minutes)s min, %(key)s",
        "Burst: %(n)s orders in %(minutes)s min, %(key)s",
        alert.order_count,
    )
    return text % {"n": alert.order_count, "minutes": alert.facts.get("minutes"), "key": key_words(alert.key_kind)}


def explain(alert: Told) -> list[str]:
    """Why, in sentences: what came, what is usual, how strong the key is, which threshold was crossed."""
    facts = alert.facts
    words = {"from": day_time(facts.get("from")), "to": clock_time(facts.get("to")), "n": alert.order_count}
    carried = facts.get("carried", alert.order_count)
    if carried < alert.order_count:
        first = _(
            "From %(from)s to %(to)s came %(n)s orders, %(carried)s of them with the %(key)s; "
            "weaker keys tie the rest to them."
        )
    else:
        first = _("From %(from)s to %(to)s came %(n)s orders with the %(key)s.")
    sentences = [first % {**words, "carried": carried, "key": key_words(alert.key_kind)}, usual_words(alert)]
    if facts.get("shops", 1) > 1:
        sentences.append(_("They went to %(n)s shops of the merchant.") % {"n": facts["shops"]})
    return [
        sentence
        for sentence in [*sentences, paid_words(alert), strength_words(alert), threshold_words(alert)]
        if sentence
    ]


DETECTOR = Detector(
    key=KEY,
    name=gettext_lazy("Burst of one buyer"),
    about=gettext_lazy("Many orders of one buyer or recipient within minutes."),
    params=(
        Param("count", gettext_lazy("orders"), 10, least=2),
        Param("window_minutes", gettext_lazy("within minutes"), 30),
    ),
    severity=Severity.HIGH,
    find=find,
    title=title,
    explain=explain,
    has_scope=True,
    is_of_people=True,
)
