"""Cases in any state for tests, made through the ordinary actions wherever a test is about those."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from appeals.actions import cases, deadlines
from appeals.models import Appeal, Case, CaseViolation, Filing
from orders.actions.violations import Statement
from orders.models import Order
from stores.models import Store, User
from tests import make


def opened(
    shop: Store,
    by: User,
    *,
    orders: list[Order] | None = None,
    key: str = "false_transaction",
    due_in_hours: float = 48,
    **fields: Any,
) -> Case:
    """A case as it stands right after a notice was pasted."""
    now = timezone.now()
    statement = Statement(
        violation_type=make.violation_type(key, on=shop.platform.code),
        stage="in_force",
        noticed_at=now,
        order_nos=[order.order_no for order in orders or []],
        **{"violation_no": f"9{now:%f}{Case.objects.count()}", "attempts_stated": 2, **fields},
    )
    dues = [deadlines.Due("appeal", now + dt.timedelta(hours=due_in_hours), "notice", "申诉截止时间")]
    return cases.open_case(by=by, store=shop, statements=[statement], dues=dues, owner=by)


def case_in(status: str, shop: Store, **fields: Any) -> Case:
    """A bare case in a state, for tests of the tables alone."""
    closed = {"outcome": "withdrawn", "closed_at": timezone.now()} if status == "closed" else {}
    return Case.objects.create(store=shop, status=status, opened_at=timezone.now(), **{**closed, **fields})


def matter_of(case: Case, **fields: Any) -> CaseViolation:
    return CaseViolation.objects.create(case=case, violation=make.violation(case.store), **fields)


def filing_in(status: str, case: Case, holder: User, **fields: Any) -> Filing:
    now = timezone.now()
    values: dict[str, Any] = {"round": 1, "status": status}
    if status in ("approved", "filing", "filed"):
        values |= {"approved_by": holder, "approved_at": now}
    if status == "filing":
        values |= {
            "claimed_by": holder,
            "claimed_at": now,
            "claim_lapses_at": now + dt.timedelta(hours=2),
            "frozen_at": now,
        }
    if status == "filed":
        values |= {"frozen_at": now, "filed_at": now, "recorded_by": holder, "recorded_at": now}
    return Filing.objects.create(case=case, **{**values, **fields})


def appeal_in(status: str, matter: CaseViolation, number: int = 1) -> Appeal:
    return Appeal.objects.create(matter=matter, number=number, status=status)
