"""Forms of contacts with the platform and buyers, of the engagement and of what became of penalties."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from appeals.actions.buyers import Reply, Said
from appeals.actions.contacts import Told
from appeals.enums import BuyerChannel, BuyerReply, FeeBasis, OfferKind, OfferResult, PlatformChannel
from appeals.forms.notice import local_input
from appeals.models import Case, EvidenceItem
from orders.enums import PenaltyState

REFUND_CLOSES = _("I read it: agreeing to a refund can close the appeal, and the merchant knows")


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def _words(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


def _amount(label: Any, **options: Any) -> forms.DecimalField:
    return forms.DecimalField(label=label, max_digits=10, decimal_places=2, required=False, **options)


class PlatformContactForm(forms.Form):
    channel = forms.ChoiceField(label=_("Channel"), choices=PlatformChannel.choices)
    contacted_at = forms.DateTimeField(label=_("When"), widget=local_input())
    agent = forms.CharField(label=_("Agent id or name"), max_length=60, required=False)
    ticket_no = forms.CharField(label=_("Ticket number"), max_length=64, required=False)
    words = forms.CharField(label=_("What they said, word for word"), widget=_words(5), max_length=10_000)
    promise = forms.CharField(label=_("What they promised"), max_length=300, required=False)
    follow_up_at = forms.DateTimeField(label=_("Ask again at"), widget=local_input(), required=False)

    @property
    def told(self) -> Told:
        """The contact as the action takes it."""
        return Told(**self.cleaned_data)


class ReplyForm(forms.Form):
    """What the buyer answered; beside what was said, or written down later."""

    reply = forms.ChoiceField(label=pgettext_lazy("of a buyer", "Answer"), choices=BuyerReply.choices)
    reply_text = forms.CharField(label=_("The buyer’s own words"), widget=_words(3), max_length=5000, required=False)
    offer_result = forms.ChoiceField(label=_("The offer is"), choices=OfferResult.choices, required=False)
    result_at = forms.DateTimeField(label=_("When the buyer said so"), widget=local_input(), required=False)
    refund_is_understood = forms.BooleanField(label=REFUND_CLOSES, required=False)

    @property
    def back(self) -> Reply:
        """The answer as the action takes it."""
        data = self.cleaned_data
        return Reply(
            data["reply"], data["reply_text"], data["offer_result"], data["result_at"], data["refund_is_understood"]
        )


class BuyerContactForm(ReplyForm):
    channel = forms.ChoiceField(label=_("Channel"), choices=BuyerChannel.choices)
    contacted_at = forms.DateTimeField(label=_("When"), widget=local_input())
    text = forms.CharField(
        label=_("What we said"),
        widget=_words(4),
        max_length=5000,
        help_text=_("Only our words; the buyer’s words have their own field."),
    )
    offer = forms.ChoiceField(label=_("Offer"), choices=OfferKind.choices, required=False)
    offer_amount = _amount(_("Amount (¥)"), min_value=0)
    offer_ship_by = forms.DateTimeField(label=_("Ships by, if later"), widget=local_input(), required=False)

    field_order = (
        "channel", "contacted_at", "text", "reply", "reply_text", "offer", "offer_amount", "offer_ship_by",
        "offer_result", "result_at", "refund_is_understood",
    )  # fmt: skip

    @property
    def said(self) -> Said:
        """The contact as the action takes it."""
        data = self.cleaned_data
        return Said(
            data["channel"],
            data["contacted_at"],
            data["text"],
            self.back,
            offer=data["offer"] or OfferKind.NONE,
            amount=data["offer_amount"],
            ship_by=data["offer_ship_by"],
        )


class EngagementForm(forms.Form):
    authorisation = forms.ModelChoiceField(
        EvidenceItem.objects.none(),
        label=_("Authorisation"),
        required=False,
        to_field_name="code",
        empty_label=_("not here yet"),
        help_text=_("A file of this case, such as the stamped letter of authorisation."),
    )
    authorised_on = forms.DateField(label=_("Valid from"), widget=_day(), required=False)
    authorised_until = forms.DateField(label=_("Valid until"), widget=_day(), required=False)
    fee_basis = forms.ChoiceField(label=_("Basis of the fee"), choices=FeeBasis.choices)
    agreed_amount = forms.DecimalField(
        label=_("Agreed (¥)"), max_digits=12, decimal_places=2, min_value=0, required=False
    )
    agreed_percent = forms.DecimalField(
        label=_("Share of what is saved (%)"), max_digits=5, decimal_places=2, min_value=0, max_value=100,
        required=False,
    )  # fmt: skip
    agreed_on = forms.DateField(label=_("Agreed on"), widget=_day(), required=False)
    terms = forms.CharField(label=_("Terms"), max_length=300, required=False)
    paid_amount = forms.DecimalField(label=_("Paid (¥)"), max_digits=12, decimal_places=2, min_value=0, required=False)
    paid_on = forms.DateField(label=_("Paid on"), widget=_day(), required=False)

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        files = case.evidence.filter(withdrawn_at=None, document="").order_by("-requirement__key", "-pk")
        self.fields["authorisation"].queryset = files  # type: ignore[attr-defined]


class PenaltyForm(forms.Form):
    state = forms.ChoiceField(label=_("State"), choices=PenaltyState.choices)
    amount = forms.DecimalField(label=_("Amount now (¥)"), max_digits=12, decimal_places=2, min_value=0, required=False)
    at = forms.DateTimeField(label=_("When"), widget=local_input(), required=False)
    note = forms.CharField(label=_("Note"), max_length=300, required=False)
