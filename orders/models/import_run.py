"""One file that came in: staged (read and checked), then published in batches that only go forward."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from casemgr.kit.codes import new_code
from orders.enums import ImportKind
from stores.models.scope import Scoped


def run_code() -> str:
    return new_code("I")


class ImportRun(models.Model):
    code = models.CharField(max_length=16, unique=True, default=run_code, editable=False)
    store = models.ForeignKey("stores.Store", models.PROTECT, related_name="import_runs")
    kind = models.CharField(_("kind"), max_length=12, choices=ImportKind.choices)
    # received -> mapping? -> staging -> staged -> publishing -> published; cancelled, failed. See orders.workflow.
    status = models.CharField(max_length=12, default="received")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    filename = models.CharField(max_length=200)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    # Path below MEDIA_ROOT while the file is needed; empty once published or cancelled: the file is gone then.
    file = models.CharField(max_length=200, blank=True)
    # The original, sealed under the key `import:<code>`; kept until `sealed_until`, then key and file are destroyed.
    sealed_file = models.CharField(max_length=200, blank=True)
    sealed_until = models.DateTimeField(null=True)
    encoding = models.CharField(max_length=20, blank=True)
    source = models.CharField(max_length=40, blank=True)
    profile = models.ForeignKey("orders.MappingProfile", models.SET_NULL, null=True, related_name="+")
    headers = models.JSONField(default=list)
    mapping = models.JSONField(default=dict)
    options = models.JSONField(default=dict)
    preview = models.JSONField(default=list)
    rows = models.PositiveIntegerField(default=0)
    stored = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict)
    totals = models.JSONField(default=dict)
    warnings = models.JSONField(default=list)
    error = models.TextField(blank=True)
    published_upto = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    staged_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)
    screened_at = models.DateTimeField(null=True)

    objects = Scoped.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("import")
        verbose_name_plural = _("imports")

    def __str__(self) -> str:
        return f"{self.code} {self.filename}"


class ImportRefusal(models.Model):
    """A row that was not taken: line of the file, column, value (masked where it may tell of a person), reason."""

    store_path = "run__store"

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="refusals", db_index=False)
    line = models.PositiveIntegerField()
    column = models.CharField(max_length=120, blank=True)
    value = models.CharField(max_length=200, blank=True)
    reason_code = models.CharField(max_length=40)
    reason = models.CharField(max_length=300)

    objects = Scoped.as_manager()

    class Meta:
        ordering = ["line", "pk"]
        indexes = [models.Index(fields=["run", "line"], name="refusal_line")]
        verbose_name = _("refused row")
        verbose_name_plural = _("refused rows")

    def __str__(self) -> str:
        return f"{self.line}: {self.reason}"


class MappingProfile(models.Model):
    """How one shop's files of one shape are read: field -> header. Found again by the hash of the headers."""

    store = models.ForeignKey("stores.Store", models.CASCADE, related_name="mapping_profiles")
    kind = models.CharField(max_length=12, choices=ImportKind.choices)
    name = models.CharField(_("name"), max_length=80)
    headers_hash = models.CharField(max_length=32)
    mapping = models.JSONField(default=dict)
    options = models.JSONField(default=dict)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = Scoped.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "kind", "headers_hash"], name="profile_once")]
        verbose_name = _("mapping profile")
        verbose_name_plural = _("mapping profiles")

    def __str__(self) -> str:
        return self.name
