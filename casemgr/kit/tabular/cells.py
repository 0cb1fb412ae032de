"""Cell texts: the wrappers that exports put around values are taken off; values of workbooks become text.

Quirks seen in real exports: `="3304…"` and `'138…` (Taobao), tabs around values and names (Douyin, Pinduoduo),
no-break, zero-width and ideographic blanks anywhere at the edges.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache

INVISIBLE = "\ufeff\u200b\u200c\u200d\u2060\u00ad"
BLANKS = " \t\r\n\x0b\x0c\x00\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + INVISIBLE
BLANKS += "".join(chr(c) for c in range(0x2000, 0x200B))
_INVISIBLE_OUT = str.maketrans("", "", INVISIBLE)
# A binary double carries 15 significant decimal digits: a longer number in a numeric cell is no longer the one typed.
SAFE_DIGITS = 15
_LIMIT = 10**SAFE_DIGITS
_SEPARATOR = "\x1f"
# What str.strip leaves: wrappers, and blanks that are none to it.
_WRAPPERS = re.compile(f"['=\x00{INVISIBLE}]")
_BROKEN = re.compile(r"(?<=[^\x00-\x7f])[\r\n\t]+|[\r\n\t]+(?=[^\x00-\x7f])")
_BLANK = re.compile(r"\s+")
_REMEMBERED = 2_048  # a file is opened twice, and its first rows are looked at with every delimiter


def clean_cell(text: str) -> str:
    """The value inside a cell text: outer blanks, one `="…"` wrapper or one leading apostrophe taken off.

    What follows an apostrophe is literal and left as it stands, which is how our own exports keep `=1+1` re-importable.
    """
    text = text.strip(BLANKS)
    if not text:
        return text
    first = text[0]
    if first == "'":
        text = text[1:]
    elif first == "=" and len(text) > 2 and text[1] == '"' and text[-1] == '"':
        text = text[2:-1].replace('""', '"').strip(BLANKS)
    return text


def clean_column(cells: Sequence[str]) -> list[str]:
    """The same for many cells of one column, fast: only where a sign of a wrapper stands are they looked at one by one."""
    if _WRAPPERS.search("".join(cells)):
        return list(map(clean_cell, cells))
    return list(map(str.strip, cells))


def clean_row(cells: list[str]) -> list[str]:
    """The same for a whole row, fast: only rows with a wrapper somewhere are looked at twice."""
    stripped = [cell.strip(BLANKS) for cell in cells]
    joined = _SEPARATOR + _SEPARATOR.join(stripped)
    if _SEPARATOR + "'" in joined or _SEPARATOR + "=" in joined:
        return [clean_cell(cell) for cell in stripped]
    return stripped


@lru_cache(_REMEMBERED)
def clean_header(text: str) -> str:
    """A column name to compare by: NFKC (`（元）` -> `(元)`), no invisible characters, outer blanks or line breaks."""
    text = unicodedata.normalize("NFKC", clean_cell(text)).translate(_INVISIBLE_OUT)
    return _BLANK.sub(" ", _BROKEN.sub("", text)).strip()


def number_text(number: float) -> str:
    """A number of a workbook cell as text: integers without `.0`, at most 15 significant digits.

    Integers of 16 and more digits have lost their last ones and come out as `3.30438E+18`, so that
    `casemgr.kit.values.is_ruined_number` finds them.
    """
    if abs(number) >= _LIMIT:
        return f"{number:.5E}"
    if number == int(number):
        return str(int(number))
    return format(Decimal(f"{number:.{SAFE_DIGITS}g}"), "f")


def workbook_text(value: object, *, has_time: bool = False) -> str:
    """A workbook value as text; dates ISO. `has_time`: a bare date in a column of moments is its midnight."""
    if isinstance(value, str):
        return value.replace("\x00", "") if "\x00" in value else value  # `_x0000_` in the XML; no database takes it
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (int, float)):
        return number_text(value)
    if isinstance(value, dt.datetime):
        # Excel keeps moments as fractions of a day: 22:17:38 may come back as 22:17:37.999.
        if value.microsecond >= 500_000 and value.year < dt.MAXYEAR:
            value += dt.timedelta(seconds=1)
        return value.replace(microsecond=0).isoformat(sep=" ")
    if isinstance(value, dt.date):
        return f"{value.isoformat()} 00:00:00" if has_time else value.isoformat()
    return str(value)
