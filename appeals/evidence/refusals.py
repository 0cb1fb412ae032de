"""Why a file is not taken, in words: what is wrong with it, that nothing was kept, what to do instead."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from casemgr.kit.workflow import Refused

SENTENCES = {
    "empty": _("“%(name)s” is empty. Nothing was kept. Choose the file again."),
    "too_big": _(
        "“%(name)s” has %(found)s MB; at most %(limit)s MB are taken. "
        "Nothing was kept. Send a smaller picture or a shorter video."
    ),
    "too_many": _("At most %(limit)s files at a time. Nothing was kept. Send the rest afterwards."),
    "full": _("The space for evidence of this merchant is used up. Nothing was kept. Please tell the agency."),
    "cut": _("“%(name)s” is damaged or was not sent completely. Nothing was kept. Send it again."),
    "hidden": _(
        "“%(name)s” carries something else behind the picture or video. "
        "Nothing was kept. Take a screenshot of it and send that."
    ),
    "animated": _("“%(name)s” moves. Nothing was kept. Send a still picture (JPG or PNG) or a video (MP4)."),
    "too_many_pixels": _("“%(name)s” has too many pixels. Nothing was kept. Send it in two or more pictures."),
    "heic": _(
        "“%(name)s” is a HEIC picture, which consoles do not take. "
        "Nothing was kept. Take a screenshot of it, or save it as JPG."
    ),
    "picture": _(
        "“%(name)s” is a picture of a kind that consoles do not take. Nothing was kept. Save it as JPG or PNG."
    ),
    "video": _("“%(name)s” is a video or sound of another kind. Nothing was kept. Save it as MP4."),
    "page": _(
        "“%(name)s” is a web page or a drawing with code in it. "
        "Nothing was kept. Take a screenshot of it and send that."
    ),
    "program": _("“%(name)s” is a program or a script. Nothing was kept."),
    "packed": _("“%(name)s” is a packed file. Nothing was kept. Unpack it and send the pictures inside."),
    "office": _("“%(name)s” is an Office document. Nothing was kept. Save it as PDF, or take screenshots of it."),
    "table": _(
        "“%(name)s” is a table. "
        "Tables are taken only as the order file of a notice. Take a screenshot of the rows that matter."
    ),
    "text": _("“%(name)s” is no picture, PDF or video. Nothing was kept. Send JPG, PNG, PDF or MP4."),
    "active_pdf": _(
        "“%(name)s” is a PDF with code or attached files in it. "
        "Nothing was kept. Print it to a new PDF, or take screenshots."
    ),
    "locked_pdf": _("“%(name)s” is a protected PDF. Nothing was kept. Save it without a password and send that."),
}


class NotTaken(Refused):
    """A file that is not taken. `code` is one of SENTENCES."""

    def __init__(self, code: str, **facts: object) -> None:
        self.code = code
        super().__init__(str(SENTENCES[code]) % {"name": "", **facts})
