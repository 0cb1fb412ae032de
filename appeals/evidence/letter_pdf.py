"""The full letter as a PDF for the archive: the text exactly as a person left it."""

from __future__ import annotations

import re

from appeals.evidence.typesetting import typeset
from appeals.models import Filing
from stores import reference

TITLE = "申诉信"
# Lines of lists are set tight and without indent: evidence, chronology.
LISTED = re.compile(r"^(证据\d+ |[^—]{1,40}—[^—]+—)")
# The last sentence, then who signs and the day.
SIGNED = re.compile(r"^(.*。)([^。]+　\d{4}年\d{2}月\d{2}日)$")


def make(filing: Filing) -> bytes:
    """The PDF; same text, same time of approval, same bytes. Raises NotTypeset."""
    moment = filing.approved_at or filing.created_at
    data = {"title": TITLE, "parts": parts(filing.letter_text or filing.box_text)}
    return typeset("letter.typ", data, timestamp=int(moment.timestamp())).pdf


def parts(text: str) -> list[dict[str, str]]:
    """Paragraphs of a letter: headings, lines of lists, plain text, the signature. Nothing of the text is lost."""
    headings = {
        heading for letter in reference.letters().values() for heading in letter["headings_zh"].values() if heading
    }
    found = []
    for line in filter(None, map(str.strip, text.splitlines())):
        if signed := SIGNED.match(line):
            found += [{"kind": "paragraph", "text": signed[1]}, {"kind": "signature", "text": signed[2]}]
        else:
            kind = "heading" if line in headings else "line" if LISTED.match(line) else "paragraph"
            found.append({"kind": kind, "text": line})
    return found
