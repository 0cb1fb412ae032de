"""What cannot both be true in a case. Found before the platform finds it; each names its two sources with their places.

Nothing is ticked off: a contradiction goes when a source is mended, or when the order leaves the claim (its verdict is
overruled, with the reason). Only claimed orders, current evidence and the open text take part.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from appeals import verdicts
from appeals.evidence import timeline
from appeals.evidence.timeline import OrderTimeline
from appeals.letters import claims_made
from appeals.models import Case, Filing
from casemgr.kit.page_memo import once_a_page
from orders.models import Order, Parcel
from stores.enums import LineOfDefence

# Strongest first; the area says nothing about a person.
BUYER_KEYS = ("key_account", "key_token", "key_phone", "key_address", "key_masked")
SHOWN = 5


@dataclass(frozen=True)
class Source:
    """One of the two sides, and where it stands."""

    label: str | Promise
    href: str


@dataclass(frozen=True)
class Contradiction:
    sentence: str | Promise
    sources: tuple[Source, Source]

    @property
    def href(self) -> str:
        """Where to look first."""
        return self.sources[0].href


@once_a_page
def of(case: Case) -> list[Contradiction]:
    """All contradictions of a case that a claimed order or its open text takes part in; queries do not grow with it."""
    found = [*_scanned_before_paid(case), *_shared_waybills(case)]
    filing = case.filings.filter(status__in=["draft", "in_review", "approved"]).first()
    if filing is not None and (filing.box_text or filing.letter_text):
        filing.case = case
        found += [*_figures(filing), *_denied(filing), *_younger_than_the_letter(filing)]
    return found


def _order_file(case: Case, order_no: str) -> Source:
    label = _("Order file: %(order)s") % {"order": order_no}
    return Source(label, reverse("order", args=[case.store.code, order_no]))


def _scans(case: Case) -> Source:
    return Source(gettext_lazy("Carrier's scans"), reverse("case-timeline", args=[case.code]))


def _text(filing: Filing) -> Source:
    return Source(gettext_lazy("Appeal text"), f"{reverse('case', args=[filing.case.code])}#letter")


def _at_case(case: Case, label: str | Promise, anchor: str) -> Source:
    return Source(label, f"{reverse('case', args=[case.code])}#{anchor}")


def _scanned_before_paid(case: Case) -> Iterator[Contradiction]:
    """A parcel cannot have been picked up before its order was paid: the number belongs to something else."""
    claimed = verdicts.claimed(case).values("violation_order__order_id")
    parcels = (
        Parcel.objects.filter(store=case.store_id, orders__in=claimed, first_scan_at__lt=F("orders__paid_at"))
        .values_list("waybill_no", "orders__order_no")
        .order_by("pk", "orders__order_no")
    )
    for waybill_no, order_no in parcels:
        text = _("Parcel %(waybill)s was scanned before order %(order)s was paid.")
        yield Contradiction(
            text % {"waybill": waybill_no, "order": order_no}, (_order_file(case, order_no), _scans(case))
        )


def _shared_waybills(case: Case) -> Iterator[Contradiction]:
    """One parcel goes to one buyer: a number under orders of different buyers is wrong for one of them at least."""
    claimed = set(
        verdicts.claimed(case).exclude(violation_order__order=None).values_list("violation_order__order_id", flat=True)
    )
    links = (
        Parcel.orders.through.objects.filter(parcel__store=case.store_id, parcel__orders__in=claimed)
        .select_related("parcel", "order")
        .order_by("parcel_id", "order_id")
        .distinct()
    )
    by_parcel: dict[str, dict[int, Order]] = defaultdict(dict)
    for link in links:
        by_parcel[link.parcel.waybill_no][link.order_id] = link.order
    for waybill_no, orders in by_parcel.items():
        pair = _different_buyers(list(orders.values()), claimed)
        if pair:
            text = _("Waybill %(waybill)s stands under orders %(one)s and %(other)s of different buyers.")
            one, other = pair[0].order_no, pair[1].order_no
            sentence = text % {"waybill": waybill_no, "one": one, "other": other}
            yield Contradiction(sentence, (_order_file(case, one), _order_file(case, other)))


def _different_buyers(orders: list[Order], claimed: set[int]) -> tuple[Order, Order] | None:
    for one in orders:
        for other in orders:
            if one.pk in claimed and one.pk != other.pk and _are_of_different_buyers(one, other):
                return one, other
    return None


def _are_of_different_buyers(one: Order, other: Order) -> bool:
    """Only where both carry a key and no key is shared; without a common key nobody knows."""
    pairs = [(getattr(one, key), getattr(other, key)) for key in BUYER_KEYS]
    known = [(left, right) for left, right in pairs if left and right]
    return bool(known) and all(left != right for left, right in known)


def _figures(filing: Filing) -> Iterator[Contradiction]:
    """Counts, amounts and times of the text that no stored fact gives. A fact recorded with its source gives one too."""
    case = filing.case
    unknown = claims_made.unfounded(filing)
    for figure in unknown[:SHOWN]:
        text = _("The text says “%(figure)s”, but no order, verdict or recorded fact gives this figure.")
        yield Contradiction(
            text % {"figure": figure}, (_text(filing), _at_case(case, gettext_lazy("Orders and verdicts"), "orders"))
        )


def _denied(filing: Filing) -> Iterator[Contradiction]:
    """The text says that there was none of something that our records show for claimed orders."""
    rows: list[OrderTimeline] = timeline.rows(filing.case, only_claimed=True)
    for words, key in claims_made.denials(f"{filing.box_text}\n{filing.letter_text}", len(rows)):
        having = [row.order_no for row in rows if row.first(key)]
        if having:
            sentence = ngettext(
                "The text says “%(words)s”, but %(n)s claimed order has it on record: %(order)s.",
                "The text says “%(words)s”, but %(n)s claimed orders have it on record, such as %(order)s.",
                len(having),
            ) % {"words": words, "n": len(having), "order": having[0]}
            yield Contradiction(sentence, (_text(filing), _order_file(filing.case, having[0])))


def _younger_than_the_letter(filing: Filing) -> Iterator[Contradiction]:
    """A letter cannot lean on what was said or taken after the day it is dated."""
    day = claims_made.dated(filing.letter_text)
    if day is None:
        return
    case = filing.case
    for item in case.evidence.filter(withdrawn_at=None, replaced_by=None, captured_at__isnull=False).order_by("pk"):
        if item.captured_at and timezone.localdate(item.captured_at) > day:
            text = _("“%(title)s” was taken on %(taken)s, after the date of the letter, %(day)s.")
            sentence = text % {"title": item.title, "taken": timezone.localdate(item.captured_at), "day": day}
            yield Contradiction(sentence, (_text(filing), _at_case(case, item.title, f"item-{item.code}")))
    declared = case.declared_at if case.line_of_defence == LineOfDefence.MALICIOUS_ORDER else None
    if declared and timezone.localdate(declared) > day:
        text = _("The merchant declared on %(declared)s, after the date of the letter, %(day)s.")
        sentence = text % {"declared": timezone.localdate(declared), "day": day}
        yield Contradiction(
            sentence, (_text(filing), _at_case(case, gettext_lazy("The merchant’s declaration"), "diagnosis"))
        )
