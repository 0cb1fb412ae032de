"""What one person submits at once, and the pack frozen as it was sent."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from appeals.models.case import Case
from casemgr.kit.codes import new_code
from stores.models.scope import Scoped


def filing_code() -> str:
    return new_code("F")


# What may still change once a pack is frozen: the way of the filing itself and its receipt, never its content.
CONTENT_FIELDS = ("box_text", "letter_text", "pack", "pack_sha256", "frozen_at")


class FrozenFiling(TypeError):
    """The content of a filed pack cannot be changed or deleted (rule 4)."""


class Frozen(Scoped):
    """Rows that are only ever added: what is in a frozen pack stays as it was sent."""

    def update(self, **values: Any) -> int:
        raise FrozenFiling("files of a frozen pack are never changed")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise FrozenFiling("files of a frozen pack are never deleted")


class FrozenContent(Scoped):
    """Filings whose pack is frozen: their text and pack stand still, the way of the filing goes on."""

    def update(self, **values: Any) -> int:
        touched = [name for name in CONTENT_FIELDS if name in values]
        if touched and self.filter(frozen_at__isnull=False).exists():
            raise FrozenFiling(f"{', '.join(touched)} of a frozen filing are never changed")
        return super().update(**values)

    def delete(self) -> tuple[int, dict[str, int]]:
        if self.filter(frozen_at__isnull=False).exists():
            raise FrozenFiling("frozen filings are never deleted")
        return super().delete()

    def wipe_texts(self) -> int:
        """Empty the texts of those filings whose case retention has erased, frozen or not (rule 4); how many."""
        erased = self.filter(case__erased_at__isnull=False)
        return super(FrozenContent, erased).update(box_text="", letter_text="", box_draft="", letter_draft="")


class Filing(models.Model):
    """`status` is written by appeals.workflow.FILING only. The right to submit is held by one person at a time."""

    store_path = "case__store"

    code = models.CharField(max_length=16, unique=True, default=filing_code, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="filings")
    round = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=12, default="draft")
    is_supplement = models.BooleanField(default=False)
    # The text for the console's box and the full letter; `*_draft` is what the facts gave, to show what a person changed.
    box_text = models.TextField(blank=True)
    box_draft = models.TextField(blank=True)
    letter_text = models.TextField(blank=True)
    letter_draft = models.TextField(blank=True)
    # Changed with every save of the text: a tab that holds an older number is told, and keeps its text.
    text_version = models.PositiveIntegerField(default=0)
    text_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    text_at = models.DateTimeField(null=True)
    # Missing facts at the last drafting: names of variables.
    gaps = models.JSONField(default=list)
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    # Written when the author had to approve alone (an agency of one): what was looked at again.
    second_look = models.TextField(blank=True)
    review_note = models.TextField(blank=True)
    claimed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    claimed_at = models.DateTimeField(null=True)
    claim_lapses_at = models.DateTimeField(null=True)
    lapsed_from = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    frozen_at = models.DateTimeField(null=True)
    pack = models.JSONField(default=dict)
    pack_sha256 = models.CharField(max_length=64, blank=True)
    # As the console shows them; the console's time is what is compared with the deadline.
    filed_at = models.DateTimeField(null=True)
    receipt_no = models.CharField(max_length=64, blank=True)
    receipt_file = models.CharField(max_length=200, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField(null=True)
    is_recorded_late = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = FrozenContent.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["case"], name="one_open_filing", condition=~Q(status__in=["filed", "dropped"])
            ),
            models.CheckConstraint(
                condition=~Q(status="filing") | (Q(claimed_by__isnull=False) & Q(claim_lapses_at__isnull=False)),
                name="filing_is_claimed",
            ),
            models.CheckConstraint(
                condition=~Q(status="filed") | (Q(filed_at__isnull=False) & Q(frozen_at__isnull=False)),
                name="filed_has_time_and_pack",
            ),
        ]
        verbose_name = _("filing")
        verbose_name_plural = _("filings")

    def __str__(self) -> str:
        return self.code

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        if self.frozen_at is not None:
            raise FrozenFiling("frozen filings are never deleted")
        return super().delete(*args, **kwargs)

    @property
    def audit_thread(self) -> str:
        return self.case.code

    @property
    def audit_store_id(self) -> int:
        return self.case.store_id


class PackFile(models.Model):
    """One file of a frozen pack: its own copy of the bytes, in the order the console takes them."""

    store_path = "filing__case__store"

    filing = models.ForeignKey(Filing, models.PROTECT, related_name="pack_files")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=12)  # image, letter, archive, manifest
    name = models.CharField(max_length=120)
    file = models.CharField(max_length=200)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    item = models.ForeignKey("appeals.EvidenceItem", models.PROTECT, null=True, related_name="+")

    objects = Frozen.as_manager()

    class Meta:
        ordering = ["filing", "position"]
        constraints = [models.UniqueConstraint(fields=["filing", "position"], name="pack_position_once")]
        verbose_name = _("file of a pack")
        verbose_name_plural = _("files of a pack")

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise FrozenFiling("files of a frozen pack are never changed")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise FrozenFiling("files of a frozen pack are never deleted")
