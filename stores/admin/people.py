"""People: who signs in how, in which role, for which merchants and shops. A person is switched off, never deleted."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import BaseUserCreationForm, UserChangeForm
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from casemgr.kit import audit
from casemgr.kit.admin import AuditedAdmin, HouseInline
from casemgr.kit.workflow import Refused
from stores.actions import people
from stores.enums import AgencyRole
from stores.forms import PersonLogin
from stores.models import Assignment, Membership, User

LOGIN = ("name", "phone", "email", "agency_role")


class LoginCheck:
    """The checks of PersonLogin for a form over a User: phone and e-mail in one shape, at least one, not taken."""

    tells_taken = True
    clean_phone = PersonLogin.clean_phone
    clean_email = PersonLogin.clean_email
    instance: User

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data  # type: ignore[misc, attr-defined]
        if not (values.get("phone") or values.get("email") or self.errors):  # type: ignore[attr-defined]
            self.add_error("phone", _("A phone number or an e-mail address is needed to sign in with."))  # type: ignore[attr-defined]
        return values

    @property
    def own_key(self) -> int:
        return self.instance.pk or 0


class NewPerson(LoginCheck, BaseUserCreationForm):
    """A person with a first password; without one they cannot sign in yet."""

    class Meta:
        model = User
        fields = LOGIN

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("password1", "password2"):
            self.fields[name].required = False
        self.fields["phone"].widget.attrs["autocomplete"] = "username"

    def set_password_and_save(self, user: Any, password_field_name: str = "password1", commit: bool = True) -> Any:
        user.set_password(self.cleaned_data[password_field_name] or None)
        if commit:
            user.save()
        return user


class PersonFacts(LoginCheck, UserChangeForm):
    class Meta:
        model = User
        fields = "__all__"


class MembershipForm(forms.ModelForm):
    class Meta:
        model = Membership
        fields = ("user", "merchant", "role", "all_shops", "shops")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        merchant = values.get("merchant") or getattr(self.instance, "merchant", None)
        user = values.get("user") or getattr(self.instance, "user", None)
        if user and user.is_agency:
            raise forms.ValidationError(_("People of the agency cannot be people of a merchant."))
        shops = values.get("shops") or []
        if merchant and any(store.merchant_id != merchant.pk for store in shops):
            self.add_error("shops", _("Only shops of this merchant can be given."))
        if not values.get("all_shops") and not shops:
            self.add_error("shops", _("Choose at least one shop, or all of them."))
        return values


class AssignmentForms(forms.BaseInlineFormSet):
    """Assignments of one person or one shop: only agency people look after shops."""

    def clean(self) -> None:
        super().clean()
        for one in self.forms:
            user = getattr(one, "cleaned_data", {}).get("user")
            if user and not one.cleaned_data.get("DELETE") and not (user.is_agency and user.is_active):
                one.add_error(None, _("Only active people of the agency look after shops."))


class MembershipInline(HouseInline):
    model = Membership
    form = MembershipForm
    fields = ("merchant", "role", "all_shops", "shops")
    autocomplete_fields = ("merchant", "shops")


class AssignmentInline(HouseInline):
    model = Assignment
    formset: Any = AssignmentForms
    fields = ("store",)
    autocomplete_fields = ("store",)


@admin.register(User)
class PersonAdmin(AuditedAdmin, UserAdmin):
    audit_hidden = frozenset({"password", "phone", "email"})
    form = PersonFacts
    add_form = NewPerson
    add_form_template = None
    fieldsets = (
        (None, {"fields": ("code", *LOGIN, "is_active", "password")}),
        (gettext_lazy("Times"), {"fields": ("last_login", "created_at")}),
    )
    add_fieldsets = ((None, {"classes": ("wide",), "fields": (*LOGIN, "password1", "password2")}),)
    readonly_fields = ("code", "last_login", "created_at")
    list_display = ("name", "agency_role", "phone", "email", "is_active", "last_login")
    list_filter = ("agency_role", "is_active")
    search_fields = ("name", "phone", "email", "=code")
    ordering = ("name",)
    filter_horizontal = ()
    inlines = [MembershipInline, AssignmentInline]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_inlines(self, request: HttpRequest, obj: Any) -> list[Any]:
        """Agency people have shops to look after, merchant people a merchant; a new person has neither yet."""
        if obj is None:
            return []
        return [AssignmentInline] if obj.is_agency else [MembershipInline]

    def save_model(self, request: HttpRequest, obj: User, form: forms.ModelForm, change: bool) -> None:
        if obj.pk == request.user.pk and not obj.is_staff:
            raise Refused(_("You cannot switch yourself off or give away your own role. Another administrator can."))
        if change and obj.is_agency and obj.memberships.exists():
            raise Refused(_("This person belongs to a merchant. Take that away first."))
        obj.is_superuser = obj.agency_role == AgencyRole.ADMINISTRATOR  # every right of the admin, or none of it
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: forms.ModelForm, formsets: list[Any], change: bool) -> None:
        super().save_related(request, form, formsets, change)
        memberships = [one for one in formsets if one.model is Membership]
        if any(one.changed_objects or one.deleted_objects for one in memberships):
            people.end_sessions(by=None, user=form.instance, why="membership")

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        with transaction.atomic():
            person = self.get_object(request, unquote(id))
            before = person.password if person else None
            response = super().user_change_password(request, id, form_url)
            if person and User.objects.get(pk=person.pk).password != before:
                audit.record(by=request.user, action="user.password_set", of=person)
        return response


_own_password = admin.site.password_change


def own_password(request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
    """Django's page for one's own password, with an audit row in the same transaction."""
    person: Any = request.user
    before = person.password
    with transaction.atomic():
        response = _own_password(request, extra_context)
        if User.objects.get(pk=person.pk).password != before:
            audit.record(by=person, action="user.password_set", of=person)
    return response


admin.site.password_change = own_password  # type: ignore[method-assign, assignment]
