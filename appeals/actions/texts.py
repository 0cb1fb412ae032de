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
    # A browser sends its line ends as two characters; counters and consoles know one.
    box_text, letter_text = (text.replace("\r\n", "\n") for text in (box_text, letter_text))
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
    """Fill the skeletons from the facts again. Each of the two texts is replaced only when asked or when nobody edited it;
    an edited one stays, and the page shows it beside the new draft."""
    made = letters.draft(filing)
    changes: dict[str, Any] = {"box_draft": made.box_text, "letter_draft": made.letter_text}
    if replace or filing.box_text in ("", filing.box_draft):
        changes["box_text"] = made.box_text
    if replace or filing.letter_text in ("", filing.letter_draft):
        changes["letter_text"] = made.letter_text
    kept = [changes.get(name, getattr(filing, name)) for name in ("box_text", "letter_text")]
    changes["gaps"] = letters.gaps_in("\n".join(kept))
    now, version = timezone.now(), filing.text_version
    if not Filing.objects.filter(pk=filing.pk, status="draft", text_version=version).update(
        **changes, text_version=version + 1, text_by=by, text_at=now, updated_at=now
    ):
        raise Stale(audit.who_was_faster(filing))
    for name, value in changes.items():
        setattr(filing, name, value)
    filing.text_version = version + 1
    audit.record(
        by=by, action="filing.redraft", of=filing, after={"gaps": changes["gaps"], "replaced": "box_text" in changes}
    )
    return made
