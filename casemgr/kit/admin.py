"""The admin site's ground floor: every change leaves an audit row in its own transaction; some tables are only read.

Whether a person may enter is `is_staff`, which is true for administrators only; inside, all of them may do everything
that a table allows at all.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth.models import Group
from django.contrib.auth.views import redirect_to_login
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from casemgr.kit import audit, history
from casemgr.kit.models import AuditEvent, Heartbeat, Job, Notification

HIDDEN = "***"
ROWS_OF_HISTORY = 100


@never_cache
def door(request: HttpRequest, extra_context: Mapping[str, Any] | None = None) -> HttpResponse:
    """Instead of a sign-in page of its own: who is not signed in goes to the one there is, administrators go on in.

    For everybody else the admin does not exist (404).
    """
    inside = reverse("admin:index")
    if not request.user.is_authenticated:
        return redirect_to_login(request.GET.get("next") or inside)
    if not admin.site.has_permission(request):
        raise Http404
    return HttpResponseRedirect(inside)


def snapshot(thing: Model) -> dict[str, Any]:
    """The stored values of a row by column, its many-to-many rows as sorted codes or keys; {} if it is not stored."""
    stored = type(thing)._base_manager.filter(pk=thing.pk).first()
    if stored is None:
        return {}
    values = {field.attname: getattr(stored, field.attname) for field in stored._meta.concrete_fields}
    for field in stored._meta.many_to_many:
        values[field.name] = sorted(str(audit.plain(one)) for one in getattr(stored, field.name).all())
    return values


def differences(
    before: Mapping[str, Any], after: Mapping[str, Any], hidden: frozenset[str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The fields that differ, as they were and as they are; of `hidden` ones only that they differ."""
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    was = {name: HIDDEN if name in hidden else before[name] for name in names if name in before}
    now = {name: HIDDEN if name in hidden else after[name] for name in names if name in after}
    return was, now


class OwnHistory(admin.ModelAdmin):
    """The history of an object is what the audit trail says of it. Django's own log would be a second one, erased by
    nobody: it is not written."""

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        return None

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        return None

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        return None

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """All audit rows of one object in words, newest first, a hundred a page."""
        found = self.get_object(request, unquote(object_id))
        if found is None or not self.has_view_permission(request, found):
            raise Http404
        page = Paginator(history.rows(found), ROWS_OF_HISTORY).get_page(request.GET.get("p"))
        context = {
            **admin.site.each_context(request),
            "title": _("History: %(thing)s") % {"thing": found},
            "opts": found._meta,
            "object": found,
            "page": page,
            "entries": history.entries(page.object_list),
        }
        return render(request, "admin/history.html", context)


class HouseAdmin(OwnHistory):
    """Administrators may see every table of the site."""

    list_per_page = 50
    show_full_result_count = False

    def get_changelist_formset(self, request: HttpRequest, **kwargs: Any) -> Any:
        """Fields edited in a list have no label of their own: the head of their column is spoken."""
        forms = super().get_changelist_formset(request, **kwargs)
        for field in forms.form.base_fields.values():
            field.widget.attrs["aria-label"] = field.label
        return forms

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.is_staff

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_staff

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.is_staff

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_staff

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_staff


class HouseRows:
    """The same for rows edited inside another's page."""

    extra = 0

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_staff

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_staff

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_staff

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_staff


class HouseInline(HouseRows, admin.TabularInline):
    """Rows of a few short fields, one below the other."""


class HouseStack(HouseRows, admin.StackedInline):
    """Rows of many fields, each a block."""


