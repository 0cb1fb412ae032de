"""The flows of findings and of what is done about them, as tables (states of the domain)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from casemgr.kit.workflow import Flow, Hurdle, State, moves


def needs_note(thing: Any, *, by: Any, note: str = "", **facts: Any) -> Iterator[Hurdle]:
    """The step must say why."""
    if not note.strip():
        yield Hurdle(_("Please write the reason."))


def needs_number(thing: Any, *, by: Any, number: str = "", filed_at: Any = None, **facts: Any) -> Iterator[Hurdle]:
    """A report counts as filed with the time the console shows; the number is kept where the console gives one."""
    if filed_at is None:
        yield Hurdle(_("Please enter the time the console shows."))


ALERT = Flow(
    "alert",
    [
        State("open", _("open"), tone="warn"),
        State("reviewing", _("under review"), tone="info"),
        State("confirmed", _("confirmed"), tone="danger"),
        State("false_alarm", _("false alarm"), tone="neutral", is_end=True),
        State("cleared", _("cleared by itself"), tone="neutral", is_end=True),
        State("resolved", _("resolved"), tone="ok", is_end=True),
    ],
    [
        *moves("open", "reviewing", _("Start review")),
        *moves("open", "cleared", _("Condition went away")),
        *moves("reviewing", "confirmed", _("Confirm")),
        *moves("reviewing", "false_alarm", _("False alarm"), guards=(needs_note,)),
        *moves("confirmed", "resolved", _("Resolved")),
    ],
)

REVIEW = Flow(
    "order_review",
    [
        State("waiting", _("not checked"), tone="neutral"),
        State("contacted", _("contacted"), tone="info"),
        State("genuine", _("genuine"), tone="ok", is_end=True),
        State("malicious", _("malicious"), tone="danger", is_end=True),
        State("unreachable", _("unreachable"), tone="warn"),
        State("lapsed", _("lapsed"), tone="neutral", is_end=True),
    ],
    [
        *moves("waiting", "contacted", _("Record a contact")),
        *moves("contacted", "genuine", _("Genuine")),
        *moves("contacted", "malicious", _("Malicious"), guards=(needs_note,)),
        *moves("contacted", "unreachable", _("Unreachable")),
        *moves("waiting contacted unreachable", "lapsed", _("Lapsed")),
    ],
)

HOLD = Flow(
    "hold",
    [
        State("asked", _("not acknowledged"), _("please stop"), tone="warn"),
        State("acknowledged", _("acknowledged"), _("stopped"), tone="ok"),
        State("released", _("released"), _("may ship"), tone="neutral", is_end=True),
    ],
    [
        *moves("asked", "acknowledged", _("Acknowledge")),
        *moves("asked acknowledged", "released", _("Release"), who="handler", guards=(needs_note,)),
    ],
)

REPORT = Flow(
    "platform_report",
    [
        State("to_file", _("to be filed"), tone="warn"),
        State("filed", _("filed"), tone="info"),
        State("accepted", pgettext_lazy("report", "accepted"), tone="ok", is_end=True),
        State("refused", _("refused"), tone="danger", is_end=True),
        State("expired", pgettext_lazy("report", "expired"), tone="neutral", is_end=True),
    ],
    [
        *moves("to_file", "filed", _("Record filing"), guards=(needs_number,)),
        *moves("filed", "accepted", _("Accepted by the platform")),
        *moves("filed", "refused", _("Refused by the platform")),
        *moves("to_file filed", "expired", _("Expired")),
    ],
)

IMPORT = Flow(
    "import",
    [
        State("received", _("received"), tone="neutral"),
        State("mapping", _("to be mapped"), tone="warn"),
        State("staging", _("being checked"), tone="info"),
        State("staged", _("checked, nothing written yet"), tone="info"),
        State("publishing", _("being imported"), tone="info"),
        State("published", _("imported"), tone="ok", is_end=True),
        State("cancelled", _("cancelled"), tone="neutral", is_end=True),
        State("failed", _("failed"), tone="danger", is_end=True),
    ],
    [
        *moves("received", "mapping", _("Map columns")),
        *moves("received mapping", "staging", _("Check the file")),
        *moves("staged", "mapping", _("Change the mapping")),
        *moves("staging", "staged", _("Checked")),
        *moves("staged", "publishing", _("Import")),
        *moves("publishing", "published", _("Imported")),
        *moves("received mapping staging staged", "cancelled", _("Cancel")),
        *moves("received mapping staging publishing", "failed", _("Failed")),
    ],
)
