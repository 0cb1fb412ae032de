"""Words with a fixed set of values that every floor leans on. Stored values are lowercase English; labels are translated."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class AgencyRole(models.TextChoices):
    HANDLER = "handler", _("handler")
    LEAD = "lead", _("lead")
    ADMINISTRATOR = "administrator", _("administrator")


class MerchantRole(models.TextChoices):
    OWNER = "owner", _("shop owner")
    STAFF = "staff", _("staff")
    READ_ONLY = "read_only", _("read only")


class Confidence(models.TextChoices):
    """How sure a fact is: A official document seen, B public code or article seen, C background, D our default."""

    A = "A", _("A official document")
    B = "B", _("B third-party text or public code")
    C = "C", _("C background knowledge")
    D = "D", _("D our default")


class ClockStart(models.TextChoices):
    PAID_AT = "paid_at", _("payment")
    GROUPED_AT = "grouped_at", _("group formed")
    BALANCE_PAID_AT = "balance_paid_at", _("balance paid")
    WAYBILL_UPLOADED_AT = "waybill_uploaded_at", _("waybill uploaded")


class WindowUnit(models.TextChoices):
    HOURS = "hours", _("hours")
    NATURAL_DAYS = "natural_days", _("days")
    WORKING_DAYS = "working_days", _("working days")


class CountedFrom(models.TextChoices):
    NOTICE = "notice", _("the notice")
    ANSWER = "answer", _("the answer")


class PenaltyBasis(models.TextChoices):
    FIXED = "fixed", _("fixed amount")
    PERCENT = "percent", _("percent of the paid amount")
    NONE = "none", _("no money")
    UNKNOWN = "unknown", _("amount unknown")


class Fulfilment(models.TextChoices):
    """Who ships."""

    OWN = "own", _("own warehouse")
    CLOUD = "cloud", _("cloud warehouse")
    DROPSHIP = "dropship", _("drop-shipping supplier")


class RootCause(models.TextChoices):
    MALICIOUS_ORDER = "malicious_order", _("malicious orders")
    PRICE_SLIP = "price_slip", _("price slip")
    STOCK_ERROR = "stock_error", _("stock error")
    SUPPLIER_LATE = "supplier_late", pgettext_lazy("root cause", "supplier late")
    CARRIER = "carrier", _("carrier")
    FORCE_MAJEURE = "force_majeure", _("force majeure")
    WRONG_WAYBILL = "wrong_waybill", _("wrong waybill number")
    MERCHANT_LATE = "merchant_late", _("merchant late")
    SYSTEM_FAULT = "system_fault", _("system fault")
    BUYER_ASKED = "buyer_asked", _("buyer asked for it")
    REAL_BRUSHING = "real_brushing", _("real brushing")
    PLATFORM_ERROR = "platform_error", _("platform error")
    UNKNOWN = "unknown", _("unknown")


class LineOfDefence(models.TextChoices):
    SHIPPED_IN_TIME = "shipped_in_time", pgettext_lazy("line of defence", "shipped in time")
    CARRIER_FAULT = "carrier_fault", _("carrier's fault")
    FORCE_MAJEURE = "force_majeure", _("force majeure")
    AGREED_DELAY = "agreed_delay", _("delay agreed with the buyer")
    MALICIOUS_ORDER = "malicious_order", _("malicious orders")
    PLATFORM_ERROR = "platform_error", pgettext_lazy("line of defence", "platform error")
    LENIENCY = "leniency", _("leniency")


class AnswerCode(models.TextChoices):
    EVIDENCE_UNCLEAR = "evidence_unclear", _("evidence not legible")
    EVIDENCE_MISSING = "evidence_missing", _("evidence missing")
    NOT_RELEVANT = "not_relevant", _("evidence not relevant")
    OUT_OF_TIME = "out_of_time", _("out of time")
    FACTS_STAND = "facts_stand", _("facts stand")
    PARTLY = "partly", _("accepted in part")
    NO_REASON = "no_reason", _("no reason given")


class NeedLevel(models.TextChoices):
    """How much a line of defence needs a kind of evidence."""

    REQUIRED = "required", _("required")
    REQUIRED_ONE_OF = "required_one_of", _("one of these required")
    USEFUL = "useful", _("useful")
    NOT_USED = "not", _("do not attach")
