"""The appeal text of a draft filing: filled from the facts, edited by people, never lost."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from appeals.letters import draft as letters
from appeals.models import Filing
from casemgr.kit import audit
from casemgr.kit.workflow import Stale
from stores.models import User


@transaction.atomic
def save_text(*, by: User, filing: Filing, version: int, box_text: str, letter_text: str) -> None:
    """Keep an edited text. `version` is the one the editor started from.

    Raises Stale when another text was saved meanwhile; the caller keeps what was typed and shows both.
    """
    now = timezone.now()
    gaps = letters.gaps_in(box_text + letter_text)
    changes: dict[str, Any] = {
        "box_text": box_text,
        "letter_text": letter_text,
        "gaps": gaps,
        "text_by": by,
        "text_at": now,
    }
    open_draft = Filing.objects.filter(pk=filing.pk, status="draft", text_version=version)
    if not open_draft.update(**changes, text_version=version + 1, updated_at=now):
        raise Stale(audit.who_was_faster(filing))
    for name, value in changes.items():
        setattr(filing, name, value)
    filing.text_version = version + 1
    audit.record(
        by=by, action="filing.text", of=filing, after={"characters": len(box_text), "version": filing.text_version}
    )


@transaction.atomic
def redraft(*, by: User, filing: Filing, replace: bool) -> letters.Draft:
    """Fill the skeletons from the facts again. The new draft replaces the text only when asked or when nobody edited it."""
    made = letters.draft(filing)
    edited = filing.box_text not in ("", filing.box_draft)
    changes: dict[str, Any] = {"box_draft": made.box_text, "letter_draft": made.letter_text}
    if replace or not edited:
        changes |= {"box_text": made.box_text, "letter_text": made.letter_text, "gaps": made.gaps}
    now, version = timezone.now(), filing.text_version
    if not Filing.objects.filter(pk=filing.pk, status="draft", text_version=version).update(
        **changes, text_version=version + 1, text_by=by, text_at=now, updated_at=now
    ):
        raise Stale(audit.who_was_faster(filing))
    for name, value in changes.items():
        setattr(filing, name, value)
    filing.text_version = version + 1
    audit.record(
        by=by, action="filing.redraft", of=filing, after={"gaps": made.gaps, "replaced": "box_text" in changes}
    )
    return made
