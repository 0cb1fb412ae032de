"""A burst of malicious orders with all that is on record of it, for tests of letters, documents and packs."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

from appeals.actions import evidence, filings
from appeals.enums import VerdictKind
from appeals.models import Case, EvidenceItem, Filing
from orders.models import Order, OrderReview, PlatformReport, ReviewContact, RiskAlert, Violation
from stores.actions import reference
from stores.models import EvidenceRequirement, Store, User
from tests import make
from tests.appeals.cast import opened

START = make.at("2026-11-07 21:03")
NOTICED = make.at("2026-11-18 10:26")


def burst_orders(shop: Store, count: int, *, start: dt.datetime = START, **fields: Any) -> list[Order]:
    """Paid, unshipped orders of one article, ten seconds apart; the last ones are nine minutes after the first."""
    made = []
    for number in range(count):
        at = start + dt.timedelta(seconds=number * 540 // max(count - 1, 1))
        values = {"placed_at": at, "paid_at": at + dt.timedelta(seconds=40), "ship_by": start + dt.timedelta(hours=48),
                  "ship_by_source": "file", "recipient_masked": "张**", "phone_masked": "138****1234",
                  "district": "示例区", "street": "示例街道", "state_word": "待发货"}  # fmt: skip
        order = make.order(shop, **{**values, **fields})
        make.line(order, sku_key="cardigan", sku_name="针织开衫（示例款）", sku_spec="奶白 均码")
        made.append(order)
    return made


def usual_days(shop: Store, *counts: int) -> None:
    """Orders of the same article at the same hour on the days before, one count a day, the nearest first."""
    for back, count in enumerate(counts, 1):
        day = START - dt.timedelta(days=back)
        make.order(shop, placed_at=day - dt.timedelta(hours=5))
        for number in range(count):
            order = make.order(shop, placed_at=day + dt.timedelta(minutes=number))
            make.line(order, sku_key="cardigan")


def alert_of(shop: Store, orders: list[Order], **fields: Any) -> RiskAlert:
    values = {"detector": "burst_buyer", "fingerprint": "f", "status": "confirmed", "severity": "low", "key_kind": "masked",
              "key_strength": "weak", "order_count": len(orders), "first_seen_at": START, "last_seen_at": START}  # fmt: skip
    alert = RiskAlert.objects.create(store=shop, **{**values, **fields})
    alert.orders.set(orders)
    return alert


def check(order: Order, by: User, result: str = "no_answer", status: str = "unreachable", **answers: str) -> None:
    review = OrderReview.objects.create(
        order=order, status=status, decided_by=by, decided_at=START + dt.timedelta(hours=3)
    )
    at = START + dt.timedelta(hours=1)
    ReviewContact.objects.create(review=review, at=at, channel="chat", result=result, answers=answers, by=by)


def report(shop: Store, orders: list[Order], by: User, **fields: Any) -> PlatformReport:
    values = {"kind": "malicious_buyer", "status": "filed", "number": "JB20261108000012", "created_by": by,
              "filed_at": make.at("2026-11-08 10:20")}  # fmt: skip
    made = PlatformReport.objects.create(store=shop, **{**values, **fields})
    made.orders.set(orders)
    return made


def case_of(shop: Store, by: User, orders: list[Order], **fields: Any) -> Case:
    """A case in preparation against these orders, every one of them judged malicious from the alert."""
    reference.load()
    case = opened(shop, by, orders=orders, **{"violation_no": "90202611180031", **fields})
    Violation.objects.filter(cases=case).update(noticed_at=NOTICED)
    Case.objects.filter(pk=case.pk).update(
        status="preparing", root_cause="malicious_order", line_of_defence="malicious_order"
    )
    case.refresh_from_db()
    assert set(case.verdicts.values_list("kind", flat=True)) == {VerdictKind.MALICIOUS_ORDER}
    return case


def draft_of(case: Case, by: User) -> Filing:
    return filings.start_round(by=by, case=case)


def needed(key: str) -> EvidenceRequirement:
    return EvidenceRequirement.objects.get(key=key)


def png(text: str = "notice", size: tuple[int, int] = (1080, 600)) -> bytes:
    """A small screenshot with a word on it, so that no two of them have the same bytes."""
    picture = Image.new("RGB", size, "white")
    ImageDraw.Draw(picture).text((40, 40), text, fill="black", font_size=48)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def upload(name: str = "截图.png", content: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, png(name) if content is None else content)


def item(case: Case, by: User, key: str, *names: str, **fields: Any) -> list[EvidenceItem]:
    """Evidence of one kind, uploaded through the ordinary action."""
    uploads = [upload(f"{key}-{name}.png") for name in names or ("1",)]
    return evidence.add(by=by, case=case, requirement=needed(key), uploads=uploads, declared_true=True, **fields)
