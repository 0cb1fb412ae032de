"""P14 and the speed of casework: a notice of 300 orders from paste to pack, and its case page when it has grown."""

from __future__ import annotations

import datetime as dt
import io
import random
import statistics
import time
from collections.abc import Callable
from typing import Any

from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation
from PIL import Image

from appeals import rules
from appeals.actions import evidence, filings, moves, talk, texts
from appeals.demo import notices, people
from appeals.models import Case
from bench import many
from bench.harness import Figure, Stage, spread
from orders.actions.reference import load_carriers
from orders.models import Carrier, Order, Parcel, ParcelOrder
from stores.models import EvidenceRequirement, Store, User

ORDERS, IMAGES, FILES, EVENTS = 300, 20, 60, 500
PIXELS = (1080, 1500)  # of a screenshot; noise in it makes about 300 kB
HOUR = dt.timedelta(hours=1)


def measure(stage: Stage) -> list[Figure]:
    """Each round a case of its own over 300 orders; one more for its page, since a filed one takes no more files."""
    cast = people.create()
    opened, judged, packed = [], [], []
    with translation.override("zh-hans"):
        for number in range(stage.rounds):
            shop = _shop(cast, number)
            text, begun = _notice(shop, number), time.perf_counter()
            case = notices.paste(by=cast.lin, store=shop, text=text, owner=cast.lin)
            opened.append(time.perf_counter() - begun)
            judged.append(_timed(lambda: moves.take_in(by=cast.lin, case=case)))  # noqa: B023
            filing = _approved(_prepared(case, cast.lin), cast.lin, cast.lead)
            packed.append(_timed(lambda: filings.claim(by=cast.lin, filing=filing)))  # noqa: B023
            stage.say(
                f"round {number + 1}: open {opened[-1]:.2f} s, verdicts {judged[-1]:.2f} s, pack {packed[-1]:.1f} s"
            )
        shop = _shop(cast, stage.rounds)
        case = notices.paste(by=cast.lin, store=shop, text=_notice(shop, stage.rounds), owner=cast.lin)
        moves.take_in(by=cast.lin, case=case)
        page = _page(_prepared(case, cast.lin), cast.lin)
    return [
        _figure("P14", f"pack of {ORDERS} orders and {IMAGES} images, built and frozen", packed, 10),
        _figure("P14", f"paste to open case, {ORDERS} orders", opened, 2),
        _figure("P14", f"verdicts of {ORDERS} orders", judged, 1),
        _figure("P14", f"case page, {ORDERS} orders, {FILES} files, {EVENTS} events", page["seconds"], 0.15),
        Figure("P14", "questions the case page asks", page["queries"], ""),
    ]  # fmt: skip


def _figure(name: str, what: str, seconds: list[float], most: float) -> Figure:
    median = statistics.median(seconds)
    return Figure(name, what, median, "s", spread(seconds), median, f"< {most} s", median < most)


def _timed(do: Callable[[], object]) -> float:
    begun = time.perf_counter()
    do()
    return time.perf_counter() - begun


def _shop(cast: Any, number: int) -> Store:
    """A shop with 300 orders that a carrier scanned in time."""
    shop = Store.objects.create(name=f"测量店{number}", platform=cast.pdd.platform, merchant=cast.pdd.merchant)
    cast.lin.assignments.create(store=shop)
    now = timezone.now().replace(microsecond=0)
    many.base(shop, ORDERS, now, seed=100 + number)
    orders = list(Order.objects.filter(store=shop).order_by("pk"))
    for place, order in enumerate(orders):
        order.order_no = f"261101-9{number:03d}{place:011d}"  # as 拼多多 numbers them
    Order.objects.bulk_update(orders, ["order_no"])
    load_carriers()
    carrier = Carrier.objects.get(code="yto")
    parcels = Parcel.objects.bulk_create(
        Parcel(store=shop, carrier=carrier, waybill_no=f"YT{number:03d}{place:010d}", state="picked_up",
               shipped_at=order.paid_at + HOUR, first_scan_at=order.paid_at + 5 * HOUR,
               last_event_at=order.paid_at + 9 * HOUR, created_at=now)
        for place, order in enumerate(orders)
    )  # fmt: skip
    ParcelOrder.objects.bulk_create(
        ParcelOrder(parcel=parcel, order=order) for parcel, order in zip(parcels, orders, strict=True)
    )
    return shop


def _notice(shop: Store, number: int) -> str:
    now = timezone.now()
    numbers = list(Order.objects.filter(store=shop).values_list("order_no", flat=True))
    return notices.pinduoduo_late(
        number=f"9020261123{number:04d}",
        shop=shop.name,
        order_nos=numbers,
        noticed_at=now - HOUR,
        due_at=now + 70 * HOUR,
    )


def _prepared(case: Case, by: User) -> Case:
    """Diagnosed, with its timeline, 20 screenshots and its text."""
    case.refresh_from_db()
    moves.diagnose(by=by, case=case, root_cause="platform_error", line_of_defence="shipped_in_time")
    moves.start_preparing(by=by, case=case)
    evidence.generate(by=by, case=case, document="order_timeline")
    needed = EvidenceRequirement.objects.get(key="notice")
    evidence.add(
        by=by, case=case, requirement=needed, uploads=[_shot(case, n) for n in range(IMAGES)], declared_true=True
    )
    filing = rules.open_filing(case)
    assert filing is not None
    texts.redraft(by=by, filing=filing, replace=True)
    return case


def _shot(case: Case, number: int) -> ContentFile[bytes]:
    """A screenshot that does not compress to nothing, another one each time."""
    noise = random.Random(f"{case.pk} {number}").randbytes(180 * 250)
    picture = Image.frombytes("L", (180, 250), noise).resize(PIXELS).convert("RGB")
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=82)
    return ContentFile(out.getvalue(), name=f"截图{number}.jpg")


def _approved(case: Case, by: User, lead: User) -> Any:
    filing = rules.open_filing(case)
    assert filing is not None
    filings.send_to_review(by=by, filing=filing)
    filing.refresh_from_db()
    filings.approve(by=lead, filing=filing)
    filing.refresh_from_db()
    return filing


def _page(case: Case, by: User) -> dict[str, Any]:
    """The case page once the case has 60 files and 500 events: seconds of each of ten requests, and its questions."""
    needed = EvidenceRequirement.objects.get(key="logistics_trace")
    small = [_shot(case, 1_000 + n) for n in range(FILES - IMAGES)]
    for start in range(0, len(small), 10):
        evidence.add(by=by, case=case, requirement=needed, uploads=small[start : start + 10], declared_true=True)
    for number in range(EVENTS):
        talk.say(by=by, case=case, text=f"第{number}条备注", is_internal=True)
    browser = Client(SERVER_NAME="localhost")
    browser.force_login(by)
    address = f"/cases/{case.code}/"
    browser.get(address)
    seconds = [_timed(lambda: browser.get(address)) for _n in range(10)]
    with CaptureQueriesContext(connection) as captured:
        answer = browser.get(address)
    if answer.status_code != 200:
        raise RuntimeError(f"the case page answered {answer.status_code}")
    return {"seconds": seconds, "queries": len(captured)}
