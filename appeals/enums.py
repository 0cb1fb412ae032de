"""Words of the appeal floor. Stored values are lowercase English; labels are translated."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Outcome(models.TextChoices):
    WON = "won", _("won")
    PARTLY_WON = "partly_won", _("won in part")
    LOST = "lost", _("lost")
    ACCEPTED = "accepted", _("accepted, not fought")
    WITHDRAWN = "withdrawn", _("withdrawn")
    EXPIRED = "expired", _("expired")
    DUPLICATE = "duplicate", _("duplicate")


OUTCOME_TONE = {
    "won": "ok",
    "partly_won": "ok",
    "lost": "danger",
    "accepted": "neutral",
    "withdrawn": "neutral",
    "expired": "danger",
    "duplicate": "neutral",
}


class WaitingFor(models.TextChoices):
    US = "us", _("waiting for us")
    MERCHANT = "merchant", _("waiting for the merchant")
    PLATFORM = "platform", _("waiting for the platform")
    BUYER = "buyer", _("waiting for the buyer")
    NOBODY = "nobody", _("waiting for nobody")


class VerdictKind(models.TextChoices):
    SHIPPED_IN_TIME = "shipped_in_time", _("shipped in time")
    CARRIER_LATE = "carrier_late", _("carrier late")
    SUPPLIER_LATE = "supplier_late", _("supplier late")
    FORCE_MAJEURE = "force_majeure", _("force majeure")
    AGREED_DELAY = "agreed_delay", _("delay agreed")
    MALICIOUS_ORDER = "malicious_order", _("malicious order")
    STOCK_ERROR = "stock_error", _("stock error")
    REFUNDED_BEFORE_DUE = "refunded_before_due", _("refunded before due")
    OURS = "ours", _("our fault")
    NOT_FOUND = "not_found", _("order not found")
    UNKNOWN = "unknown", _("unknown")


VERDICT_TONE = {
    "shipped_in_time": "ok",
    "carrier_late": "warn",
    "supplier_late": "warn",
    "force_majeure": "info",
    "agreed_delay": "ok",
    "malicious_order": "info",
    "stock_error": "danger",
    "refunded_before_due": "ok",
    "ours": "danger",
    "not_found": "neutral",
    "unknown": "neutral",
}


class DeadlineKind(models.TextChoices):
    TICKET_REPLY = "ticket_reply", _("ticket reply")
    APPEAL = "appeal", _("appeal")
    SUPPLEMENT = "supplement", _("supplement")
    NEXT_ROUND = "next_round", _("next round")
    RECTIFY = "rectify", _("rectify")
    PENALTY_STARTS = "penalty_starts", _("penalty starts")


# The kinds that a filing answers; a penalty's start and a rectification date are met by other things.
FILING_DEADLINES = ["ticket_reply", "appeal", "supplement", "next_round"]


# States of a case in which a passed deadline is ours to answer for: what lies with the platform is not late.
BEFORE_FILING = ("intake", "diagnosing", "preparing", "reviewing")


class DeadlineSource(models.TextChoices):
    NOTICE = "notice", _("written in the notice")
    SCREENSHOT = "screenshot", _("read from a screenshot")
    COUNTDOWN = "countdown", _("counted from a countdown")
    POLICY = "policy", _("from the policy")
    ESTIMATED = "estimated", _("estimated")
    ANSWER = "answer", _("written in the platform's answer")
    HAND = "hand", _("entered by hand")


class AppealResult(models.TextChoices):
    """What the platform's answer means; its own word is not a result (待完善资料 is more_wanted)."""

    ACCEPTED = "accepted", _("accepted")
    PARTLY_ACCEPTED = "partly_accepted", _("accepted in part")
    REJECTED = "rejected", _("rejected")
    MORE_WANTED = "more_wanted", _("more wanted")
    VOID = "void", _("not taken in")


class EvidenceSource(models.TextChoices):
    GENERATED = "generated", _("made from our data")
    HANDLER = "handler", _("uploaded by the agency")
    MERCHANT = "merchant", _("uploaded by the merchant")


class PlatformChannel(models.TextChoices):
    CHAT = "chat", _("platform's chat")
    PHONE = "phone", _("platform's phone line")
    TICKET = "ticket", _("ticket")
    OTHER = "other", _("other")


class BuyerChannel(models.TextChoices):
    """How a buyer may be spoken to. Calls go through the platform's virtual number only."""

    PLATFORM_CHAT = "platform_chat", _("platform's chat")
    VIRTUAL_CALL = "virtual_call", _("call by virtual number")


class BuyerReply(models.TextChoices):
    WAITING = "waiting", _("waiting for an answer")
    ANSWERED = "answered", _("answered")
    NO_ANSWER = "no_answer", _("no answer")
    REFUSED = "refused", _("does not want to talk")


class OfferKind(models.TextChoices):
    NONE = "none", _("no offer")
    REFUND = "refund", _("refund")
    COMPENSATION = "compensation", _("compensation")
    LATER_DATE = "later_date", _("later date")


class OfferResult(models.TextChoices):
    OPEN = "open", _("not answered yet")
    ACCEPTED = "accepted", pgettext_lazy("an offer", "accepted")
    DECLINED = "declined", pgettext_lazy("an offer", "declined")


class FeeBasis(models.TextChoices):
    FIXED = "fixed", _("fixed per case")
    SHARE = "share", _("share of what is saved")
    RETAINER = "retainer", _("covered by the monthly fee")
    NONE = "none", _("free of charge")
