"""One buyer of one merchant: everything that is kept of them, exported or erased at once.

A buyer is known by a phone number or an order number, and from there by the strong keys: the platform's token, the
account, the phone. Weaker keys name neighbours too, and nobody is erased for their address.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from casemgr.kit import audit
from casemgr.kit.privacy import split_phone
from orders.enums import KeyKind
from orders.imports import originals, people, recipients
from orders.models import ImportRun, Order, ReviewContact
from stores.models import Merchant, User

STRONG = (KeyKind.TOKEN, KeyKind.ACCOUNT, KeyKind.PHONE)
MASKS = ("recipient_masked", "phone_masked", "address_masked", "province", "city", "district", "street")
NOTES = ("buyer_note", "seller_note")
KEYS = tuple(f"key_{kind}" for kind in KeyKind)
FACTS = (
    "order_no", "state", "state_word", "fulfilment", "refund_state", "placed_at", "paid_at", "ship_by", "shipped_at",
    "delivered_at", "closed_at", "quantity", "amount_total", "amount_paid", "refund_amount",
)  # fmt: skip


def orders_of(merchant: Merchant, *, phone: str = "", order_no: str = "") -> QuerySet[Order]:
    """The buyer's orders at this merchant, by phone number in clear or by one order number."""
    mine = Order.objects.filter(store__merchant=merchant)
    number = split_phone(phone)[0]
    named = Q(key_phone=people.hasher_of(merchant).hash("phone", number)) if number else Q(pk__in=[])
    if order_no:
        named |= Q(order_no=order_no)
    start = list(mine.filter(named).only("pk", *KEYS))
    same = Q(pk__in=[order.pk for order in start])
    for kind in STRONG:
        values = {value for order in start if (value := getattr(order, f"key_{kind}"))}
        same |= Q(**{f"key_{kind}__in": values})
    return mine.filter(same).select_related("store__merchant").order_by("store_id", "pk")


@transaction.atomic
def export(*, by: User | None, merchant: Merchant, orders: QuerySet[Order]) -> list[dict[str, Any]]:
    """All that is kept of these orders and their buyer, recipients in clear where they are kept."""
    found = [_told(order) for order in orders.prefetch_related("lines", "parcels")]
    audit.record(by=by, action="buyer.exported", of=merchant, after={"orders": len(found)})
    return found


def _told(order: Order) -> dict[str, Any]:
    contacts = ReviewContact.objects.filter(review__order=order).values("at", "channel", "result", "answers", "note")
    return {
        "shop": order.store.code,
        "platform": order.store.platform.code,
        **{name: audit.plain(getattr(order, name)) for name in (*FACTS, *MASKS, *NOTES)},
        "recipient": recipients.opened(order),
        "known_by": [str(kind) for kind in KeyKind if getattr(order, f"key_{kind}")],
        "lines": [
            {"article": one.sku_name, "variant": one.sku_spec, "quantity": one.quantity} for one in order.lines.all()
        ],
        "parcels": [one.waybill_no for one in order.parcels.all()],
        "contacts": [audit.plain(one) for one in contacts],
    }


@transaction.atomic
def erase(
    *, by: User | None, merchant: Merchant, orders: QuerySet[Order], now: dt.datetime | None = None
) -> dict[str, int]:
    """Erase the person from these orders: recipient, masks, places, keys, notes, contact notes, previews, and the sealed
    files that may hold them in clear. Orders, amounts, times, counts and the audit trail stay. Counts of what went.

    Safe to run again. A file imported later that carries the buyer brings the data back: the platform still has them.
    """
    keys = list(orders.values_list("pk", flat=True))
    numbers = set(orders.values_list("order_no", flat=True))
    stores = set(orders.values_list("store_id", flat=True))
    notes = ReviewContact.objects.filter(review__order__in=keys).exclude(note="").update(note="")
    runs = ImportRun.objects.filter(store__in=stores)
    previews = sum(_without(run, numbers) for run in runs.exclude(preview=[]).only("pk", "preview"))
    kept = runs.exclude(sealed_file="")
    for run in kept:
        ImportRun.objects.filter(pk=run.pk).update(**originals.erased(run, reason="a buyer was erased", by=by))
    blank = dict.fromkeys((*MASKS, *NOTES, *KEYS, "content_hash"), "")
    count = Order.objects.filter(pk__in=keys).update(recipient_sealed=None, updated_at=now or timezone.now(), **blank)
    done = {"orders": count, "contact_notes": notes, "previews": previews, "files": len(kept)}
    audit.record(by=by, action="buyer.erased", of=merchant, after=done)
    return done


def _without(run: ImportRun, numbers: set[str]) -> bool:
    """Take the buyer's rows out of the preview of an import; whether there were any."""
    left = [row for row in run.preview if row["values"].get("order_no") not in numbers]
    return len(left) < len(run.preview) and bool(ImportRun.objects.filter(pk=run.pk).update(preview=left))
