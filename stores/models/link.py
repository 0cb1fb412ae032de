"""One-time links: an invitation to come in, and a way to a new password. Only a digest of the link is stored."""

from __future__ import annotations

import hashlib
import secrets
from typing import Any, Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from casemgr.kit.codes import new_code
from stores.enums import AgencyRole, MerchantRole

TOKEN_BYTES = 32  # 256 bits: nobody tries them out, so a plain digest is enough


def link_code() -> str:
    return new_code("L", 8)


def digest(token: str) -> str:
    """What is stored of a link: SHA-256 in hex."""
    return hashlib.sha256(token.encode()).hexdigest()


class Links(models.QuerySet):
    def open(self) -> Self:
        """Those that still lead somewhere: not used, not taken back, not run out."""
        return self.filter(used_at=None, revoked_at=None, expires_at__gt=timezone.now())

    def by_token(self, token: str) -> Any:
        """The open link that this token is, or None."""
        return self.open().filter(token_hash=digest(token)).first()


class Invitations(Links):
    def visible_to(self, user: Any) -> Self:
        """Administrators see all, leads those to merchants, owners those to their own merchants."""
        if not getattr(user, "is_authenticated", False):
            return self.none()
        if user.agency_role == AgencyRole.ADMINISTRATOR:
            return self.all()
        if user.is_lead:
            return self.exclude(merchant=None)
        return self.none() if user.is_agency else self.filter(merchant__in=user.owned_merchants)


class OneTimeLink(models.Model):
    code = models.CharField(max_length=16, unique=True, default=link_code, editable=False)
    token_hash = models.CharField(max_length=64, unique=True)
    made_by = models.ForeignKey("stores.User", models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.code

    def new_token(self) -> str:
        """Give the link its secret, returned once; only the digest stays."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        self.token_hash = digest(token)
        return token


class Invitation(OneTimeLink):
    """Somebody asked in: into the agency with a role, or to a merchant for all or some of its shops.

    The person is made when the link is used. Until then nothing tells whether the login has an account already.
    """

    name = models.CharField(pgettext_lazy("a person", "name"), max_length=80)
    # Kept only until the link is used or taken back.
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    agency_role = models.CharField(_("role in the agency"), max_length=16, choices=AgencyRole.choices, blank=True)
    merchant = models.ForeignKey("stores.Merchant", models.CASCADE, null=True, related_name="invitations")
    role = models.CharField(_("role"), max_length=16, choices=MerchantRole.choices, blank=True)
    all_shops = models.BooleanField(_("all shops"), default=True)
    shops = models.ManyToManyField("stores.Store", blank=True, related_name="+", verbose_name=_("shops"))

    objects = Invitations.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(merchant=None) & ~models.Q(agency_role="")
                | models.Q(merchant__isnull=False, agency_role=""),
                name="invited_to_one_side",
            )
        ]
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")

    @property
    def login(self) -> str:
        return self.phone or self.email

    @property
    def role_label(self) -> str:
        return self.get_agency_role_display() if self.agency_role else self.get_role_display()


class PasswordLink(OneTimeLink):
    """A way for one person to set a password."""

    user = models.ForeignKey("stores.User", models.CASCADE, related_name="password_links")

    objects = Links.as_manager()

    class Meta:
        verbose_name = _("password link")
        verbose_name_plural = _("password links")
