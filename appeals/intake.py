"""From a read notice to what a case is opened with: statements, deadlines, attempts. No guesses: unknown stays None."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from appeals.actions.deadlines import Due
from appeals.enums import DeadlineSource
from orders.actions.violations import Statement
from orders.enums import ViolationStage
from stores.models import ViolationType


@dataclass(frozen=True)
class ReadDue:
    """One deadline of a read notice: the moment, whether it is only an estimate, and the words it came from."""

    kind: str
    due_at: dt.datetime | None
    is_estimated: bool
    source: str
    text: str


def moment(value: str | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(value) if value else None


def amount(value: str | None) -> Decimal | None:
    return Decimal(value) if value not in (None, "") else None


def read_dues(read: Mapping[str, Any]) -> list[ReadDue]:
    """The deadlines of one read violation. A countdown or a window without a receipt time gives an estimate."""
    out = []
    for row in read.get("deadlines", []):
        due_at, estimate = moment(row.get("due_at")), moment(row.get("estimate_due_at"))
        if row.get("source") == "policy":
            continue  # our own policy rows say that better, with their confidence
        source = DeadlineSource.COUNTDOWN if row.get("rule") == "countdown" else DeadlineSource.NOTICE
        is_estimated = due_at is None or bool(row.get("needs_person"))
        out.append(ReadDue(row["kind"], due_at or estimate, is_estimated, source, row.get("text") or ""))
    return out


def to_due(read: ReadDue) -> Due:
    source = DeadlineSource.ESTIMATED if read.is_estimated and read.source == DeadlineSource.NOTICE else read.source
    return Due(read.kind, read.due_at, source, read.text, read.is_estimated)


def to_statement(
    read: Mapping[str, Any], *, violation_type: ViolationType, stage: str, text: str, entered: str
) -> Statement:
    """One read violation as a statement, with the type and stage a person confirmed."""
    orders, amounts = read.get("orders") or {}, read.get("amounts") or {}
    return Statement(
        violation_type=violation_type,
        stage=stage,
        violation_no=read.get("violation_no") or "",
        noticed_at=moment(read.get("noticed_at")),
        text=text,
        parsed=read,
        entered=entered,
        order_nos=orders.get("order_nos") or (),
        order_amounts={no: Decimal(value) for no, value in (orders.get("amounts") or {}).items()},
        claimed_count=orders.get("claimed"),
        amount_total=amount(amounts.get("total")),
        amount_per_order=amount(amounts.get("per_order")),
        amount_basis=amounts.get("total_basis") or "",
        is_conditional=bool(amounts.get("conditional")),
        points=read.get("points"),
        attempts_stated=read.get("attempts_stated"),
        measures=read.get("measures") or (),
    )


def is_in_play(read: Mapping[str, Any]) -> bool:
    """Whether a read violation still stands; one that the platform revoked already is no work."""
    return read.get("stage") != ViolationStage.REVOKED


def read_answer_fields(read: Mapping[str, Any], text: str, answered_at: dt.datetime) -> dict[str, Any]:
    """A read answer (orders.notices.read_answer) as the first values of the answer form; what it does not say stays empty."""
    return {
        "result": read["result"] or "",
        "text": text.strip(),
        "answered_at": answered_at,
        "code": read["code"] or "",
        "accepted_count": read["orders_accepted"],
        "upheld_count": read["orders_upheld"],
        "attempts_left": read["attempts_left"],
        "due_at": moment(read.get("due_at")),
        "due_text": read["due_text"] or "",
    }
