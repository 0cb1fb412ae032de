"""What a file really is, by its content and never by its name, and whether anything hides in it."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator

from appeals.evidence.refusals import NotTaken

# Beginnings of files that are refused with a sentence of their own.
REFUSED_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"GIF8", "picture"),
    (b"II*\x00", "picture"),
    (b"MM\x00*", "picture"),
    (b"\x00\x00\x01\x00", "picture"),
    (b"8BPS", "picture"),
    (b"RIFF", "video"),
    (b"\x1aE\xdf\xa3", "video"),
    (b"FLV", "video"),
    (b"ID3", "video"),
    (b"OggS", "video"),
    (b"\x00\x00\x01\xba", "video"),
    (b"\x7fELF", "program"),
    (b"#!", "program"),
    (b"\xca\xfe\xba\xbe", "program"),
    (b"\xcf\xfa\xed\xfe", "program"),
    (b"dex\n", "program"),
    (b"Rar!", "packed"),
    (b"7z\xbc\xaf\x27\x1c", "packed"),
    (b"\x1f\x8b", "packed"),
    (b"BZh", "packed"),
    (b"\xfd7zXZ", "packed"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "office"),
    (b"{\\rtf", "office"),
    (b"%!PS", "office"),
)
VIDEO_BRANDS = frozenset(
    {
        b"isom",
        b"iso2",
        b"iso3",
        b"iso4",
        b"iso5",
        b"iso6",
        b"mp41",
        b"mp42",
        b"avc1",
        b"M4V ",
        b"MSNV",
        b"qt  ",
        b"3gp4",
        b"3gp5",
        b"dash",
    }
)
PHOTO_BRANDS = frozenset({b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis"})
# Code of a page or script inside something that claims to be a picture, a video or a PDF. Long enough not to turn up by
# chance in 30 MB of compressed data.
CODE = re.compile(
    rb"<script[\s>/]|<!doctype html|<html[\s>]|<svg\s[^>]{0,400}xmlns|<\?php\b|<iframe\s|javascript:[a-z(]{3}",
    re.IGNORECASE,
)
PAGE = re.compile(rb"^[\s\xef\xbb\xbf]*(<!doctype|<html|<svg|<\?xml|<!--|<head|<body|<script|<\?php)", re.IGNORECASE)
PDF_HEADER = re.compile(rb"%PDF-\d\.\d")
END_OF_ZIP = b"PK\x05\x06"
PACKED = re.compile(rb"Rar!\x1a\x07|7z\xbc\xaf\x27\x1c")


def kind_of(content: bytes, name: str) -> str:
    """jpeg, png, webp, pdf, mp4, zip or text. Raises NotTaken for everything that is known and not taken."""
    if not content:
        raise NotTaken("empty", name=name)
    if content.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "webp"
    if content.startswith(b"%PDF-"):
        return "pdf"
    if content[4:8] == b"ftyp":
        return _film_or_photo(content, name)
    if content.startswith((b"PK\x03\x04", END_OF_ZIP)):
        return "zip"
    code = next((code for start, code in REFUSED_STARTS if content.startswith(start)), "")
    # Two letters alone could begin a table: what follows them decides.
    if content.startswith(b"BM") and content[6:10] == b"\x00" * 4:
        code = "picture"
    elif content.startswith(b"MZ") and b"\x00" in content[:64]:
        code = "program"
    if code:
        raise NotTaken(code, name=name)
    if PAGE.match(content[:1024]) or CODE.search(content[:65536]):
        raise NotTaken("page", name=name)
    return "text"


def _film_or_photo(content: bytes, name: str) -> str:
    size = struct.unpack(">I", content[:4])[0]
    brands = {content[8:12], *(content[at : at + 4] for at in range(16, min(size, 256), 4))}
    if content[8:12] in PHOTO_BRANDS or (brands & PHOTO_BRANDS and not brands & VIDEO_BRANDS):
        raise NotTaken("heic", name=name)
    if not brands & VIDEO_BRANDS:
        raise NotTaken("video", name=name)
    return "mp4"


def refuse_hidden(content: bytes, name: str) -> None:
    """Raise NotTaken when something else lives in the same bytes: a packed file at the end, a PDF, code of a page."""
    tail = content[-65_600:]
    if END_OF_ZIP in tail and zipfile.is_zipfile(io.BytesIO(tail)):
        raise NotTaken("hidden", name=name)
    # A JPEG whose first segment opens a script's comment runs as a script elsewhere.
    is_script = content.startswith(b"\xff\xd8") and content[4:6] == b"/*"
    if is_script or any(pattern.search(content, 8) for pattern in (CODE, PDF_HEADER, PACKED)):
        raise NotTaken("hidden", name=name)


def check_video(content: bytes, name: str) -> None:
    """An MP4 as it is: whole boxes from end to end, with an index and pictures, and nothing behind them."""
    boxes = list(_boxes(content, name))
    if not {b"moov", b"mdat"} <= set(boxes):
        raise NotTaken("cut", name=name)
    refuse_hidden(content, name)


def _boxes(content: bytes, name: str) -> Iterator[bytes]:
    at = 0
    while at < len(content):
        if at + 8 > len(content):
            raise NotTaken("cut", name=name)
        size, kind = struct.unpack(">I4s", content[at : at + 8])
        if size == 1 and at + 16 <= len(content):
            size = struct.unpack(">Q", content[at + 8 : at + 16])[0]
        elif size == 0:
            size = len(content) - at
        if size < 8 or at + size > len(content):
            raise NotTaken("cut", name=name)
        yield kind
        at += size


# Actions, programs and attached files inside a PDF. `/OpenAction [` only says which page to show first.
ACTIVE = re.compile(
    rb"/(JavaScript|Launch|SubmitForm|ImportData|EmbeddedFiles?|RichMedia|GoToE|Rendition|OpenAction(?!\s*\[))(?![A-Za-z])"
)
FORM_CODE = re.compile(rb"/XFA(?![A-Za-z])")
STREAM = re.compile(rb"(?<!end)stream\r?\n")
HEX_NAME = re.compile(rb"#([0-9A-Fa-f]{2})")
PACKING = re.compile(rb"/(\w+Decode|Crypt)(?![A-Za-z])")
OBJECTS = re.compile(rb"/ObjStm(?![A-Za-z])")
MOST_UNPACKED = 20_000_000


def check_pdf(content: bytes, name: str) -> None:
    """A whole PDF without code, actions, attached files or password. Names may be written in hex and objects packed:
    both are undone before looking."""
    if not PDF_HEADER.match(content) or b"%%EOF" not in content[-2048:] or b"startxref" not in content[-4096:]:
        raise NotTaken("cut", name=name)
    if END_OF_ZIP in content[-65_600:] and zipfile.is_zipfile(io.BytesIO(content)):
        raise NotTaken("hidden", name=name)
    if CODE.search(content):
        raise NotTaken("active_pdf", name=name)
    plain = _plain_names(content)
    if re.search(rb"/Encrypt(?![A-Za-z])", plain):
        raise NotTaken("locked_pdf", name=name)
    for text in [plain, *_packed_objects(content, name)]:
        if ACTIVE.search(text) or FORM_CODE.search(_without_streams(text)):
            raise NotTaken("active_pdf", name=name)


def _plain_names(content: bytes) -> bytes:
    return HEX_NAME.sub(lambda found: bytes([int(found[1], 16)]), content)


def _without_streams(content: bytes) -> bytes:
    return re.sub(rb"stream\r?\n.*?endstream", b"", content, flags=re.DOTALL)


def _packed_objects(content: bytes, name: str) -> Iterator[bytes]:
    """The objects inside object streams, unpacked within a limit."""
    budget = MOST_UNPACKED
    for found in STREAM.finditer(content):
        head = _plain_names(content[content.rfind(b"obj", 0, found.start()) : found.start()])
        if not OBJECTS.search(head):
            continue
        packing = PACKING.findall(head)
        if packing not in ([], [b"FlateDecode"]) or (not packing and b"/Filter" in head):
            raise NotTaken("active_pdf", name=name)  # packed in a way that hides what is inside
        packed = content[found.end() : found.end() + MOST_UNPACKED]
        try:
            unpacked = zlib.decompressobj().decompress(packed, budget) if packing else packed
        except zlib.error as broken:
            raise NotTaken("cut", name=name) from broken
        budget -= len(unpacked)
        if budget <= 0:
            raise NotTaken("active_pdf", name=name)
        yield _plain_names(unpacked)
