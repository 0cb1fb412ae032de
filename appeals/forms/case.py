"""Small forms of the case page. Each refuses what the action behind it would refuse, with the words at the field."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from appeals.enums import AppealResult, DeadlineKind, DeadlineSource, Outcome, VerdictKind
from appeals.forms.notice import ORDER_SPLIT, local_input
from stores.enums import AnswerCode, LineOfDefence, RootCause


class DiagnosisForm(forms.Form):
    hides_optional = True
    root_cause = forms.ChoiceField(
        label=_("Root cause"), choices=[("", _("please choose")), *RootCause.choices], required=False
    )
    line_of_defence = forms.ChoiceField(
        label=_("Line of defence"), choices=[("", _("please choose")), *LineOfDefence.choices], required=False
    )
    cost_estimate = forms.CharField(
        label=_("What it costs not to fight"),
        required=False,
        max_length=300,
        help_text=_("Needed only if the appeal is not fought."),
    )


class DeadlineForm(forms.Form):
    kind = forms.ChoiceField(label=_("What is due"), choices=DeadlineKind.choices)
    due_at = forms.DateTimeField(label=_("Deadline"), widget=local_input())
    source = forms.ChoiceField(label=_("Read from"), choices=DeadlineSource.choices, initial=DeadlineSource.SCREENSHOT)
    source_text = forms.CharField(label=_("The words there"), required=False, max_length=300)


class OverruleForm(forms.Form):
    to = forms.ChoiceField(label=_("Verdict"), choices=[("", _("as computed")), *VerdictKind.choices], required=False)
    reason = forms.CharField(label=_("Reason"), max_length=300)


class FactForm(forms.Form):
    name = forms.SlugField(widget=forms.HiddenInput)
    value = forms.CharField(label=_("Value"), max_length=500, required=False)
    source = forms.CharField(label=_("Where it comes from"), max_length=200, required=False)
    observed_at = forms.DateTimeField(label=_("True at"), required=False, widget=local_input())
    waiver_reason = forms.CharField(label=_("Or waive it, because"), max_length=300, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not cleaned.get("waiver_reason"):
            for name in ("value", "source"):
                if not cleaned.get(name):
                    self.add_error(name, _("A fact needs its value and where it comes from."))
        return cleaned


class AnswerForm(forms.Form):
    result = forms.ChoiceField(label=_("Result"), choices=AppealResult.choices)
    text = forms.CharField(label=_("The platform’s words"), widget=forms.Textarea(attrs={"rows": 4}), max_length=10_000)
    answered_at = forms.DateTimeField(label=_("Answered at"), widget=local_input())
    code = forms.ChoiceField(label=_("Reason given"), choices=[("", "–"), *AnswerCode.choices], required=False)
    accepted_count = forms.IntegerField(label=_("Orders cleared"), required=False, min_value=0)
    upheld_count = forms.IntegerField(label=_("Orders upheld"), required=False, min_value=0)
    revoked_order_nos = forms.CharField(
        label=_("Orders cleared, by number"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Only if the platform names them."),
    )
    attempts_left = forms.IntegerField(label=_("Attempts left"), required=False, min_value=0, max_value=20)
    due_at = forms.DateTimeField(label=_("Next deadline"), required=False, widget=local_input())
    due_text = forms.CharField(label=_("The words about it"), required=False, max_length=300)
    proof = forms.CharField(label=_("Proof, if it was not taken in"), required=False, max_length=300)

    def clean_revoked_order_nos(self) -> list[str]:
        return [no for no in ORDER_SPLIT.split(self.cleaned_data["revoked_order_nos"].strip()) if no]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("result") == AppealResult.VOID and not cleaned.get("proof"):
            self.add_error(
                "proof", _("Please say what proves that the platform did not take it in (screenshot, ticket number).")
            )
        if cleaned.get("result") == AppealResult.PARTLY_ACCEPTED and cleaned.get("accepted_count") is None:
            self.add_error("accepted_count", _("How many orders were cleared?"))
        return cleaned


class CloseForm(forms.Form):
    outcome = forms.ChoiceField(label=_("Outcome"), choices=[("", _("please choose")), *Outcome.choices])
    note = forms.CharField(label=_("In one sentence"), required=False, max_length=500)
    duplicate_of = forms.CharField(label=_("Repeats case"), required=False, max_length=16)


class AttemptsForm(forms.Form):
    allowed = forms.IntegerField(label=_("Attempts allowed"), min_value=0, max_value=20)
    proof = forms.CharField(label=_("Where it stands"), max_length=300)


class MessageForm(forms.Form):
    text = forms.CharField(label=_("Message"), widget=forms.Textarea(attrs={"rows": 3}), max_length=5000)
    is_internal = forms.BooleanField(label=_("Internal note: no merchant sees it"), required=False)


class UploadForm(forms.Form):
    """Files for one row of the checklist. The files themselves are read from request.FILES by the view."""

    captured_at = forms.DateTimeField(label=_("Taken at"), required=False, widget=local_input())
    source_note = forms.CharField(label=_("Where it comes from"), max_length=200, required=False)
    declared_true = forms.BooleanField(label=_("This shows what really happened; nothing was changed."))


class AskForm(forms.Form):
    text = forms.CharField(label=_("What we ask for"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
    due_at = forms.DateTimeField(label=_("By"), required=False, widget=local_input())
