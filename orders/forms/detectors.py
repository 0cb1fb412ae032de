"""Thresholds of a detector as fields of their own: nobody edits JSON."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders.detectors import ALL
from orders.detectors.resolving import checked
from orders.models import DetectorSetting

NUMBERS = ("count", "window_minutes", "hours")


def detector_choices() -> list[tuple[str, Any]]:
    return [(detector.key, detector.name) for detector in ALL.values()]


class DetectorSettingForm(forms.ModelForm):
    """`cleaned_data["params"]` holds the thresholds that were filled in; an empty one is left to what lies beneath."""

    detector = forms.ChoiceField(label=gettext_lazy("detector"), choices=detector_choices)
    count = forms.IntegerField(label=gettext_lazy("orders (count)"), required=False, min_value=2)
    window_minutes = forms.IntegerField(
        label=gettext_lazy("within minutes (window_minutes)"), required=False, min_value=1
    )
    hours = forms.IntegerField(label=gettext_lazy("hours"), required=False, min_value=0)
    scope = forms.ChoiceField(
        label=gettext_lazy("compared within (scope)"),
        required=False,
        choices=[
            ("", "–"),
            ("shop", gettext_lazy("one shop")),
            ("merchant", gettext_lazy("all shops of the merchant")),
        ],
    )

    class Meta:
        model = DetectorSetting
        fields = ("detector", "platform", "store", "is_on", "severity")
        help_texts = {
            "platform": gettext_lazy("Empty: for all platforms."),
            "store": gettext_lazy("Empty: for all shops. A shop's setting wins over its platform's."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, value in (self.instance.params or {}).items():
            if name in self.fields:
                self.fields[name].initial = value

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        detector = cleaned.get("detector") or self.instance.detector
        filled = {name: cleaned.get(name) for name in (*NUMBERS, "scope") if cleaned.get(name) not in (None, "")}
        cleaned["params"] = {}
        if cleaned.get("platform") and cleaned.get("store"):
            self.add_error(None, _("A setting is for a platform or for a shop, not for both."))
        if detector in ALL:
            try:
                cleaned["params"] = checked(ALL[detector], filled)
            except ValueError as error:
                self.add_error(None, str(error))
        return cleaned

    def validate_constraints(self) -> None:
        """The row itself is never saved: settings.change puts a new one in the place of the current one."""
