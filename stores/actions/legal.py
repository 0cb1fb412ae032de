"""Grounds of law: an administrator writes the words and where they stand, then says that they were compared with it."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from casemgr.kit import audit
from casemgr.kit.workflow import Refused, Stale
from stores.enums import Confidence
from stores.models import LegalGround, User

FACTS = ("article", "text", "source")


@transaction.atomic
def edit(*, by: User, ground: LegalGround, **facts: str) -> bool:
    """Write the article, wording or source; whether anything changed. Other words take the verification away."""
    _may(by)
    values: dict[str, Any] = {name: value.strip() for name, value in facts.items() if name in FACTS}
    changed = {name: value for name, value in values.items() if getattr(ground, name) != value}
    if not changed:
        return False
    if ground.verified_at is not None:
        changed |= {"verified_by": None, "verified_at": None, "confidence": Confidence.C}
    before = {name: getattr(ground, name) for name in changed}
    _write(ground, before, changed)
    audit.record(by=by, action="legalground.changed", of=ground, before=before, after=changed)
    return True


@transaction.atomic
def verify(*, by: User, ground: LegalGround, confidence: str = Confidence.A) -> None:
    """A person compared the wording with its source: A the official text, B somebody else's. From now on letters may use
    it. Raises Refused without wording or source, Stale when somebody verified or changed it first."""
    _may(by)
    if not ground.text or not ground.source:
        raise Refused(_("Write the wording and its source first."))
    if confidence not in (Confidence.A, Confidence.B):
        raise Refused(_("Say what you compared it with: the official document, or somebody else's text."))
    if ground.verified_at is not None:
        raise Stale(audit.who_was_faster(ground))
    before = {"confidence": ground.confidence, "text": ground.text, "verified_at": None}
    _write(ground, before, {"verified_by": by, "verified_at": timezone.now(), "confidence": confidence})
    after = {"confidence": confidence, "verified_by": by, "verified_at": ground.verified_at}
    audit.record(
        by=by, action="legalground.verified", of=ground, before={"confidence": before["confidence"]}, after=after
    )


def _may(by: User) -> None:
    if not by.is_staff:
        raise Refused(_("An administrator keeps the grounds of law."))


def _write(ground: LegalGround, before: dict[str, Any], values: dict[str, Any]) -> None:
    """Compare and set; Stale when the row is not as it was read."""
    if not LegalGround.objects.filter(pk=ground.pk, **before).update(**values):
        raise Stale(audit.who_was_faster(ground))
    for name, value in values.items():
        setattr(ground, name, value)
