"""The models that belong to nobody: what was done, what is to be done, who is to be told."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from casemgr.kit.codes import new_code

# Stands in an audit row where a free text was: the text lies in AuditText.
DIGEST_MARK = "text:sha256:"
ERASED = _("(erased)")


class AppendOnly(models.QuerySet):
    """Rows that are only ever added: changing or deleting them through the ORM is a programming error."""

    def update(self, **kwargs: Any) -> int:
        raise TypeError("audit rows are never changed")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise TypeError("audit rows are never deleted")


class AuditEvent(models.Model):
    """Who did what to what, from where, before and after. Written by casemgr.kit.audit.record only."""

    at = models.DateTimeField(_("moment"), db_index=True)
    # The name is kept beside the key: the row stays readable when the person is gone.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        null=True,
        db_constraint=False,
        related_name="+",
        verbose_name=_("person"),
    )
    actor_name = models.CharField(_("name then"), max_length=80, blank=True)
    origin = models.CharField(_("came from"), max_length=16)
    address = models.GenericIPAddressField(_("network address"), null=True)
    action = models.CharField(_("action"), max_length=60)
    object_kind = models.CharField(_("kind of thing"), max_length=40)
    object_code = models.CharField(_("thing"), max_length=64)
    thread = models.CharField(_("story"), max_length=64, blank=True, db_index=True)
    store_ref = models.BigIntegerField(_("shop (number)"), null=True)
    # Free texts lie in AuditText; here stands their digest, so that erasing them leaves the chain of seals whole.
    before = models.JSONField(_("before"), default=dict)
    after = models.JSONField(_("after"), default=dict)
    note_digest = models.CharField(_("digest of the note"), max_length=64, blank=True)

    objects = AppendOnly.as_manager()

    class Meta:
        indexes = [models.Index(fields=["object_kind", "object_code"])]
        verbose_name = _("audit event")
        verbose_name_plural = _("audit events")

    def __str__(self) -> str:
        return f"{self.action} {self.object_code}"

    @cached_property
    def _texts(self) -> dict[str, str]:
        return {row.place: str(ERASED) if row.erased_at else row.text for row in self.texts.all()}

    @property
    def note(self) -> str:
        """What the person wrote beside the step; says so when it was erased. Prefetch `texts` for lists."""
        return self._texts.get("note", "") if self.note_digest else ""

    @property
    def was(self) -> dict[str, Any]:
        """`before` with its free texts in place."""
        return self._whole("before", self.before)

    @property
    def now(self) -> dict[str, Any]:
        """`after` with its free texts in place."""
        return self._whole("after", self.after)

    def _whole(self, side: str, values: dict[str, Any]) -> dict[str, Any]:
        if not any(isinstance(value, str) and value.startswith(DIGEST_MARK) for value in values.values()):
            return values
        return {name: self._texts.get(f"{side}.{name}", value) for name, value in values.items()}

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise TypeError("audit rows are never changed")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise TypeError("audit rows are never deleted")


class AuditText(models.Model):
    """A free text of an audit row, apart from it: the row keeps the digest of salt and text. Only ever emptied, and then
    with the moment; the salt goes too, so that a short text cannot be guessed from its digest."""

    event = models.ForeignKey(AuditEvent, models.DO_NOTHING, related_name="texts")
    place = models.CharField(max_length=120)  # note, before.<name>, after.<name>
    text = models.TextField(blank=True)
    salt = models.CharField(max_length=32, blank=True)
    erased_at = models.DateTimeField(null=True)

    objects = AppendOnly.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "place"], name="audit_text_once")]
        verbose_name = _("text of an audit event")
        verbose_name_plural = _("texts of audit events")

    def __str__(self) -> str:
        return f"{self.event_id} {self.place}"


class AuditSeal(models.Model):
    """A chained hash over a run of settled audit rows. Written by the sealer only; `previous` allows no fork."""

    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField(unique=True)
    count = models.PositiveIntegerField()
    # Hash of the seal before, empty text for the first one: unique, so that two writers cannot both follow it.
    previous = models.CharField(max_length=64, unique=True, blank=True)
    hash = models.CharField(max_length=64, unique=True)
    # Number and digest of each sealed row (casemgr.kit.chain): what tells which row was changed, taken or slipped in.
    rows = models.BinaryField(default=bytes)
    sealed_at = models.DateTimeField()

    objects = AppendOnly.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("audit seal")
        verbose_name_plural = _("audit seals")

    def __str__(self) -> str:
        return f"{self.first_id}-{self.last_id}"


class DataKey(models.Model):
    """A key of its own for one case, one import file or one merchant's recipients, wrapped under the installation's key.

    Destroying it erases what it sealed: the row stays and says when and why, `wrapped` is empty then.
    """

    name = models.CharField(max_length=80, unique=True)  # case:C-7K2M9Q, import:I-…, merchant:M-…
    wrapped = models.BinaryField()
    created_at = models.DateTimeField(default=timezone.now)
    destroyed_at = models.DateTimeField(null=True)
    destroyed_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("data key")
        verbose_name_plural = _("data keys")

    def __str__(self) -> str:
        return self.name


class Job(models.Model):
    """One piece of work to be done. The row is the truth; the broker's message only wakes a worker."""

    class State(models.TextChoices):
        QUEUED = "queued", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        # Its five tries are used up: it waits for a person to try again or to give it up.
        PARKED = "parked", _("stopped")
        DROPPED = "dropped", _("given up")

    code = models.CharField(_("code"), max_length=16, unique=True)
    key = models.CharField(_("key"), max_length=120, unique=True)
    kind = models.CharField(_("kind"), max_length=60)
    payload = models.JSONField(_("what it needs"), default=dict)
    # Named state, not status: jobs have no flow table, casemgr.kit.jobs is their one writer.
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.QUEUED)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    lapses = models.PositiveSmallIntegerField(_("lapses"), default=0)
    token = models.CharField(_("token"), max_length=36, blank=True)
    worker = models.CharField(_("worker"), max_length=60, blank=True)
    due_at = models.DateTimeField(_("due"), default=timezone.now)
    lease_until = models.DateTimeField(_("lease until"), null=True)
    sent_at = models.DateTimeField(_("sent"), null=True)
    progress_done = models.BigIntegerField(_("done so far"), default=0)
    progress_total = models.BigIntegerField(_("of all"), null=True)
    result = models.JSONField(_("result"), default=dict)
    error = models.TextField(_("error"), blank=True)
    # What the work left to download: a path below MEDIA_ROOT, and the name it is shown and saved under.
    file = models.CharField(_("file"), max_length=200, blank=True)
    filename = models.CharField(_("file name"), max_length=200, blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("asked for by")
    )
    store_ref = models.BigIntegerField(_("shop (number)"), null=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    started_at = models.DateTimeField(_("started"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)

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

    name = models.CharField(_("name"), max_length=60, unique=True)
    beat_at = models.DateTimeField(_("last sign of life"))

    class Meta:
        verbose_name = _("heartbeat")
        verbose_name_plural = _("heartbeats")

    def __str__(self) -> str:
        return self.name


class Notification(models.Model):
    """One message to one person, shown behind the bell. Written on the transaction of the change it tells of."""

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="notifications", verbose_name=_("recipient")
    )
    event = models.CharField(_("event"), max_length=60)
    # English source of the sentence and what goes into it; translated when shown.
    text = models.CharField(_("text"), max_length=300)
    values = models.JSONField(_("values"), default=dict)
    url = models.CharField(_("link"), max_length=300, blank=True)
    # Same event about the same thing is told once.
    key = models.CharField(_("key"), max_length=160)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    read_at = models.DateTimeField(_("read"), null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["recipient", "key"], name="notification_once")]
        indexes = [models.Index(fields=["recipient", "read_at", "-created_at"])]
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")

    def __str__(self) -> str:
        return self.text
