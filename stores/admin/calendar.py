"""Days off, make-up working days, and what platforms grant."""

from typing import Any

from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest

from casemgr.kit.admin import AuditedAdmin
from stores import reference
from stores.forms import WindowForm
from stores.models import CalendarDay, ExemptionWindow


@admin.register(CalendarDay)
class CalendarDayAdmin(AuditedAdmin):
    list_display = ("on", "name", "is_working", "source")
    list_filter = ("is_working",)
    date_hierarchy = "on"

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Official days are corrected, not deleted: `load_reference` would bring them back."""
        came_with_product = obj is not None and obj.on.isoformat() in {row["on"] for row in reference.calendar()}
        return super().has_delete_permission(request, obj) and not came_with_product


class AdminWindowForm(WindowForm):
    """The same fields; the admin brings its own pickers for the two moments."""

    from_at = None  # type: ignore[assignment]
    to_at = None  # type: ignore[assignment]


@admin.register(ExemptionWindow)
class ExemptionWindowAdmin(AuditedAdmin):
    form: type[ModelForm] = AdminWindowForm
    list_display = ("platform", "effect", "from_at", "to_at", "extend_hours", "source")
    list_display_links = ("effect",)
    list_filter = ("platform", "effect")
    list_select_related = ("platform",)
