"""Rules over time. A version in use is only read here; what follows it is a new version, on the rule's own page."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from casemgr.kit.admin import HouseStack
from stores.actions import policies
from stores.actions.policies import FACTS, ROUND_FACTS
from stores.admin.platforms import Kept
from stores.forms import PolicyFacts
from stores.models import Policy, PolicyRound
from stores.views.policy_words import since


class PolicyForm(PolicyFacts):
    class Meta:
        model = Policy
        fields = ("violation_type", "effective_from", *FACTS)

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        kind = values.get("violation_type")
        if kind and not self.instance.pk and kind.policies.exists():
            self.add_error("violation_type", _("This rule has versions already. Make a new version of the last one."))
        return values


class RoundInline(HouseStack):
    model = PolicyRound
    fields = (
        ("number", "name_zh", "name_en"),
        ("window", "unit", "counts_first_day", "counted_from"),
        ("attempts", "confidence"),
    )


@admin.register(Policy)
class PolicyAdmin(Kept):
    """Every writing goes through stores.actions.policies, so that used versions stay as they are, whoever tries."""

    form: Any = PolicyForm
    set_once = ("violation_type", "version", "effective_from", "effective_to", "verified_by", "verified_at")
    list_display = ("violation_type", "version", "begins", "effective_to", "checked", "verified_by", "verified_at")
    list_filter = ("violation_type__platform", "confidence", ("verified_at", admin.EmptyFieldListFilter))
    list_select_related = ("violation_type__platform", "verified_by")
    search_fields = ("violation_type__name_zh", "violation_type__name_en", "violation_type__key", "source")
    inlines = [RoundInline]

    @admin.display(description=gettext_lazy("In force from"), ordering="effective_from")
    def begins(self, obj: Policy) -> str:
        """The day, or that it is not known: the stored beginning of time is nobody's date."""
        return since(obj)

    @admin.display(description=gettext_lazy("Checked"), ordering="verified_at")
    def checked(self, obj: Policy) -> str:
        """The same mark as everywhere: verified or not, with the confidence."""
        return render_to_string("stores/parts/checked.html", {"policy": obj})

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A version that is there shows when it begins in words."""
        fields = super().get_fields(request, obj)
        return [("begins" if name == "effective_from" else name) for name in fields] if obj else fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return (*super().get_readonly_fields(request, obj), *(("begins",) if obj else ()))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or not policies.is_used(obj))

    def get_inline_instances(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Rounds of a version in use are read like the version itself."""
        instances = super().get_inline_instances(request, obj)
        if obj is not None and policies.is_used(obj):
            for inline in instances:
                for right in ("add", "change", "delete"):
                    setattr(inline, f"has_{right}_permission", _never)
        return instances

    def save_model(self, request: HttpRequest, obj: Policy, form: forms.ModelForm, change: bool) -> None:
        by: Any = request.user
        if change:
            stored = Policy.objects.get(pk=obj.pk)
            policies.edit(by=by, policy=stored, **{n: form.cleaned_data[n] for n in form.changed_data if n in FACTS})
        else:
            made = policies.create(
                by=by, violation_type=obj.violation_type, effective_from=obj.effective_from, **policies.facts_of(obj)
            )
            obj.pk = made.pk
        obj.refresh_from_db()

    def save_formset(self, request: HttpRequest, form: forms.ModelForm, formset: Any, change: bool) -> None:
        formset.save(commit=False)  # fills the lists that Django's own history message reads
        kept = [row for row in formset.cleaned_data if row and not row.get("DELETE")]
        rounds = sorted(({name: row[name] for name in ROUND_FACTS} for row in kept), key=lambda row: row["number"])
        by: Any = request.user
        policies.edit(by=by, policy=form.instance, rounds=rounds)


def _never(request: HttpRequest, obj: Any = None) -> bool:
    return False
