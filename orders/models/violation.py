"""What the platform says a shop did, and what it does about it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from casemgr.kit.codes import new_code
from orders.enums import PenaltyKind, PenaltyState, ViolationStage
from stores.models.scope import Scoped


def violation_code() -> str:
    return new_code("V")


class Violation(models.Model):
    """A warning, ticket or penalty. Orders claimed (the number stated), named (listed) and matched are three figures."""

    code = models.CharField(max_length=16, unique=True, default=violation_code, editable=False)
    store = models.ForeignKey("stores.Store", models.PROTECT, related_name="violations")
    violation_type = models.ForeignKey("stores.ViolationType", models.PROTECT, related_name="violations")
    violation_no = models.CharField(_("violation number"), max_length=64, blank=True)
    stage = models.CharField(_("stage"), max_length=10, choices=ViolationStage.choices)
    noticed_at = models.DateTimeField(_("noticed at"), null=True)
    # The verbatim notice with phone numbers masked, and the hash of the text as pasted.
    text = models.TextField(blank=True)
    text_hash = models.CharField(max_length=64, blank=True)
    parsed = models.JSONField(default=dict)
    entered = models.CharField(max_length=8, default="pasted")
    claimed_count = models.PositiveIntegerField(null=True)
    named_count = models.PositiveIntegerField(default=0)
    amount_total = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    amount_per_order = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    amount_basis = models.CharField(max_length=10, blank=True)
    is_conditional = models.BooleanField(default=False)
    points = models.PositiveIntegerField(null=True)
    attempts_stated = models.PositiveSmallIntegerField(null=True)
    # Procedure (window, rounds, evidence) follows the version in force when the notice came.
    procedure_policy = models.ForeignKey("stores.Policy", models.PROTECT, null=True, related_name="+")
    # Conduct (ship-by, scan, penalty) follows the version at the orders' clock start.
    conduct_policy = models.ForeignKey("stores.Policy", models.PROTECT, null=True, related_name="+")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = Scoped.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["store", "violation_no"], name="violation_no_once", condition=~Q(violation_no="")
            ),
            models.UniqueConstraint(
                fields=["store", "violation_type", "text_hash"],
                name="unnumbered_violation_once",
                condition=Q(violation_no="") & ~Q(text_hash=""),
            ),
        ]
        verbose_name = _("violation")
        verbose_name_plural = _("violations")

    def __str__(self) -> str:
        return self.violation_no or self.code


class ViolationOrder(models.Model):
    store_path = "violation__store"

    violation = models.ForeignKey(Violation, models.CASCADE, related_name="named_orders")
    order_no = models.CharField(max_length=64)
    order = models.ForeignKey("orders.Order", models.PROTECT, null=True, related_name="violation_orders")
    amount = models.DecimalField(max_digits=14, decimal_places=2, null=True)

    objects = Scoped.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["violation", "order_no"], name="violation_order_once")]
        verbose_name = _("order of a violation")
        verbose_name_plural = _("orders of a violation")

    def __str__(self) -> str:
        return self.order_no


class Penalty(models.Model):
    """One measure of a violation: money, points, or a restriction with its start and end."""

    store_path = "violation__store"

    violation = models.ForeignKey(Violation, models.CASCADE, related_name="penalties")
    kind = models.CharField(max_length=20, choices=PenaltyKind.choices)
    text = models.CharField(max_length=300, blank=True)
    amount = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    points = models.PositiveIntegerField(null=True)
    days = models.PositiveIntegerField(null=True)
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    # What became of it, and what it comes to now (rule 10: from the answer or the ledger, never guessed).
    state = models.CharField(_("state"), max_length=10, choices=PenaltyState.choices, default=PenaltyState.STANDING)
    settled_amount = models.DecimalField(_("amount now"), max_digits=14, decimal_places=2, null=True)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    settled_note = models.CharField(max_length=300, blank=True)

    objects = Scoped.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="reduced") | Q(settled_amount__isnull=False) | Q(amount__isnull=True),
                name="reduced_to_an_amount",
            )
        ]
        verbose_name = _("penalty")
        verbose_name_plural = _("penalties")

    def __str__(self) -> str:
        return self.text or self.kind
