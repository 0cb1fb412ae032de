"""Forms of the violations of a case: an answered ticket."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from appeals.forms.notice import local_input


class TicketAnswerForm(forms.Form):
    answered_at = forms.DateTimeField(label=_("Answered in the console at"), widget=local_input())
    ticket_no = forms.CharField(label=_("Ticket number"), max_length=64, required=False)
    words = forms.CharField(
        label=_("What was answered, word for word"), widget=forms.Textarea(attrs={"rows": 3}), max_length=10_000
    )
