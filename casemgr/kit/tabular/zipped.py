"""Is this zip really an XLSX, and is it safe to parse? Decided from bytes, before any parser sees it.

The parser (calamine) keeps a dense grid: two cells, one of them at XFD1048576, ask it for 500 GB and abort the process.
So every part is unpacked once under limits, and the corner of the grid is read off the cell references.
"""

import re
import struct
import zipfile
import zlib
from pathlib import Path
from typing import BinaryIO

from casemgr.kit.tabular.errors import TableError

MAX_MEMBERS = 2_000
MAX_DIRECTORY = 2 * 1024 * 1024
MAX_UNPACKED = 300 * 1024 * 1024
MAX_CELLS = 12_000_000  # 32 bytes each in the parser's grid, before any text
BOMB_RATIO = 100  # real exports unpack to 5-20 times their size, rows that are all alike to 40 times
BOMB_FLOOR = 10 * 1024 * 1024  # below this nothing can hurt
_STEP = 1024 * 1024
_END = struct.Struct("<4s4H2LH")
_ATTRIBUTE = rb"""\s+(?!r\s*=)[^\s=<>"'/]+\s*=\s*(?:"[^"]*"|'[^']*')"""
# Every cell tag: its reference, and whether it is an empty one (`/>`), which the parser leaves out. All that follows the
# tag's name is optional, so a match is never taken back: linear on hostile input. No possessive quantifiers: with groups
# they give wrong matches before Python 3.11.5.
_CELL = re.compile(
    rb"<(?:\w+:)?c(?=[\s/>])(?:" + _ATTRIBUTE + rb")*"
    rb"""(?:\s+r\s*=\s*["']([A-Za-z]+)(\d+)["'](?:""" + _ATTRIBUTE + rb")*)?\s*(/?>)?"
)
_NAMED_AS: tuple[tuple[str, str], ...] = (
    ("xl/workbook.bin", "xlsb"),
    ("xl/vbaProject.bin", "macro"),
    ("word/document.xml", "document"),
    ("ppt/presentation.xml", "document"),
)


def _end_record(file: BinaryIO) -> tuple[int, int]:
    """(members, bytes of the directory) from the end record, which must close the file: nothing may hide behind it."""
    size = file.seek(0, 2)
    reach = min(size, _END.size + 0xFFFF)
    file.seek(size - reach)
    tail = file.read(reach)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < _END.size:
        raise TableError("damaged")
    _sign, disk, _first, _here, members, directory, start, comment = _END.unpack_from(tail, at)
    if disk or len(tail) - at - _END.size != comment:
        raise TableError("damaged")
    if members >= MAX_MEMBERS or directory > MAX_DIRECTORY:
        raise TableError("bomb")
    if start + directory > size:
        raise TableError("damaged")
    return members, directory


def _refuse_other_kinds(archive: zipfile.ZipFile) -> None:
    names = set(archive.namelist())
    if "mimetype" in names and "content.xml" in names:
        raise TableError("ods")
    for name, code in _NAMED_AS:
        if name in names:
            raise TableError(code)
    if "[Content_Types].xml" not in names or not any(name.startswith("xl/worksheets/") for name in names):
        raise TableError("archive")


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


class _Corner:
    """Lowest row and rightmost column that hold a value, read from the XML of one part as it streams by."""

    def __init__(self) -> None:
        self.rest = b""
        self.row = 0
        self.column = 0
        self.seen: set[bytes] = set()

    def feed(self, xml: bytes) -> None:
        """Take in the next stretch. TableError: damaged (a cell without a place of its own), too_large."""
        whole = self.rest + xml
        cut = whole.rfind(b"<")
        if cut < 0 or len(whole) - cut > _STEP:
            cut = len(whole)
        self.rest = whole[cut:]
        cells = _CELL.findall(whole, 0, cut)
        if not cells:
            return
        if any(not end or not column for column, _row, end in cells):
            # A cell without a place of its own, or a tag no workbook writer makes: the grid cannot be foretold.
            raise TableError("damaged")
        rows = [row for _column, row, end in cells if end == b">"]
        if not rows:
            return
        if max(map(len, rows)) > 7:
            raise TableError("damaged")
        self.row = max(self.row, max(map(int, rows)))
        for letters in {column for column, _row, end in cells if end == b">"} - self.seen:
            if len(letters) > 3:
                raise TableError("damaged")
            self.seen.add(letters)
            self.column = max(self.column, _column(letters))
        if self.row * self.column > MAX_CELLS:
            found = f"{self.row:,} x {self.column:,}"
            raise TableError("too_large", found=found, limit=f"{MAX_CELLS:,}")


def _unpack(file: BinaryIO, member: zipfile.ZipInfo, budget: int) -> int:
    """Unpack one member without keeping it; its true size. Sizes written in the directory are not believed."""
    file.seek(member.header_offset)
    header = file.read(30)
    if len(header) < 30 or header[:4] != b"PK\x03\x04":
        raise TableError("damaged")
    name, extra = struct.unpack_from("<2H", header, 26)
    file.seek(member.header_offset + 30 + name + extra)
    corner = _Corner()
    inflate = zlib.decompressobj(-15) if member.compress_type == zipfile.ZIP_DEFLATED else None
    left, size = member.compress_size, 0
    while left > 0:
        packed = file.read(min(left, _STEP))
        if not packed:
            raise TableError("damaged")
        left -= len(packed)
        while packed:
            xml = inflate.decompress(packed, _STEP) if inflate else packed
            packed = inflate.unconsumed_tail if inflate else b""
            size += len(xml)
            if size > budget or size > member.file_size:
                raise TableError("bomb")
            corner.feed(xml)
    corner.feed(b"")
    return size


def _checked_members(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    members = archive.infolist()
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members) or 1
    if unpacked > BOMB_FLOOR and unpacked > BOMB_RATIO * packed:
        raise TableError("bomb")
    if unpacked > MAX_UNPACKED:
        raise TableError("too_large", found=f"{unpacked >> 20} MB", limit=f"{MAX_UNPACKED >> 20} MB")
    for member in members:
        if member.flag_bits & 1:
            raise TableError("protected")
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise TableError("damaged")
    if len({member.filename for member in members}) < len(members):
        raise TableError("damaged")  # two parts of one name: what one reader checks another need not read
    return members


def check_xlsx(path: Path) -> None:
    """Raise TableError unless the file is a whole XLSX that can be parsed within the limits above."""
    try:
        with path.open("rb") as file:
            _end_record(file)
            with zipfile.ZipFile(file) as archive:
                _refuse_other_kinds(archive)
                members = _checked_members(archive)
            budget = MAX_UNPACKED
            for member in members:
                budget -= _unpack(file, member, budget)
    except (zipfile.BadZipFile, zlib.error, struct.error, ValueError, NotImplementedError, EOFError) as fault:
        if isinstance(fault, TableError):
            raise
        raise TableError("damaged") from fault
