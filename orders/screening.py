"""What runs, on which rows, when: detectors over shops, findings into alerts.

Screening can be run again at any time without doubling anything (rule 8). It reads a window of time around what is new,
or everything; old history is counted and not alarmed (rule 9).
"""

from __future__ import annotations

import datetime as dt
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from orders.detectors import ALL, Detector, Effective, Finding, Ground, Unknowable, explain, recording
from orders.detectors.resolving import effective
from stores.models import Store

# Looking back further than this means that the moment was chosen: the --at rules hold.
IS_PAST = dt.timedelta(minutes=1)


@dataclass(frozen=True)
class Look:
    """When the run takes place, and from when on things are news to it (None: everything is)."""

    at: dt.datetime
    is_past: bool
    since: dt.datetime | None


@dataclass
class Result:
    """What a run found and wrote. `seconds` is the time it took; counts are per detector."""

    at: dt.datetime
    findings: list[Finding] = field(default_factory=list)
    suppressed_old: int = 0
    cannot_tell: list[Unknowable] = field(default_factory=list)
    opened: int = 0
    updated: int = 0
    cleared: int = 0
    seconds: float = 0.0

    @property
    def counts(self) -> dict[str, int]:
        """Findings per detector, those without any included."""
        found = dict.fromkeys(ALL, 0)
        for finding in self.findings:
            found[finding.detector] += 1
        return found

    def as_json(self, codes: Mapping[int, str]) -> dict[str, Any]:
        """The object of `screen --json`; `codes` maps store keys to their codes."""
        return {
            "at": self.at.isoformat(),
            "findings": [_finding_as_json(finding, codes) for finding in self.findings],
            "counts": self.counts,
            "suppressed_old": self.suppressed_old,
            "cannot_tell": [
                {"detector": one.detector, "shop": codes[one.store.pk], "count": one.count, "reason": one.reason}
                for one in self.cannot_tell
            ],
            "alerts": {"opened": self.opened, "updated": self.updated, "cleared": self.cleared},
            "seconds": round(self.seconds, 3),
        }


def _finding_as_json(finding: Finding, codes: Mapping[int, str]) -> dict[str, Any]:
    """One finding in the words of design/5-bars; money that nobody knows is null, never 0."""
    return {
        "detector": finding.detector,
        "scope": finding.scope,
        "shops": [codes[store_id] for store_id in finding.store_ids],
        "orders": [order_no for _store_id, order_no in finding.orders.values()],
        "subject": finding.subject,
        "key_strength": finding.key_strength,
        "severity": finding.severity,
        "money_at_risk": None if finding.risk_amount is None else str(finding.risk_amount),
        "money_unknown_orders": finding.risk_unknown_count,
        "threshold": finding.threshold,
        "setting_version": finding.setting.version,
        "explain": " ".join(explain(finding.detector, finding)),
    }


def screen(
    *,
    stores: Iterable[Store],
    at: dt.datetime | None = None,
    since: dt.datetime | None = None,
    full: bool = False,
    dry_run: bool = False,
    overrides: Mapping[str, Any] | None = None,
    detectors: Iterable[str] | None = None,
    by: Any = None,
) -> Result:
    """Run detectors over `stores` and write what they find as alerts, unless `dry_run`.

    `at` is the moment taken as now; in the past the --at rules of the screen command hold. `since` limits bursts to
    what is new from then on (rows written since; looking back, orders placed since); without it, or with `full`,
    everything is read. Conditions that last (ship-by, scans) are always looked at whole. `overrides` maps
    "detector.threshold" to a value to try; `detectors` limits the run to some keys. `by` is who asked, None the system.

    Raises ValueError in words for an unknown detector or threshold.
    """
    begun = time.perf_counter()
    now = timezone.now()
    moment = at or now
    shops = list(stores)
    result = Result(at=moment)
    sisters = list(Store.objects.filter(merchant__in={shop.merchant_id for shop in shops}))
    settings = effective(sisters, overrides)
    look = Look(moment, moment < now - IS_PAST, None if full else since)
    for key in ALL if detectors is None else detectors:
        for ground in _grounds(ALL[key], shops, sisters, settings, look):
            _run(ALL[key], ground, result, dry_run=dry_run, by=by)
    result.seconds = time.perf_counter() - begun
    return result


def _run(detector: Detector, ground: Ground, result: Result, *, dry_run: bool, by: Any) -> None:
    found = detector.find(ground)
    old = [finding for finding in found.findings if finding.is_old(ground.at)]
    fresh = [finding for finding in found.findings if not finding.is_old(ground.at)]
    result.findings += fresh
    result.suppressed_old += len(old) + found.suppressed_old
    result.cannot_tell += found.cannot_tell
    if dry_run:
        return
    written = recording.record(detector, ground, fresh, still_there=old, by=by, is_whole=ground.since is None)
    result.opened += written.opened
    result.updated += written.updated
    result.cleared += written.cleared


def _grounds(
    detector: Detector,
    shops: list[Store],
    sisters: list[Store],
    settings: Mapping[tuple[str, int], Effective],
    look: Look,
) -> list[Ground]:
    """Shops that share a setting are looked at together; shops where the detector is off are left out.

    Scope merchant takes in the merchant's other shops with the same setting, never another merchant's (rule 7).
    """
    shared: dict[Any, list[Store]] = defaultdict(list)
    for store in shops:
        setting = settings[detector.key, store.pk]
        if setting.is_on:
            shared[setting.key].append(store)
    grounds = []
    for key, group in shared.items():
        setting = settings[detector.key, group[0].pk]
        if setting.params.get("scope") == "merchant":
            merchants = {store.merchant_id for store in group}
            group = [
                one for one in sisters if one.merchant_id in merchants and settings[detector.key, one.pk].key == key
            ]
        grounds.append(Ground(group, look.at, look.is_past, setting, None if detector.lasts else look.since))
    return grounds
