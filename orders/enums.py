"""Words of the order floor. Stored values are lowercase English; labels are translated."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class OrderState(models.TextChoices):
    """One vocabulary for the platforms' status words; the platform's own word is kept beside it."""

    UNPAID = "unpaid", _("unpaid")
    PAID = "paid", _("to ship")
    PARTLY_SHIPPED = "partly_shipped", _("partly shipped")
    SHIPPED = "shipped", _("shipped")
    DELIVERED = "delivered", _("delivered")
    COMPLETED = "completed", _("completed")
    CLOSED = "closed", pgettext_lazy("order", "closed")
    REFUNDED = "refunded", _("refunded")
    UNKNOWN = "", _("unknown")


class Fulfilment(models.TextChoices):
    """What is known of shipping. Unknown where a file carries neither status nor ship time nor waybill (rule 9)."""

    UNSHIPPED = "unshipped", _("not shipped")
    SHIPPED = "shipped", _("shipped")
    CLOSED = "closed", pgettext_lazy("order", "closed")
    UNKNOWN = "unknown", _("unknown")


class ShipBySource(models.TextChoices):
    FILE = "file", _("from the file")
    COMPUTED = "computed", _("computed")
    UNKNOWN = "", _("unknown")


class RefundState(models.TextChoices):
    NONE = "none", _("no refund")
    ASKED = "asked", _("refund asked")
    AGREED = "agreed", _("refund agreed")
    REFUNDED = "refunded", _("refunded")
    REFUSED = "refused", _("refund refused")
    CLOSED = "closed", _("refund closed")
    UNKNOWN = "", _("unknown")


class KeyKind(models.TextChoices):
    """What two orders have in common, strongest first."""

    TOKEN = "token", _("recipient token")
    ACCOUNT = "account", _("buyer account")
    PHONE = "phone", _("phone number")
    ADDRESS = "address", _("address")
    MASKED = "masked", _("masked name, phone and street together")
    AREA = "area", _("area")


class KeyStrength(models.TextChoices):
    STRONG = "strong", _("strong")
    MEDIUM = "medium", _("medium")
    WEAK = "weak", _("weak")


STRENGTH_OF_KEY = {
    KeyKind.TOKEN: KeyStrength.STRONG,
    KeyKind.ACCOUNT: KeyStrength.STRONG,
    KeyKind.PHONE: KeyStrength.STRONG,
    KeyKind.ADDRESS: KeyStrength.MEDIUM,
    KeyKind.MASKED: KeyStrength.WEAK,
    KeyKind.AREA: KeyStrength.WEAK,
}


class Severity(models.TextChoices):
    HIGH = "high", _("high")
    MEDIUM = "medium", _("medium")
    LOW = "low", _("low")


SEVERITY_TONE = {"high": "danger", "medium": "warn", "low": "neutral"}


class ImportKind(models.TextChoices):
    ORDERS = "orders", _("orders")
    PARCELS = "parcels", _("parcels")
    SCANS = "scans", _("scans")


class ReportKind(models.TextChoices):
    FORCE_MAJEURE = "force_majeure", _("force majeure")
    CARRIER = "carrier", _("carrier trouble")
    STOCK = "stock", _("stock trouble")
    MALICIOUS_BUYER = "malicious_buyer", _("malicious buyer")
    SYSTEM_FAULT = "system_fault", _("system fault")


class ViolationStage(models.TextChoices):
    WARNING = "warning", _("warning")
    TICKET = "ticket", _("ticket")
    PROPOSED = "proposed", _("not yet in force")
    IN_FORCE = "in_force", _("in force")
    REVOKED = "revoked", _("revoked")


class PenaltyKind(models.TextChoices):
    FINE = "fine", _("fine")
    COMPENSATION = "compensation", _("compensation to buyers")
    DEPOSIT_DEDUCTION = "deposit_deduction", _("taken from the deposit")
    POINTS = "points", _("points")
    SEARCH_DEMOTION = "search_demotion", _("search demotion")
    PROMOTION_BAN = "promotion_ban", _("promotion ban")
    SALES_REMOVED = "sales_removed", _("sales figures removed")
    ITEM_REMOVED = "item_removed", _("item removed")
    LISTING_BAN = "listing_ban", _("listing ban")
    FUNDS_HOLD = "funds_hold", _("funds held")
    SETTLEMENT_DELAY = "settlement_delay", _("settlement delayed")
    DEPOSIT_TOP_UP = "deposit_top_up", _("deposit to be topped up")
    FUNCTION_BAN = "function_ban", _("functions banned")
    SHOP_CLOSED = "shop_closed", _("shop closed")
    APPEAL_BAN = "appeal_ban", _("right to appeal lost")
    WARNING = "warning", pgettext_lazy("penalty", "warning")
    OTHER = "other", _("other")


class RecipientPurpose(models.TextChoices):
    """Why somebody looks at a clear recipient."""

    CONTACT = "contact", _("calling the buyer about this order")
    DELIVERY = "delivery", _("changing or stopping the delivery")
    PLATFORM = "platform", _("the platform asks for it")
    BUYER = "buyer", _("the buyer asks about their data")
    OTHER = "other", pgettext_lazy("a purpose", "something else")


class PenaltyState(models.TextChoices):
    STANDING = "standing", _("stands")
    REDUCED = "reduced", _("reduced")
    REVOKED = "revoked", _("revoked")
