"""Platforms and their kinds of penalties."""

from __future__ import annotations

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from stores.enums import Confidence


def in_language(zh: str, en: str) -> str:
    """The Chinese or the English text, by the language of the reader; the other one where the first is empty."""
    return (zh or en) if (get_language() or "zh").startswith("zh") else (en or zh)


class Platform(models.Model):
    """A marketplace. What its appeal form takes is unknown (empty) until learned from the first filing."""

    code = models.CharField(_("code"), max_length=16, unique=True)
    name_zh = models.CharField(_("name (Chinese)"), max_length=40)
    name_en = models.CharField(_("name (English)"), max_length=40)
    short_zh = models.CharField(_("one character"), max_length=2)
    console_url = models.URLField(_("console"), blank=True)
    external_link_allowed = models.BooleanField(_("links in buyer chat allowed"), null=True, blank=True)
    has_penalties = models.BooleanField(_("has penalties"), default=True)
    text_max = models.PositiveIntegerField(_("characters in the appeal box"), null=True, blank=True)
    images_max = models.PositiveIntegerField(_("images"), null=True, blank=True)
    image_bytes_max = models.PositiveIntegerField(_("bytes per image"), null=True, blank=True)
    image_formats = models.CharField(_("image formats"), max_length=60, blank=True)
    limits_source = models.CharField(_("source of the limits"), max_length=200, blank=True)
    limits_confidence = models.CharField(_("confidence"), max_length=1, choices=Confidence.choices, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        ordering = ["position", "code"]
        verbose_name = _("platform")
        verbose_name_plural = _("platforms")

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return in_language(self.name_zh, self.name_en)


class ViolationType(models.Model):
    """A platform's kind of penalty, in the product's words."""

    platform = models.ForeignKey(Platform, models.PROTECT, related_name="violation_types", verbose_name=_("platform"))
    key = models.SlugField(_("key"), max_length=40)
    name_zh = models.CharField(_("name (Chinese)"), max_length=60)
    name_en = models.CharField(_("name (English)"), max_length=60)
    merchant_zh = models.CharField(_("in plain words (Chinese)"), max_length=160, blank=True)
    merchant_en = models.CharField(_("in plain words (English)"), max_length=160, blank=True)

    class Meta:
        ordering = ["platform__position", "key"]
        constraints = [models.UniqueConstraint(fields=["platform", "key"], name="violation_type_once")]
        verbose_name = _("violation type")
        verbose_name_plural = _("violation types")

    def __str__(self) -> str:
        return f"{self.platform} · {self.name}"

    @property
    def name(self) -> str:
        return in_language(self.name_zh, self.name_en)

    @property
    def merchant_words(self) -> str:
        return in_language(self.merchant_zh or self.name_zh, self.merchant_en or self.name_en)
