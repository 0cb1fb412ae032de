"""Shipments and what carriers say of them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from orders.models.order import word_field
from stores.models.platform import in_language
from stores.models.scope import Scoped


class Carrier(models.Model):
    """A carrier with hints on its waybill numbers. `unknown` is not `invalid`: domestic numbers have no check digit."""

    code = models.CharField(_("code"), max_length=24, unique=True)
    name_zh = models.CharField(_("Chinese name"), max_length=40)
    name_en = models.CharField(_("English name"), max_length=60)
    aliases = models.JSONField(_("other names"), default=list)
    patterns = models.JSONField(_("number patterns"), default=list)
    source = models.CharField(_("source"), max_length=300, blank=True)
    confidence = models.CharField(_("confidence"), max_length=4, blank=True)

    class Meta:
        ordering = ["code"]
        verbose_name = _("carrier")
        verbose_name_plural = _("carriers")

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The carrier in the reader's language."""
        return in_language(self.name_zh, self.name_en)


class Parcel(models.Model):
    """One shipment of a shop. Orders and parcels are many to many: merged and split shipments."""

    store = models.ForeignKey(
        "stores.Store", models.PROTECT, related_name="parcels", db_index=False, verbose_name=_("shop")
    )
    carrier = models.ForeignKey(Carrier, models.PROTECT, null=True, related_name="+", verbose_name=_("carrier"))
    carrier_word = word_field(40, name=_("carrier as written"))
    waybill_no = models.CharField(_("waybill number"), max_length=128)
    # When the merchant told the platform the number; what the first scan is measured from.
    shipped_at = models.DateTimeField(_("shipped"), null=True)
    state = word_field(24, name=_("state"))
    first_scan_at = models.DateTimeField(_("first scan"), null=True)
    last_event_at = models.DateTimeField(_("last scan"), null=True)
    delivered_at = models.DateTimeField(_("delivered"), null=True)
    replaces = models.ForeignKey(
        "self", models.SET_NULL, null=True, related_name="replaced_by", verbose_name=_("replaces")
    )
    orders = models.ManyToManyField(
        "orders.Order", through="orders.ParcelOrder", related_name="parcels", verbose_name=_("orders")
    )
    created_at = models.DateTimeField(_("created"))

    objects = Scoped.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "waybill_no"], name="waybill_once")]
        indexes = [
            models.Index(
                fields=["store", "shipped_at"],
                name="parcel_unscanned",
                condition=models.Q(first_scan_at__isnull=True),
            )
        ]
        verbose_name = _("parcel")
        verbose_name_plural = _("parcels")

    def __str__(self) -> str:
        return self.waybill_no


class ParcelOrder(models.Model):
    parcel = models.ForeignKey(Parcel, models.CASCADE)
    order = models.ForeignKey("orders.Order", models.CASCADE)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["parcel", "order"], name="parcel_order_once")]
        verbose_name = _("order of a parcel")
        verbose_name_plural = _("orders of a parcel")

    def __str__(self) -> str:
        return f"{self.parcel_id} {self.order_id}"


class Scan(models.Model):
    """One event of a parcel as the carrier told it."""

    store_path = "parcel__store"

    parcel = models.ForeignKey(Parcel, models.CASCADE, related_name="scans", db_index=False)
    event_at = models.DateTimeField()
    text = models.CharField(max_length=300, blank=True)
    city = word_field(40)
    state = word_field(24)
    # Hash of time and text: the same event told twice is one.
    content_key = models.CharField(max_length=32)

    objects = Scoped.as_manager()

    class Meta:
        ordering = ["event_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["parcel", "content_key"], name="scan_once")]
        verbose_name = _("scan")
        verbose_name_plural = _("scans")

    def __str__(self) -> str:
        return f"{self.event_at:%m-%d %H:%M} {self.text}"
