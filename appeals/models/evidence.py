"""What proves it: files and generated documents on the checklist, requests to the merchant, facts recorded by hand."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from appeals.enums import EvidenceSource
from appeals.models.case import Case
from appeals.models.filing import FrozenFiling
from casemgr.kit.codes import new_code
from stores.models.scope import Scoped


def evidence_code() -> str:
    return new_code("E", 8)


def request_code() -> str:
    return new_code("Q")


class OfCase(models.Model):
    """What belongs to a case: its history and its shop are the case's."""

    store_path = "case__store"

    class Meta:
        abstract = True

    @property
    def audit_thread(self) -> str:
        return self.case.code  # type: ignore[attr-defined]

    @property
    def audit_store_id(self) -> int:
        return self.case.store_id  # type: ignore[attr-defined]


class Protected(Scoped):
    """Evidence that was filed stays as it is: it can be neither changed nor deleted by a query."""

    def update(self, **values: Any) -> int:
        if self.filter(protected_at__isnull=False).exists():
            raise FrozenFiling("filed evidence is never changed")
        return super().update(**values)

    def delete(self) -> tuple[int, dict[str, int]]:
        if self.filter(protected_at__isnull=False).exists():
            raise FrozenFiling("filed evidence is never deleted")
        return super().delete()


class EvidenceItem(OfCase):
    """One file on the checklist. Uploads are never edited; a new version follows. Protected once filed."""

    code = models.CharField(max_length=16, unique=True, default=evidence_code, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="evidence")
    requirement = models.ForeignKey("stores.EvidenceRequirement", models.PROTECT, related_name="+")
    title = models.CharField(_("title"), max_length=120)
    source = models.CharField(max_length=10, choices=EvidenceSource.choices)
    # Path below MEDIA_ROOT under a random name; the original's name is only shown.
    file = models.CharField(max_length=200)
    # What others see and the pack takes: re-encoded, without metadata. Same as file for generated documents.
    shown_file = models.CharField(max_length=200)
    original_name = models.CharField(max_length=200, blank=True)
    content_type = models.CharField(max_length=60)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    uploaded_at = models.DateTimeField()
    captured_at = models.DateTimeField(_("taken at"), null=True)
    source_note = models.CharField(_("where it comes from"), max_length=200, blank=True)
    # "This shows what really happened; nothing was changed." Asked of every uploader.
    declared_true_at = models.DateTimeField(null=True)
    version = models.PositiveSmallIntegerField(default=1)
    replaces = models.ForeignKey("self", models.PROTECT, null=True, related_name="replaced_by")
    # For generated documents: which one, and the hash of the facts it shows. Other facts make it out of date.
    document = models.CharField(max_length=40, blank=True)
    facts_hash = models.CharField(max_length=64, blank=True)
    # The same bytes on file in another case of the incident, sealed there under that case's key.
    shared_from = models.ForeignKey("self", models.PROTECT, null=True, related_name="shared_to")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    withdrawn_reason = models.CharField(max_length=300, blank=True)
    protected_at = models.DateTimeField(null=True)

    objects = Protected.as_manager()

    class Meta:
        ordering = ["requirement__position", "pk"]
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")

    def __str__(self) -> str:
        return self.title

    @property
    def is_image(self) -> bool:
        return self.content_type.startswith("image/")

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk and EvidenceItem.objects.filter(pk=self.pk, protected_at__isnull=False).exists():
            raise FrozenFiling("filed evidence is never changed")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        if self.protected_at is not None:
            raise FrozenFiling("filed evidence is never deleted")
        return super().delete(*args, **kwargs)


class EvidenceWaiver(OfCase):
    """A required kind of evidence that a lead let go, with the reason."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="waivers")
    requirement = models.ForeignKey("stores.EvidenceRequirement", models.PROTECT, related_name="+")
    reason = models.CharField(_("reason"), max_length=300)
    waived_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    waived_at = models.DateTimeField()

    objects = Scoped.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "requirement"], name="waived_once")]
        verbose_name = _("waiver")
        verbose_name_plural = _("waivers")

    def __str__(self) -> str:
        return f"{self.case} {self.requirement}"


class EvidenceRequest(OfCase):
    """ "Please upload X by T" to the merchant, with the requirement's own wording."""

    class State(models.TextChoices):
        OPEN = "open", _("open")
        ANSWERED = "answered", _("answered")
        NONE = "none", _("there is none")
        WITHDRAWN = "withdrawn", _("withdrawn")

    code = models.CharField(max_length=16, unique=True, default=request_code, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="requests")
    requirement = models.ForeignKey("stores.EvidenceRequirement", models.PROTECT, related_name="+")
    text = models.CharField(_("what we ask for"), max_length=500)
    due_at = models.DateTimeField(_("by"), null=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    answer_note = models.CharField(max_length=300, blank=True)

    objects = Scoped.as_manager()

    class Meta:
        ordering = ["due_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["case", "requirement"], name="one_open_request", condition=Q(state="open"))
        ]
        verbose_name = _("request to the merchant")
        verbose_name_plural = _("requests to the merchant")

    def __str__(self) -> str:
        return self.code


class RecordedFact(OfCase):
    """A fact that no import gives, recorded by hand with its source, or waived by a lead with the reason."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="facts")
    # Name of a letter variable, such as stock_on_hand or contact_result.
    name = models.SlugField(max_length=40)
    value = models.CharField(max_length=500, blank=True)
    source = models.CharField(_("source"), max_length=200, blank=True)
    observed_at = models.DateTimeField(_("true at"), null=True)
    is_waived = models.BooleanField(default=False)
    waiver_reason = models.CharField(max_length=300, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    objects = Scoped.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "name"], name="fact_once"),
            models.CheckConstraint(
                condition=(Q(is_waived=True) & ~Q(waiver_reason=""))
                | (Q(is_waived=False) & ~Q(value="") & ~Q(source="")),
                name="fact_has_source_or_waiver",
            ),
        ]
        verbose_name = _("recorded fact")
        verbose_name_plural = _("recorded facts")

    def __str__(self) -> str:
        return f"{self.name}={self.value}"
