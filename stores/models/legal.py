"""Grounds of law that an appeal may lean on. None is used before a person verified its wording."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from stores.enums import Confidence, LineOfDefence


class LegalGround(models.Model):
    """One sentence with its article, for one line of defence; the words of a law change, so the source stands beside it."""

    key = models.SlugField(_("key"), max_length=40, unique=True)
    line_of_defence = models.CharField(_("line of defence"), max_length=24, choices=LineOfDefence.choices)
    article = models.CharField(_("article"), max_length=80)
    text = models.CharField(_("wording"), max_length=400, blank=True)
    source = models.CharField(_("source"), max_length=300, blank=True)
    confidence = models.CharField(_("confidence"), max_length=1, choices=Confidence.choices, default=Confidence.C)
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("verified by")
    )
    verified_at = models.DateTimeField(_("verified at"), null=True, blank=True)

    class Meta:
        ordering = ["line_of_defence", "key"]
        constraints = [
            models.CheckConstraint(
                condition=Q(verified_at__isnull=True, verified_by__isnull=True)
                | (Q(verified_at__isnull=False, verified_by__isnull=False) & ~Q(text="")),
                name="ground_verified_with_wording",
            )
        ]
        verbose_name = _("ground of law")
        verbose_name_plural = _("grounds of law")

    def __str__(self) -> str:
        return self.article
