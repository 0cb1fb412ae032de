"""Registering what the platform says: one violation with its orders, measures and the policy in force."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from casemgr.kit import audit
from casemgr.kit.privacy import scrub
from casemgr.kit.workflow import Refused
from orders.models import Order, Penalty, Violation, ViolationOrder
from stores.models import Store, User, ViolationType
from stores.queries import policy_in_force


class AlreadyRegistered(Refused):
    """The same violation is known already; `violation` is the known one."""

    def __init__(self, violation: Violation) -> None:
        super().__init__(_("This violation is registered already: %(no)s.") % {"no": violation})
        self.violation = violation


@dataclass
class Statement:
    """What a notice says, as a person confirmed it. Nothing in it is guessed: what the notice does not say is None."""

    violation_type: ViolationType
    stage: str
    violation_no: str = ""
    noticed_at: dt.datetime | None = None
    text: str = ""
    parsed: Mapping[str, Any] = field(default_factory=dict)
    entered: str = "pasted"
    order_nos: Sequence[str] = ()
    order_amounts: Mapping[str, Decimal] = field(default_factory=dict)
    claimed_count: int | None = None
    amount_total: Decimal | None = None
    amount_per_order: Decimal | None = None
    amount_basis: str = ""
    is_conditional: bool = False
    points: int | None = None
    attempts_stated: int | None = None
    measures: Sequence[Mapping[str, Any]] = ()


def text_hash(text: str) -> str:
    """Identity of a notice without a number: hash of its text without blanks."""
    return hashlib.sha256("".join(text.split()).encode()).hexdigest() if text.strip() else ""


def known(store: Store, statement: Statement) -> Violation | None:
    """The violation of this shop that the statement repeats: same number, or without one same type and text."""
    found = Violation.objects.filter(store=store)
    if statement.violation_no:
        return found.filter(violation_no=statement.violation_no).first()
    digest = text_hash(statement.text)
    return (
        found.filter(violation_no="", violation_type=statement.violation_type, text_hash=digest).first()
        if digest
        else None
    )


@transaction.atomic
def register(*, by: User | None, store: Store, statement: Statement) -> Violation:
    """Store one violation with its orders and measures, match the orders, and note which policy versions apply.

    Raises AlreadyRegistered when the shop has it already, Refused when the type is another platform's.
    """
    if statement.violation_type.platform_id != store.platform_id:
        raise Refused(_("This kind of violation belongs to another platform than the shop."))
    if (existing := known(store, statement)) is not None:
        raise AlreadyRegistered(existing)
    order_nos = list(dict.fromkeys(statement.order_nos))
    orders = {order.order_no: order for order in Order.objects.filter(store=store, order_no__in=order_nos)}
    violation = _unsaved(by, store, statement, list(orders.values()))
    try:
        with transaction.atomic():
            violation.save()
    except IntegrityError:  # somebody registered the same one between our look and our write
        if (existing := known(store, statement)) is None:
            raise
        raise AlreadyRegistered(existing)
    _add_orders(violation, order_nos, orders, statement.order_amounts)
    _add_measures(violation, statement.measures)
    audit.record(
        by=by,
        action="violation.register",
        of=violation,
        after={
            "violation_no": violation.violation_no,
            "orders": len(order_nos),
            "matched": len(orders),
            "stage": violation.stage,
        },
    )
    return violation


def _unsaved(by: User | None, store: Store, statement: Statement, orders: Sequence[Order]) -> Violation:
    """The row of a statement: text masked, and the policy versions that apply to procedure and conduct."""
    clock_starts = [start for order in orders if (start := order.paid_at or order.placed_at)]
    return Violation(
        store=store,
        violation_type=statement.violation_type,
        violation_no=statement.violation_no,
        stage=statement.stage,
        noticed_at=statement.noticed_at,
        text=scrub(statement.text),
        text_hash=text_hash(statement.text),
        parsed=dict(statement.parsed),
        entered=statement.entered,
        claimed_count=statement.claimed_count,
        named_count=len(set(statement.order_nos)),
        amount_total=statement.amount_total,
        amount_per_order=statement.amount_per_order,
        amount_basis=statement.amount_basis,
        is_conditional=statement.is_conditional,
        points=statement.points,
        attempts_stated=statement.attempts_stated,
        procedure_policy=policy_in_force(statement.violation_type, statement.noticed_at),
        conduct_policy=policy_in_force(statement.violation_type, min(clock_starts, default=statement.noticed_at)),
        created_by=by,
    )


def _add_orders(
    violation: Violation, order_nos: Sequence[str], orders: Mapping[str, Order], amounts: Mapping[str, Decimal]
) -> None:
    ViolationOrder.objects.bulk_create(
        [
            ViolationOrder(
                violation=violation,
                order_no=no,
                order=orders.get(no),
                amount=amounts.get(no, violation.amount_per_order),
            )
            for no in order_nos
        ],
        batch_size=500,
    )


def _add_measures(violation: Violation, measures: Sequence[Mapping[str, Any]]) -> None:
    Penalty.objects.bulk_create(
        [
            Penalty(
                violation=violation,
                kind=measure["kind"],
                text=(measure.get("text") or "")[:300],
                amount=Decimal(measure["amount"]) if measure.get("amount") else None,
                points=measure.get("points"),
                days=measure.get("days"),
                starts_at=_moment(measure.get("starts_at")),
                ends_at=_moment(measure.get("ends_at")),
            )
            for measure in measures
        ]
    )


def _moment(text: str | dt.datetime | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text) if isinstance(text, str) else text


@transaction.atomic
def match_again(*, by: User | None, violation: Violation) -> int:
    """Tie orders that arrived since to the numbers the notice names. Returns how many were found now."""
    missing = {row.order_no: row for row in violation.named_orders.filter(order=None)}
    found = list(Order.objects.filter(store=violation.store, order_no__in=list(missing)))
    for order in found:
        missing[order.order_no].order = order
    ViolationOrder.objects.bulk_update([missing[order.order_no] for order in found], ["order"], batch_size=500)
    if found:
        audit.record(
            by=by, action="violation.match", of=violation, after={"matched": [order.order_no for order in found]}
        )
    return len(found)
