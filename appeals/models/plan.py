"""What is done so that it does not happen again: actions, trainings with attendance, and the numbers that prove it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from appeals.models.case import Case
from appeals.models.evidence import OfCase
from casemgr.kit.codes import new_code
from stores.models.scope import Scoped


def action_code() -> str:
    return new_code("P")


class PlanAction(OfCase):
    """One thing to do so that it does not happen again: who, by when, and the number that shows whether it worked."""

    code = models.CharField(max_length=16, unique=True, default=action_code, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="plan")
    title = models.CharField(_("what"), max_length=200)
    owner_name = models.CharField(_("who"), max_length=80)
    due_on = models.DateField(_("by"))
    metric = models.CharField(_("measured by"), max_length=120, blank=True)
    # A metric that the product computes from the shop's own data (appeals.metrics); blank: measured by hand.
    metric_key = models.CharField(_("computed figure"), max_length=40, blank=True)
    metric_days = models.PositiveSmallIntegerField(_("days to look at"), default=14)
    before_value = models.DecimalField(_("before"), max_digits=12, decimal_places=2, null=True)
    after_value = models.DecimalField(_("after"), max_digits=12, decimal_places=2, null=True)
    # How many orders, parcels or days each value rests on: too few prove nothing.
    before_base = models.PositiveIntegerField(null=True)
    after_base = models.PositiveIntegerField(null=True)
    measured_at = models.DateTimeField(null=True)
    is_training = models.BooleanField(_("a training"), default=False)
    repeat_days = models.PositiveSmallIntegerField(_("again after (days)"), null=True)
    status = models.CharField(max_length=12, default="planned")
    # Planned, doing: whether it lives on after the case is closed.
    is_handed_on = models.BooleanField(default=False)
    waived_reason = models.CharField(max_length=300, blank=True)
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = Scoped.as_manager()

    class Meta:
        ordering = ["due_on", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(status="waived") | ~Q(waived_reason=""), name="waived_with_reason")
        ]
        verbose_name = _("plan action")
        verbose_name_plural = _("plan actions")

    def __str__(self) -> str:
        return self.title


class TrainingSession(models.Model):
    """One time a training was held. The sheet that people signed is evidence of the case."""

    store_path = "action__case__store"

    action = models.ForeignKey(PlanAction, models.CASCADE, related_name="sessions")
    held_on = models.DateField(_("held on"))
    topic = models.CharField(_("topic"), max_length=200, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)

    objects = Scoped.as_manager()

    class Meta:
        ordering = ["-held_on", "-pk"]
        constraints = [models.UniqueConstraint(fields=["action", "held_on"], name="one_session_a_day")]
        verbose_name = _("training session")
        verbose_name_plural = _("training sessions")

    def __str__(self) -> str:
        return f"{self.held_on}"

    @property
    def audit_thread(self) -> str:
        return self.action.case.code

    @property
    def audit_store_id(self) -> int:
        return self.action.case.store_id


class Attendance(models.Model):
    """Whether one person of the merchant was there."""

    store_path = "session__action__case__store"

    session = models.ForeignKey(TrainingSession, models.CASCADE, related_name="attendance")
    name = models.CharField(pgettext_lazy("a person", "name"), max_length=40)
    is_present = models.BooleanField(_("was there"), default=True)

    objects = Scoped.as_manager()

    class Meta:
        ordering = ["-is_present", "name"]
        constraints = [models.UniqueConstraint(fields=["session", "name"], name="attendance_once")]
        verbose_name = _("attendance")
        verbose_name_plural = _("attendance")

    def __str__(self) -> str:
        return self.name
