"""What the doctor looks at on this floor: documents in Chinese, and whether the demo's people can come in."""

from __future__ import annotations

import io
from collections.abc import Iterator

from django.conf import settings
from django.utils.translation import gettext as _
from PIL import Image

from appeals.demo.people import LOGINS, PASSWORD
from appeals.evidence import glyphs
from appeals.evidence.typesetting import NotTypeset, typeset
from casemgr.kit.doctor import Line, line, looks
from stores.models import User

PROBE = "申诉材料：核对发货时间。"
DARK = 128  # of 255


@looks
def documents() -> Iterator[Line]:
    """Typesets one Chinese line and looks whether ink came out."""
    label, cure = _("Documents in Chinese"), _("Run `make setup`: typst or its font package is missing or broken.")
    try:
        missing = "".join(glyphs.missing(PROBE))
        made = typeset(
            "letter.typ", {"title": PROBE, "parts": [{"kind": "text", "text": PROBE}]}, timestamp=0, with_pictures=True
        )
        with Image.open(io.BytesIO(made.pictures[0])) as page:
            darkest, _lightest = page.convert("L").getextrema()
        is_well = not missing and isinstance(darkest, int) and darkest < DARK
        found = glyphs.FONT_FAMILY if is_well else _("an empty page")
    except (NotTypeset, OSError, ImportError) as error:
        is_well, found = False, getattr(error, "detail", str(error)).strip().split("\n")[-1]
    yield line("documents", label, found, bad="" if is_well else cure)


@looks
def invented_people() -> Iterator[Line]:
    """The demo's people have a password that everybody knows."""
    if settings.DEMO:
        return
    there = [one for one in User.objects.filter(phone__in=[one.login for one in LOGINS]) if one.is_active]
    known = [one for one in there if one.check_password(PASSWORD)]
    cure = _("Switch them off under People: their password is printed in the manual.")
    yield line("demo_people", _("People of the demo"), str(len(known)), bad=cure if known else "")
