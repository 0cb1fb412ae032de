"""Findings, and what was done about them: checks by call or chat, holds, reports to the platform."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from casemgr.kit.codes import new_code
from orders.enums import KeyKind, KeyStrength, ReportKind, Severity
from stores.models.scope import Scoped


def alert_code() -> str:
    return new_code("A")


def hold_code() -> str:
    return new_code("H")


def report_code() -> str:
    return new_code("R")


class DetectorSetting(models.Model):
    """Thresholds of one detector: for all, one platform or one shop. Versioned: a change is a new row."""

    detector = models.CharField(_("detector"), max_length=40)
    platform = models.ForeignKey("stores.Platform", models.CASCADE, null=True, blank=True, verbose_name=_("platform"))
    store = models.ForeignKey("stores.Store", models.CASCADE, null=True, blank=True, verbose_name=_("shop"))
    params = models.JSONField(_("thresholds"), default=dict, blank=True)
    is_on = models.BooleanField(_("on"), default=True)
    severity = models.CharField(_("severity"), max_length=8, choices=Severity.choices, default=Severity.MEDIUM)
    version = models.PositiveIntegerField(_("version"), default=1)
    is_current = models.BooleanField(_("in use"), default=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("written by")
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        ordering = ["detector", "-version"]
        constraints = [
            # Three partial constraints: SQLite has no "nulls not distinct".
            models.UniqueConstraint(
                fields=["detector"],
                name="one_current_default",
                condition=Q(is_current=True, platform__isnull=True, store__isnull=True),
            ),
            models.UniqueConstraint(
                fields=["detector", "platform"],
                name="one_current_for_platform",
                condition=Q(is_current=True, store__isnull=True),
            ),
            models.UniqueConstraint(
                fields=["detector", "store"], name="one_current_for_store", condition=Q(is_current=True)
            ),
        ]
        verbose_name = _("detector setting")
        verbose_name_plural = _("detector settings")

    def __str__(self) -> str:
        return f"{self.detector} v{self.version}"


class RiskAlert(models.Model):
    """A finding of one detector in one shop. Seen again while open it is updated, never doubled."""

    code = models.CharField(_("code"), max_length=16, unique=True, default=alert_code, editable=False)
    store = models.ForeignKey("stores.Store", models.PROTECT, related_name="alerts", verbose_name=_("shop"))
    detector = models.CharField(_("detector"), max_length=40)
    fingerprint = models.CharField(_("fingerprint"), max_length=64)
    status = models.CharField(_("state"), max_length=12, default="open")
    severity = models.CharField(_("severity"), max_length=8, choices=Severity.choices)
    # What the orders share, and how much that proves. Empty for detectors that compare no people.
    key_kind = models.CharField(_("what they share"), max_length=8, choices=KeyKind.choices, blank=True)
    key_strength = models.CharField(_("strength of the key"), max_length=8, choices=KeyStrength.choices, blank=True)
    subject = models.CharField(_("subject"), max_length=160, blank=True)
    # Numbers the explanation is made of (counts, window, threshold, usual rate ...); put into words when shown.
    facts = models.JSONField(_("facts"), default=dict)
    # The threshold that was crossed, as it was then (rule 9).
    threshold = models.JSONField(_("threshold"), default=dict)
    setting = models.ForeignKey(DetectorSetting, models.PROTECT, null=True, related_name="+", verbose_name=_("setting"))
    setting_version = models.PositiveIntegerField(_("version of the setting"), default=0)
    order_count = models.PositiveIntegerField(_("number of orders"), default=0)
    # Sum of the amounts known; orders without a known amount are counted, never taken as 0 (rule 10).
    risk_amount = models.DecimalField(_("money at risk"), max_digits=14, decimal_places=2, null=True)
    risk_unknown_count = models.PositiveIntegerField(_("orders of unknown cost"), default=0)
    from_at = models.DateTimeField(_("from"), null=True)
    to_at = models.DateTimeField(_("until"), null=True)
    first_seen_at = models.DateTimeField(_("first seen"))
    last_seen_at = models.DateTimeField(_("last seen"))
    previous = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+", verbose_name=_("one before"))
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("handled by")
    )
    updated_at = models.DateTimeField(_("changed"), auto_now=True)
    orders = models.ManyToManyField(
        "orders.Order", through="orders.AlertOrder", related_name="alerts", verbose_name=_("orders")
    )

    objects = Scoped.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["store", "detector", "fingerprint"],
                name="one_open_alert",
                condition=Q(status__in=["open", "reviewing", "confirmed"]),
            )
        ]
        indexes = [models.Index(fields=["status", "-last_seen_at"], name="alert_status_seen")]
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")

    def __str__(self) -> str:
        return f"{self.code} {self.detector}"


class AlertOrder(models.Model):
    alert = models.ForeignKey(RiskAlert, models.CASCADE, related_name="alert_orders")
    order = models.ForeignKey("orders.Order", models.CASCADE)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["alert", "order"], name="alert_order_once")]
        verbose_name = _("order of an alert")
        verbose_name_plural = _("orders of an alert")

    def __str__(self) -> str:
        return f"{self.alert_id} {self.order_id}"


class OrderReview(models.Model):
    """A check of one order by call or chat: contacts with their answers, and a verdict."""

    store_path = "order__store"

    order = models.OneToOneField("orders.Order", models.PROTECT, related_name="review", verbose_name=_("order"))
    alert = models.ForeignKey(RiskAlert, models.SET_NULL, null=True, related_name="reviews", verbose_name=_("alert"))
    status = models.CharField(_("state"), max_length=12, default="waiting")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided"), null=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    objects = Scoped.as_manager()

    class Meta:
        verbose_name = _("order review")
        verbose_name_plural = _("order reviews")

    def __str__(self) -> str:
        return f"{self.order} {self.status}"

    @property
    def audit_store_id(self) -> int:
        return self.order.store_id

    @property
    def audit_thread(self) -> str:
        return self.alert.code if self.alert else ""


class ReviewContact(models.Model):
    class Channel(models.TextChoices):
        CHAT = "chat", _("platform chat")
        CALL = "call", _("call to the platform's virtual number")

    class Result(models.TextChoices):
        ANSWERED = "answered", _("answered")
        NO_ANSWER = "no_answer", _("no answer")
        DECLINED = "declined", _("declined to answer")

    review = models.ForeignKey(OrderReview, models.CASCADE, related_name="contacts")
    at = models.DateTimeField(_("when"))
    channel = models.CharField(pgettext_lazy("contact", "by"), max_length=8, choices=Channel.choices)
    result = models.CharField(_("result"), max_length=10, choices=Result.choices)
    answers = models.JSONField(default=dict, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["at", "pk"]
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")

    def __str__(self) -> str:
        return f"{self.at:%m-%d %H:%M} {self.channel}"


class Hold(models.Model):
    """An instruction to the warehouse not to ship yet. Shown as unacknowledged until the merchant says yes."""

    code = models.CharField(_("code"), max_length=16, unique=True, default=hold_code, editable=False)
    store = models.ForeignKey("stores.Store", models.PROTECT, related_name="holds", verbose_name=_("shop"))
    alert = models.ForeignKey(RiskAlert, models.SET_NULL, null=True, related_name="holds", verbose_name=_("alert"))
    status = models.CharField(_("state"), max_length=12, default="asked")
    reason = models.CharField(_("reason"), max_length=300)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("asked by"))
    asked_at = models.DateTimeField(_("asked"))
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("acknowledged by")
    )
    acknowledged_at = models.DateTimeField(_("acknowledged"), null=True)
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("released by")
    )
    released_at = models.DateTimeField(_("released"), null=True)
    release_note = models.CharField(_("reason for the release"), max_length=300, blank=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)
    orders = models.ManyToManyField("orders.Order", related_name="holds", verbose_name=_("orders"))

    objects = Scoped.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(acknowledged_at__isnull=True, acknowledged_by__isnull=True)
                | Q(acknowledged_at__isnull=False),
                name="hold_acknowledged_at_a_time",
            )
        ]
        verbose_name = _("hold")
        verbose_name_plural = _("holds")

    def __str__(self) -> str:
        return self.code

    @property
    def audit_thread(self) -> str:
        return self.alert.code if self.alert else self.code


class PlatformReport(models.Model):
    """What the agency told the platform before the deadline: 报备 or 举报, recorded by hand with its number."""

    code = models.CharField(_("code"), max_length=16, unique=True, default=report_code, editable=False)
    store = models.ForeignKey("stores.Store", models.PROTECT, related_name="platform_reports", verbose_name=_("shop"))
    alert = models.ForeignKey(
        RiskAlert, models.SET_NULL, null=True, related_name="platform_reports", verbose_name=_("alert")
    )
    kind = models.CharField(_("kind"), max_length=16, choices=ReportKind.choices)
    status = models.CharField(_("state"), max_length=12, default="to_file")
    number = models.CharField(_("the platform's number"), max_length=64, blank=True)
    filed_at = models.DateTimeField(_("filed at (console's time)"), null=True, blank=True)
    extends_ship_by_to = models.DateTimeField(_("ship-by extended to"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("written by")
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)
    orders = models.ManyToManyField("orders.Order", related_name="platform_reports", verbose_name=_("orders"))

    objects = Scoped.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("report to the platform")
        verbose_name_plural = _("reports to the platform")

    def __str__(self) -> str:
        return f"{self.code} {self.number}"

    @property
    def audit_thread(self) -> str:
        return self.alert.code if self.alert else self.code
