"""What people type to come in, and about themselves and each other: checked here, done by the actions."""

from __future__ import annotations

from typing import Any

from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.models import Authenticator
from django import forms
from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stores import throttle
from stores.actions import factors, people
from stores.auth import person_with
from stores.enums import AgencyRole, MerchantRole
from stores.forms import PersonLogin, offer_membership
from stores.models import Membership, Store, User


class SignInForm(AuthenticationForm):
    """Phone or e-mail and password. One sentence for whatever is wrong, so that accounts cannot be found out."""

    error_messages = {
        "invalid_login": gettext_lazy("Phone, e-mail or password is not right."),
        "inactive": gettext_lazy("Phone, e-mail or password is not right."),
    }

    def clean(self) -> dict[str, Any]:
        login, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if not login or not password or self.request is None:
            return self.cleaned_data
        person = person_with(login)
        account = throttle.account_key(login, person)
        known = throttle.known_browser(self.request, person.code) if person else ""
        try:
            give_back = throttle.sign_in_attempt(self.request, account, known=known)
        except throttle.TooMany as refused:
            raise forms.ValidationError(refused.sentence, code="throttled") from None
        self.user_cache = authenticate(self.request, username=login, password=password)
        if self.user_cache is None:
            if throttle.may_write_down(self.request, person is not None):
                people.sign_in_failed(login=login, person=person)
            raise self.get_invalid_login_error()
        give_back()
        return self.cleaned_data


class CodeForm(AuthenticateForm):
    """A code of the app, or one of the ten on paper. Each is right once."""

    code = forms.CharField(
        label=gettext_lazy("Your code"),
        max_length=20,
        help_text=gettext_lazy("Six digits from the app on your phone, or one of your ten codes on paper."),
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}),
    )

    def clean_code(self) -> str:
        try:
            code = super().clean_code()
        except forms.ValidationError as wrong:
            if wrong.code == "incorrect_code":  # and not: too many of them
                people.sign_in_failed(login=self.user.phone or self.user.email or "", person=self.user, step="code")
            raise
        of_the_app = self.authenticator.type == Authenticator.Type.TOTP
        if of_the_app and not factors.use_code_once(self.user, code):
            raise forms.ValidationError(_("This code is not right, or was used already. Take the one that shows now."))
        return code


class ForgotForm(forms.Form):
    login = forms.CharField(
        label=gettext_lazy("Phone or e-mail"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "inputmode": "email"}),
    )


class NewPassword(forms.Form):
    """A password typed twice, checked by the house's rules for the person who gets it."""

    password = forms.CharField(
        label=gettext_lazy("New password"),
        strip=False,
        help_text=gettext_lazy("At least 10 characters, not digits alone, and none of those that everybody takes."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=gettext_lazy("The same once more"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, person: User | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        password = values.get("password")
        if password and values.get("again") and password != values["again"]:
            self.add_error("again", _("The two are not the same."))
        elif password and self.person is not None:
            try:
                validate_password(password, self.person)
            except forms.ValidationError as weak:
                self.add_error("password", weak)
        return values


class WelcomeForm(NewPassword):
    """What an invited person says: their name, and a password."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    field_order = ("name", "password", "again")


class OwnPassword(NewPassword):
    """A new password for oneself, with the one there is."""

    current = forms.CharField(
        label=gettext_lazy("The password you have now"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    field_order = ("current", "password", "again")


class CurrentPassword(forms.Form):
    """Proof that it is still the person who sits there."""

    current = forms.CharField(
        label=gettext_lazy("Your password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class EnrolForm(forms.Form):
    code = forms.CharField(
        label=gettext_lazy("The code the app shows"),
        max_length=10,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


class OwnFacts(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=settings.LANGUAGES)


class InviteToAgency(PersonLogin):
    """Somebody invited into the agency, with the shops to look after."""

    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=AgencyRole.choices, initial=AgencyRole.HANDLER)
    shops = forms.ModelMultipleChoiceField(
        Store.objects.none(),
        label=gettext_lazy("Shops to look after"),
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "two-in"}),
        help_text=gettext_lazy("Leads and administrators see every shop without being named here."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["shops"].queryset = Store.objects.select_related("platform")  # type: ignore[attr-defined]


class RoleForm(forms.Form):
    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=AgencyRole.choices)


class MembershipForm(forms.Form):
    """Role and shops of one of a merchant's people."""

    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=MerchantRole.choices)
    shops = forms.ModelMultipleChoiceField(
        Store.objects.none(),
        label=gettext_lazy("Shops"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None ticked: all shops of this merchant, later ones too."),
    )

    def __init__(self, *args: Any, membership: Membership, by: User, **kwargs: Any) -> None:
        shops = [] if membership.all_shops else list(membership.shops.all())
        kwargs["initial"] = {"role": membership.role, "shops": shops}
        super().__init__(*args, **kwargs)
        offer_membership(self, membership.merchant, by)
