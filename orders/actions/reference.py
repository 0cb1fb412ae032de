"""Writing the carriers that come with the product. Only adds: a carrier that is there, a person may have changed."""

from __future__ import annotations

from django.db import transaction

from casemgr.kit import audit
from orders.models import Carrier
from stores import reference
from stores.models import User


@transaction.atomic
def load_carriers(*, by: User | None = None) -> int:
    """Add the carriers that are missing; how many. Safe to run again.

    `Carrier.patterns` keeps how a waybill number is recognised: a list of {pattern, strength, source, confidence};
    `strong` decides alone, `medium` only if no other carrier matches (stores/reference/carriers.json).
    """
    known = set(Carrier.objects.values_list("code", flat=True))
    missing = [
        Carrier(
            code=row["code"],
            name_zh=row["name_zh"],
            name_en=row["name_en"],
            aliases=list(row["aliases"]),
            patterns=[
                {
                    "pattern": one["pattern"],
                    "strength": strength,
                    "source": one["source"],
                    "confidence": one["confidence"],
                }
                for strength in ("strong", "medium")
                for one in row[strength]  # type: ignore[literal-required]
            ],
            source=row["source"][:300],
            confidence=row["confidence"],
        )
        for row in reference.carriers()
        if row["code"] not in known
    ]
    Carrier.objects.bulk_create(missing)
    if missing:
        audit.record(by=by, action="reference.loaded", of=missing[0], after={"carriers": len(missing)})
    return len(missing)
