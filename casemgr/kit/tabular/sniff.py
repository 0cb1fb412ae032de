"""What a file really is, by its first bytes and never by its name."""

from pathlib import Path

from casemgr.kit.tabular.errors import TableError

_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "pdf"),
    (b"\xff\xd8\xff", "image"),
    (b"\x89PNG", "image"),
    (b"GIF8", "image"),
    (b"II*\x00", "image"),
    (b"MM\x00*", "image"),
    (b"RIFF", "media"),
    (b"ID3", "media"),
    (b"Rar!", "archive"),
    (b"7z\xbc\xaf\x27\x1c", "archive"),
    (b"\x1f\x8b", "archive"),
    (b"BZh", "archive"),
    (b"\xfd7zXZ", "archive"),
    (b"{\\rtf", "document"),
    (b"\x7fELF", "binary"),
    (b"MZ\x90", "binary"),
    (b"SQLite format 3", "binary"),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Stream names inside an OLE container are UTF-16.
_OLE_STREAMS: tuple[tuple[str, str], ...] = (
    ("EncryptedPackage", "protected"),
    ("EncryptionInfo", "protected"),
    ("Workbook", "xls"),
    ("Book", "xls"),
)
# The directory of an OLE container may stand anywhere in it; an .xls of this size is refused in a moment all the same.
_OLE_SEARCH = 64 * 1024 * 1024


def _ole_code(path: Path) -> str:
    with path.open("rb") as file:
        content = file.read(_OLE_SEARCH)
    return next((code for name, code in _OLE_STREAMS if name.encode("utf-16-le") in content), "document")


def kind_of(path: Path) -> str:
    """`zip` or `text`; everything else is refused with a TableError that names what the file is."""
    with path.open("rb") as file:
        head = file.read(64)
    if not head:
        raise TableError("empty")
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    if head.startswith(_OLE):
        raise TableError(_ole_code(path))
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        raise TableError("image")
    if head[4:8] == b"ftyp":
        raise TableError("media")
    for start, code in _STARTS:
        if head.startswith(start):
            raise TableError(code)
    return "text"
