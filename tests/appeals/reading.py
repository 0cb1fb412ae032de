"""Reads the text back out of a PDF that our typesetter made: what a reviewer can select and copy."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"(": b"(", b")": b")", b"\\": b"\\"}


def _stream(content: bytes, number: int) -> bytes:
    found = re.search(rb"\b%d 0 obj\s*<<.*?>>\s*stream\r?\n" % number, content, re.DOTALL)
    assert found is not None
    return zlib.decompress(content[found.end() : content.find(b"endstream", found.end())])


def _characters(content: bytes, font: int) -> dict[bytes, str]:
    """Two-byte code -> text, from the font's ToUnicode table."""
    body = re.search(rb"\b%d 0 obj(.*?)endobj" % font, content, re.DOTALL)
    assert body is not None
    table = re.search(rb"/ToUnicode (\d+) 0 R", body[1])
    assert table is not None
    pairs = re.findall(rb"^<([0-9A-F]{4})> <([0-9A-F]+)>$", _stream(content, int(table[1])), re.MULTILINE)
    return {bytes.fromhex(code.decode()): bytes.fromhex(text.decode()).decode("utf-16-be") for code, text in pairs}


def _strings(shown: bytes) -> Iterator[bytes]:
    """The strings of one text array: <hex>, or (literal) with escapes and balanced brackets inside."""
    at = 0
    while at < len(shown):
        if shown[at : at + 1] == b"<":
            end = shown.index(b">", at)
            yield bytes.fromhex(shown[at + 1 : end].decode())
            at = end
        elif shown[at : at + 1] == b"(":
            literal, at = _literal(shown, at + 1)
            yield literal
        at += 1


def _literal(shown: bytes, at: int) -> tuple[bytes, int]:
    out, depth = bytearray(), 0
    while True:
        sign = shown[at : at + 1]
        if sign == b"\\":
            octal = re.match(rb"[0-7]{1,3}", shown[at + 1 : at + 4])
            out += bytes([int(octal[0], 8)]) if octal else ESCAPES[shown[at + 1 : at + 2]]
            at += 1 + (len(octal[0]) if octal else 1)
            continue
        depth += (sign == b"(") - (sign == b")")
        if depth < 0:
            return bytes(out), at
        out += sign
        at += 1


def text_of(content: bytes) -> str:
    """All text in the order it was set, without any blanks: a typesetter may put thin spaces where none were."""
    fonts = {
        name: _characters(content, int(number))
        for table in re.findall(rb"/Font<<(.*?)>>", content, re.DOTALL)
        for name, number in re.findall(rb"/(f\d+) (\d+) 0 R", table)
    }
    said = []
    for page in map(int, re.findall(rb"/Contents (\d+) 0 R", content)):
        for font, shown in re.findall(rb"/(f\d+) [\d.]+ Tf(?:[^\[(<]*)(.*?)T[jJ]\n", _stream(content, page), re.DOTALL):
            codes = b"".join(_strings(shown))
            said += [fonts[font].get(codes[at : at + 2], "\ufffd") for at in range(0, len(codes), 2)]
    return re.sub(r"\s+", "", "".join(said))
