"""The client and its shops."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from casemgr.kit.codes import new_code
from stores.enums import Fulfilment
from stores.models.scope import Scoped


def merchant_code() -> str:
    return new_code("M")


def store_code() -> str:
    return new_code("S")


class Merchants(models.QuerySet):
    def visible_to(self, user: Any) -> Merchants:
        if not getattr(user, "is_authenticated", False):
            return self.none()
        return self.all() if user.sees_all_shops else self.filter(stores__in=user.shops()).distinct()


class Merchant(models.Model):
    code = models.CharField(_("code"), max_length=16, unique=True, default=merchant_code, editable=False)
    name = models.CharField(_("name"), max_length=120)
    company_name = models.CharField(_("company name"), max_length=160, blank=True)
    # Whether imports keep clear recipients, encrypted (orders.actions.recipients.keep switches it and erases).
    keep_recipient = models.BooleanField(_("keep recipients"), default=False, editable=False)
    shares_risk_signals = models.BooleanField(_("shares risk signals"), default=False, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = Merchants.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name = _("merchant")
        verbose_name_plural = _("merchants")

    def __str__(self) -> str:
        return self.name


class Stores(Scoped):
    def visible_to(self, user: Any) -> Stores:
        if not getattr(user, "is_authenticated", False):
            return self.none()
        return self.all() if user.sees_all_shops else self.filter(pk__in=user.shops().values("pk"))


class Store(models.Model):
    class State(models.TextChoices):
        ACTIVE = "active", _("active")
        PAUSED = "paused", _("paused")
        LEFT = "left", _("left")

    code = models.CharField(_("code"), max_length=16, unique=True, default=store_code, editable=False)
    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="stores", verbose_name=_("merchant"))
    platform = models.ForeignKey("stores.Platform", models.PROTECT, related_name="stores", verbose_name=_("platform"))
    name = models.CharField(_("name"), max_length=120)
    external_id = models.CharField(_("the platform's shop id"), max_length=64, blank=True)
    fulfilment = models.CharField(_("who ships"), max_length=16, choices=Fulfilment.choices, default=Fulfilment.OWN)
    deposit_amount = models.DecimalField(_("deposit"), max_digits=12, decimal_places=2, null=True, blank=True)
    points_left = models.IntegerField(_("points left"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.ACTIVE)
    # Set by the first import that carries tracking. Without it a missing scan means "cannot tell", never "late".
    scans_known_since = models.DateTimeField(_("tracking known since"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = Stores.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["platform", "external_id"], name="external_id_once", condition=~models.Q(external_id="")
            )
        ]
        verbose_name = _("shop")
        verbose_name_plural = _("shops")

    def __str__(self) -> str:
        return self.name

    @property
    def audit_store_id(self) -> int | None:
        return self.pk
