"""What is asked about an absence."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stores.models import User
from stores.queries import agency_people


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class _Person(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name)


class AbsenceForm(forms.Form):
    """First and last day, and who stands in. What is wrong with the days is said where they stand."""

    from_on = forms.DateField(label=gettext_lazy("First day"), widget=DayInput)
    to_on = forms.DateField(label=gettext_lazy("Last day"), widget=DayInput)
    deputy = _Person(
        label=gettext_lazy("Stands in"),
        queryset=User.objects.none(),
        required=False,
        empty_label=gettext_lazy("nobody in particular"),
        help_text=gettext_lazy("New cases go to them first, as far as they look after the shop."),
    )

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["deputy"]
        field.queryset = agency_people().exclude(pk=person.pk)
        field.to_field_name = "code"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, last = cleaned.get("from_on"), cleaned.get("to_on")
        if first and last and last < first:
            self.add_error("to_on", _("The last day lies before the first."))
        elif last and last < timezone.localdate():
            self.add_error("to_on", _("These days are over."))
        return cleaned
