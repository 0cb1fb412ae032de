"""The agency's work on one matter of one shop."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from appeals.enums import AppealResult, DeadlineKind, DeadlineSource, Outcome, VerdictKind, WaitingFor
from casemgr.kit.codes import new_code
from casemgr.kit.sql import OrNever
from stores.enums import AnswerCode, LineOfDefence, RootCause
from stores.models.scope import Scoped


def case_code() -> str:
    return new_code("C")


class Case(models.Model):
    """`status` is written by appeals.workflow.CASE only; outcome and waiting_for are fields of their own, not states."""

    code = models.CharField(max_length=16, unique=True, default=case_code, editable=False)
    store = models.ForeignKey("stores.Store", models.PROTECT, related_name="cases")
    status = models.CharField(max_length=12, default="intake")
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome.choices, blank=True)
    waiting_for = models.CharField(_("waiting for"), max_length=10, choices=WaitingFor.choices, default=WaitingFor.US)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="cases", verbose_name=_("owner")
    )
    violations = models.ManyToManyField("orders.Violation", through="appeals.CaseViolation", related_name="cases")
    alerts = models.ManyToManyField("orders.RiskAlert", blank=True, related_name="cases")
    root_cause = models.CharField(_("root cause"), max_length=24, choices=RootCause.choices, blank=True)
    line_of_defence = models.CharField(_("line of defence"), max_length=24, choices=LineOfDefence.choices, blank=True)
    # Not fighting needs an estimate of what it costs and the consent of a lead or the merchant.
    cost_estimate = models.CharField(max_length=300, blank=True)
    consent_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    consent_at = models.DateTimeField(null=True)
    # The merchant's word that the orders are not of their own making; malicious_order cannot be argued without it.
    declared_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    declared_at = models.DateTimeField(null=True)
    declaration = models.TextField(blank=True)
    is_overdue = models.BooleanField(default=False)
    closing_note = models.TextField(blank=True)
    duplicate_of = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    # Kept for lists, written by appeals.actions.deadlines.keep_next_due and cases.keep_money.
    next_due_at = models.DateTimeField(null=True)
    next_due_kind = models.CharField(max_length=16, blank=True)
    next_due_source = models.CharField(max_length=12, blank=True)
    stake_amount = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    stake_unknown_count = models.PositiveIntegerField(default=0)
    order_count = models.PositiveIntegerField(default=0)
    claimable_count = models.PositiveIntegerField(default=0)
    # Out of its owner's way until then; never beyond the next step (appeals.actions.team).
    snoozed_until = models.DateTimeField(null=True)
    snooze_reason = models.CharField(max_length=200, blank=True)
    # The last moment at which everything that is left can still be done in time (appeals.actions.deadlines).
    safe_until = models.DateTimeField(null=True)
    incident = models.ForeignKey("orders.Incident", models.PROTECT, null=True, related_name="cases")
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    # Retention destroyed the key of the case: files and packs are unreadable, manifest, hashes and counts stay.
    erased_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = Scoped.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="closed") | (Q(closed_at__isnull=False) & ~Q(outcome="")),
                name="closed_case_has_outcome",
            ),
        ]
        indexes = [
            models.Index(fields=["next_due_at", "id"], name="case_open_due", condition=~Q(status="closed")),
            # The usual order of the list (appeals/exports.py): open by deadline, closed ones last; and within a state.
            models.Index(OrNever("closed_at").desc(), OrNever("next_due_at").asc(), "id", name="case_urgency"),
            models.Index(
                "status", OrNever("closed_at").desc(), OrNever("next_due_at").asc(), "id", name="case_status_urgency"
            ),
            # What the badges of the frame count, from the index alone. With the state: SQLite asks for it although the
            # condition tells it.
            models.Index(
                fields=["owner", "waiting_for", "status", "snoozed_until"],
                name="case_owner_turn",
                condition=~Q(status="closed"),
            ),
            models.Index(fields=["owner"], name="case_overdue", condition=Q(is_overdue=True) & ~Q(status="closed")),
        ]
        verbose_name = _("case")
        verbose_name_plural = _("cases")

    def __str__(self) -> str:
        return self.code


class CaseViolation(models.Model):
    """A violation within its case, and its attempts: used never exceeds allowed, whatever happens (rule 1)."""

    store_path = "case__store"

    case = models.ForeignKey(Case, models.PROTECT, related_name="matters")
    violation = models.OneToOneField("orders.Violation", models.PROTECT, related_name="matter")
    # Null means unknown: a platform's default is no fact. A lead raises it with proof.
    attempts_allowed = models.PositiveSmallIntegerField(null=True)
    attempts_used = models.PositiveSmallIntegerField(default=0)
    # Attempts the merchant made alone, told to us; counted within attempts_used.
    attempts_alone = models.PositiveSmallIntegerField(default=0)

    objects = Scoped.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(attempts_allowed__isnull=True) | Q(attempts_used__lte=F("attempts_allowed")),
                name="attempts_within_allowed",
            )
        ]
        verbose_name = _("violation of a case")
        verbose_name_plural = _("violations of a case")

    def __str__(self) -> str:
        return f"{self.case} {self.violation}"

    @property
    def audit_thread(self) -> str:
        return self.case.code

    @property
    def attempts_left(self) -> int | None:
        return None if self.attempts_allowed is None else self.attempts_allowed - self.attempts_used


class Verdict(models.Model):
    """What became of one order of the case, computed from the data; a person may overrule it with a reason."""

    store_path = "case__store"

    case = models.ForeignKey(Case, models.CASCADE, related_name="verdicts")
    violation_order = models.OneToOneField("orders.ViolationOrder", models.CASCADE, related_name="verdict")
    computed = models.CharField(max_length=20, choices=VerdictKind.choices)
    # The stored facts the verdict rests on: [{name, value, source}], times in ISO.
    facts = models.JSONField(default=list)
    overruled_to = models.CharField(max_length=20, choices=VerdictKind.choices, blank=True)
    overruled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    overruled_at = models.DateTimeField(null=True)
    overrule_reason = models.CharField(max_length=300, blank=True)
    # What holds: overruled_to, else computed. Kept for lists and counts.
    kind = models.CharField(max_length=20, choices=VerdictKind.choices)
    # The platform's decision on this order in the last answer: None not decided, True revoked, False upheld.
    is_revoked = models.BooleanField(null=True)
    computed_at = models.DateTimeField()

    objects = Scoped.as_manager()

    class Meta:
        ordering = ["violation_order_id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(overruled_to="") | (Q(overruled_by__isnull=False) & ~Q(overrule_reason="")),
                name="overruled_with_reason",
            )
        ]
        verbose_name = _("verdict")
        verbose_name_plural = _("verdicts")

    def __str__(self) -> str:
        return f"{self.violation_order} {self.kind}"

    @property
    def audit_thread(self) -> str:
        return self.case.code


class Appeal(models.Model):
    """One attempt for one violation, with its own answer. `status` is written by appeals.workflow.APPEAL only."""

    store_path = "matter__case__store"

    matter = models.ForeignKey(CaseViolation, models.PROTECT, related_name="appeals")
    number = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=16, default="draft")
    filings = models.ManyToManyField("appeals.Filing", related_name="appeals")
    answered_at = models.DateTimeField(null=True)
    answer_code = models.CharField(max_length=20, choices=AnswerCode.choices, blank=True)
    answer_text = models.TextField(blank=True)
    answer_result = models.CharField(max_length=16, choices=AppealResult.choices, blank=True)
    accepted_count = models.PositiveIntegerField(null=True)
    upheld_count = models.PositiveIntegerField(null=True)
    answer_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    made_alone = models.BooleanField(default=False)
    updated_at = models.DateTimeField(auto_now=True)

    objects = Scoped.as_manager()

    class Meta:
        ordering = ["matter", "number"]
        constraints = [models.UniqueConstraint(fields=["matter", "number"], name="appeal_number_once")]
        verbose_name = _("appeal")
        verbose_name_plural = _("appeals")

    def __str__(self) -> str:
        return f"{self.matter} #{self.number}"

    @property
    def audit_thread(self) -> str:
        return self.matter.case.code

    @property
    def audit_store_id(self) -> int:
        return self.matter.case.store_id


class Deadline(models.Model):
    """When something must be done, and how we know. Passing one closes nothing: a person does (rule 3)."""

    store_path = "case__store"

    case = models.ForeignKey(Case, models.CASCADE, related_name="deadlines")
    kind = models.CharField(max_length=16, choices=DeadlineKind.choices)
    due_at = models.DateTimeField(null=True)
    source = models.CharField(max_length=12, choices=DeadlineSource.choices)
    source_text = models.CharField(max_length=300, blank=True)
    is_estimated = models.BooleanField(default=False)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    met_at = models.DateTimeField(null=True)
    missed_at = models.DateTimeField(null=True)
    # Replaced by a better-known or a later one; the row stays as history.
    superseded_at = models.DateTimeField(null=True)
    warned_at = models.DateTimeField(null=True)
    # When owner and lead were told that at the present pace it will be missed.
    escalated_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = Scoped.as_manager()

    class Meta:
        ordering = ["due_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True, confirmed_by__isnull=True)
                | Q(confirmed_at__isnull=False, confirmed_by__isnull=False),
                name="deadline_confirmed_by_somebody",
            )
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                name="deadline_open",
                condition=Q(met_at__isnull=True, missed_at__isnull=True, superseded_at__isnull=True),
            )
        ]
        verbose_name = _("deadline")
        verbose_name_plural = _("deadlines")

    def __str__(self) -> str:
        return f"{self.case} {self.kind}"

    @property
    def audit_thread(self) -> str:
        return self.case.code

    @property
    def audit_store_id(self) -> int:
        return self.case.store_id

    @property
    def is_open(self) -> bool:
        return self.met_at is None and self.missed_at is None and self.superseded_at is None
