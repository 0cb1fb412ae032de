"""Parcels whose number was told to the platform, but which no carrier has scanned in time: it looks like 虚假发货.

"Not yet scanned" is not "stalled" and not "invalid number". In a shop without any source of scans a missing scan says
nothing: that is "cannot tell", counted and named, never a finding (rule 9).
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from casemgr.kit.sql import RowsOf
from orders.detectors.base import HISTORY, Detector, Finding, Found, Ground, Param, Told, Unknowable
from orders.detectors.money import Tariff
from orders.detectors.wording import day_time
from orders.enums import Fulfilment, Severity
from orders.models import Parcel, ParcelOrder
from stores.models import Policy, Store

KEY = "no_first_scan"
MOST_NAMED = 200  # waybill numbers kept with an alert
MOST_COUNTED = 1_000  # parcels of one shop that only count


class Unscanned(NamedTuple):
    """One parcel with one of its orders (or none), in the order in which columns are read."""

    pk: int
    store_id: int
    waybill_no: str
    shipped_at: dt.datetime
    order_id: int | None
    order_no: str | None
    fulfilment: str | None
    picked_up_at: dt.datetime | None
    paid_at: dt.datetime | None
    paid: Decimal | None


def find(ground: Ground) -> Found:
    """Per shop the parcels without a first scan `hours` after the upload of their number; four queries for any rows.

    `hours` as set by a person, else what the platform's policy for fake shipment says, else our default.
    """
    limits, found, tariff = _limits(ground), Found(), Tariff(ground.stores, "fake_shipment")
    told = [store for store in ground.stores if store.scans_known_since is not None]
    by_store: dict[int, list[Unscanned]] = defaultdict(list)
    for row in _unscanned(ground, told, limits):
        if not _is_moot(ground, row):
            by_store[row.store_id].append(row)
    found.cannot_tell = _cannot_tell(ground, [store for store in ground.stores if store not in told], limits)
    found.suppressed_old = _history(ground, told, limits)
    found.findings = [
        _finding(ground, store, by_store[store.pk], tariff, limits[store.pk]) for store in told if by_store[store.pk]
    ]
    return found


def _limits(ground: Ground) -> dict[int, tuple[int, str]]:
    """Store key -> (hours, where they come from)."""
    chosen = ground.setting.params["hours"]
    if "hours" in ground.setting.chosen:
        return {store.pk: (chosen, "setting") for store in ground.stores}
    policies = Policy.objects.filter(
        Q(effective_to__isnull=True) | Q(effective_to__gt=ground.at),
        violation_type__platform_id__in={store.platform_id for store in ground.stores},
        violation_type__key="fake_shipment",
        effective_from__lte=ground.at,
        first_scan_hours__isnull=False,
    ).order_by("version")
    by_platform = {
        platform: (hours or chosen, f"policy {version}" + ("" if verified else " unverified"))
        for platform, hours, version, verified in policies.values_list(
            "violation_type__platform_id", "first_scan_hours", "version", "verified_at"
        )
    }
    return {store.pk: by_platform.get(store.platform_id, (chosen, "default")) for store in ground.stores}


def _parcels(ground: Ground) -> QuerySet[Parcel]:
    """Parcels that were not scanned by then; a number that another one replaced is left out."""
    not_scanned = Q(first_scan_at__isnull=True) | Q(first_scan_at__gt=ground.at)
    return Parcel.objects.filter(
        not_scanned if ground.is_past else Q(first_scan_at__isnull=True),
        Q(delivered_at__isnull=True) | Q(delivered_at__gt=ground.at),
        ~Exists(Parcel.objects.filter(replaces=OuterRef("pk"))),
    )


def _unscanned(ground: Ground, told: list[Store], limits: dict[int, tuple[int, str]]) -> list[Unscanned]:
    """Parcels of shops that tell of scans, with their orders, for which a scan in time would be known to us: tracking
    reaches back that far, and it is not long ago (rule 9)."""
    known_since = {store.pk: store.scans_known_since for store in told}
    order = "parcelorder__order"
    columns = ("order_no", "fulfilment", "picked_up_at", "paid_at", "amount_paid")
    rows = _parcels(ground).filter(
        store_id__in=known_since, shipped_at__gte=ground.at - HISTORY, shipped_at__lte=ground.at
    )
    values = rows.order_by("shipped_at", "pk").values_list(
        "pk", "store_id", "waybill_no", "shipped_at", f"{order}_id", *(f"{order}__{name}" for name in columns)
    )
    found = []
    for row in map(Unscanned._make, values):
        due, known = row.shipped_at + dt.timedelta(hours=limits[row.store_id][0]), known_since[row.store_id]
        if due <= ground.at and known is not None and due >= known:
            found.append(row)
    return found


def _history(ground: Ground, told: list[Store], limits: dict[int, tuple[int, str]]) -> int:
    """How many parcels of these shops went without a scan too long ago, or before tracking was known, to be news."""
    found = 0
    for hours in {limits[store.pk][0] for store in told}:
        known = OuterRef("scans_known_since") - dt.timedelta(hours=hours)
        old = Q(shipped_at__lt=ground.at - HISTORY) | Q(shipped_at__lt=known)
        due = Q(shipped_at__lte=ground.at - dt.timedelta(hours=hours))
        found += sum(_counted(ground, [store for store in told if limits[store.pk][0] == hours], old & due).values())
    return found


def _cannot_tell(ground: Ground, silent: list[Store], limits: dict[int, tuple[int, str]]) -> list[Unknowable]:
    """Shops without any source of scans that have parcels which may be too late: counted, never a finding."""
    found = []
    for hours in {limits[store.pk][0] for store in silent}:
        due = Q(shipped_at__gte=ground.at - HISTORY, shipped_at__lte=ground.at - dt.timedelta(hours=hours))
        mine = [store for store in silent if limits[store.pk][0] == hours]
        counts = _counted(ground, mine, due & _waits(ground))
        found += [Unknowable(KEY, store, counts[store.pk], "no_scans") for store in mine if counts[store.pk]]
    return found


def _waits(ground: Ground) -> Q:
    """Parcels without an order, or with one that `_is_moot` would keep."""
    links = ParcelOrder.objects.filter(parcel=OuterRef("pk"))
    waiting = links.exclude(order__picked_up_at__isnull=False, order__picked_up_at__lte=ground.at)
    if not ground.is_past:
        waiting = waiting.exclude(order__fulfilment=Fulfilment.CLOSED)
    return Q(Exists(waiting)) | ~Q(Exists(links))


def _counted(ground: Ground, stores: list[Store], which: Q) -> dict[int, int]:
    """Shop -> how many of its unscanned parcels are meant; counting stops at a thousand each, so that a shop of which
    nobody tells scans costs no more for being large. One query."""
    rows = _parcels(ground).filter(which, store_id=OuterRef("pk")).order_by("-shipped_at").values("pk")[:MOST_COUNTED]
    shops = Store.objects.filter(pk__in=[store.pk for store in stores])
    return dict(shops.annotate(n=RowsOf(rows)).values_list("pk", "n"))


def _is_moot(ground: Ground, row: Unscanned) -> bool:
    """Whether the order itself says that the parcel moved, or that nobody waits for it any more."""
    if row.picked_up_at and row.picked_up_at <= ground.at:
        return True
    return row.fulfilment == Fulfilment.CLOSED and not ground.is_past


def _finding(ground: Ground, store: Store, rows: list[Unscanned], tariff: Tariff, limit: tuple[int, str]) -> Finding:
    orders = {row.order_id: row for row in rows if row.order_id is not None}
    waybills = list(dict.fromkeys(row.waybill_no for row in rows))
    amount, unknown = tariff.sum((store.platform_id, row.shipped_at, row.paid) for row in orders.values())
    first, last = min(row.shipped_at for row in rows), max(row.shipped_at for row in rows)
    return Finding(
        detector=KEY,
        anchor=KEY,
        orders={pk: (store.pk, row.order_no or "") for pk, row in orders.items()},
        severity=ground.setting.severity,
        setting=ground.setting,
        threshold={**ground.setting.threshold("hours"), "hours": limit[0], "source": limit[1]},
        facts={
            "parcels": len(waybills),
            "orders": len(orders),
            "waybills": waybills[:MOST_NAMED],
            "from": first.isoformat(),
            "to": last.isoformat(),
        },
        from_at=first,
        to_at=last,
        store_ids=[store.pk],
        subject=store.name,
        risk_amount=amount,
        risk_unknown_count=unknown,
    )


def title(alert: Told) -> str:
    """7 parcels without a first scan."""
    n = alert.facts.get("parcels", alert.order_count)
    return ngettext("%(n)s parcel without a first scan", "%(n)s parcels without a first scan", n) % {"n": n}


def explain(alert: Told) -> list[str]:
    """Why, in sentences: which parcels since when, that the number may still be right, the threshold and its source."""
    n = alert.facts.get("parcels", alert.order_count)
    text = ngettext(
        "The number of %(n)s parcel was uploaded between %(from)s and %(to)s, and no carrier has scanned it.",
        "The numbers of %(n)s parcels were uploaded between %(from)s and %(to)s, and no carrier has scanned them.",
        n,
    )
    words = {"n": n, "from": day_time(alert.facts.get("from")), "to": day_time(alert.facts.get("to"))}
    return [
        text % words,
        _("Not scanned is not the same as a wrong number: ask the warehouse and the carrier first."),
        _("Threshold: no scan %(hours)s hours after the upload.") % alert.threshold,
        _source_words(alert.threshold.get("source", "")),
    ]


def _source_words(source: str) -> str:
    kind, _gap, rest = source.partition(" ")
    version, _gap, doubt = rest.partition(" ")
    if kind == "policy" and doubt:
        return _("The hours come from version %(version)s of the platform's policy, which nobody has verified yet.") % {
            "version": version
        }
    if kind == "policy":
        return _("The hours come from version %(version)s of the platform's policy.") % {"version": version}
    return _("The hours are our own setting, not a rule of the platform.")


DETECTOR = Detector(
    key=KEY,
    name=gettext_lazy("No first scan"),
    about=gettext_lazy("Parcels whose number is known to the platform, but which no carrier has scanned in time."),
    params=(Param("hours", gettext_lazy("hours after the upload"), 24),),
    severity=Severity.MEDIUM,
    find=find,
    title=title,
    explain=explain,
    lasts=True,
)
