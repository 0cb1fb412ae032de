"""Encoding of a text table: UTF-8, UTF-16 with a mark, or GB18030, proven over the whole file in constant memory."""

import codecs
import re
from pathlib import Path

from casemgr.kit.tabular.errors import TableError

ENCODINGS = frozenset({"utf-8-sig", "gb18030", "utf-16", "utf-32"})
CHUNK = 1024 * 1024
_SAMPLE = 64 * 1024
# So many characters read as UTF-8 by chance do not occur: what breaks after them is damaged UTF-8, not GB18030.
_SURELY_UTF8 = 30
_FEW = 4
_USUAL_SHARE = 0.45
_GB_EVERYDAY = frozenset(range(0xA1, 0xA4)) | frozenset(range(0xB0, 0xF8))  # signs, both levels of GB 2312
_BIG5_EVERYDAY = frozenset(range(0xA1, 0xC7))  # signs and level 1
_BINARY_SHARE = 0.01
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x19]")


class _Undecodable(Exception):
    def __init__(self, line: int, wide: int) -> None:
        super().__init__(line, wide)
        self.line = line
        self.wide = wide  # characters outside ASCII read before the break


def _wide(text: str) -> int:
    """How many of the characters are outside ASCII."""
    return len(text) - len(text.encode("ascii", "ignore"))


def _prove(path: Path, encoding: str) -> str:
    """Decode the whole file strictly; give back its first 64 K characters. NUL and endless lines are refused here."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    sample, line, wide = "", 1, 0
    with path.open("rb") as file:
        while True:
            chunk = file.read(CHUNK)
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as fault:
                before = fault.object[: fault.start]
                seen = before.decode(encoding, "ignore")
                wide += _wide(seen)
                raise _Undecodable(line + seen.count("\n"), wide) from fault
            if "\0" in text:
                raise TableError("binary")
            if len(text) > CHUNK // 4 and "\n" not in text and "\r" not in text:
                raise TableError("line_too_long", line=line)
            if len(sample) < _SAMPLE:
                sample += text[: _SAMPLE - len(sample)]
            if wide < _SURELY_UTF8 and not text.isascii():
                wide += _wide(text)
            line += text.count("\n")
            if not chunk:
                return sample


def sample_of(path: Path, encoding: str) -> str:
    """The first 64 K characters of a text in this encoding."""
    with path.open(encoding=encoding, newline="") as file:
        return file.read(_SAMPLE)


def _marked(path: Path) -> str | None:
    with path.open("rb") as file:
        head = file.read(4)
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return None


def _usual_share(text: str, encoding: str, leads: frozenset[int]) -> float:
    """Share of the characters outside ASCII whose first byte in this encoding belongs to everyday text."""
    wide = [c for c in text if c > "\x7f"]
    usual = 0
    for char in wide:
        try:
            code = char.encode(encoding)
        except UnicodeEncodeError:
            continue
        usual += len(code) == 2 and code[0] in leads
    return usual / len(wide) if len(wide) >= _FEW else 1.0


def _refuse_garbled(path: Path, sample: str) -> None:
    """Big5 and damaged UTF-8 often pass as GB18030: as rare characters, kana and Greek.

    Measured shares of everyday characters: simplified text 1.0, traditional text 0.6, UTF-8 read as GB 0.38, Big5 0.24.
    """
    if _usual_share(sample, "gb2312", _GB_EVERYDAY) >= _USUAL_SHARE:
        return
    with path.open("rb") as file:
        raw = file.read(_SAMPLE)
    may_be_big5 = raw.decode("cp950", "replace").count("\ufffd") <= 1  # the sample may cut its last character
    if may_be_big5 and _usual_share(raw.decode("cp950", "ignore"), "cp950", _BIG5_EVERYDAY) > 2 * _USUAL_SHARE:
        raise TableError("big5")
    raise TableError("garbled")


def encoding_of(path: Path) -> tuple[str, str]:
    """(encoding, first 64 K characters). Raises TableError: binary, encoding, big5, garbled, line_too_long."""
    marked = _marked(path)
    encoding = marked or "utf-8-sig"
    try:
        sample = _prove(path, encoding)
    except _Undecodable as utf8:
        if marked or utf8.wide >= _SURELY_UTF8:
            raise TableError("binary" if utf8.wide < _FEW else "encoding", line=utf8.line) from utf8
        encoding = "gb18030"
        try:
            sample = _prove(path, encoding)
        except _Undecodable as gb:
            code = "binary" if _looks_binary(gb, path) else "encoding"
            raise TableError(code, line=gb.line) from gb
        _refuse_garbled(path, sample)
    if len(_CONTROL.findall(sample)) > _BINARY_SHARE * len(sample):
        raise TableError("binary")
    if not sample.strip("\ufeff \t\r\n\x1a"):
        raise TableError("empty")
    return encoding, sample


def _looks_binary(fault: _Undecodable, path: Path) -> bool:
    """Undecodable either way and full of control bytes: no text at all."""
    with path.open("rb") as file:
        raw = file.read(_SAMPLE)
    control = sum(1 for byte in raw if byte < 32 and byte not in b"\t\n\r\x0b\x0c\x1a\x1b")
    return control > _BINARY_SHARE * len(raw)
