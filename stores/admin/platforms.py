"""Platforms, their kinds of penalties, and the matrix of evidence.

Nothing of it is deleted: what came with the product would come back with the next `load_reference`, and the rest is
leaned on by shops and rules.
"""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from casemgr.kit.admin import AuditedAdmin, HouseInline
from stores.models import EvidenceNeed, EvidenceRequirement, Platform, ViolationType


class Kept(AuditedAdmin):
    """Rows that are never deleted, known by fields that are set once."""

    set_once: tuple[str, ...] = ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return (*super().get_readonly_fields(request, obj), *(self.set_once if obj else ()))


@admin.register(Platform)
class PlatformAdmin(Kept):
    set_once = ("code",)
    list_display = ("name_zh", "name_en", "code", "text_max", "images_max", "limits_confidence", "has_penalties")
    search_fields = ("code", "name_zh", "name_en")
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}


@admin.register(ViolationType)
class ViolationTypeAdmin(Kept):
    set_once = ("platform", "key")
    list_display = ("platform", "key", "name_zh", "name_en", "merchant_zh")
    list_display_links = ("key",)
    list_filter = ("platform",)
    list_select_related = ("platform",)
    search_fields = ("key", "name_zh", "name_en")


class NeedInline(HouseInline):
    model = EvidenceNeed
    fields = ("line_of_defence", "level", "group")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(EvidenceRequirement)
class EvidenceRequirementAdmin(Kept):
    set_once = ("key",)
    list_display = ("position", "key", "name_zh", "name_en", "shows_zh")
    list_display_links = ("key",)
    search_fields = ("key", "name_zh", "name_en")
    inlines = [NeedInline]


@admin.register(EvidenceNeed)
class EvidenceNeedAdmin(Kept):
    """The matrix, one line of defence at a time. What must not be attached has the level "do not attach"."""

    set_once = ("line_of_defence", "requirement")
    list_display = ("line_of_defence", "requirement", "level", "group", "shows_zh")
    list_display_links = ("requirement",)
    list_editable = ("level", "group")
    list_filter = ("line_of_defence", "level")
    list_select_related = ("requirement",)
