"""Opening cases and keeping what lists show of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Count, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from appeals import verdicts, workload
from appeals.actions import deadlines
from appeals.enums import DeadlineKind
from appeals.models import Case, CaseViolation, Verdict
from casemgr.kit import audit
from casemgr.kit.notify import tell
from casemgr.kit.workflow import Refused
from orders.actions import violations
from orders.actions.violations import AlreadyRegistered, Statement
from orders.models import RiskAlert, Violation, ViolationOrder
from stores.enums import PenaltyBasis
from stores.models import Store, User
from stores.queries import merchant_people, working_days


@transaction.atomic
def open_case(
    *,
    by: User,
    store: Store,
    statements: Sequence[Statement],
    dues: Iterable[deadlines.Due] = (),
    owner: User | None = None,
    alerts: Sequence[RiskAlert] = (),
    attempts_left: int | None = None,
) -> Case:
    """Register what the platform says and open one case for all of it: clock, attempts, orders and their verdicts.

    `attempts_left` is what the notice says is left (剩余申诉次数); attempts a policy of confidence A or B names count when
    the notice is silent; otherwise the number stays unknown. Raises AlreadyRegistered when the shop has one of the
    violations already, naming it, so that the existing case is opened instead.
    """
    if not statements:
        raise Refused(_("There is no violation to open a case for."))
    registered = [violations.register(by=by, store=store, statement=statement) for statement in statements]
    owner = owner or workload.proposed(store, by=by)
    case = Case.objects.create(store=store, owner=owner, opened_by=by, opened_at=timezone.now())
    for violation in registered:
        CaseViolation.objects.create(case=case, violation=violation, **_attempts(violation, attempts_left))
    case.alerts.set([alert for alert in alerts if alert.store_id == store.pk] or _alerts_about(registered))
    audit.record(by=by, action="case.open", of=case, after={"violations": registered, "owner": case.owner})
    deadlines.open_all(by=by, case=case, dues=_dues(dues, registered))
    judge(by=by, case=case)
    _tell_owner(by, case, owner)
    tell(
        merchant_people(store),
        event="case.open",
        key=f"case:{case.code}:open",
        text=gettext_noop("%(shop)s: we are on it. %(code)s is open."),
        values={"shop": store.name, "code": case.code},
        url=f"/m/cases/{case.code}/",
    )
    return case


def _dues(stated: Iterable[deadlines.Due], registered: Sequence[Violation]) -> list[deadlines.Due]:
    """What the notice says; without a deadline to file by also what the policies give; without any an unknown one."""
    found = list(stated)
    if not any(due.kind in deadlines.FILING_DEADLINES for due in found):
        days = working_days()
        found += [due for violation in registered if (due := deadlines.from_policy(violation, days=days))]
    return found or [deadlines.Due(DeadlineKind.APPEAL, None, "estimated", is_estimated=True)]


def _tell_owner(by: User, case: Case, owner: User) -> None:
    if owner != by:
        tell(
            [owner],
            event="case.assign",
            key=f"case:{case.code}:opened",
            text=gettext_noop("%(code)s of %(shop)s is yours, opened by %(by)s."),
            values={"code": case.code, "shop": case.store.name, "by": by.name},
            url=f"/cases/{case.code}/",
        )


def _attempts(violation: Violation, left: int | None) -> dict[str, int | None]:
    """How many attempts a violation has, from the notice, else from a dependable policy, else unknown."""
    if violation.attempts_stated is not None or left is not None:
        allowed = violation.attempts_stated if violation.attempts_stated is not None else left
        used = (allowed or 0) - left if left is not None and violation.attempts_stated is not None else 0
        return {"attempts_allowed": allowed, "attempts_used": max(used, 0), "attempts_alone": max(used, 0)}
    rule = violation.procedure_policy.rounds.filter(number=1).first() if violation.procedure_policy else None
    dependable = rule is not None and rule.confidence in ("A", "B")
    return {"attempts_allowed": rule.attempts if rule and dependable else None}


def _alerts_about(registered: Sequence[Violation]) -> list[RiskAlert]:
    """Findings that hold orders of these violations: they explain what happened."""
    return list(RiskAlert.objects.filter(orders__violation_orders__violation__in=registered).distinct())


@transaction.atomic
def judge(*, by: User | None, case: Case) -> int:
    """Compute the verdict of every order of the case again; what a person overruled stays. Returns how many changed."""
    known = {verdict.violation_order_id: verdict for verdict in case.verdicts.all()}
    now, changed = timezone.now(), 0
    fresh: list[Verdict] = []
    touched: list[Verdict] = []
    matters = case.matters.select_related("violation__violation_type__platform", "violation__conduct_policy")
    for row, finding in verdicts.compute([matter.violation for matter in matters]):
        verdict = known.get(row.pk)
        if verdict is None:
            values = {"computed": finding.kind, "kind": finding.kind, "facts": finding.facts, "computed_at": now}
            fresh.append(Verdict(case=case, violation_order=row, **values))
        elif (verdict.computed, verdict.facts) != (finding.kind, finding.facts):
            verdict.computed, verdict.facts, verdict.computed_at = finding.kind, finding.facts, now
            verdict.kind = verdict.overruled_to or finding.kind
            touched.append(verdict)
    Verdict.objects.bulk_create(fresh, batch_size=500)
    Verdict.objects.bulk_update(touched, ["computed", "facts", "computed_at", "kind"], batch_size=200)
    changed = len(fresh) + len(touched)
    if changed:
        audit.record(by=by, action="case.judge", of=case, after={"new": len(fresh), "changed": len(touched)})
    keep_counts(case)
    return changed


@transaction.atomic
def overrule(*, by: User, verdict: Verdict, to: str, reason: str) -> None:
    """Say otherwise than the data about one order, with the reason. An empty `to` takes the overruling back."""
    if not by.is_agency:
        raise Refused(_("Verdicts are the agency's."))
    if not reason.strip():
        raise Refused(_("Please write the reason."))
    before = {"kind": verdict.kind, "overruled_to": verdict.overruled_to}
    verdict.overruled_to = to
    verdict.overruled_by, verdict.overruled_at = (by, timezone.now()) if to else (None, None)
    verdict.overrule_reason = reason.strip() if to else ""
    verdict.kind = to or verdict.computed
    verdict.save(update_fields=["overruled_to", "overruled_by", "overruled_at", "overrule_reason", "kind"])
    audit.record(
        by=by, action="verdict.overrule", of=verdict, before=before, after={"kind": verdict.kind}, note=reason.strip()
    )
    keep_counts(verdict.case)


def keep_counts(case: Case) -> None:
    """Write the numbers that lists show (`counts_of`)."""
    values = counts_of(case)
    Case.objects.filter(pk=case.pk).update(**values)
    for name, value in values.items():
        setattr(case, name, value)


def counts_of(case: Case) -> dict[str, Any]:
    """The kept numbers from their rows: orders, how many may be claimed, money at stake as far as it is known."""
    claims = verdicts.CLAIMS.get(case.line_of_defence, verdicts.CLAIMABLE)
    counts = case.verdicts.aggregate(all=Count("pk"), claimable=Count("pk", filter=Q(kind__in=claims)))
    claimed_by_notice = sum(
        m.violation.claimed_count or m.violation.named_count for m in case.matters.select_related("violation")
    )
    stake, unknown = _stake(case)
    return {
        "order_count": max(counts["all"], claimed_by_notice),
        "claimable_count": counts["claimable"],
        "stake_amount": stake,
        "stake_unknown_count": unknown,
    }


def _stake(case: Case) -> tuple[Decimal | None, int]:
    """Money at stake from the notice, else per order, else from a dependable policy; the rest is counted as unknown."""
    total, unknown, is_known = Decimal(0), 0, False
    sums = ViolationOrder.objects.filter(violation__matter__case=case, amount__isnull=False).values("violation")
    amounts = {one["violation"]: one for one in sums.annotate(total=Sum("amount"), known=Count("amount")).order_by()}
    for matter in case.matters.select_related("violation__conduct_policy"):
        violation = matter.violation
        policy = violation.conduct_policy
        orders = violation.claimed_count or violation.named_count
        listed = amounts.get(violation.pk)
        amount: Decimal
        if violation.amount_total is not None:
            amount = violation.amount_total
        elif violation.amount_per_order is not None:
            amount = violation.amount_per_order * orders
        elif listed:
            amount, unknown = listed["total"], unknown + orders - listed["known"]
        elif policy and policy.counts_money and policy.penalty_basis == PenaltyBasis.FIXED:
            amount = (policy.penalty_value or Decimal(0)) * orders
        else:
            unknown += orders
            continue
        total, is_known = total + amount, True
    return (total if is_known else None), unknown


def existing_case(refusal: AlreadyRegistered) -> Case | None:
    """The case that holds the violation which is registered already."""
    matter = CaseViolation.objects.filter(violation=refusal.violation).select_related("case").first()
    return matter.case if matter else None
