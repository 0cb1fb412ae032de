"""Orders and their lines, as the platform gave them. Nothing here is clear personal data: masks and keyed hashes only."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from orders.enums import Fulfilment, OrderState, RefundState, ShipBySource
from stores.models.scope import Scoped


def key_field() -> models.CharField:
    """A keyed hash in hex, empty when the file gave nothing to hash."""
    return models.CharField(max_length=32, blank=True, default="")


def word_field(length: int = 64) -> models.CharField:
    return models.CharField(max_length=length, blank=True, default="")


class Order(models.Model):
    store = models.ForeignKey("stores.Store", models.PROTECT, related_name="orders", db_index=False)
    order_no = models.CharField(_("order number"), max_length=64)
    # What the platform says, in one vocabulary and in its own word.
    state = models.CharField(_("state"), max_length=16, choices=OrderState.choices, blank=True, default="")
    state_word = word_field()
    fulfilment = models.CharField(max_length=10, choices=Fulfilment.choices, default=Fulfilment.UNKNOWN)
    aftersale_word = word_field()
    refund_state = models.CharField(max_length=10, choices=RefundState.choices, blank=True, default="")
    # Who receives it, as far as it may be known.
    recipient_masked = word_field(120)
    phone_masked = word_field(40)
    province = word_field(40)
    city = word_field(40)
    district = word_field(40)
    street = word_field(80)
    address_masked = word_field(200)
    key_token = key_field()
    key_account = key_field()
    key_phone = key_field()
    key_address = key_field()
    key_masked = key_field()
    key_area = key_field()
    # When.
    placed_at = models.DateTimeField(_("placed"), null=True)
    paid_at = models.DateTimeField(_("paid"), null=True)
    grouped_at = models.DateTimeField(null=True)
    balance_paid_at = models.DateTimeField(null=True)
    promised_ship_from = models.DateTimeField(null=True)
    ship_by = models.DateTimeField(_("ship by"), null=True)
    ship_by_source = models.CharField(max_length=8, choices=ShipBySource.choices, blank=True, default="")
    ship_by_policy = models.ForeignKey("stores.Policy", models.PROTECT, null=True, related_name="+", db_index=False)
    ship_basis = word_field(16)
    shipped_at = models.DateTimeField(_("shipped"), null=True)
    picked_up_at = models.DateTimeField(_("picked up"), null=True)
    delivered_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    refund_asked_at = models.DateTimeField(null=True)
    refunded_at = models.DateTimeField(null=True)
    urged_at = models.DateTimeField(null=True)
    platform_review = models.BooleanField(null=True)
    platform_hold = models.BooleanField(null=True)
    address_changed = models.BooleanField(null=True)
    # How much.
    quantity = models.PositiveIntegerField(null=True)
    amount_total = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    amount_paid = models.DecimalField(_("paid amount"), max_digits=14, decimal_places=2, null=True)
    refund_amount = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    warehouse = word_field(80)
    buyer_note = models.CharField(max_length=500, blank=True, default="")
    seller_note = models.CharField(max_length=500, blank=True, default="")
    # Bookkeeping: an unchanged row (same hash) is not written again.
    content_hash = models.CharField(max_length=32)
    import_run = models.ForeignKey("orders.ImportRun", models.SET_NULL, null=True, related_name="+", db_index=False)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    objects = Scoped.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "order_no"], name="order_no_once")]
        indexes = [
            # Screening reads windows of time of one shop; the clock reads what is not shipped yet.
            models.Index(fields=["store", "placed_at"], name="order_store_placed"),
            # What an import brought in since the last look.
            models.Index(fields=["store", "updated_at"], name="order_store_updated"),
            models.Index(fields=["ship_by"], name="order_ship_by_open", condition=Q(fulfilment="unshipped")),
        ]
        verbose_name = _("order")
        verbose_name_plural = _("orders")

    def __str__(self) -> str:
        return self.order_no

    @property
    def at(self) -> object:
        """The time an order counts from in lists and windows: placed, else paid."""
        return self.placed_at or self.paid_at


class OrderLine(models.Model):
    store_path = "order__store"

    order = models.ForeignKey(Order, models.CASCADE, related_name="lines", db_index=False)
    # sub_order_no, else sku, spec and the ordinal among equals in this order.
    line_key = models.CharField(max_length=120)
    sub_order_no = word_field()
    sku_code = word_field(80)
    sku_name = word_field(200)
    sku_spec = word_field(200)
    # One key for "the same article": the code, else name and spec, hashed. Orders of one article are compared by it.
    sku_key = key_field()
    quantity = models.PositiveIntegerField(null=True)
    unit_price = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    amount = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    content_hash = models.CharField(max_length=32)

    objects = Scoped.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "line_key"], name="line_once")]
        verbose_name = _("order line")
        verbose_name_plural = _("order lines")

    def __str__(self) -> str:
        return f"{self.sku_name} x {self.quantity}"
