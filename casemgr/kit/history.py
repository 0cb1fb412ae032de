"""Audit rows as sentences: who did what, when, from where, and what changed from what to what.

Each app lists its words in `history_words.py`: ACTIONS (an audit row's action), FIELDS (names of changed values that are no
column with a name of its own) and FLOWS (a flow and what it is the way of). Nothing of a row is shown that has no words:
no code, no key, no hash.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from casemgr.kit.models import AuditEvent
from casemgr.kit.templatetags.ui import when
from casemgr.kit.workflow import Flow, Text

SHOWN = 50
LISTED = 3  # of a long list the first few stand for the rest, with their number


@dataclass(frozen=True)
class Change:
    """One changed value in words; `was` is empty where there was nothing before."""

    label: str
    was: str
    now: str


@dataclass(frozen=True)
class Entry:
    """One audit row as a page shows it. `way` says where it came from, empty for an ordinary page."""

    at: dt.datetime
    words: str
    who: str
    way: str
    note: str
    changes: Sequence[Change]
    is_step: bool


@dataclass(frozen=True)
class Words:
    """The vocabulary of all apps together."""

    actions: dict[str, Text]
    fields: dict[str, Text]
    flows: dict[str, tuple[Flow, Text]]


@cache
def words() -> Words:
    """What the apps list in their `history_words.py`; texts are lazy, so that each reader gets his language."""
    found = Words({}, {}, {})
    for config in apps.get_app_configs():
        name = f"{config.name}.history_words"
        if find_spec(name):
            module = import_module(name)
            found.actions.update(module.ACTIONS)
            found.fields.update(module.FIELDS)
            found.flows.update({flow.name: (flow, noun) for flow, noun in module.FLOWS})
    return found


def rows(*things: models.Model) -> QuerySet[AuditEvent]:
    """The audit rows of these things and of what belongs to them, newest first. Scope: who may see the thing, may see them."""
    wanted = Q(pk__in=[])
    for thing in things:
        code = str(getattr(thing, "code", None) or thing.pk)
        wanted |= Q(object_kind=thing._meta.model_name, object_code=code)
        if getattr(thing, "code", None):
            wanted |= Q(thread=code)
    return AuditEvent.objects.filter(wanted).order_by("-pk").prefetch_related("texts")


def entries(events: Iterable[AuditEvent]) -> list[Entry]:
    """Audit rows in words. Two queries beside that of the rows: their texts, and the people named in them."""
    found = list(events)
    names = _people(found)
    return [_entry(event, names) for event in found]


# A list of one thing is exported under the thing's own code: alert-A-7K2M9Q.export.
_OF_ONE = re.compile(r"-[A-Z]-[0-9A-Z]+(?=\.export$)")


def action_words(action: str) -> str | None:
    """What was done, in the reader's language; None where nobody listed words for it."""
    known = words()
    if action in known.actions:
        return str(known.actions[action])
    noun, _dot, verb = _OF_ONE.sub("", action).rpartition(".")
    if f"{noun}.{verb}" in known.actions:
        return str(known.actions[f"{noun}.{verb}"])
    if noun in known.flows:
        flow, what = known.flows[noun]
        if verb in {state.key for state in flow.states}:
            return _("%(noun)s: %(state)s") % {"noun": what, "state": flow.state(verb).label}
    model = _model(noun)
    if model and verb in ("created", "changed", "deleted"):
        done = {
            "created": _("%(thing)s: added"),
            "changed": _("%(thing)s: changed"),
            "deleted": _("%(thing)s: deleted"),
        }
        return done[verb] % {"thing": model._meta.verbose_name}
    return None


def _entry(event: AuditEvent, names: dict[str, str]) -> Entry:
    ways = {
        "admin": pgettext("where from", "administration"),
        "api": pgettext("where from", "API"),
        "command": pgettext("where from", "command line"),
    }
    return Entry(
        at=event.at,
        words=action_words(event.action) or _("Something else was done"),
        who=event.actor_name or _("the system"),
        way=ways.get(event.origin, ""),
        note=event.note,
        changes=_changes(event, names),
        is_step=event.action.rpartition(".")[0] in words().flows,
    )


def _changes(event: AuditEvent, names: dict[str, str]) -> list[Change]:
    model, was, now = _model(event.object_kind), event.was, event.now
    noun = event.action.partition(".")[0]
    flow = words().flows.get(noun, (None, ""))[0]
    found = []
    for name in {**was, **now}:
        label = _label(model, name)
        # The state stands in the sentence itself.
        if label is None or (flow and name == flow.field) or was.get(name) == now.get(name):
            continue
        if name == "name" and "user" in {**was, **now}:
            continue  # the person's name stands there already
        before, after = _value(model, name, was.get(name), names), _value(model, name, now.get(name), names)
        if before or after:
            found.append(Change(label, before if name in was else "", after or "–"))
    return found


def _label(model: type[models.Model] | None, name: str) -> str | None:
    known = words().fields.get(name)
    if known is not None:
        return str(known) or None
    field = _field(model, name)
    # A name that Django made up from the column is no word of ours.
    label = getattr(field, "verbose_name", None)  # a relation seen from its other end has none
    return str(label) if isinstance(label, Promise) else None


_HASH = re.compile(r"[0-9a-f]{32,}")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d.*[+Z].*|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?")


def _value(model: type[models.Model] | None, name: str, value: Any, names: dict[str, str]) -> str:
    """One value in words; empty where there is none, or none that means something to a person."""
    field = _field(model, name)
    if value in (None, "", [], {}) or isinstance(value, dict):
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        said = [word for one in value if (word := _value(None, name, one, names))]
        first = pgettext("between words of a list", ", ").join(said[:LISTED])
        return first if len(said) <= LISTED else f"{first} … ({len(said)})"
    if str(value) in names:
        return names[str(value)]
    if field is not None and field.is_relation:
        return ""  # a key or a code
    if field is not None and field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, str) and _HASH.fullmatch(value):
        return ""
    if isinstance(value, str) and _MOMENT.fullmatch(value):
        return when(dt.datetime.fromisoformat(value))
    return str(value)


@cache
def _model(name: str) -> type[models.Model] | None:
    return next((model for model in apps.get_models() if model._meta.model_name == name), None)


def _field(model: type[models.Model] | None, name: str) -> Any:
    if model is None:
        return None
    try:
        return model._meta.get_field(name.removesuffix("_id"))
    except FieldDoesNotExist:
        return None


def _people(events: list[AuditEvent]) -> dict[str, str]:
    """Names of the people whose codes or keys stand in the rows' values, by code; one query."""
    codes = {
        value
        for event in events
        for side in (event.before, event.after)
        for value in side.values()
        if isinstance(value, str) and value.startswith("U-")
    }
    return dict(get_user_model().objects.filter(code__in=codes).values_list("code", "name"))