class AuditedAdmin(HouseAdmin):
    """Every add, change and delete writes an AuditEvent in the transaction of the change, inline rows included.

    `audit_hidden` names fields whose values must not stand in the audit: passwords, personal data.
    """

    audit_hidden: frozenset[str] = frozenset({"password"})

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm, change: bool) -> None:
        form.audit_before = snapshot(obj) if change else {}  # type: ignore[attr-defined]
        if not change or form.has_changed():  # a row that is as it was is not written again
            super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: ModelForm, formsets: list[Any], change: bool) -> None:
        super().save_related(request, form, formsets, change)
        # Only now are the form's many-to-many rows written; Django holds all of it in one transaction.
        before = getattr(form, "audit_before", None)
        if before is not None:
            self.record_change(request, form.instance, before, "changed" if change else "created")

    def save_formset(self, request: HttpRequest, form: ModelForm, formset: Any, change: bool) -> None:
        befores = {one.instance.pk: snapshot(one.instance) for one in formset.initial_forms if one.has_changed()}
        # Before the rows go: a deleted row has no key left to name it by.
        for one in formset.deleted_forms:
            if one.instance.pk:
                self.record_deletion(request, one.instance, befores[one.instance.pk])
        formset.save()
        for row in formset.new_objects:
            self.record_change(request, row, {}, "created")
        for row, _fields in formset.changed_objects:
            self.record_change(request, row, befores[row.pk], "changed")

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self.record_deletion(request, obj, snapshot(obj))
        super().delete_model(request, obj)

    @transaction.atomic
    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        for obj in queryset:
            self.record_deletion(request, obj, snapshot(obj))
        super().delete_queryset(request, queryset)

    def record_change(self, request: HttpRequest, obj: Model, before: Mapping[str, Any], verb: str) -> None:
        """One audit row with what differs from `before`; none when nothing does."""
        was, now = differences(before, snapshot(obj), self.audit_hidden)
        if was or now:
            audit.record(by=request.user, action=f"{obj._meta.model_name}.{verb}", of=obj, before=was, after=now)

    def record_deletion(self, request: HttpRequest, obj: Model, before: Mapping[str, Any]) -> None:
        """One audit row with all that is going."""
        was, _now = differences(before, {}, self.audit_hidden)
        audit.record(by=request.user, action=f"{obj._meta.model_name}.deleted", of=obj, before=was)


class ReadOnlyAdmin(HouseAdmin):
    """A table that is only looked at."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    list_display = ("at", "actor_name", "origin", "action", "object_kind", "object_code", "note")
    list_filter = (("at", admin.DateFieldListFilter),)
    search_fields = ("=object_code", "=thread", "=action", "=actor_name")
    ordering = ("-pk",)
    fields = (
        "at",
        "actor_name",
        "origin",
        "address",
        "action",
        "object_kind",
        "object_code",
        "thread",
        "note",
        "was",
        "now",
    )
    readonly_fields = ("note", "was", "now")

    @admin.display(description=_("note"))
    def note(self, event: AuditEvent) -> str:
        return event.note

    @admin.display(description=_("before"))
    def was(self, event: AuditEvent) -> SafeString:
        return _pretty(event.was)

    @admin.display(description=_("after"))
    def now(self, event: AuditEvent) -> SafeString:
        return _pretty(event.now)


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    list_display = ("code", "kind", "key", "state", "tries", "due_at", "worker", "finished_at")
    list_filter = ("state",)
    search_fields = ("=code", "=key", "kind")
    ordering = ("-pk",)


@admin.register(Heartbeat)
class HeartbeatAdmin(ReadOnlyAdmin):
    list_display = ("name", "beat_at")
    ordering = ("name",)


@admin.register(Notification)
class NotificationAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "recipient", "event", "text", "read_at")
    list_select_related = ("recipient",)
    search_fields = ("=event", "recipient__name")
    ordering = ("-pk",)


def _pretty(values: Mapping[str, Any]) -> SafeString:
    return format_html("<pre>{}</pre>", json.dumps(values, ensure_ascii=False, indent=2))


# Rights are roles here, the schedule is code (settings), second factors are the person's own: none of them is edited by
# hand, nor without an audit row.
unaudited: list[type[Model]] = [
    Group,
    *(model for name in ("django_celery_beat", "account", "mfa") for model in apps.get_app_config(name).get_models()),
]
for model in unaudited:
    if admin.site.is_registered(model):
        admin.site.unregister(model)
# One way in for everybody; an attribute because the site's class would have to be named in INSTALLED_APPS.
admin.site.login = door  # type: ignore[method-assign, assignment]
