"""A file of notices as text: TXT as it is, a violation list (CSV, XLSX) as a table with tabs. Nothing of it is kept."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from casemgr.kit.tabular import TableError, open_table
from casemgr.kit.tabular.encoding import encoding_of
from casemgr.kit.workflow import Text

MOST_BYTES = 2 * 1024 * 1024
MOST_ROWS = 1000
MOST_CHARACTERS = 300_000
PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"RIFF", b"GIF8", b"%PDF")


class NotRead(Exception):
    """The file holds no text that could be read; `sentence` says why."""

    def __init__(self, sentence: Text) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence


def text_of(upload: Any) -> str:
    """The text of an uploaded file, as long as the box may hold. Raises NotRead (see `_read`)."""
    text = _read(upload)
    if len(text) > MOST_CHARACTERS:
        raise NotRead(_("The file holds too much text. Take the rows of one day at a time."))
    return text


def _read(upload: Any) -> str:
    """The text of an uploaded file (django UploadedFile). Raises NotRead for pictures, other files and too much."""
    if upload.size > MOST_BYTES:
        raise NotRead(_("The file is larger than 2 MB. Take the rows of one day at a time."))
    content = upload.read()
    if content.startswith(PICTURES):
        raise NotRead(_("Pictures are not read. Enter it by hand: the screenshot stands beside the fields."))
    with tempfile.NamedTemporaryFile() as kept:
        kept.write(content)
        kept.flush()
        try:
            if content.startswith(b"PK"):
                return _table_text(kept.name)
            encoding = encoding_of(Path(kept.name))[0]
            text = content.decode(encoding)
            return _table_text(kept.name) if _is_list(text) else text
        except (TableError, UnicodeDecodeError) as fault:
            raise NotRead(str(fault)) from fault


def _is_list(text: str) -> bool:
    """A first line of several columns means a table; a notice's first line has its commas in sentences."""
    line = text.lstrip("\ufeff").partition("\n")[0]
    return line.count(",") >= 3 and "：" not in line and ":" not in line


def _table_text(path: str) -> str:
    table = open_table(path)
    lines = ["\t".join(table.headers)]
    for number, (_line, cells) in enumerate(table.rows(), 1):
        if number > MOST_ROWS:
            raise NotRead(_("The list has more than 1000 rows. Take the rows of one day at a time."))
        lines.append("\t".join(" ".join(cell.split()) for cell in cells))
    return "\n".join(lines)
