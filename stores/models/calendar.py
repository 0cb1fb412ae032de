"""Days off, make-up working days, and windows in which a platform pauses, extends or waives a clock."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class CalendarDay(models.Model):
    """A weekday that is off or a weekend day that is worked. Every other day is what the week says."""

    on = models.DateField(_("date"), unique=True)
    name = models.CharField(_("name"), max_length=40)
    is_working = models.BooleanField(_("working day"))
    source = models.CharField(_("source"), max_length=200)

    class Meta:
        ordering = ["-on"]
        verbose_name = _("calendar day")
        verbose_name_plural = _("calendar days")

    def __str__(self) -> str:
        return f"{self.on} {self.name}"


class ExemptionWindow(models.Model):
    class Effect(models.TextChoices):
        PAUSE = "pause", _("clock stands still")
        EXTEND = "extend", _("clock gets more hours")
        WAIVE = "waive", _("no penalty")

    platform = models.ForeignKey("stores.Platform", models.PROTECT, verbose_name=_("platform"))
    violation_keys = models.JSONField(_("violation types (empty: all)"), default=list, blank=True)
    regions = models.JSONField(_("regions (empty: all)"), default=list, blank=True)
    carriers = models.JSONField(_("carriers (empty: all)"), default=list, blank=True)
    from_at = models.DateTimeField(_("from"))
    to_at = models.DateTimeField(_("to"))
    effect = models.CharField(_("effect"), max_length=8, choices=Effect.choices)
    extend_hours = models.PositiveIntegerField(_("hours more"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=300)

    class Meta:
        ordering = ["-from_at"]
        constraints = [
            models.CheckConstraint(condition=models.Q(to_at__gt=models.F("from_at")), name="exemption_ends_later")
        ]
        verbose_name = _("exemption window")
        verbose_name_plural = _("exemption windows")

    def __str__(self) -> str:
        return f"{self.platform} {self.from_at:%Y-%m-%d} – {self.to_at:%Y-%m-%d}"
