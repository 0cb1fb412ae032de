"""What a file is: told beforehand by a person or script, remembered, recognised, or proposed by its column names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from casemgr.kit.workflow import Refused
from orders.enums import ImportKind
from orders.imports import profiles
from orders.imports.fields import FIELDS, REQUIRED, header_key
from orders.imports.layout import MAPPED
from orders.imports.registry import Recognised, as_source, recognise
from orders.models import MappingProfile
from stores.models import Store


@dataclass(frozen=True)
class Asked:
    """What a person or script says of a file beforehand: fields and their columns, or a remembered mapping, or a source
    of the registry; and how its cells are read."""

    mapping: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    profile: MappingProfile | None = None
    source: str = ""


def recognised(store: Store, kind: str, headers: list[str], asked: Asked) -> Recognised:
    """What was said beforehand, else what the shop's profiles, the registry and common column names tell."""
    if asked.profile:
        found = profiles.of_profile(asked.profile)
    elif asked.mapping:
        found = Recognised(kind or ImportKind.ORDERS, MAPPED, asked.mapping)
    elif asked.source:
        found = as_source(asked.source, headers)
    else:
        found = profiles.recognised(store, headers, kind) or recognise(headers, platform=store.platform.code, kind=kind)
    mapping = dict(found.mapping)
    if found.source == MAPPED:
        mapping = resolved(mapping, headers)
        refuse_unfit(found.kind, mapping, headers)
    # Parcels and scans have few columns: with the needed ones among them there is nothing to ask.
    is_plain = not found.source and found.kind != ImportKind.ORDERS and found.is_complete
    source = MAPPED if is_plain else found.source
    return Recognised(found.kind, source, mapping, {**found.options, **asked.options}, found.profile)


def resolved(mapping: Mapping[str, str], headers: Sequence[str]) -> dict[str, str]:
    """The mapping with columns named as this file names them: widths of brackets, case and units do not matter."""
    by_key = {header_key(header): header for header in reversed(headers)}
    return {
        name: column if column in headers else by_key.get(header_key(column), column)
        for name, column in mapping.items()
    }


def refuse_unfit(kind: str, mapping: Mapping[str, str], headers: Sequence[str]) -> None:
    """Raises Refused where a mapping names a field or column that does not exist, or leaves out a needed field."""
    for name, column in mapping.items():
        if name not in FIELDS[kind]:
            raise Refused(_("There is no field named “%(field)s”.") % {"field": name})
        if column not in headers:
            raise Refused(_("The file has no column named “%(column)s”.") % {"column": column})
    missing = [FIELDS[kind][name].label for name in REQUIRED[kind] if name not in mapping]
    if missing:
        raise Refused(_("Please say which column holds: %(fields)s.") % {"fields": ", ".join(map(str, missing))})
