"""Which characters our font can show. A missing one would vanish from a document without a word."""

from __future__ import annotations

import unicodedata
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from PIL import ImageFont

FONT_PACKAGE = "manimgx_fonts_cjk"
FONT_FILE = "NotoSansCJK-VF.otf.ttc"
FONT_FAMILY = "Noto Sans CJK SC"
# Index of the simplified Chinese face in the collection.
FACE = 2
# The printer's mark for "here stands a character we do not have".
SUBSTITUTE = "〓"
# Variation selectors choose between two pictures of the sign before them; alone they show nothing.
VARIANTS = frozenset(map(chr, range(0xFE00, 0xFE10)))
NOT_IN_UNICODE = "\U0010fffd"


def font_folder() -> Path:
    """The folder of the font wheel, the only fonts typst is given."""
    return Path(str(resources.files(FONT_PACKAGE)))


@cache
def _face() -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(font_folder() / FONT_FILE), 20, index=FACE)


@cache
def _blank() -> bytes:
    return bytes(_face().getmask(NOT_IN_UNICODE))


@cache
def has_glyph(character: str) -> bool:
    """Whether the font has a picture of this one character: what it draws differs from its sign for "missing"."""
    if character.isascii() or character.isspace():
        return True
    return bytes(_face().getmask(character)) != _blank()


def missing(text: str) -> list[str]:
    """The characters of `text` that a document cannot show, each once, in order."""
    return [character for character in dict.fromkeys(text) if not has_glyph(character)]


def legible(text: str) -> str:
    """The text with 〓 for every character the font lacks; control and joining signs, which show nothing, are left out."""
    kept = (c for c in text if c == "\n" or not (unicodedata.category(c) in ("Cc", "Cf", "Cs") or c in VARIANTS))
    return "".join(c if has_glyph(c) else SUBSTITUTE for c in kept)


def legible_all(value: Any) -> Any:
    """`legible` for every text inside lists and dicts of plain values."""
    if isinstance(value, str):
        return legible(value)
    if isinstance(value, dict):
        return {key: legible_all(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [legible_all(item) for item in value]
    return value
