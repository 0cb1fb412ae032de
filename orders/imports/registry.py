"""Every kind of file that is recognised by its columns: one line each. Adding one touches its own file and this list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from casemgr.kit.workflow import Refused
from orders.enums import ImportKind
from orders.imports import layout
from orders.imports.douyin import DOUYIN
from orders.imports.fields import FIELDS, REQUIRED, header_key, propose
from orders.imports.layout import MAPPED, Layout
from orders.imports.pinduoduo import PINDUODUO
from orders.imports.source import Source
from orders.models import MappingProfile

SOURCES: tuple[Source, ...] = (PINDUODUO, DOUYIN)


@dataclass(frozen=True)
class Recognised:
    """What a file seems to be. `source` is "" where its columns must be mapped by hand; `mapping` then only proposes."""

    kind: str
    source: str
    mapping: Mapping[str, str]
    options: Mapping[str, Any] = field(default_factory=dict)
    profile: MappingProfile | None = None

    @property
    def is_complete(self) -> bool:
        """Are all fields mapped without which a file of this kind cannot be read?"""
        return all(name in self.mapping for name in REQUIRED[self.kind])


def source_named(source_id: str) -> Source | None:
    return next((source for source in SOURCES if source.id == source_id), None)


def known_names(headers: Sequence[str]) -> int:
    """How many of these column names any source or field knows: finds the header row and the sheet of a file."""
    keys = {header_key(header) for header in headers if header}
    return len(keys & _ALL_KEYS)


_ALL_KEYS = frozenset().union(
    *(source.known_keys for source in SOURCES),
    *({header_key(name) for name in field.names} for fields in FIELDS.values() for field in fields.values()),
)


def recognise(headers: Sequence[str], *, platform: str, kind: str = "") -> Recognised:
    """The source with the most known columns, else a proposal by common column names. `kind` limits both."""
    fitting = [source for source in SOURCES if kind in ("", source.kind)]
    best = max(fitting, key=lambda source: source.hits(headers, platform=platform), default=None)
    if best is not None and best.hits(headers, platform=platform):
        return Recognised(best.kind, best.id, best.mapping(headers))
    kind = kind or _likely_kind(headers)
    return Recognised(kind, "", propose(kind, headers))


def as_source(source_id: str, headers: Sequence[str]) -> Recognised:
    """The file as one of this source, however few of its columns it has. Raises Refused without the needed ones."""
    source = source_named(source_id)
    if source is None:
        raise LookupError(f"no source named {source_id!r}")
    mapping = source.mapping(headers)
    missing = [str(FIELDS[source.kind][name].label) for name in source.required if name not in mapping]
    if missing:
        raise Refused(_("This is no such file. It has no column for: %(fields)s.") % {"fields": ", ".join(missing)})
    return Recognised(source.kind, source.id, mapping)


def _likely_kind(headers: Sequence[str]) -> str:
    """Scans say when and where, parcels little more than two numbers; everything else is taken for orders."""
    scans, parcels = (propose(kind, headers) for kind in (ImportKind.SCANS, ImportKind.PARCELS))
    if all(name in scans for name in (*REQUIRED[ImportKind.SCANS], "event_text")):
        return ImportKind.SCANS
    named = [header for header in headers if header]
    if all(name in parcels for name in REQUIRED[ImportKind.PARCELS]) and len(parcels) * 2 > len(named):
        return ImportKind.PARCELS
    return ImportKind.ORDERS


def layout_for(
    *,
    kind: str,
    source: str,
    platform: str,
    headers: Sequence[str],
    mapping: Mapping[str, str],
    options: Mapping[str, Any],
) -> Layout:
    """How a run's file is read. Raises LookupError for a source that is no longer in the registry."""
    if source == MAPPED:
        return layout.of_mapping(kind, platform, headers, mapping, options)
    found = source_named(source)
    if found is None:
        raise LookupError(f"no source named {source!r}")
    return layout.of_source(found, headers, options)
