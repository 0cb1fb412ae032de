"""Who was spoken to outside of the case: the platform's people and buyers; and what was agreed with the client."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from appeals.enums import BuyerChannel, BuyerReply, FeeBasis, OfferKind, OfferResult, PlatformChannel
from appeals.models.case import Case
from appeals.models.evidence import EvidenceItem, OfCase
from casemgr.kit.codes import new_code
from stores.models.scope import Scoped


def contact_code() -> str:
    return new_code("T")


class PlatformContact(OfCase):
    """One contact with the platform's people (小二): who, which ticket, what they said and promised, when to ask again."""

    code = models.CharField(max_length=16, unique=True, default=contact_code, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="platform_contacts")
    channel = models.CharField(_("channel"), max_length=12, choices=PlatformChannel.choices)
    agent = models.CharField(_("agent id"), max_length=60, blank=True)
    ticket_no = models.CharField(_("ticket number"), max_length=64, blank=True)
    contacted_at = models.DateTimeField(_("when"))
    words = models.TextField(_("what they said, word for word"))
    promise = models.CharField(_("what they promised"), max_length=300, blank=True)
    follow_up_at = models.DateTimeField(_("ask again at"), null=True)
    followed_up_at = models.DateTimeField(null=True)
    followed_up_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)

    objects = Scoped.as_manager()

    class Meta:
        ordering = ["-contacted_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(followed_up_at__isnull=True, followed_up_by__isnull=True)
                | Q(followed_up_at__isnull=False, followed_up_by__isnull=False),
                name="followed_up_by_somebody",
            )
        ]
        indexes = [
            models.Index(
                fields=["follow_up_at"],
                name="contact_to_follow_up",
                condition=Q(follow_up_at__isnull=False, followed_up_at__isnull=True),
            )
        ]
        verbose_name = _("contact with the platform")
        verbose_name_plural = _("contacts with the platform")

    def __str__(self) -> str:
        return self.ticket_no or self.code


class BuyerContact(OfCase):
    """One contact with the buyer of one order: what was said, what was offered, what came of it."""

    code = models.CharField(max_length=16, unique=True, default=contact_code, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="buyer_contacts")
    order = models.ForeignKey("orders.Order", models.PROTECT, related_name="+")
    channel = models.CharField(_("channel"), max_length=16, choices=BuyerChannel.choices)
    contacted_at = models.DateTimeField(_("when"))
    text = models.TextField(_("what was said"), blank=True)
    reply = models.CharField(_("answer"), max_length=12, choices=BuyerReply.choices)
    reply_text = models.TextField(_("the buyer's words"), blank=True)
    offer = models.CharField(_("offer"), max_length=16, choices=OfferKind.choices, default=OfferKind.NONE)
    offer_amount = models.DecimalField(_("amount"), max_digits=10, decimal_places=2, null=True)
    offer_ship_by = models.DateTimeField(_("ship by"), null=True)
    offer_result = models.CharField(_("result"), max_length=12, choices=OfferResult.choices, blank=True)
    result_at = models.DateTimeField(null=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)

    objects = Scoped.as_manager()

    class Meta:
        ordering = ["-contacted_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(offer="none") | ~Q(offer_result=""), name="offer_has_a_result"),
            models.CheckConstraint(
                condition=~Q(offer__in=["compensation"]) | Q(offer_amount__gt=0), name="compensation_has_an_amount"
            ),
            models.CheckConstraint(
                condition=~Q(offer="later_date") | Q(offer_ship_by__isnull=False), name="later_date_has_a_date"
            ),
        ]
        indexes = [models.Index(fields=["order", "channel", "contacted_at"], name="buyer_contact_limits")]
        verbose_name = _("contact with a buyer")
        verbose_name_plural = _("contacts with buyers")

    def __str__(self) -> str:
        return self.code


class Engagement(OfCase):
    """What was agreed with the client about one case: authorisation, basis of the fee, agreed, paid. Not accounting."""

    case = models.OneToOneField(Case, models.CASCADE, related_name="engagement")
    authorisation = models.ForeignKey(
        EvidenceItem, models.PROTECT, null=True, related_name="+", verbose_name=_("authorisation")
    )
    authorised_on = models.DateField(_("authorised on"), null=True)
    authorised_until = models.DateField(_("authorised until"), null=True)
    fee_basis = models.CharField(_("basis of the fee"), max_length=12, choices=FeeBasis.choices)
    terms = models.CharField(_("terms"), max_length=300, blank=True)
    agreed_amount = models.DecimalField(_("agreed"), max_digits=12, decimal_places=2, null=True)
    agreed_percent = models.DecimalField(_("share of what is saved (%)"), max_digits=5, decimal_places=2, null=True)
    agreed_on = models.DateField(_("agreed on"), null=True)
    paid_amount = models.DecimalField(_("paid"), max_digits=12, decimal_places=2, null=True)
    paid_on = models.DateField(_("paid on"), null=True)
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    updated_at = models.DateTimeField(auto_now=True)

    objects = Scoped.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(paid_amount__isnull=True, paid_on__isnull=True)
                | Q(paid_amount__isnull=False, paid_on__isnull=False),
                name="paid_on_a_day",
            ),
            models.CheckConstraint(
                condition=Q(agreed_percent__isnull=True) | Q(agreed_percent__range=(0, 100)), name="share_is_a_percent"
            ),
        ]
        verbose_name = _("engagement")
        verbose_name_plural = _("engagements")

    def __str__(self) -> str:
        return self.get_fee_basis_display()
