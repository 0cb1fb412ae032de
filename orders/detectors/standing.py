"""What an order was at a moment: paid, shipped, closed, or not known to be any of it (--at of the screen command).

Now, the platform's status counts. At a past moment only times count: a status without a time says nothing of then,
except that a closed order without a time counts as closed from the start, and a shipped one without a time is unknown.
"""

from __future__ import annotations

from django.db.models import Q

from orders.detectors.base import Ground
from orders.enums import Fulfilment, OrderState, ShipBySource

SHIPPED_STATES = (OrderState.SHIPPED, OrderState.DELIVERED, OrderState.COMPLETED)
CLOSED_STATES = (OrderState.CLOSED, OrderState.REFUNDED)
PAID_STATES = (OrderState.PAID, OrderState.PARTLY_SHIPPED)


def _paid(ground: Ground) -> Q:
    """Paid by then. A promised time in the file counts even without a time of payment; a formed group has paid."""
    timed = Q(paid_at__lte=ground.at) | Q(grouped_at__lte=ground.at) | Q(ship_by_source=ShipBySource.FILE)
    return timed if ground.is_past else ~Q(state=OrderState.UNPAID) & (timed | Q(state__in=PAID_STATES))


def _says_shipped_without_time() -> Q:
    shipped = Q(fulfilment=Fulfilment.SHIPPED) | Q(state__in=SHIPPED_STATES)
    return shipped & Q(shipped_at__isnull=True, picked_up_at__isnull=True)


def unshipped(ground: Ground) -> Q:
    """Orders that are paid and known not to be shipped or closed at `ground.at`; never unknown ones (rule 9)."""
    if not ground.is_past:
        return Q(fulfilment=Fulfilment.UNSHIPPED) & _paid(ground)
    at = ground.at
    left = Q(shipped_at__lte=at) | Q(picked_up_at__lte=at) | Q(delivered_at__lte=at)
    closed_status = Q(fulfilment=Fulfilment.CLOSED) | Q(state__in=CLOSED_STATES)
    untimed = Q(closed_at__isnull=True) & (Q(refunded_at__isnull=True) | ~Q(state=OrderState.REFUNDED))
    closed = Q(closed_at__lte=at) | (closed_status & untimed) | Q(state=OrderState.REFUNDED, refunded_at__lte=at)
    unknown = Q(fulfilment=Fulfilment.UNKNOWN) | _says_shipped_without_time()
    return _paid(ground) & ~left & ~closed & ~unknown


def unknown(ground: Ground) -> Q:
    """Orders of which nobody can say whether they were shipped at `ground.at`."""
    if not ground.is_past:
        return Q(fulfilment=Fulfilment.UNKNOWN)
    later = Q(delivered_at__lte=ground.at) | Q(closed_at__lte=ground.at)
    return (Q(fulfilment=Fulfilment.UNKNOWN) | _says_shipped_without_time()) & ~later
