"""One cause behind several alerts and cases of a merchant."""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from casemgr.kit.codes import new_code
from stores.enums import RootCause


def incident_code() -> str:
    return new_code("N")


class Incidents(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        """Incidents of merchants of whom this person may see a shop."""
        if not getattr(user, "is_authenticated", False):
            return self.none()
        return self.all() if user.sees_all_shops else self.filter(merchant__stores__in=user.shops()).distinct()


class Incident(models.Model):
    """Joins alerts, orders and cases of one merchant around one cause, so that evidence is gathered once."""

    code = models.CharField(max_length=16, unique=True, default=incident_code, editable=False)
    merchant = models.ForeignKey("stores.Merchant", models.PROTECT, related_name="incidents")
    title = models.CharField(_("what happened"), max_length=120)
    root_cause = models.CharField(_("root cause"), max_length=24, choices=RootCause.choices, blank=True)
    from_at = models.DateTimeField(_("from"), null=True)
    to_at = models.DateTimeField(_("until"), null=True)
    alerts = models.ManyToManyField("orders.RiskAlert", blank=True, related_name="incidents")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = Incidents.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(to_at__isnull=True) | Q(to_at__gte=models.F("from_at")), name="incident_ends_later"
            )
        ]
        verbose_name = _("incident")
        verbose_name_plural = _("incidents")

    def __str__(self) -> str:
        return self.title
