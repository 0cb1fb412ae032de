"""People: one login each, by phone number or e-mail; agency people and merchant people."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import Q
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from casemgr.kit.codes import new_code
from stores.enums import AgencyRole, MerchantRole


def user_code() -> str:
    return new_code("U", 8)


class People(BaseUserManager["User"]):
    def create_user(
        self, *, name: str, phone: str = "", email: str = "", password: str | None = None, **fields: Any
    ) -> User:
        """A person who signs in with `phone` or `email`. Without a password nobody can sign in as them yet."""
        user = self.model(name=name, phone=phone or None, email=self.normalize_email(email) or None, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, *, name: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(
            name=name, password=password, **{"agency_role": AgencyRole.ADMINISTRATOR, "is_superuser": True, **fields}
        )


class User(AbstractBaseUser, PermissionsMixin):
    code = models.CharField(_("code"), max_length=16, unique=True, default=user_code, editable=False)
    name = models.CharField(pgettext_lazy("a person", "name"), max_length=80)
    phone = models.CharField(_("phone"), max_length=20, unique=True, null=True, blank=True)
    email = models.EmailField(_("e-mail"), unique=True, null=True, blank=True)
    agency_role = models.CharField(_("role in the agency"), max_length=16, choices=AgencyRole.choices, blank=True)
    language = models.CharField(_("language"), max_length=8, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    # Counted up to end every session of the person at its next request (session_facts).
    sessions_ended = models.PositiveIntegerField(_("sessions ended"), default=0, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    USERNAME_FIELD = "code"
    REQUIRED_FIELDS = ["name"]
    objects = People()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(phone__isnull=False) | Q(email__isnull=False), name="user_has_a_login")
        ]
        verbose_name = _("person")
        verbose_name_plural = _("people")

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        # Two people without a phone number must not clash on an empty text.
        self.phone, self.email = self.phone or None, self.email or None
        super().save(*args, **kwargs)

    def get_short_name(self) -> str:
        return self.name

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """A digest of what a session leans on; Django compares it at every request (get_session_auth_hash).

        A session ends when one of these changes: password, role, whether the person may sign in, sessions ended.
        """
        facts = (self.password, self.agency_role, str(self.is_active), str(self.sessions_ended))
        return salted_hmac("stores.models.User.session", "|".join(facts), secret=secret, algorithm="sha256").hexdigest()

    @property
    def is_staff(self) -> bool:
        """Whether the admin site opens: administrators only."""
        return self.is_active and self.agency_role == AgencyRole.ADMINISTRATOR

    @property
    def is_agency(self) -> bool:
        return bool(self.agency_role)

    @property
    def is_lead(self) -> bool:
        return self.agency_role in (AgencyRole.LEAD, AgencyRole.ADMINISTRATOR)

    @property
    def roles(self) -> set[str]:
        """Role words for flow tables: handler, lead, administrator; a lead can do what a handler can; merchant people
        have `merchant` (or nothing but `merchant_read_only`)."""
        if self.is_agency:
            return {AgencyRole.HANDLER.value, self.agency_role} | ({AgencyRole.LEAD.value} if self.is_lead else set())
        writes = any(m.role != MerchantRole.READ_ONLY for m in self.cached_memberships())
        return {"merchant"} if writes else {"merchant_read_only"}

    @property
    def sees_all_shops(self) -> bool:
        return self.is_active and self.is_lead

    @property
    def owned_merchants(self) -> list[int]:
        """Keys of the merchants whose people this person looks after: as their owner, with all their shops."""
        return [m.merchant_id for m in self.cached_memberships() if m.role == MerchantRole.OWNER and m.all_shops]

    def cached_memberships(self) -> list[Membership]:
        if not hasattr(self, "_memberships"):
            self._memberships = list(self.memberships.all())
        return self._memberships

    def shops(self) -> models.QuerySet:
        """The shops this person may see, as a queryset usable in subqueries."""
        from stores.models.store import Store  # noqa: PLC0415  # the two models point at each other

        if self.sees_all_shops:
            return Store.objects.all()
        if self.is_agency:
            return Store.objects.filter(assignments__user=self)
        return Store.objects.filter(
            Q(merchant__memberships__user=self, merchant__memberships__all_shops=True) | Q(memberships__user=self)
        ).distinct()


class Membership(models.Model):
    """A merchant's person: owner, staff or read only; for all shops of the merchant or for some."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships", verbose_name=_("person"))
    merchant = models.ForeignKey(
        "stores.Merchant", models.CASCADE, related_name="memberships", verbose_name=_("merchant")
    )
    role = models.CharField(_("role"), max_length=16, choices=MerchantRole.choices)
    all_shops = models.BooleanField(_("all shops"), default=True)
    shops = models.ManyToManyField("stores.Store", blank=True, related_name="memberships", verbose_name=_("shops"))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "merchant"], name="one_membership_per_merchant")]
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")

    def __str__(self) -> str:
        return f"{self.user} · {self.merchant}"


class Assignment(models.Model):
    """An agency person who looks after a shop."""

    user = models.ForeignKey(User, models.CASCADE, related_name="assignments", verbose_name=_("person"))
    store = models.ForeignKey("stores.Store", models.CASCADE, related_name="assignments", verbose_name=_("shop"))
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "store"], name="assigned_once")]
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")

    def __str__(self) -> str:
        return f"{self.user} · {self.store}"


class Absence(models.Model):
    """Days on which an agency person is away, and who stands in."""

    user = models.ForeignKey(User, models.CASCADE, related_name="absences", verbose_name=_("person"))
    from_on = models.DateField(_("first day"))
    to_on = models.DateField(_("last day"))
    deputy = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("stands in")
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["from_on"]
        constraints = [
            models.CheckConstraint(condition=Q(to_on__gte=models.F("from_on")), name="absence_ends_later"),
            models.CheckConstraint(
                condition=Q(deputy__isnull=True) | ~Q(deputy=models.F("user")), name="deputy_is_another"
            ),
        ]
        verbose_name = _("absence")
        verbose_name_plural = _("absences")

    def __str__(self) -> str:
        return f"{self.user} {self.from_on} – {self.to_on}"
