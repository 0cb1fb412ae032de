"""Colleagues named in internal notes: "@" and the name. Only people who may see the shop can be named."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString

from stores.models import User


def named(text: str, people: Iterable[User]) -> list[User]:
    """Those of `people` whom the text names, each once; of two names that begin alike the longer one counts."""
    by_name = _by_name(people)
    found = [person for word in _pattern(by_name).findall(text) for person in by_name[word[1:]]] if by_name else []
    return list(dict.fromkeys(found))


def naming(text: str, person: User | None) -> str:
    """The text with this person named in front, unless it names them already."""
    return text if person is None or named(text, [person]) else f"@{person.name} {text}"


def with_pills(text: str, people: Iterable[User]) -> SafeString:
    """The text as HTML: escaped, its lines kept, names as pills."""
    by_name = _by_name(people)
    parts: Sequence[str] = re.split(f"({_pattern(by_name).pattern})", text) if by_name else [text]
    shown = [
        format_html('<span class="pill plain t-info">{}</span>', part)
        if part.startswith("@") and part[1:] in by_name
        else SafeString(escape(part).replace("\n", "<br>"))
        for part in parts
    ]
    return SafeString("".join(shown))


def _by_name(people: Iterable[User]) -> dict[str, list[User]]:
    """Two people of the same name are both meant."""
    found: dict[str, list[User]] = {}
    for person in people:
        found.setdefault(person.name, []).append(person)
    return found


def _pattern(names: Iterable[str]) -> re.Pattern[str]:
    return re.compile("@(?:" + "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True)) + ")")
