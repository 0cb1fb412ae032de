"""What `manage.py doctor` examines: each app lists its looks in `checkup.py`, as `verify.py` lists its checks of data.

A look reads the settings, the machine or the database and says line by line what it found and, where something is
missing, what mends it. It changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Literal

from django.db import DatabaseError
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext as _

State = Literal["ok", "warn", "bad"]


@dataclass(frozen=True)
class Line:
    """One thing that was looked at: what was found, and one sentence that says how to mend it (none when it is well).

    warn: it works, but a person should know. bad: something does not work, or must not stay like this.
    """

    key: str
    label: str
    state: State
    found: str
    cure: str = ""

    as_dict = asdict


Look = Callable[[], Iterable[Line]]
_looks: list[Look] = []


def looks(look: Look) -> Look:
    """Register the decorated function. Lives in an app's checkup.py."""
    if look not in _looks:
        _looks.append(look)
    return look


def line(key: str, label: str, found: str, *, warn: str = "", bad: str = "") -> Line:
    """A line whose state follows from the cure that was given: `bad` before `warn`, neither is well."""
    state: State = "bad" if bad else "warn" if warn else "ok"
    return Line(key, label, state, found, bad or warn)


def examine() -> Iterator[Line]:
    """Every line of every app, the ground floor first. A database that cannot be read is a line, not an end."""
    autodiscover_modules("checkup")
    for look in _looks:
        try:
            yield from look()
        except DatabaseError as error:
            found = f"{type(error).__name__}: {error}".split("\n")[0]
            cure = _("Start the database and run `manage.py migrate`; then ask again.")
            yield Line(look.__name__, _("Database"), "bad", found, cure)
