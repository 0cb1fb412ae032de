"""Why a row was refused and what a file gives reason to warn of, in words.

Kept is a code with its facts; the sentence is made in the language of whoever reads it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from casemgr.kit.values import CellError
from casemgr.kit.values.cell_text import SENTENCES as CELL_SENTENCES

# The column that refused rows carry when they are taken away as a file, in every language: it means nothing in a file
# that comes back.
REASON_COLUMNS = frozenset({"拒收原因", "reason refused"})

REFUSALS = {
    **CELL_SENTENCES,
    "replaced": _("replaced by line %(n)s"),
    "no_key": _("The row has no order number."),
    "no_waybill": _("The row has no waybill number."),
    "no_moment": _("The row does not say when."),
    "amount_negative": _("The amount is negative. It may be a refund row; refunds are not imported as orders."),
    "quantity_negative": _("The quantity is negative. It may be a return; returns are not imported as orders."),
    "quantity_too_large": _("More than a million pieces. Check whether another number stands in this column."),
    "number_too_long": _("The number is longer than any real one. Check whether the columns slipped."),
    "too_many_cells": _("The row has more cells than there are columns. Probably a comma or tab inside a text."),
    "no_such_order": _("The shop has no such order. Import its orders first, then this file again."),
}

WARNINGS = {
    "copies": _("%(n)s rows are equal to another row in every cell and count once (such as line %(line)s)."),
    "unknown_words": _("Words of the platform that are not known yet, kept as they are: %(words)s."),
    "disagree": _(
        "Rows of one order disagree about “%(column)s” in %(n)s orders (such as %(example)s). The last row counts."
    ),
    "same_file": _("This very file was imported before (%(code)s, %(on)s). Importing it again adds nothing."),
    "other_platform": _("The file looks like one of %(platform)s, but the shop is on another platform."),
    "other_shop": _("The file names another shop than the one chosen: %(names)s."),
    "dropped": _("Columns with identity or bank numbers were not taken in: %(columns)s."),
    "levels": _("Values that differ from row to row of one order are added up: %(columns)s."),
    "dates": _("Days and months were read as %(order)s, because other dates of the file can only be read so."),
    "no_fulfilment": _(
        "The file says neither state nor ship time nor waybill: whether an order was shipped stays unknown."
    ),
    "rounded": _("%(n)s numbers end in zeros only and may have been rounded by Excel (such as line %(line)s)."),
}


class Unfit(CellError):
    """A cell that can be read but not taken; `reason_code` is one of REFUSALS."""

    @property
    def sentence(self) -> str:
        return refusal(self.reason_code)


def sentence(texts: Mapping[str, Any], code: str, facts: Mapping[str, Any]) -> str:
    """The text of a code with its facts filled in, in the language active now; the code itself if it is not known."""
    if code not in texts:
        return code
    values = {key: ", ".join(map(str, one)) if isinstance(one, list) else one for key, one in facts.items()}
    return str(texts[code]) % values


def refusal(reason_code: str) -> str:
    """The sentence of a refusal's code. "replaced:12" carries the line that replaced the row."""
    code, _colon, line = reason_code.partition(":")
    return sentence(REFUSALS, code, {"n": line})


def warning(kept: Mapping[str, Any]) -> str:
    """The sentence of a warning as an import run keeps it: {"code": …, and its facts}."""
    return sentence(WARNINGS, str(kept.get("code")), kept)


def in_english(kept: Mapping[str, Any] | str) -> str:
    """The same in English, for scripts: the wording of machine-readable output does not depend on the reader."""
    with override("en"):
        return refusal(kept) if isinstance(kept, str) else warning(kept)


def reason_column() -> str:
    """The name of that column in the reader's language."""
    return gettext("reason refused")
