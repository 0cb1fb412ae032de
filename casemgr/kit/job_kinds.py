"""What kinds of jobs there are: who runs them, how long they may take, and what is said about them to people."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _

from casemgr.kit.workflow import Text

if TYPE_CHECKING:
    from casemgr.kit.job_runs import Running

Handler = Callable[["Running"], Mapping[str, Any] | None]

LIMIT = dt.timedelta(minutes=30)
NOTHING_KEPT = _("Nothing of it was written.")
TRY_AGAIN = _("Try again. If it stops again, ask the administrator to look at the log.")


@dataclass(frozen=True)
class Kind:
    """One kind of job ("app.verb"). The texts are shown on its page, translated there.

    `kept` says what stands when it ended badly, `next_step` what a person can do then, `results` names the counts of
    what its handler returns. `limit` is the time one run may take. `tells_itself`: the handler tells whoever asked.
    """

    name: str
    handler: Handler
    label: Text
    kept: Text = NOTHING_KEPT
    next_step: Text = TRY_AGAIN
    results: Mapping[str, Text] = field(default_factory=dict)
    limit: dt.timedelta = LIMIT
    tells_itself: bool = False


_kinds: dict[str, Kind] = {}


def handles(kind: str, **facts: Any) -> Callable[[Handler], Handler]:
    """Register the decorated function as what is run for jobs of `kind`, with the `facts` of Kind (label and so on).

    Lives in an app's tasks.py. Raises ValueError when another function handles that kind.
    """

    def register(handler: Handler) -> Handler:
        known = _kinds.setdefault(kind, Kind(kind, handler, **{"label": kind, **facts}))
        if known.handler is not handler:
            raise ValueError(f"two handlers for jobs of kind {kind!r}")
        return handler

    return register


def kinds() -> dict[str, Kind]:
    """Every kind that any app handles, by its name."""
    autodiscover_modules("tasks")
    return dict(_kinds)


def kind_of(name: str) -> Kind:
    """The kind with this name. Raises LookupError when no app handles it."""
    if name not in _kinds:
        autodiscover_modules("tasks")
    if name not in _kinds:
        raise LookupError(f"no handler for jobs of kind {name!r}")
    return _kinds[name]
