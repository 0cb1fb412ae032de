"""Many orders of one article into one small area in a short time, where the file says nothing about people.

Exports of 拼多多 and reports of Qianniu carry no recipient: the article and the 街道, else the 区, are all there is.
Never a city or a province alone: such orders have no area key. Orders with a stronger key are left to burst_buyer.
"""

from __future__ import annotations

from collections import defaultdict

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from orders.detectors.assembling import COLUMNS, Burst, findings, orders_of_interest, window_of
from orders.detectors.base import Detector, Found, Ground, Param, Told
from orders.detectors.bursts import Row, groups
from orders.detectors.wording import (
    clock_time,
    day_time,
    paid_words,
    strength_words,
    threshold_words,
    usual_words,
)
from orders.enums import KeyKind, Severity
from orders.models import Order, OrderLine

KEY = "burst_sku_area"


def find(ground: Ground) -> Found:
    """Groups of at least `count` orders with one article and one area within `window_minutes`; two queries and two more
    for what is usual and what it may cost."""
    orders = orders_of_interest(ground, KeyKind.AREA)
    return Found() if orders is None else Found(findings(ground, KEY, _bursts(ground, orders)))


def _bursts(ground: Ground, orders: QuerySet[Order]) -> list[Burst]:
    """Bursts of one article and area in one shop; an order with several articles counts for its first group."""
    count = ground.setting.params["count"]
    is_wide = ground.setting.params["scope"] == "merchant"
    lines = OrderLine.objects.filter(order__in=orders.order_by().values("pk")).exclude(sku_key="")
    where = "order__store__merchant_id" if is_wide else "order__store_id"
    pairs = lines.order_by().values_list(where, "sku_key", "order__key_area").annotate(n=Count("order", distinct=True))
    heavy = {(circle, sku, area) for circle, sku, area, _n in pairs.filter(n__gte=count)}
    if not heavy:
        return []
    articles: dict[tuple[int, str], str] = {}
    skus: dict[int, set[str]] = {}
    wanted = lines.filter(
        sku_key__in={sku for _c, sku, _a in heavy}, order__key_area__in={area for _c, _s, area in heavy}
    )
    for order_id, sku, name, spec in wanted.values_list("order_id", "sku_key", "sku_name", "sku_spec"):
        skus.setdefault(order_id, set()).add(sku)
        articles[order_id, sku] = " ".join(part for part in (name, spec) if part)
    rows = orders.order_by().filter(pk__in=wanted.values("order_id"))
    plain = [Row(*row) for row in rows.values_list("pk", "store_id", "order_no", "counted_at", "key_area", *COLUMNS)]
    circle = {store.pk: store.merchant_id if is_wide else store.pk for store in ground.stores}
    there: dict[tuple[int, str, str], list[Row]] = defaultdict(list)
    for row in plain:
        for sku in skus[row.pk]:
            there[circle[row.store_id], sku, row.key].append(row)
    taken: set[int] = set()
    bursts = []
    for home, sku, area in sorted(heavy):
        mine = [row for row in there[home, sku, area] if row.pk not in taken]
        for group in groups(mine, count, window_of(ground), by=lambda row: row.key):
            taken.update(row.pk for row in group)
            bursts.append(
                Burst(KeyKind.AREA, area, group, about=articles[group[0].pk, sku], anchor=f"area:{area}:{sku}")
            )
    return bursts


def title(alert: Told) -> str:
    """Burst: 40 orders of one article into one area in 12 minutes."""
    text = ngettext(
        "Burst: %(n)s order of one article into one area in %(minutes)s min",
        "Burst: %(n)s orders of one article into one area in %(minutes)s min",
        alert.order_count,
    )
    return text % {"n": alert.order_count, "minutes": alert.facts.get("minutes")}


def explain(alert: Told) -> list[str]:
    """Why, in sentences: what came where, what is usual, that it names a place only, which threshold was crossed."""
    facts = alert.facts
    first = _(
        "From %(from)s to %(to)s came %(n)s orders of %(article)s into the same area. "
        "The file says nothing about who receives them."
    ) % {
        "from": day_time(facts.get("from")),
        "to": clock_time(facts.get("to")),
        "n": alert.order_count,
        "article": facts.get("about") or _("one article"),
    }
    return [
        text
        for text in [first, usual_words(alert), paid_words(alert), strength_words(alert), threshold_words(alert)]
        if text
    ]


DETECTOR = Detector(
    key=KEY,
    name=gettext_lazy("Burst of one article into one area"),
    about=gettext_lazy("Files without people: many orders of one article into one street or district within minutes."),
    params=(
        Param("count", gettext_lazy("orders"), 20, least=2),
        Param("window_minutes", gettext_lazy("within minutes"), 30),
    ),
    severity=Severity.LOW,
    find=find,
    title=title,
    explain=explain,
    has_scope=True,
    is_of_people=True,
)
