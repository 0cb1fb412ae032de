"""The platform's rules over time, with where each came from and how sure it is."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from stores.enums import ClockStart, Confidence, CountedFrom, LineOfDefence, NeedLevel, PenaltyBasis, WindowUnit
from stores.models.platform import ViolationType, in_language


class Policy(models.Model):
    """One version of a platform's rule for one violation type. A used version is never edited: a new one follows it."""

    violation_type = models.ForeignKey(
        ViolationType, models.PROTECT, related_name="policies", verbose_name=_("violation type")
    )
    version = models.PositiveIntegerField(_("version"))
    effective_from = models.DateTimeField(_("in force from"))
    effective_to = models.DateTimeField(_("until"), null=True, blank=True)
    # Conduct: what an order must do. Judged by the version at the order's clock start.
    clock_start = models.CharField(
        _("clock starts at"), max_length=24, choices=ClockStart.choices, default=ClockStart.PAID_AT
    )
    ship_by_hours = models.PositiveIntegerField(_("ship within (hours)"), null=True, blank=True)
    first_scan_hours = models.PositiveIntegerField(_("first scan within (hours)"), null=True, blank=True)
    penalty_basis = models.CharField(
        _("penalty"), max_length=8, choices=PenaltyBasis.choices, default=PenaltyBasis.UNKNOWN
    )
    penalty_value = models.DecimalField(_("amount or percent"), max_digits=10, decimal_places=2, null=True, blank=True)
    penalty_floor = models.DecimalField(_("at least"), max_digits=10, decimal_places=2, null=True, blank=True)
    penalty_cap = models.DecimalField(_("at most"), max_digits=10, decimal_places=2, null=True, blank=True)
    penalty_note = models.CharField(_("penalty in words"), max_length=300, blank=True)
    points = models.PositiveIntegerField(_("points"), null=True, blank=True)
    restrictions = models.CharField(_("restrictions"), max_length=300, blank=True)
    evidence_keys = models.JSONField(_("evidence named"), default=list, blank=True)
    source = models.CharField(_("source"), max_length=500)
    source_on = models.CharField(_("date of the source"), max_length=10, blank=True)
    confidence = models.CharField(_("confidence"), max_length=1, choices=Confidence.choices)
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("verified by")
    )
    verified_at = models.DateTimeField(_("verified at"), null=True, blank=True)
    note = models.TextField(_("note"), blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        ordering = ["violation_type", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["violation_type", "version"], name="policy_version_once"),
            models.CheckConstraint(
                condition=Q(effective_to__isnull=True) | Q(effective_to__gt=models.F("effective_from")),
                name="policy_ends_later",
            ),
            models.CheckConstraint(
                condition=Q(verified_at__isnull=True, verified_by__isnull=True)
                | Q(verified_at__isnull=False, verified_by__isnull=False),
                name="policy_verified_by_somebody",
            ),
        ]
        verbose_name = _("policy")
        verbose_name_plural = _("policies")

    def __str__(self) -> str:
        return f"{self.violation_type} v{self.version}"

    @property
    def is_verified(self) -> bool:
        """Only a person who looked makes a rule verified; confidence alone does not."""
        return self.verified_at is not None

    @property
    def counts_money(self) -> bool:
        """Amounts count in sums only from confidence A or B, or once a person verified them (rule 10 of the domain)."""
        return self.penalty_value is not None and (self.confidence in ("A", "B") or self.is_verified)


class PolicyRound(models.Model):
    """One round of appeal under a policy: how long, counted from what, how many attempts. Null means unknown."""

    policy = models.ForeignKey(Policy, models.CASCADE, related_name="rounds", verbose_name=_("policy"))
    number = models.PositiveSmallIntegerField(_("round"))
    name_zh = models.CharField(_("name (Chinese)"), max_length=40, default="申诉")
    name_en = models.CharField(_("name (English)"), max_length=40, default="appeal")
    window = models.PositiveIntegerField(_("window"), null=True, blank=True)
    unit = models.CharField(_("unit"), max_length=16, choices=WindowUnit.choices, default=WindowUnit.HOURS)
    counts_first_day = models.BooleanField(_("first day counts"), default=False)
    counted_from = models.CharField(
        _("counted from"), max_length=8, choices=CountedFrom.choices, default=CountedFrom.NOTICE
    )
    attempts = models.PositiveSmallIntegerField(_("attempts"), null=True, blank=True)
    confidence = models.CharField(_("confidence"), max_length=1, choices=Confidence.choices, default=Confidence.D)

    class Meta:
        ordering = ["policy", "number"]
        constraints = [models.UniqueConstraint(fields=["policy", "number"], name="policy_round_once")]
        verbose_name = _("appeal round")
        verbose_name_plural = _("appeal rounds")

    def __str__(self) -> str:
        return f"{self.policy} #{self.number}"


class EvidenceRequirement(models.Model):
    """A kind of evidence: what it must show, what a good and a bad one look like. The first column of the matrix."""

    key = models.SlugField(_("key"), max_length=40, unique=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    name_zh = models.CharField(_("name (Chinese)"), max_length=60)
    name_en = models.CharField(_("name (English)"), max_length=60)
    shows_zh = models.CharField(_("must show (Chinese)"), max_length=200)
    shows_en = models.CharField(_("must show (English)"), max_length=200)
    good_zh = models.CharField(_("good example (Chinese)"), max_length=200, blank=True)
    good_en = models.CharField(_("good example (English)"), max_length=200, blank=True)
    bad_zh = models.CharField(_("bad example (Chinese)"), max_length=200, blank=True)
    bad_en = models.CharField(_("bad example (English)"), max_length=200, blank=True)

    class Meta:
        ordering = ["position", "key"]
        verbose_name = _("evidence requirement")
        verbose_name_plural = _("evidence requirements")

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return in_language(self.name_zh, self.name_en)

    @property
    def shows(self) -> str:
        return in_language(self.shows_zh, self.shows_en)

    @property
    def good(self) -> str:
        return in_language(self.good_zh, self.good_en)

    @property
    def bad(self) -> str:
        return in_language(self.bad_zh, self.bad_en)


class EvidenceNeed(models.Model):
    """One cell of the matrix: how much a line of defence needs a kind of evidence."""

    line_of_defence = models.CharField(_("line of defence"), max_length=24, choices=LineOfDefence.choices)
    requirement = models.ForeignKey(
        EvidenceRequirement, models.CASCADE, related_name="needs", verbose_name=_("evidence requirement")
    )
    level = models.CharField(_("level"), max_length=16, choices=NeedLevel.choices)
    # Needs of one group and line replace each other: one of them is enough.
    group = models.CharField(_("group"), max_length=24, blank=True)
    shows_zh = models.CharField(_("must show here (Chinese)"), max_length=200, blank=True)
    shows_en = models.CharField(_("must show here (English)"), max_length=200, blank=True)

    class Meta:
        ordering = ["line_of_defence", "requirement__position"]
        constraints = [models.UniqueConstraint(fields=["line_of_defence", "requirement"], name="matrix_cell_once")]
        verbose_name = _("evidence need")
        verbose_name_plural = _("evidence needs")

    def __str__(self) -> str:
        return f"{self.line_of_defence} · {self.requirement}"

    @property
    def shows(self) -> str:
        return in_language(self.shows_zh, self.shows_en) or self.requirement.shows
