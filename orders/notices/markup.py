"""HTML copied from a console as the text it shows, each character with its place."""

from __future__ import annotations

import html
import re

NAMES = (
    "a|b|body|br|button|dd|div|dl|dt|em|font|h1|h2|h3|h4|h5|h6|head|html|i|label|li|ol|p|script|section|small|span"
    "|strong|style|table|tbody|td|tfoot|th|thead|tr|u|ul"
)
TAG = re.compile(rf"<(?P<end>/?)(?P<name>{NAMES})(?:\s[^<>]{{0,2000}})?/?>", re.IGNORECASE)
TOKEN = re.compile(
    rf"{TAG.pattern}|(?P<entity>&(?:[A-Za-z]{{2,8}}|#[0-9]{{1,7}}|#[xX][0-9A-Fa-f]{{1,6}});)", re.IGNORECASE
)
BREAKS = frozenset(
    "br dd div dl dt h1 h2 h3 h4 h5 h6 li ol p section table tbody tfoot thead tr ul".split()  # noqa: SIM905
)
CELLS = frozenset(("td", "th"))
UNSEEN = frozenset(("script", "style", "head"))
ENOUGH = 2


def shown(original: str) -> list[tuple[str, int]]:
    """The characters of a text with their places; of HTML only what a page of it shows, blocks as lines, cells by tabs."""
    if "<" not in original or len(TAG.findall(original)) < ENOUGH:
        return [(char, place) for place, char in enumerate(original)]
    out: list[tuple[str, int]] = []
    position, hidden, closed_at = 0, "", -1
    for token in TOKEN.finditer(original):
        if not hidden:
            out.extend((original[place], place) for place in range(position, token.start()))
        position = token.end()
        if token["entity"]:
            char = html.unescape(token["entity"])
            out.append((char if len(char) == 1 else " ", token.start()))
            continue
        name, is_end = token["name"].lower(), bool(token["end"])
        if name in UNSEEN:
            hidden = "" if is_end else name
            continue
        mark = _mark(name, is_end=is_end, follows_end=token.start() == closed_at)
        closed_at = token.end() if is_end else -1
        if mark and not hidden and not (out and out[-1][0] in "\n" and mark == "\n"):
            out.append((mark, token.start()))
    if not hidden:
        out.extend((original[place], place) for place in range(position, len(original)))
    return out


def _mark(name: str, *, is_end: bool, follows_end: bool) -> str:
    """What a tag does to the text: a block begins or ends a line, cells and neighbouring spans stand apart."""
    if name in BREAKS:
        return "\n"
    if name in CELLS:
        return "\t" if is_end else ""
    return "\t" if follows_end and not is_end else ""
