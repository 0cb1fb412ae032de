"""The flow of a thing as a table: which state leads where, who may go, and what must hold first.

A flow is the only writer of a `status` column. It compares and sets: the row moves only if it still stands where the
caller saw it, so of two people doing the same thing one wins and the other is told who and when.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as column
from typing import Any

from django.db import models, transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from casemgr.kit import audit

Text = str | Promise


@dataclass(frozen=True)
class Hurdle:
    """One thing that stands in the way, and where it can be removed. `href` is a page address or anchor, may be empty."""

    text: Text
    href: str = ""
    link_label: Text = ""


class Refused(Exception):
    """A step that is not allowed now. `sentence` says why to a person; `hurdles` lists what is missing."""

    def __init__(self, sentence: Text, hurdles: Sequence[Hurdle] = ()) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence
        self.hurdles = list(hurdles)


class Stale(Refused):
    """Somebody else was faster. The sentence names the person, the step and the time."""


Guard = Callable[..., Iterable[Hurdle]]


@dataclass(frozen=True)
class State:
    """One state with its word for staff, its word for merchants and its tone (neutral, info, ok, warn, danger)."""

    key: str
    label: Text
    merchant_label: Text = ""
    tone: str = "neutral"
    is_end: bool = False


@dataclass(frozen=True)
class Move:
    """One arrow of the table. `who` names roles (User.roles); empty means anyone who may edit the thing."""

    source: str
    target: str
    label: Text
    who: frozenset[str] = frozenset()
    guards: tuple[Guard, ...] = ()


def moves(sources: str, target: str, label: Text, *, who: str = "", guards: tuple[Guard, ...] = ()) -> list[Move]:
    """Arrows from each of several states (separated by blanks) to one target."""
    return [Move(source, target, label, frozenset(who.split()), guards) for source in sources.split()]


@dataclass
class Flow:
    """A table of states and moves over the `status` column of one model."""

    name: str
    states: list[State]
    moves: list[Move]
    field: str = "status"
    _by_key: dict[str, State] = column(init=False, repr=False)
    _by_pair: dict[tuple[str, str], Move] = column(init=False, repr=False)

    def __post_init__(self) -> None:
        self._by_key = {state.key: state for state in self.states}
        self._by_pair = {(move.source, move.target): move for move in self.moves}
        unknown = {key for pair in self._by_pair for key in pair} - self._by_key.keys()
        if unknown:
            raise ValueError(f"flow {self.name}: moves name unknown states {sorted(unknown)}")

    @property
    def choices(self) -> list[tuple[str, Text]]:
        return [(state.key, state.label) for state in self.states]

    @property
    def open_keys(self) -> list[str]:
        return [state.key for state in self.states if not state.is_end]

    def state(self, key: str) -> State:
        return self._by_key[key]

    def moves_from(self, key: str) -> list[Move]:
        return [move for move in self.moves if move.source == key]

    def move(self, source: str, target: str) -> Move | None:
        return self._by_pair.get((source, target))

    def hurdles(self, thing: models.Model, target: str, *, by: Any, **facts: Any) -> list[Hurdle]:
        """What stands between `thing` and `target` for this person; empty when the move may be made.

        Raises Refused when the table has no such arrow at all.
        """
        source = getattr(thing, self.field)
        move = self.move(source, target)
        if move is None:
            raise Refused(
                _("“%(source)s” cannot become “%(target)s”.")
                % {
                    "source": self.state(source).label,
                    "target": self.state(target).label if target in self._by_key else target,
                }
            )
        if move.who and by is not None and not (move.who & set(by.roles)):
            return [Hurdle(_("This step is for another role."))]
        return [hurdle for guard in move.guards for hurdle in guard(thing, by=by, **facts)]

    @transaction.atomic
    def go(
        self,
        thing: models.Model,
        target: str,
        *,
        by: Any,
        changes: Mapping[str, Any] | None = None,
        note: str = "",
        **facts: Any,
    ) -> None:
        """Move `thing` to `target`, set `changes` beside it, and write the audit row, all or nothing.

        Raises Refused when the table or a guard forbids it, Stale when somebody else moved it first.
        """
        source = getattr(thing, self.field)
        standing = self.hurdles(thing, target, by=by, note=note, **facts)
        if standing:
            raise Refused(
                standing[0].text
                if len(standing) == 1
                else _("Not yet: %(n)s things are missing.") % {"n": len(standing)},
                standing,
            )
        values = {self.field: target, **(changes or {})}
        if hasattr(thing, "updated_at"):
            values["updated_at"] = timezone.now()
        moved = type(thing)._base_manager.filter(pk=thing.pk, **{self.field: source}).update(**values)
        if not moved:
            raise Stale(audit.who_was_faster(thing))
        before = {name: getattr(thing, name) for name in values}
        for name, value in values.items():
            setattr(thing, name, value)
        audit.record(by=by, action=f"{self.name}.{target}", of=thing, before=before, after=values, note=note)
