"""How a shop's files of one shape are read, remembered after a person mapped their columns once."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from casemgr.kit.privacy import scrub
from orders.imports.fields import header_key
from orders.imports.layout import MAPPED
from orders.imports.reasons import REASON_COLUMNS
from orders.imports.registry import Recognised, known_names
from orders.imports.samples import guarded
from orders.models import MappingProfile
from stores.models import Store, User

# Answers worth remembering: how cells and rows are read, not what one file turned out to be.
ANSWERS = ("rows", "levels", "date_order", "timezone")


def column_names(headers: Sequence[str]) -> list[str]:
    """The names by which the columns of a file are kept and mapped: the second of one name is numbered (`金额_2`).

    A file without a header row shows a row of data as its names. Where no name is known, those that look like people
    or places are not kept, the column is called by its number.
    """
    has_known = known_names(headers) > 0
    seen: Counter[str] = Counter()
    named = []
    for place, original in enumerate(headers, 1):
        header = scrub(original) if has_known else _impersonal(original, place)
        seen[header] += 1
        named.append(f"{header}_{seen[header]}" if header and seen[header] > 1 else header)
    return named


def _impersonal(header: str, place: int) -> str:
    return header if guarded(header) == header else f"#{place}"


def headers_hash(headers: Sequence[str]) -> str:
    """The shape of a file: its column names, whatever their order."""
    text = "\x1f".join(sorted(header_key(header) for header in headers if header and header not in REASON_COLUMNS))
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def recognised(store: Store, headers: Sequence[str], kind: str = "") -> Recognised | None:
    """What was remembered for files of this shape of this shop."""
    found = MappingProfile.objects.filter(store=store, headers_hash=headers_hash(headers)).order_by("-pk")
    profile = (found.filter(kind=kind) if kind else found).first()
    return of_profile(profile) if profile else None


def of_profile(profile: MappingProfile) -> Recognised:
    return Recognised(profile.kind, MAPPED, profile.mapping, profile.options, profile)


def remember(
    *,
    by: User | None,
    store: Store,
    kind: str,
    headers: Sequence[str],
    mapping: Mapping[str, str],
    options: Mapping[str, Any],
) -> MappingProfile:
    """Keep a mapping for the shop's next file of this shape; the last answer counts."""
    name = "、".join(list(mapping.values())[:4])[:80]
    profile, _is_new = MappingProfile.objects.update_or_create(
        store=store,
        kind=kind,
        headers_hash=headers_hash(headers),
        defaults={
            "name": name,
            "mapping": dict(mapping),
            "options": {key: options[key] for key in ANSWERS if options.get(key)},
            "created_by": by,
        },
    )
    return profile
