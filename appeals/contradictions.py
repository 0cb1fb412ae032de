"""Facts of a case that cannot both be true. Found before the platform finds them; each names its two sources."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import F
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from appeals.models import Case
from orders.models import Parcel


@dataclass(frozen=True)
class Contradiction:
    sentence: str | Promise
    href: str
    sources: tuple[str, str]


def of(case: Case) -> list[Contradiction]:
    """All contradictions of a case that a claimed order takes part in."""
    return list(_scanned_before_paid(case))


def _scanned_before_paid(case: Case) -> Iterator[Contradiction]:
    """A parcel cannot have been picked up before its order was paid: the number belongs to something else."""
    parcels = Parcel.objects.filter(
        orders__violation_orders__verdict__case=case, first_scan_at__lt=F("orders__paid_at")
    ).values_list("waybill_no", "orders__order_no")
    for waybill_no, order_no in parcels:
        yield Contradiction(
            _("Parcel %(waybill)s was scanned before order %(order)s was paid.")
            % {"waybill": waybill_no, "order": order_no},
            "#orders",
            ("scan", "order"),
        )
