"""Applying a corrected rule to open cases: only to those that a lead confirms, and only what came from the rule."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from appeals.actions import cases, deadlines
from appeals.models import Case, CaseViolation, Deadline
from appeals.policy_touch import Matter, Touched, attempts, touched
from casemgr.kit import audit
from casemgr.kit.workflow import Refused, Stale
from orders.enums import ShipBySource
from orders.imports import ship_clock
from orders.imports.cells import moment_of
from orders.models import Order, Violation
from orders.waivers import row_of
from stores.models import User, ViolationType


def latest_version(rule: ViolationType) -> int:
    """The number of the newest version: what a page was drawn with."""
    return rule.policies.aggregate(n=Max("version"))["n"] or 0


def apply(*, by: User, rule: ViolationType, codes: Iterable[str], seen_version: int) -> int:
    """Judge these open cases by the versions of `rule` that hold for their time now. Returns how many changed: a case
    that the correction does not touch (any more) is left as it is, so that a second run changes nothing.

    Refused for anybody but a lead; Stale when the rule got another version after the page was drawn.
    """
    if not by.is_lead:
        raise Refused(_("A lead applies a corrected rule to cases."))
    wanted = Case.objects.visible_to(by).filter(code__in=list(codes))
    if not wanted.exists():
        raise Refused(_("Choose at least one case."))
    with transaction.atomic():
        if latest_version(rule) != seen_version:
            raise Stale(_("The rule has another version by now. Look at the differences again."))
        found = touched(rule, wanted)
        for one in found:
            _apply(by, one)
    return len(found)


def _apply(by: User, one: Touched) -> None:
    case = one.case
    for matter in one.matters:
        _set_versions(matter)
        _set_attempts(matter)
        _set_ship_by(matter)
    if one.dues:
        keys = [row.pk for row in one.replaced]
        now = timezone.now()
        Deadline.objects.filter(pk__in=keys, superseded_at=None, met_at=None, missed_at=None).update(superseded_at=now)
        for row in one.replaced:
            audit.record(by=by, action="deadline.superseded", of=row, after={"superseded_at": now})
        deadlines.open_all(by=by, case=case, dues=one.dues)
    cases.judge(by=by, case=case)
    lines = {line.key: line for line in one.differences}
    versions = {"versions": ", ".join(str(matter.procedure) for matter in one.matters)}
    audit.record(
        by=by,
        action="policy.applied",
        of=case,
        before={key: line.old for key, line in lines.items()},
        after={**{key: line.new for key, line in lines.items()}, **versions},
    )


def _set_versions(matter: Matter) -> None:
    """Raises Stale when the violation was put under other versions meanwhile."""
    standing = Violation.objects.filter(
        pk=matter.row.violation_id, procedure_policy=matter.old_procedure, conduct_policy=matter.old_conduct
    )
    if not standing.update(procedure_policy=matter.procedure, conduct_policy=matter.conduct, updated_at=timezone.now()):
        raise Stale(_("The rule has another version by now. Look at the differences again."))
    matter.row.violation.procedure_policy, matter.row.violation.conduct_policy = matter.procedure, matter.conduct


def _set_attempts(matter: Matter) -> None:
    """A number from the rule alone; never below what is used (the database refuses that too)."""
    old, new = attempts(matter)
    if old != new:
        CaseViolation.objects.filter(pk=matter.row.pk, attempts_allowed=old).update(attempts_allowed=new)


def _set_ship_by(matter: Matter) -> None:
    """Ship-by times of the named orders that were computed from the rule, not those of a file."""
    violation = matter.row.violation
    if violation.violation_type.key != ship_clock.RULE:
        return
    clock = ship_clock.ShipClock.of(violation.violation_type.platform)
    orders = Order.objects.filter(violation_orders__violation=violation, ship_by_source=ShipBySource.COMPUTED)
    changed = []
    for order in orders:
        text, policy = clock.due(row_of(order))
        due: dt.datetime | None = moment_of(text) if text else None
        if (order.ship_by, order.ship_by_policy_id) != (due, policy):
            order.ship_by, order.ship_by_policy_id, order.updated_at = due, policy, timezone.now()
            changed.append(order)
    Order.objects.bulk_update(changed, ["ship_by", "ship_by_policy", "updated_at"], batch_size=200)
