"""How people share the work: what each has seen, views of lists they keep. Nothing here is part of a case."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from appeals.models.case import Case
from appeals.models.evidence import OfCase
from casemgr.kit.codes import new_code
from stores.models.scope import Scoped


def view_code() -> str:
    return new_code("L")


class CaseLook(OfCase):
    """When a person last looked at a case, and when their open page was last heard of."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="looks")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="looks")
    # What came after this is new to the person.
    seen_at = models.DateTimeField()
    here_at = models.DateTimeField(null=True)

    objects = Scoped.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "user"], name="one_look_per_person")]
        indexes = [models.Index(fields=["user", "seen_at"], name="look_of_person")]
        verbose_name = _("look at a case")
        verbose_name_plural = _("looks at cases")

    def __str__(self) -> str:
        return f"{self.user_id} {self.seen_at}"


class SavedView(models.Model):
    """A filtered list that a person keeps: its page and its query string. A shared one is there for all of the agency."""

    code = models.CharField(max_length=16, unique=True, default=view_code, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_views")
    page = models.CharField(max_length=16)
    name = models.CharField(pgettext_lazy("a saved view", "name"), max_length=40)
    query = models.CharField(max_length=500, blank=True)
    is_shared = models.BooleanField(_("shared with all of the agency"), default=False)
    is_default = models.BooleanField(_("opens first"), default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["is_shared", "name"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "page", "name"], name="view_name_once"),
            models.UniqueConstraint(fields=["owner", "page"], name="one_default_view", condition=Q(is_default=True)),
        ]
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")

    def __str__(self) -> str:
        return self.name
