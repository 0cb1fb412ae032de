"""Many notices at once: which are known, and which violations of one shop, kind and day are proposed as one case."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from appeals import intake
from appeals.actions.deadlines import Due
from appeals.models import Case, CaseViolation
from orders.actions.violations import Statement, text_hash
from orders.models import Order
from orders.notices import Piece
from stores.models import Store, User, ViolationType

MOST = 1000


@dataclass
class Row:
    """One notice of the text. `case` is set when its violation is registered already."""

    place: int
    piece: Piece
    store: Store | None = None
    case: Case | None = None
    choice: str = "together"

    @property
    def read(self) -> Mapping[str, Any]:
        return self.piece.violation or {}

    @property
    def may_open(self) -> bool:
        return self.case is None and self.piece.action == "open" and intake.is_in_play(self.read)

    @property
    def noticed_at(self) -> dt.datetime | None:
        return intake.moment(self.read.get("noticed_at"))

    @property
    def order_nos(self) -> Sequence[str]:
        return (self.read.get("orders") or {}).get("order_nos") or ()


@dataclass
class Bundle:
    """Violations that become one case."""

    key: str
    store: Store | None
    kind_key: str
    day: dt.date | None
    rows: list[Row] = field(default_factory=list)

    @property
    def order_count(self) -> int:
        return sum((row.read.get("orders") or {}).get("claimed") or len(row.order_nos) for row in self.rows)


def rows_of(pieces: Sequence[Piece], *, user: User, store: Store | None) -> list[Row]:
    """The notices with their shops (`store`, else named or known by an order) and the cases that hold them already."""
    rows = [Row(place, piece, store) for place, piece in enumerate(pieces[:MOST])]
    if store is None:
        _find_stores(rows, user)
    _find_known(rows, user)
    return rows


def _find_stores(rows: list[Row], user: User) -> None:
    shops = list(Store.objects.visible_to(user).filter(state="active").select_related("platform")[:500])
    numbers = [no for row in rows for no in row.order_nos[:1]]
    orders = Order.objects.visible_to(user).filter(store__in=shops, order_no__in=numbers)
    holder = dict(orders.values_list("order_no", "store_id"))
    for row in rows:
        code, name = row.read.get("platform"), row.read.get("shop_name")
        fitting = [shop for shop in shops if code in (None, shop.platform.code)]
        named = [shop for shop in fitting if shop.name == name]
        owning = [shop for shop in fitting if row.order_nos and shop.pk == holder.get(row.order_nos[0])]
        row.store = next((found[0] for found in (named, owning, fitting) if len(found) == 1), None)


def _find_known(rows: list[Row], user: User) -> None:
    numbers = [no for row in rows if (no := row.read.get("violation_no"))]
    hashes = [text_hash(row.piece.text) for row in rows if not row.read.get("violation_no")]
    matters = CaseViolation.objects.visible_to(user).select_related("case", "violation")
    by_number = {m.violation.violation_no: m for m in matters.filter(violation__violation_no__in=numbers)}
    by_text = {
        m.violation.text_hash: m for m in matters.filter(violation__violation_no="", violation__text_hash__in=hashes)
    }
    for row in rows:
        number = row.read.get("violation_no")
        known = by_number.get(number) if number else by_text.get(text_hash(row.piece.text))
        if (known is not None and row.store in (None, known.case.store)) or (known and row.piece.action == "update"):
            row.case = known.case


def proposed(rows: Sequence[Row]) -> list[Bundle]:
    """One case for the violations of one shop, kind and day that go together; those told to stand alone each their own."""
    bundles: dict[tuple[object, ...], Bundle] = {}
    for row in rows:
        if not row.may_open or row.choice == "skip":
            continue
        day = timezone.localtime(row.noticed_at).date() if row.noticed_at else None
        kind = row.read.get("type") or ""
        shop = row.store.pk if row.store else row.read.get("shop_name")
        group = ("own", row.place) if row.choice == "own" else (shop, kind, day, row.read.get("stage") == "ticket")
        bundle = bundles.setdefault(group, Bundle(str(row.place), row.store, kind, day))
        bundle.rows.append(row)
    return list(bundles.values())


def statements_of(bundle: Bundle, kind: ViolationType, stage: str) -> list[Statement]:
    """What the notices of a bundle say, each with its own words; `stage` for those that do not name theirs."""
    fields: dict[str, Any] = {"violation_type": kind, "entered": "pasted"}
    return [
        intake.to_statement(row.read, stage=row.read.get("stage") or stage, text=row.piece.text, **fields)
        for row in bundle.rows
    ]


def dues_of(bundle: Bundle) -> list[Due]:
    """The earliest deadline of each kind: all is filed at once, so the first one counts for all."""
    first: dict[str, intake.ReadDue] = {}
    for due in (due for row in bundle.rows for due in intake.read_dues(row.read)):
        known = first.get(due.kind)
        if known is None or (due.due_at is not None and (known.due_at is None or due.due_at < known.due_at)):
            first[due.kind] = due
    return [intake.to_due(due) for due in first.values()]


def attempts_left(bundle: Bundle) -> int | None:
    """What is left, where all notices of the bundle say the same."""
    left = {row.read.get("attempts_left") for row in bundle.rows}
    return left.pop() if len(left) == 1 else None
