"""Clear recipients: shown one order at a time with a purpose, kept or not per merchant, erased again (rule 7)."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from casemgr.kit import audit, jobs
from casemgr.kit.privacy import scrub
from casemgr.kit.workflow import Refused
from orders.enums import RecipientPurpose
from orders.imports import recipients
from orders.models import Order
from stores.actions.people import check_right
from stores.actions.shops import write_changes
from stores.models import Merchant, User

FORGET = "orders.forget_recipients"
BATCH = 500  # orders a transaction


def is_kept(order: Order) -> bool:
    """Whether a clear recipient of this order is kept."""
    return Order.objects.filter(pk=order.pk, recipient_sealed__isnull=False).exists()


@transaction.atomic
def show(*, by: User, order: Order, purpose: str, words: str) -> dict[str, str]:
    """name, phone, address of one order, for a stated purpose; who looked, why and at what is written down, the data not.

    Raises Refused for people without the shop, without a purpose in words, and where nothing is kept.
    """
    if not by.is_agency or not Order.objects.visible_to(by).filter(pk=order.pk).exists():
        raise Refused(_("There is no such order."))
    words = scrub(words.strip())
    if purpose not in RecipientPurpose.values or not words:
        raise Refused(_("Please say what you need it for. Nothing was shown."))
    found = recipients.opened(order)
    if not found:
        raise Refused(_("Nothing is kept of this recipient but what the page shows."))
    after = {"purpose": purpose, "shown": sorted(found)}
    audit.record(by=by, action="recipient.shown", of=order, after=after, note=words)
    return found


@transaction.atomic
def keep(*, by: User, merchant: Merchant, is_kept: bool) -> bool:
    """Switch the keeping of clear recipients on or off for a merchant; whether anything changed. Raises Refused, Stale.

    On holds for files imported from now on. Off erases what is kept, in a job.
    """
    check_right(by)
    before = write_changes(merchant, {"keep_recipient": is_kept})
    if before:
        audit.record(
            by=by, action="merchant.keep_recipient", of=merchant, before=before, after={"keep_recipient": is_kept}
        )
        if not is_kept:
            jobs.enqueue(FORGET, key=f"forget:{merchant.code}", payload={"merchant": merchant.code}, by=by, again=True)
    return bool(before)


def forget_all(*, merchant: Merchant) -> int:
    """Erase the kept recipients of a merchant that keeps none any more; how many orders. Safe to run again."""
    merchant.refresh_from_db()
    if merchant.keep_recipient:
        return 0
    return forget(Order.objects.filter(store__merchant=merchant), of=merchant, why="not kept any more")


def forget(orders: Any, *, of: Any, why: str) -> int:
    """Erase the clear recipients of these orders, some hundred a transaction; how many. `of` is what the audit row names.

    The hash of the contents goes with them, so that a later import may bring back what is to be kept then.
    """
    done = 0
    while True:
        with transaction.atomic():
            keys = list(
                orders.filter(recipient_sealed__isnull=False).order_by("pk").values_list("pk", flat=True)[:BATCH]
            )
            if not keys:
                break
            count = Order.objects.filter(pk__in=keys).update(recipient_sealed=None, content_hash="")
            audit.record(by=None, action="recipient.erased", of=of, after={"orders": count, "why": why})
        done += count
    return done
