"""What people type about shops, people and rules: checked here, done by the actions."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from casemgr.kit import audit
from stores.actions.members import GIVEN_BY_OWNERS
from stores.actions.policies import FACTS, ROUND_FACTS
from stores.enums import MerchantRole, PenaltyBasis
from stores.fields import MomentField, WordsField
from stores.models import (
    EvidenceRequirement,
    ExemptionWindow,
    Merchant,
    Platform,
    Policy,
    PolicyRound,
    Store,
    User,
    ViolationType,
)

PHONE = re.compile(r"\+?\d{6,19}")


def resent(data: Any, name: str, value: str) -> Any:
    """What was sent, with one field as it would be sent from the page as it is now."""
    copy = data.copy()
    copy[name] = value
    return copy


class StampedForm(forms.ModelForm):
    """Carries a digest of what stood there when the page was made.

    A stale page is told who changed what meanwhile, and keeps what was typed.
    """

    stamp = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        standing = repr([(name, self.initial.get(name)) for name in self._meta.fields or ()])
        self.standing = hashlib.blake2b(standing.encode(), digest_size=8).hexdigest()
        self.initial["stamp"] = self.standing

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if self.instance.pk and values.pop("stamp", "") != self.standing:
            self.add_error(None, audit.who_was_faster(self.instance))
            # Sent again from here, it was written knowing what stands there now.
            self.data = resent(self.data, self.add_prefix("stamp"), self.standing)
        return values

    @property
    def values(self) -> dict[str, Any]:
        """What was typed, by field of the model."""
        return {name: self.cleaned_data[name] for name in self._meta.fields or ()}


class MerchantForm(StampedForm):
    class Meta:
        model = Merchant
        fields = ("name", "company_name")


class StoreFacts(StampedForm):
    """The facts of a shop that is there already."""

    class Meta:
        model = Store
        fields = ("name", "external_id", "fulfilment", "deposit_amount", "points_left", "state")

    def clean_deposit_amount(self) -> Decimal | None:
        amount = self.cleaned_data["deposit_amount"]
        if amount is not None and amount < 0:
            raise forms.ValidationError(_("A deposit cannot be less than nothing."))
        return amount

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        platform = values.get("platform") or getattr(self.instance, "platform", None)
        taken = Store.objects.filter(platform=platform, external_id=values.get("external_id") or None)
        if platform and taken.exclude(pk=self.instance.pk).exists():
            self.add_error("external_id", _("A shop with this id of the platform is here already."))
        return values


class NewStore(StoreFacts):
    """A shop with its merchant and platform, which it keeps for good."""

    class Meta:
        model = Store
        fields = ("merchant", "platform", "name", "external_id", "fulfilment", "deposit_amount", "points_left")


class PersonLogin(forms.Form):
    """Name and login: at least one of phone and e-mail, neither taken by somebody else.

    Who invites for a merchant is not told whether a login is taken: that would tell who has an account here.
    """

    tells_taken = True
    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    phone = forms.CharField(label=gettext_lazy("Phone"), max_length=20, required=False)
    email = forms.EmailField(label=gettext_lazy("E-mail"), required=False)

    def clean_phone(self) -> str:
        phone = re.sub(r"[\s-]", "", self.cleaned_data["phone"] or "")
        if phone and not PHONE.fullmatch(phone):
            raise forms.ValidationError(_("A phone number has digits only, at least six."))
        if phone and self.tells_taken and User.objects.filter(phone=phone).exclude(pk=self.own_key).exists():
            raise forms.ValidationError(_("This phone number belongs to somebody else already."))
        return phone

    def clean_email(self) -> str:
        email = (self.cleaned_data["email"] or "").lower()
        if email and self.tells_taken and User.objects.filter(email__iexact=email).exclude(pk=self.own_key).exists():
            raise forms.ValidationError(_("This e-mail address belongs to somebody else already."))
        return email

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if not (values.get("phone") or values.get("email") or self.errors):
            self.add_error("phone", _("A phone number or an e-mail address is needed to sign in with."))
        return values

    @property
    def own_key(self) -> int:
        """The key of the person being edited; 0 for a new one."""
        return 0


def offer_membership(form: forms.Form, merchant: Merchant, by: User) -> None:
    """The shops and roles that this person may give to people of the merchant."""
    form.fields["shops"].queryset = merchant.stores.all()  # type: ignore[attr-defined]
    if not by.is_agency:
        labels = [(value, label) for value, label in MerchantRole.choices if value in GIVEN_BY_OWNERS]
        form.fields["role"].choices = labels  # type: ignore[attr-defined]


class MemberForm(PersonLogin):
    """Somebody invited to a merchant, for all its shops or some of them. Owners give no ownership away."""

    tells_taken = False
    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=MerchantRole.choices, initial=MerchantRole.STAFF)
    shops = forms.ModelMultipleChoiceField(
        Store.objects.none(),
        label=gettext_lazy("Shops"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None ticked: all shops of this merchant, later ones too."),
    )

    def __init__(self, *args: Any, merchant: Merchant, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_membership(self, merchant, by)


class PolicyFacts(forms.ModelForm):
    """The facts of one version of a rule."""

    evidence_keys = forms.MultipleChoiceField(
        label=gettext_lazy("Evidence named"),
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "two-in"}),
    )
    note = forms.CharField(label=gettext_lazy("Note"), required=False, widget=forms.Textarea(attrs={"rows": 3}))

    class Meta:
        model = Policy
        fields = FACTS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "evidence_keys" in self.fields:
            choices = [(one.key, one.name) for one in EvidenceRequirement.objects.all()]
            self.fields["evidence_keys"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        basis, amount = values.get("penalty_basis"), values.get("penalty_value")
        has_amount = basis in (PenaltyBasis.FIXED, PenaltyBasis.PERCENT)
        if has_amount and amount is None and "penalty_value" not in self.errors:
            self.add_error("penalty_value", _("Say how much, or choose “amount unknown”."))
        if not has_amount and any(
            values.get(name) is not None for name in ("penalty_value", "penalty_floor", "penalty_cap")
        ):
            self.add_error(
                "penalty_basis", _("There are amounts, but this says that there is none or that it is unknown.")
            )
        if basis == PenaltyBasis.PERCENT and amount is not None and amount > 100:
            self.add_error("penalty_value", _("More than 100 percent?"))
        return values

    @property
    def values(self) -> dict[str, Any]:
        """What was typed, by field of the model."""
        return {name: self.cleaned_data[name] for name in FACTS if name in self.cleaned_data}


class NewVersion(PolicyFacts):
    """A version that follows another one: `base` is the version its writer had before them, 0 for none."""

    effective_from = MomentField(label=gettext_lazy("In force from"))
    base = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, follows: Policy | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.follows = follows
        self.initial.setdefault("base", follows.version if follows else 0)

    def clean_effective_from(self) -> dt.datetime:
        moment = self.cleaned_data["effective_from"]
        if self.follows and moment <= self.follows.effective_from:
            begun = timezone.localtime(self.follows.effective_from)
            raise forms.ValidationError(_("It must begin after version %(n)s, which began on %(day)s.") % {
                "n": self.follows.version, "day": f"{begun:%Y-%m-%d %H:%M}"})  # fmt: skip
        return moment


class RoundForm(forms.ModelForm):
    class Meta:
        model = PolicyRound
        fields = tuple(name for name in ROUND_FACTS if name != "number")


RoundForms = forms.formset_factory(RoundForm, extra=1, can_delete=True, max_num=8)


def round_values(rounds: Any) -> list[dict[str, Any]]:
    """The rounds of a checked formset in their order, numbered from 1; empty and deleted rows left out."""
    kept = [one.cleaned_data for one in rounds.forms if one.cleaned_data and not one.cleaned_data.get("DELETE")]
    names = [name for name in ROUND_FACTS if name != "number"]
    return [{"number": n, **{name: row[name] for name in names}} for n, row in enumerate(kept, start=1)]


class WindowForm(forms.ModelForm):
    """A platform's pause, extension or waiver."""

    from_at = MomentField(label=gettext_lazy("Begins"))
    to_at = MomentField(label=gettext_lazy("Ends"))
    violation_keys = forms.MultipleChoiceField(
        label=gettext_lazy("Kinds of penalties"),
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "two-in"}),
        help_text=gettext_lazy("None ticked: all."),
    )
    regions = WordsField(label=gettext_lazy("Regions"), required=False, help_text=gettext_lazy("Empty: all."))
    carriers = WordsField(label=gettext_lazy("Carriers"), required=False, help_text=gettext_lazy("Empty: all."))

    class Meta:
        model = ExemptionWindow
        fields = (
            "platform",
            "from_at",
            "to_at",
            "effect",
            "extend_hours",
            "violation_keys",
            "regions",
            "carriers",
            "source",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Platforms word the same kind differently; the first platform's word stands for all.
        names = {one.key: one.name for one in ViolationType.objects.order_by("-platform__position")}
        self.fields["violation_keys"].choices = list(names.items())  # type: ignore[attr-defined]
        self.fields["platform"].queryset = Platform.objects.filter(has_penalties=True)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        start, end, effect = values.get("from_at"), values.get("to_at"), values.get("effect")
        if start and end and end <= start:
            self.add_error("to_at", _("The window must end after it begins."))
        if effect and (effect == ExemptionWindow.Effect.EXTEND) != (values.get("extend_hours") is not None):
            self.add_error("extend_hours", _("An extension says by how many hours; nothing else does."))
        return values
