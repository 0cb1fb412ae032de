"""Conversation with the merchant, internal notes, and what is done so that it does not happen again."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from appeals.models.case import Case
from appeals.models.evidence import OfCase
from casemgr.kit.codes import new_code
from stores.models.scope import Scoped


def action_code() -> str:
    return new_code("P")


class Message(OfCase):
    case = models.ForeignKey(Case, models.CASCADE, related_name="messages")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    text = models.TextField(_("message"))
    is_internal = models.BooleanField(_("internal note"), default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True)

    objects = Scoped.as_manager()

    class Meta:
        ordering = ["created_at", "pk"]
        verbose_name = _("message")
        verbose_name_plural = _("messages")

    def __str__(self) -> str:
        return self.text[:40]


class PlanAction(OfCase):
    """One thing to do so that it does not happen again: who, by when, and the number that shows whether it worked."""

    code = models.CharField(max_length=16, unique=True, default=action_code, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="plan")
    title = models.CharField(_("what"), max_length=200)
    owner_name = models.CharField(_("who"), max_length=80)
    due_on = models.DateField(_("by"))
    metric = models.CharField(_("measured by"), max_length=120, blank=True)
    status = models.CharField(max_length=12, default="planned")
    # Planned, doing: whether it lives on after the case is closed.
    is_handed_on = models.BooleanField(default=False)
    waived_reason = models.CharField(max_length=300, blank=True)
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = Scoped.as_manager()

    class Meta:
        ordering = ["due_on", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(status="waived") | ~Q(waived_reason=""), name="waived_with_reason")
        ]
        verbose_name = _("plan action")
        verbose_name_plural = _("plan actions")

    def __str__(self) -> str:
        return self.title
