"""Which thresholds hold where: the detector's own, then the agency's, then the platform's, then the shop's setting."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from orders.detectors import ALL
from orders.detectors.base import Detector, Effective
from orders.models import DetectorSetting
from stores.models import Store

SCOPES = ("shop", "merchant")


def checked(detector: Detector, params: Mapping[str, Any]) -> dict[str, Any]:
    """`params` as whole numbers, each known to the detector and not below its least. Raises ValueError in words."""
    known = {param.name: param for param in detector.params}
    clean: dict[str, Any] = {}
    for name, value in params.items():
        if name == "scope" and detector.has_scope:
            if value not in SCOPES:
                raise ValueError(_("scope is shop or merchant, not “%(value)s”.") % {"value": value})
            clean[name] = value
            continue
        if name not in known:
            raise ValueError(_("%(detector)s has no threshold “%(name)s”.") % {"detector": detector.key, "name": name})
        try:
            number = int(str(value))
        except ValueError:
            raise ValueError(
                _("%(name)s must be a whole number, not “%(value)s”.") % {"name": name, "value": value}
            ) from None
        if number < known[name].least:
            raise ValueError(_("%(name)s must be at least %(least)s.") % {"name": name, "least": known[name].least})
        clean[name] = number
    return clean


def overrides_by_detector(overrides: Mapping[str, Any] | None) -> dict[str, dict[str, Any]]:
    """{"burst_buyer.count": 5} as {"burst_buyer": {"count": 5}}, checked. Raises ValueError in words."""
    raw: dict[str, dict[str, Any]] = {}
    for path, value in (overrides or {}).items():
        key, dot, name = path.partition(".")
        if not dot or key not in ALL:
            raise ValueError(
                _("Write detector.threshold=value; the detectors are %(names)s.") % {"names": ", ".join(ALL)}
            )
        raw.setdefault(key, {})[name] = value
    return {key: checked(ALL[key], params) for key, params in raw.items()}


def effective(stores: Iterable[Store], overrides: Mapping[str, Any] | None = None) -> dict[tuple[str, int], Effective]:
    """(detector, store key) -> what holds there. One query; shops without any setting have version 0."""
    stores = list(stores)
    tried = overrides_by_detector(overrides)
    rows: dict[tuple[str, int | None, int | None], DetectorSetting] = {
        (row.detector, row.platform_id, row.store_id): row for row in DetectorSetting.objects.filter(is_current=True)
    }
    found = {}
    for key, detector in ALL.items():
        for store in stores:
            # A row for a shop may name its platform as well; the shop is what counts.
            own = rows.get((key, None, store.pk)) or rows.get((key, store.platform_id, store.pk))
            layers = [rows.get((key, None, None)), rows.get((key, store.platform_id, None)), own]
            found[key, store.pk] = _layered(detector, [row for row in layers if row], tried.get(key, {}))
    return found


def _layered(detector: Detector, rows: list[DetectorSetting], tried: Mapping[str, Any]) -> Effective:
    """The detector's own values under each row in turn; the last row gives version, severity and on/off."""
    params = detector.usual
    for row in rows:
        params |= {name: value for name, value in row.params.items() if name in params}
    chosen = frozenset(name for row in rows for name in row.params) | frozenset(tried)
    last = rows[-1] if rows else None
    return Effective(
        params={**params, **tried},
        chosen=chosen,
        is_on=last.is_on if last else True,
        severity=last.severity if last else detector.severity,
        version=last.version if last else 0,
        setting=last,
        is_overridden=bool(tried),
    )
