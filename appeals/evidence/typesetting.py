"""Documents as PDF and as pictures for the console, typeset in a child process from templates of our own.

What people typed reaches the typesetter only as data (JSON), never as source: `#read(…)` in a note is text.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _
from PIL import Image

from appeals.evidence import glyphs
from casemgr.kit.workflow import Refused

TEMPLATES = Path(__file__).parent / "typst"
CHILD = Path(__file__).with_name("typesetter.py")
SECONDS = 60
PIXELS_PER_INCH = 144


class NotTypeset(Refused):
    """The document could not be made. `detail` is for the log, the sentence for people."""

    def __init__(self, detail: str) -> None:
        super().__init__(
            _("The document could not be made; nothing was stored. Please try again, then tell the administrator.")
        )
        self.detail = detail


@dataclass(frozen=True)
class Typeset:
    """A finished document: the PDF for the archive, and pictures (PNG) as consoles take them."""

    pdf: bytes
    pictures: list[bytes] = field(default_factory=list)


def typeset(template: str, data: dict[str, Any], *, timestamp: int, with_pictures: bool = False) -> Typeset:
    """Set `data` with one of our templates. Same data, template and timestamp (seconds) give the same bytes.

    Characters that the font lacks appear as 〓. Raises NotTypeset on any error, any warning of the typesetter (a missing
    font is only a warning and would give empty pages), or after a minute.
    """
    with tempfile.TemporaryDirectory(prefix="typeset-") as folder:
        order = {
            "root": str(TEMPLATES),
            "template": template,
            "fonts": str(glyphs.font_folder()),
            "data": {**glyphs.legible_all(data), "family": glyphs.FONT_FAMILY},
            "out": folder,
            "shapes": ["pdf", "pictures"] if with_pictures else ["pdf"],
            "timestamp": timestamp,
            "ppi": PIXELS_PER_INCH,
        }
        told = _run(order)
        if told["warnings"]:
            raise NotTypeset("; ".join(told["warnings"]))
        pages = [Path(folder, f"page-{number:02d}.png").read_bytes() for number in range(1, told["pages"] + 1)]
        return Typeset(Path(folder, "document.pdf").read_bytes(), [_smaller(page) for page in pages])


def _run(order: dict[str, Any]) -> dict[str, Any]:
    # -I: neither the environment nor the current folder can bring in other code.
    command = [sys.executable, "-I", str(CHILD)]
    try:
        done = subprocess.run(
            command, input=json.dumps(order), capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired as late:
        raise NotTypeset("too slow") from late
    if done.returncode != 0:
        raise NotTypeset(done.stderr[-2000:])
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def _smaller(page: bytes) -> bytes:
    """A page of text with a few greys and one blue needs no more than 64 colours: a third of the bytes."""
    out = io.BytesIO()
    with Image.open(io.BytesIO(page)) as picture:
        picture.convert("RGB").quantize(64, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(
            out, "PNG", optimize=True
        )
    return out.getvalue()
