"""What people say before they see a clear recipient, and whether a merchant's are kept."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from orders.enums import RecipientPurpose


class PurposeForm(forms.Form):
    """Why one recipient is shown."""

    purpose = forms.ChoiceField(label=_("What you need it for"), choices=RecipientPurpose.choices)
    words = forms.CharField(
        label=_("In your words"),
        help_text=_("Kept with your name. Do not write the buyer's data here."),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class KeepForm(forms.Form):
    """The switch of a merchant."""

    is_kept = forms.BooleanField(
        label=_("Keep names, phone numbers and addresses as the file gives them, encrypted"), required=False
    )
