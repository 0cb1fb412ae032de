"""The proposed cases of many notices: what each is opened with, and where each notice goes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from appeals.notice_files import MOST_CHARACTERS
from orders.enums import ViolationStage
from stores.models import Store, User, ViolationType

CHOICES = [
    ("together", pgettext_lazy("a notice", "this case")),
    ("own", pgettext_lazy("a notice", "a case of its own")),
    ("skip", pgettext_lazy("a notice", "leave out")),
]


class ManyForm(forms.Form):
    """The text again, and when it came in: read anew it gives the same notices."""

    text = forms.CharField(widget=forms.HiddenInput, max_length=MOST_CHARACTERS, strip=False)
    shop = forms.ModelChoiceField(Store.objects.none(), required=False, to_field_name="code", widget=forms.HiddenInput)
    captured_at = forms.DateTimeField(required=False, widget=forms.HiddenInput)
    pasted_at = forms.DateTimeField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["shop"].queryset = Store.objects.visible_to(user).filter(state="active").select_related("platform")  # type: ignore[attr-defined]


class BundleForm(forms.Form):
    """Shop, kind and stage of one proposed case; open where its notices do not say."""

    shop = forms.ModelChoiceField(Store.objects.none(), label=_("Shop"), to_field_name="code")
    kind = forms.ChoiceField(label=_("Kind of violation"))
    stage = forms.ChoiceField(label=_("Stage"), choices=[("", _("please choose")), *ViolationStage.choices])

    def __init__(self, *args: Any, shops: Any, kinds: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["shop"].queryset = shops  # type: ignore[attr-defined]
        self.fields["kind"].choices = [("", _("please choose")), *kinds]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        shop, key = cleaned.get("shop"), cleaned.get("kind")
        if shop and key:
            cleaned["violation_type"] = ViolationType.objects.filter(platform=shop.platform, key=key).first()
            if cleaned["violation_type"] is None:
                self.add_error("kind", _("%(platform)s has no such violation.") % {"platform": shop.platform})
        return cleaned
