"""Thresholds of detectors. A change is a new version; the old one stays for the alerts that were made under it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from casemgr.kit import audit
from casemgr.kit.workflow import Refused, Stale
from orders.detectors import ALL
from orders.detectors.resolving import checked
from orders.enums import Severity
from orders.models import DetectorSetting
from stores.models import Platform, Store


def change(
    *,
    by: Any,
    detector: str,
    params: Mapping[str, Any],
    platform: Platform | None = None,
    store: Store | None = None,
    is_on: bool = True,
    severity: str = "",
    seen_version: int | None = None,
) -> DetectorSetting:
    """Set thresholds for all shops, one platform, or one shop; returns the new version.

    `seen_version` is the version the person looked at: Stale when somebody changed it meanwhile. Raises Refused for an
    unknown detector or a threshold that cannot be.
    """
    if detector not in ALL:
        raise Refused(_("There is no such detector."))
    if platform is not None and store is not None:
        raise Refused(_("A setting is for a platform or for a shop, not for both."))
    try:
        clean = checked(ALL[detector], params)
    except ValueError as error:
        raise Refused(str(error)) from None
    values = {"params": clean, "is_on": is_on, "severity": severity or ALL[detector].severity}
    if values["severity"] not in Severity.values:
        raise Refused(_("There is no such severity."))
    try:
        return _written(by, {"detector": detector, "platform": platform, "store": store}, values, seen_version)
    except IntegrityError:
        raise Stale(
            _("Somebody else changed this setting at the same moment. Nothing of yours was saved; please look again.")
        ) from None


@transaction.atomic
def _written(by: Any, where: dict[str, Any], values: dict[str, Any], seen_version: int | None) -> DetectorSetting:
    rows = DetectorSetting.objects.filter(
        detector=where["detector"], platform=where["platform"], store=where["store"], is_current=True
    )
    old = rows.first()
    if old is not None and seen_version is not None and old.version != seen_version:
        raise Stale(audit.who_was_faster(old))
    if old is not None and not rows.filter(pk=old.pk).update(is_current=False):
        raise Stale(audit.who_was_faster(old))
    latest = DetectorSetting.objects.filter(detector=where["detector"]).aggregate(n=Max("version"))["n"] or 0
    made = DetectorSetting.objects.create(**where, **values, version=latest + 1, created_by=by)
    before = {name: getattr(old, name) for name in values} if old else {}
    audit.record(
        by=by, action="detector_setting.change", of=made, before=before, after={**values, "version": made.version}
    )
    return made
