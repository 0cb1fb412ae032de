"""Orders and their lines, as the platform gave them. Nothing here is clear personal data: masks and keyed hashes only."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from casemgr.kit.sql import UtcDay
from orders.enums import Fulfilment, KeyKind, OrderState, RefundState, ShipBySource
from stores.models.scope import Scoped


class Orders(models.Manager.from_queryset(Scoped)):  # type: ignore[misc]
    """Rows without the sealed recipient: who opens one asks for that column by name."""

    def get_queryset(self) -> Scoped:
        return super().get_queryset().defer("recipient_sealed")


def key_field(name: Any = None) -> models.CharField:
    """A keyed hash in hex, empty when the file gave nothing to hash."""
    return models.CharField(name, max_length=32, blank=True, default="")


def word_field(length: int = 64, name: Any = None) -> models.CharField:
    return models.CharField(name, max_length=length, blank=True, default="")


def neighbours(kind: str) -> models.Index:
    """The orders of one shop that share a key on one day: what screening reads around new orders, however old they are.

    Led by shop and day, so that a file that comes in order of time writes to few places: led by the key alone it made
    an import write four times as many pages. An area counts only where the file says nothing about people.
    """
    people = {f"key_{other}": "" for other in KeyKind.values if kind == KeyKind.AREA and other != kind}
    day = UtcDay(Coalesce("placed_at", "paid_at"))
    there = Q(**{f"key_{kind}__gt": ""}, **people)
    return models.Index("store", day, f"key_{kind}", name=f"order_day_{kind}", condition=there)


class Order(models.Model):
    store = models.ForeignKey(
        "stores.Store", models.PROTECT, related_name="orders", db_index=False, verbose_name=_("shop")
    )
    order_no = models.CharField(_("order number"), max_length=64)
    # What the platform says, in one vocabulary and in its own word.
    state = models.CharField(_("state"), max_length=16, choices=OrderState.choices, blank=True, default="")
    state_word = word_field(name=_("the platform's word"))
    fulfilment = models.CharField(_("shipping"), max_length=10, choices=Fulfilment.choices, default=Fulfilment.UNKNOWN)
    aftersale_word = word_field(name=_("the platform's word for after-sales"))
    refund_state = models.CharField(_("refund"), max_length=10, choices=RefundState.choices, blank=True, default="")
    # Who receives it, as far as it may be known.
    recipient_masked = word_field(120, name=_("recipient, masked"))
    phone_masked = word_field(40, name=_("phone, masked"))
    province = word_field(40, name=_("province"))
    city = word_field(40, name=_("city"))
    district = word_field(40, name=_("district"))
    street = word_field(80, name=_("street"))
    address_masked = word_field(200, name=_("address, masked"))
    key_token = key_field(name=_("key: recipient token"))
    key_account = key_field(name=_("key: buyer account"))
    key_phone = key_field(name=_("key: phone"))
    key_address = key_field(name=_("key: address"))
    key_masked = key_field(name=_("key: masked recipient"))
    key_area = key_field(name=_("key: area"))
    # Clear recipient, sealed (casemgr.kit.privacy.sealing); only for merchants with keep_recipient.
    recipient_sealed = models.BinaryField(_("recipient, sealed"), null=True)
    # When.
    placed_at = models.DateTimeField(_("placed"), null=True)
    paid_at = models.DateTimeField(_("paid"), null=True)
    grouped_at = models.DateTimeField(_("group formed"), null=True)
    balance_paid_at = models.DateTimeField(_("balance paid"), null=True)
    promised_ship_from = models.DateTimeField(_("ships from"), null=True)
    ship_by = models.DateTimeField(_("ship by"), null=True)
    ship_by_source = models.CharField(
        _("where ship-by comes from"), max_length=8, choices=ShipBySource.choices, blank=True, default=""
    )
    ship_by_policy = models.ForeignKey(
        "stores.Policy",
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("policy of ship-by"),
    )
    ship_basis = word_field(16, name=_("kind of promise"))
    shipped_at = models.DateTimeField(_("shipped"), null=True)
    picked_up_at = models.DateTimeField(_("picked up"), null=True)
    delivered_at = models.DateTimeField(_("delivered"), null=True)
    closed_at = models.DateTimeField(_("closed"), null=True)
    refund_asked_at = models.DateTimeField(_("refund asked"), null=True)
    refunded_at = models.DateTimeField(_("refunded"), null=True)
    urged_at = models.DateTimeField(_("urged"), null=True)
    platform_review = models.BooleanField(_("checked by the platform"), null=True)
    platform_hold = models.BooleanField(_("held by the platform"), null=True)
    address_changed = models.BooleanField(_("address changed"), null=True)
    # How much.
    quantity = models.PositiveIntegerField(_("quantity"), null=True)
    amount_total = models.DecimalField(_("order total"), max_digits=14, decimal_places=2, null=True)
    amount_paid = models.DecimalField(_("paid amount"), max_digits=14, decimal_places=2, null=True)
    refund_amount = models.DecimalField(_("refund amount"), max_digits=14, decimal_places=2, null=True)
    warehouse = word_field(80, name=_("warehouse"))
    buyer_note = models.CharField(_("buyer's note"), max_length=500, blank=True, default="")
    seller_note = models.CharField(_("seller's note"), max_length=500, blank=True, default="")
    # Bookkeeping: an unchanged row (same hash) is not written again.
    content_hash = models.CharField(_("digest of the row"), max_length=32)
    import_run = models.ForeignKey(
        "orders.ImportRun", models.SET_NULL, null=True, related_name="+", db_index=False, verbose_name=_("import")
    )
    created_at = models.DateTimeField(_("created"))
    updated_at = models.DateTimeField(_("changed"))

    objects = Orders()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "order_no"], name="order_no_once")]
        indexes = [
            # What is usual at an hour, and pictures of bursts, read windows of time of one shop.
            models.Index(fields=["store", "placed_at"], name="order_store_placed"),
            # The list of orders of all shops, the newest first.
            models.Index(fields=["placed_at", "id"], name="order_placed"),
            # What an import brought in since the last look.
            models.Index(fields=["store", "updated_at"], name="order_store_updated"),
            # What must ship, and of what nobody knows whether it did. Led by the shop: without statistics SQLite
            # would rather read all orders of a shop than a few of all shops.
            models.Index(fields=["store", "ship_by"], name="order_due_open", condition=Q(fulfilment="unshipped")),
            models.Index(fields=["store", "ship_by"], name="order_due_unknown", condition=Q(fulfilment="unknown")),
            *(neighbours(kind) for kind in KeyKind.values),
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
