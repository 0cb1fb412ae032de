"""The registry: every detector by its key. A new one is a file beside this one and a line here."""

from orders.detectors import burst_buyer, burst_sku_area, no_first_scan, ship_by
from orders.detectors.base import Detector, Effective, Finding, Found, Ground, Param, Told, Unknowable

ALL: dict[str, Detector] = {
    one.key: one for one in (burst_buyer.DETECTOR, burst_sku_area.DETECTOR, ship_by.DETECTOR, no_first_scan.DETECTOR)
}

__all__ = [
    "ALL",
    "Detector",
    "Effective",
    "Finding",
    "Found",
    "Ground",
    "Param",
    "Told",
    "Unknowable",
    "explain",
    "name_of",
    "title",
]


def name_of(key: str) -> str:
    """The detector's name for people; the key itself for one that is no longer there."""
    return str(ALL[key].name) if key in ALL else key


def title(detector: str, alert: Told) -> str:
    """One line that says what was found."""
    return ALL[detector].title(alert) if detector in ALL else detector


def explain(detector: str, alert: Told) -> list[str]:
    """Why it was found, in sentences."""
    return ALL[detector].explain(alert) if detector in ALL else []
