"""Asking a merchant not to ship some orders yet, and what becomes of it. Every step tells the people it concerns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from casemgr.kit import audit
from casemgr.kit.notify import tell
from casemgr.kit.workflow import Refused, Stale
from orders.enums import Fulfilment
from orders.models import Hold, Order, OrderReview, RiskAlert
from orders.workflow import HOLD
from stores.enums import MerchantRole
from stores.models import Store, User

ACTIVE = ("asked", "acknowledged")


def merchant_people(store: Store) -> Any:
    """The merchant's people who can do something about this shop: owners and staff, not those who may only read."""
    mine = Q(memberships__merchant=store.merchant_id) & (Q(memberships__all_shops=True) | Q(memberships__shops=store))
    return User.objects.filter(mine & ~Q(memberships__role=MerchantRole.READ_ONLY), is_active=True).distinct()


def can_be_held(orders: Iterable[Order]) -> list[Order]:
    """Of these orders the ones a hold can still stop: not known to be shipped or closed, not on hold already."""
    rows = list(orders)
    held = set(
        Hold.orders.through.objects.filter(order__in=rows, hold__status__in=ACTIVE).values_list("order_id", flat=True)
    )
    done = (Fulfilment.SHIPPED, Fulfilment.CLOSED)
    return [order for order in rows if order.fulfilment not in done and order.pk not in held]


@transaction.atomic
def ask(*, by: Any, alert: RiskAlert, orders: Sequence[Order], reason: str) -> Hold:
    """Ask the merchant not to ship `orders` of the alert yet, with the reason; its people are told.

    Raises Refused without a reason, for orders that are not the alert's, and for orders a hold cannot stop any more.
    """
    if not reason.strip():
        raise Refused(_("Please write the reason."))
    if not orders:
        raise Refused(_("Choose at least one order."))
    own = set(alert.orders.filter(pk__in=[order.pk for order in orders]).values_list("pk", flat=True))
    stoppable = can_be_held(orders)
    if len(own) < len(orders):
        raise Refused(_("Some of these orders do not belong to the alert."))
    if len(stoppable) < len(orders):
        n = len(orders) - len(stoppable)
        raise Refused(
            _("%(n)s of these orders are shipped, closed or on hold already. Please choose again.") % {"n": n}
        )
    hold = Hold.objects.create(
        store=alert.store, alert=alert, reason=reason.strip(), asked_by=by, asked_at=timezone.now()
    )
    hold.orders.set(orders)
    after = {"orders": [order.order_no for order in orders], "reason": hold.reason}
    audit.record(by=by, action="hold.asked", of=hold, after=after)
    _tell_merchant(hold, "hold.asked", gettext_noop("%(shop)s: please do not ship %(n)s orders yet."), len(orders))
    return hold


@transaction.atomic
def remind(*, by: Any, hold: Hold) -> int:
    """Tell the merchant again, at most once an hour; returns how many people were told.

    Raises Refused when the hold is acknowledged or released.
    """
    if hold.status != "asked":
        raise Refused(_("This hold is acknowledged or released already."))
    text = gettext_noop("%(shop)s: still waiting for your word not to ship %(n)s orders.")
    told = _tell_merchant(hold, f"hold.reminded:{timezone.now():%Y%m%d%H}", text, hold.orders.count())
    audit.record(by=by, action="hold.reminded", of=hold)
    return told


@transaction.atomic
def acknowledge(*, by: Any, hold: Hold) -> None:
    """The merchant says that the orders are stopped; the person who asked is told. Raises Refused or Stale."""
    if by.is_agency or "merchant" not in by.roles:
        raise Refused(_("Only the merchant's people acknowledge a hold."))
    HOLD.go(hold, "acknowledged", by=by, changes={"acknowledged_by": by, "acknowledged_at": timezone.now()})
    text = gettext_noop("%(shop)s: the merchant has stopped %(n)s orders.")
    _tell([hold.asked_by], hold, "hold.acknowledged", text, hold.orders.count(), url=_alert_url(hold))


@transaction.atomic
def release(*, by: Any, hold: Hold, note: str, orders: Sequence[Order] | None = None) -> None:
    """Let orders of a hold ship again: all, or only `orders`. The merchant's people are told.

    With `by` None (a machine) nothing found malicious is ever let go. Raises Refused or Stale.
    """
    going = list(hold.orders.all() if orders is None else hold.orders.filter(pk__in=[order.pk for order in orders]))
    if by is None and OrderReview.objects.filter(order__in=going, status="malicious").exists():
        raise Refused(_("An order found malicious is never released by itself."))
    if not note.strip():
        raise Refused(_("Please write the reason."))
    if not going:
        raise Refused(_("Choose at least one order."))
    if len(going) == hold.orders.count():
        changes = {"released_by": by, "released_at": timezone.now(), "release_note": note.strip()[:300]}
        HOLD.go(hold, "released", by=by, changes=changes, note=note)
    else:
        _let_go(by, hold, going, note)
    _tell_merchant(
        hold,
        f"hold.released:{len(going)}:{going[0].pk}",
        gettext_noop("%(shop)s: %(n)s orders may ship again."),
        len(going),
    )


def _let_go(by: Any, hold: Hold, orders: Sequence[Order], note: str) -> None:
    """Take some orders out of a hold that goes on for the others."""
    if hold.status not in ACTIVE or not Hold.objects.filter(pk=hold.pk, status=hold.status).exists():
        raise Stale(audit.who_was_faster(hold))
    hold.orders.remove(*orders)
    after = {"released": [order.order_no for order in orders], "left": hold.orders.count()}
    audit.record(by=by, action="hold.partly_released", of=hold, after=after, note=note)


def _tell_merchant(hold: Hold, event: str, text: str, n: int) -> int:
    # The merchant's page belongs to the floor above, so its address stands here as text.
    return _tell(merchant_people(hold.store), hold, event, text, n, url=f"/m/holds/{hold.code}/")


def _tell(people: Iterable[User], hold: Hold, event: str, text: str, n: int, *, url: str) -> int:
    values = {"shop": hold.store.name, "n": n}
    return tell(people, event=event.partition(":")[0], key=f"{hold.code}:{event}", text=text, values=values, url=url)


def _alert_url(hold: Hold) -> str:
    return reverse("alert", args=[hold.alert.code]) if hold.alert else ""
