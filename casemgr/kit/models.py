"""The models that belong to nobody: what was done, what is to be done, who is to be told."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgr.kit.codes import new_code


class AppendOnly(models.QuerySet):
    """Rows that are only ever added: changing or deleting them through the ORM is a programming error."""

    def update(self, **kwargs: Any) -> int:
        raise TypeError("audit rows are never changed")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise TypeError("audit rows are never deleted")


class AuditEvent(models.Model):
    """Who did what to what, from where, before and after. Written by casemgr.kit.audit.record only."""

    at = models.DateTimeField(db_index=True)
    # The name is kept beside the key: the row stays readable when the person is gone.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.DO_NOTHING, null=True, db_constraint=False, related_name="+"
    )
    actor_name = models.CharField(max_length=80, blank=True)
    origin = models.CharField(max_length=16)
    address = models.GenericIPAddressField(null=True)
    action = models.CharField(max_length=60)
    object_kind = models.CharField(max_length=40)
    object_code = models.CharField(max_length=64)
    thread = models.CharField(max_length=64, blank=True, db_index=True)
    store_ref = models.BigIntegerField(null=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    note = models.TextField(blank=True)

    objects = AppendOnly.as_manager()

    class Meta:
        indexes = [models.Index(fields=["object_kind", "object_code"])]
        verbose_name = _("audit event")
        verbose_name_plural = _("audit events")

    def __str__(self) -> str:
        return f"{self.action} {self.object_code}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise TypeError("audit rows are never changed")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise TypeError("audit rows are never deleted")


class Job(models.Model):
    """One piece of work to be done. The row is the truth; the broker's message only wakes a worker."""

    class State(models.TextChoices):
        QUEUED = "queued", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        PARKED = "parked", _("parked")

    code = models.CharField(max_length=16, unique=True)
    key = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=60)
    payload = models.JSONField(default=dict)
    # Named state, not status: jobs have no flow table, casemgr.kit.jobs is their one writer.
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    tries = models.PositiveSmallIntegerField(default=0)
    lapses = models.PositiveSmallIntegerField(default=0)
    token = models.CharField(max_length=36, blank=True)
    worker = models.CharField(max_length=60, blank=True)
    due_at = models.DateTimeField(default=timezone.now)
    lease_until = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    progress_done = models.BigIntegerField(default=0)
    progress_total = models.BigIntegerField(null=True)
    result = models.JSONField(default=dict)
    error = models.TextField(blank=True)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    store_ref = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["due_at"], name="job_due", condition=models.Q(state__in=["queued", "running"]))]
        verbose_name = _("job")
        verbose_name_plural = _("jobs")

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.code = self.code or new_code("J")
        super().save(*args, **kwargs)


class Heartbeat(models.Model):
    """When a worker or the schedule was last alive."""

    name = models.CharField(max_length=60, unique=True)
    beat_at = models.DateTimeField()

    class Meta:
        verbose_name = _("heartbeat")
        verbose_name_plural = _("heartbeats")

    def __str__(self) -> str:
        return self.name


class Notification(models.Model):
    """One message to one person, shown behind the bell. Written on the transaction of the change it tells of."""

    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notifications")
    event = models.CharField(max_length=60)
    # English source of the sentence and what goes into it; translated when shown.
    text = models.CharField(max_length=300)
    values = models.JSONField(default=dict)
    url = models.CharField(max_length=300, blank=True)
    # Same event about the same thing is told once.
    key = models.CharField(max_length=160)
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["recipient", "key"], name="notification_once")]
        indexes = [models.Index(fields=["recipient", "read_at", "-created_at"])]
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")

    def __str__(self) -> str:
        return self.text
