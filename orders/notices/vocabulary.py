"""The words of the consoles, as stores/reference/notice_labels.json keeps them, made ready for searching."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from typing import Any

CJK = "\u3400-\u4dbf\u4e00-\u9fff"
# Blanks that a phone or a page layout puts inside a word.
INNER_BLANK = "[ ]{0,2}"
# What … in a word of the file stands for: a few characters of the same clause.
GAP = r"[^，。；、\n\t ]{0,8}?"


@dataclass(frozen=True)
class Word:
    """A word of the file and everything the file says of it."""

    text: str
    facts: dict[str, Any] = field(default_factory=dict, compare=False, hash=False)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return self.facts.get(name)


@dataclass(frozen=True)
class Hit:
    """A word found in a text, with where it stands."""

    start: int
    end: int
    word: Word


def pattern_of(text: str) -> str:
    """The expression that finds one word of the file, blanks inside it allowed."""
    parts = []
    for char in text:
        if char == "…":
            parts.append(GAP)
        elif char == "#":
            parts.append(r"[0-9一二两三四五六七八九十]{0,4}")
        elif char.isascii() and char.isalpha():
            parts.append(f"[{char.upper()}{char.lower()}]")
        else:
            parts.append(re.escape(char))
    return INNER_BLANK.join(parts)


def alternatives(words: list[Word]) -> tuple[str, list[Word]]:
    """
    One expression for many words, and the word of each of its groups.

    Words are gathered by their first character, so that at most places of a text none of them is tried; of the words
    that begin alike the longest is tried first. A group spans the word without its first character.
    """
    by_first: dict[str, list[Word]] = {}
    for word in sorted(words, key=lambda word: -len(word.text)):
        by_first.setdefault(word.text[0], []).append(word)
    inner = INNER_BLANK
    branches = (
        f"{re.escape(first)}(?:{'|'.join(f'({inner}{pattern_of(word.text[1:])})' for word in group)})"
        for first, group in by_first.items()
    )
    begin = "".join(re.escape(first) for first in by_first)
    return f"(?=[{begin}])(?:{'|'.join(branches)})", [word for group in by_first.values() for word in group]


class Words:
    """A list of words that can be searched for at once; the longest word at a place wins."""

    def __init__(self, words: list[Word]) -> None:
        expression, self.words = alternatives(words)
        self._pattern = re.compile(expression)

    def find(self, text: str, start: int = 0, end: int | None = None) -> list[Hit]:
        """All words in text[start:end], from left to right, not overlapping."""
        stop = len(text) if end is None else end
        return [
            Hit(match.start(), match.end(), self.words[match.lastindex - 1])
            for match in self._pattern.finditer(text, start, stop)
            if match.lastindex
        ]

    def longest(self, text: str, start: int = 0, end: int | None = None) -> Hit | None:
        """The longest word in text[start:end]; of equals the first."""
        hits = self.find(text, start, end)
        return max(hits, key=lambda hit: (len(hit.word.text), -hit.start)) if hits else None


@dataclass(frozen=True)
class Vocabulary:
    """Everything the reader knows about wording."""

    labels: Words
    types: Words
    statuses: Words
    measures: Words
    default_window: dict[str, Any]

    def all_texts(self) -> set[str]:
        """Every plain word (no gap, no digits), to mend words that a line break cut."""
        every = (*self.labels.words, *self.types.words, *self.statuses.words, *self.measures.words)
        return {word.text for word in every if not set(word.text) & set("…#")}


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    """The file, read once a process."""
    content = json.loads(resources.files("stores.reference").joinpath("notice_labels.json").read_text(encoding="utf-8"))

    def words(key: str) -> Words:
        return Words([Word(row["text"], row) for row in content[key]])

    return Vocabulary(
        labels=words("labels"),
        types=words("types"),
        statuses=words("statuses"),
        measures=words("measures"),
        default_window=content["default_window"],
    )
