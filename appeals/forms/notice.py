"""The form beside a pasted notice: what was read, for a person to confirm or correct."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from appeals.enums import DeadlineKind
from appeals.notice_files import MOST_CHARACTERS, NotRead, text_of
from orders.enums import ViolationStage
from stores.models import Store, User, ViolationType
from stores.queries import agency_people_of

ORDER_SPLIT = re.compile(r"[\s,，、;；]+")


class PasteForm(forms.Form):
    """Step one: the text as it stands in the console, or a file of it."""

    hides_optional = True

    text = forms.CharField(
        label=_("The platform's notice"),
        max_length=MOST_CHARACTERS,
        required=False,
        widget=forms.Textarea(attrs={"rows": 14}),
        help_text=_("One notice, or many one under the other, or the copied table of a violation list."),
    )
    file = forms.FileField(label=_("Or the violation list as a file"), required=False)
    shop = forms.ModelChoiceField(Store.objects.none(), label=_("Shop"), required=False, to_field_name="code")
    captured_at = forms.DateTimeField(
        label=_("When was the page captured"),
        required=False,
        help_text=_("Only for a countdown (“2 days 3 hours left”): the deadline is this time plus the rest."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["shop"].queryset = Store.objects.visible_to(user).filter(state="active").select_related("platform")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """The text of the file takes the place of the box; one of the two is needed."""
        cleaned = super().clean() or {}
        if self.files.get("file") and "file" in cleaned:
            try:
                cleaned["text"] = text_of(self.files["file"])
            except NotRead as fault:
                self.add_error("file", str(fault.sentence))
        elif not cleaned.get("text", "").strip():
            self.add_error("text", _("Paste the notice, or choose a file."))
        return cleaned


def local_input() -> forms.DateTimeInput:
    return forms.DateTimeInput(attrs={"type": "datetime-local", "step": "1"}, format="%Y-%m-%dT%H:%M:%S")


class ViolationForm(forms.Form):
    """Step two: one violation, read or entered by hand. Every field that the notice left open may stay open."""

    text = forms.CharField(required=False, widget=forms.HiddenInput, max_length=MOST_CHARACTERS, strip=False)
    captured_at = forms.DateTimeField(required=False, widget=forms.HiddenInput)
    shop = forms.ModelChoiceField(Store.objects.none(), label=_("Shop"), to_field_name="code")
    violation_key = forms.ChoiceField(label=_("Kind of violation"))
    stage = forms.ChoiceField(label=_("Stage"), choices=[("", _("please choose")), *ViolationStage.choices])
    violation_no = forms.CharField(label=_("Violation number"), required=False, max_length=64)
    noticed_at = forms.DateTimeField(label=_("Noticed at"), required=False, widget=local_input())
    claimed_count = forms.IntegerField(
        label=_("Orders the notice counts"), required=False, min_value=0, max_value=100_000
    )
    order_nos = forms.CharField(label=_("Orders named"), required=False, widget=forms.Textarea(attrs={"rows": 4}))
    amount_total = forms.DecimalField(label=_("Amount"), required=False, min_value=0, max_digits=12, decimal_places=2)
    due_kind = forms.ChoiceField(label=_("What is due"), choices=DeadlineKind.choices, required=False)
    due_at = forms.DateTimeField(label=_("Deadline"), required=False, widget=local_input())
    is_looked_up = forms.BooleanField(label=_("I looked in the console: this deadline is right"), required=False)
    attempts_stated = forms.IntegerField(label=_("Attempts allowed"), required=False, min_value=0, max_value=20)
    owner = forms.ModelChoiceField(User.objects.none(), label=_("Owner"), to_field_name="code")
    picture = forms.FileField(label=_("Screenshot of the notice"), required=False)
    declared_true = forms.BooleanField(label=_("This shows what really happened; nothing was changed."), required=False)

    def __init__(self, *args: Any, user: User, store: Store | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shops = Store.objects.visible_to(user).filter(state="active").select_related("platform")
        self.fields["shop"].queryset = shops  # type: ignore[attr-defined]
        types = ViolationType.objects.filter(
            platform__in=[store.platform] if store else [shop.platform for shop in shops]
        )
        self.fields["violation_key"].choices = [("", _("please choose")), *{t.key: t.name for t in types}.items()]  # type: ignore[attr-defined]
        people = agency_people_of(store) if store else User.objects.exclude(agency_role="").filter(is_active=True)
        self.fields["owner"].queryset = people  # type: ignore[attr-defined]

    def clean_order_nos(self) -> list[str]:
        numbers = [no for no in ORDER_SPLIT.split(self.cleaned_data["order_nos"].strip()) if no]
        too_long = next((no for no in numbers if len(no) > 64), None)
        if too_long:
            raise forms.ValidationError(_("“%(no)s…” is no order number."), params={"no": too_long[:20]})
        return list(dict.fromkeys(numbers))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        shop, key = cleaned.get("shop"), cleaned.get("violation_key")
        if shop and key:
            cleaned["violation_type"] = ViolationType.objects.filter(platform=shop.platform, key=key).first()
            if cleaned["violation_type"] is None:
                self.add_error("violation_key", _("%(platform)s has no such violation.") % {"platform": shop.platform})
        if cleaned.get("picture") and not cleaned.get("declared_true"):
            self.add_error("declared_true", _("Say that the screenshot is as it was taken, or leave it out."))
        if cleaned.get("due_at") and not cleaned.get("due_kind"):
            self.add_error("due_kind", _("Say what is due."))
        return cleaned
