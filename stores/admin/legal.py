"""Grounds of law in the admin: wording and source are written here, and verified by an action with its own audit row."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from casemgr.kit.workflow import Refused
from stores.actions import legal
from stores.admin.platforms import Kept
from stores.enums import Confidence
from stores.models import LegalGround


@admin.register(LegalGround)
class LegalGroundAdmin(Kept):
    """Every writing goes through stores.actions.legal: other words take the verification away."""

    set_once = ("key", "line_of_defence", "confidence", "verified_by", "verified_at")
    fields = ("key", "line_of_defence", "article", "text", "source", "confidence", "verified_by", "verified_at")
    list_display = ("line_of_defence", "article", "text", "confidence", "is_verified", "verified_by", "verified_at")
    list_display_links = ("article",)
    list_filter = ("line_of_defence", ("verified_at", admin.EmptyFieldListFilter))
    list_select_related = ("verified_by",)
    search_fields = ("article", "text", "source")
    actions = ("verify_official", "verify_other")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        new = () if obj else ("confidence", "verified_by", "verified_at")
        return (*super().get_readonly_fields(request, obj), *new)

    @admin.display(description=gettext_lazy("Verified"), boolean=True)
    def is_verified(self, obj: LegalGround) -> bool:
        return obj.verified_at is not None

    def save_model(self, request: HttpRequest, obj: LegalGround, form: ModelForm, change: bool) -> None:
        if not change:
            super().save_model(request, obj, form, change)
            return
        stored, by = LegalGround.objects.get(pk=obj.pk), request.user
        legal.edit(by=by, ground=stored, **{name: form.cleaned_data[name] for name in legal.FACTS})  # type: ignore[arg-type]
        obj.refresh_from_db()

    @admin.action(description=gettext_lazy("Verified: compared with the official text"))
    def verify_official(self, request: HttpRequest, queryset: QuerySet[LegalGround]) -> None:
        self._verify(request, queryset, Confidence.A)

    @admin.action(description=gettext_lazy("Verified: compared with somebody else's text"))
    def verify_other(self, request: HttpRequest, queryset: QuerySet[LegalGround]) -> None:
        self._verify(request, queryset, Confidence.B)

    def _verify(self, request: HttpRequest, queryset: QuerySet[LegalGround], confidence: str) -> None:
        by: Any = request.user
        for ground in queryset:
            try:
                legal.verify(by=by, ground=ground, confidence=confidence)
            except Refused as refusal:
                self.message_user(request, f"{ground}: {refusal.sentence}", messages.ERROR)
            else:
                self.message_user(request, _("%(ground)s is verified.") % {"ground": ground}, messages.SUCCESS)
