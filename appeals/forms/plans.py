"""Forms of the rectification plan: an action, and a training that was held."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from appeals.actions.plans import DAYS, MOST_DAYS
from appeals.metrics import METRICS


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class PlanForm(forms.Form):
    title = forms.CharField(label=_("What"), max_length=200)
    owner_name = forms.CharField(label=_("Who"), max_length=80)
    due_on = forms.DateField(label=_("By"), widget=_day())
    metric_key = forms.ChoiceField(
        label=_("Figure that must move"),
        choices=[("", _("none of ours: measured by hand")), *((one.key, one.label) for one in METRICS.values())],
        required=False,
    )
    metric_days = forms.IntegerField(
        label=_("Days to look at, before and after"), min_value=1, max_value=MOST_DAYS, initial=DAYS, required=False
    )
    metric = forms.CharField(label=_("Measured by, in words"), max_length=120, required=False)
    is_training = forms.BooleanField(label=_("This is a training"), required=False)
    repeat_days = forms.IntegerField(label=_("Held again after (days)"), min_value=1, max_value=730, required=False)

    def clean_metric_days(self) -> int:
        return self.cleaned_data["metric_days"] or DAYS


class SessionForm(forms.Form):
    held_on = forms.DateField(label=_("Held on"), widget=_day())
    topic = forms.CharField(label=_("Topic"), max_length=200, required=False)
    present = forms.CharField(
        label=_("Who was there"), widget=forms.Textarea(attrs={"rows": 4}), max_length=20_000,
        help_text=_("One name a line; a list can be pasted."),
    )  # fmt: skip
    absent = forms.CharField(
        label=_("Who was not"), widget=forms.Textarea(attrs={"rows": 2}), max_length=20_000, required=False
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        return {**cleaned, **{name: cleaned.get(name, "").splitlines() for name in ("present", "absent")}}


def plan_forms() -> dict[str, forms.Form]:
    """The empty forms of the plan's section of a case page. That of a session stands there once for each training."""
    return {"plan_form": PlanForm(auto_id="plan_%s"), "session_form": SessionForm(auto_id=False)}
