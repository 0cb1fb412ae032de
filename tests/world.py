"""One of everything that has an address, in one shop, with canary texts; for sweeps over all addresses."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from appeals.models import (
    BuyerContact,
    Case,
    EvidenceItem,
    EvidenceRequest,
    Filing,
    PackFile,
    PlanAction,
    PlatformContact,
    SavedView,
)
from casemgr.kit import health_view, jobs
from casemgr.kit.models import Job
from orders.actions import incidents
from orders.models import Hold, ImportRun, OrderReview, Penalty, PlatformReport
from stores.actions import links
from stores.models import EvidenceRequirement, Store, User
from tests import make
from tests.appeals.cast import appeal_in, filing_in, opened

CANARIES = ["CANARY-ORDER-7788", "金丝雀店铺", "CANARY-NOTE", "CANARY-FILE"]


def world_of(shop: Store, handler: User, owner: User) -> dict[str, Any]:
    """Arguments for every address, by its name, and the texts that must reach no stranger."""
    now = timezone.now()
    Store.objects.filter(pk=shop.pk).update(name=CANARIES[1])
    shop.refresh_from_db()
    make.policy("false_transaction")
    order = make.order(shop, CANARIES[0], ship_by=now + dt.timedelta(hours=3), ship_by_source="file")
    alert = make.alert(shop, orders=[order], subject=CANARIES[2])
    hold = Hold.objects.create(store=shop, alert=alert, reason=CANARIES[2], asked_by=handler, asked_at=now)
    hold.orders.add(order)
    report = PlatformReport.objects.create(
        store=shop, alert=alert, kind="malicious_buyer", note=CANARIES[2], created_by=handler
    )
    run = ImportRun.objects.create(
        store=shop,
        kind="orders",
        filename=CANARIES[3] + ".csv",
        size=1,
        sha256="0" * 64,
        requested_by=handler,
        status="staged",
    )
    case = opened(shop, handler, orders=[order])
    filing = filing_in("filing", case, handler)
    appeal_in("filed", case.matters.get())
    OrderReview.objects.create(order=order, alert=alert, status="contacted")
    kind = EvidenceRequirement.objects.get_or_create(
        key="chat_log", defaults={"name_zh": "聊天记录", "name_en": "chat log"}
    )[0]
    path = default_storage.save("evidence/x.png", ContentFile(b"x"))
    table = default_storage.save("imports/x.csv", ContentFile("订单号,数量\n1,2\n".encode()))
    ImportRun.objects.filter(pk=run.pk).update(file=table, status="mapping")
    Filing.objects.filter(pk=filing.pk).update(receipt_file=path)
    document = default_storage.save("evidence/doc.pdf", ContentFile(b"%PDF-1.7"))
    default_storage.save("evidence/doc.p01.png", ContentFile(b"x"))
    item = EvidenceItem.objects.create(
        case=case,
        requirement=kind,
        title=CANARIES[3],
        source="handler",
        file=path,
        shown_file=path,
        content_type="image/png",
        size=1,
        sha256="0" * 64,
        uploaded_by=handler,
        uploaded_at=now,
    )
    made = EvidenceItem.objects.create(
        case=case,
        requirement=kind,
        title=CANARIES[3],
        source="generated",
        file=document,
        shown_file=document,
        content_type="application/pdf",
        size=1,
        sha256="0" * 64,
        uploaded_at=now,
    )
    asked = EvidenceRequest.objects.create(
        case=case, requirement=kind, text=CANARIES[2], requested_by=handler, requested_at=now
    )
    PackFile.objects.create(
        filing=filing, position=1, kind="image", name=CANARIES[3], file=path, size=1, sha256="0" * 64, item=item
    )
    incident = incidents.create(by=handler, merchant=shop.merchant, title=CANARIES[2])
    action = PlanAction.objects.create(case=case, title=CANARIES[2], owner_name="x", due_on=now.date())
    jobs.beat("schedule", "worker:test")  # the health address answers as on a machine where both run
    health_view.look_again()
    export = default_storage.save("exports/x.csv", ContentFile(b"x"))
    job = Job.objects.create(
        key="k", kind="orders.publish_import", requested_by=handler, store_ref=shop.pk, file=export, filename="x.csv"
    )
    kept = SavedView.objects.create(owner=handler, page="cases", name=CANARIES[2], query="view=mine")
    colleague = make.member(make.user(CANARIES[2]), shop.merchant, role="staff", shops=[shop])
    invitation, _token = links.invite(
        by=None, name=CANARIES[2], phone="13912340000", merchant=shop.merchant, role="staff"
    )
    codes = {
        "case": {
            "code": case.code,
            "place": 1,
            "violation": case.violations.get().code,
            "action": action.code,
            "key": "chat_log",
            "document": "order_timeline",
            "item": item.code,
            "order_no": order.order_no,
            "contact": _told(case, handler).code,
        },
        "filing": {"code": filing.code, "position": 1},
        "incident": {"code": incident.code},
        "alert": {
            "code": alert.code,
            "report": report.code,
            "hold": hold.code,
            "hold_code": hold.code,
            "report_code": report.code,
            "order_no": order.order_no,
            "store_code": shop.code,
        },
        "order": {"store_code": shop.code, "order_no": order.order_no, "store": shop.code},
        "import": {"code": run.code},
        "shop": {"code": shop.code},
        "policy": {"platform": "pinduoduo", "key": "false_transaction", "version": 1},
        "job": {"code": job.code},
        "m-case": {"code": case.code},
        "m-request": {"code": asked.code},
        "m-hold": {"code": hold.code},
        "evidence-file": {"code": item.code},
        "evidence-page": {"code": made.code, "number": 1},
        "receipt-file": {"code": filing.code},
        "pack-file": {"code": filing.code, "position": 1},
        "person": {"code": colleague.code},
        "person-absences": {"code": handler.code},
        "view": {"code": kept.code},
        "m-person": {"code": colleague.code},
        "invitation": {"code": invitation.code},
        "welcome": {"token": "not-a-token"},
        "password-link": {"token": "not-a-token"},
    }
    # What a form must say before its own checks begin: the addresses that look a row up by their body.
    bodies = {
        "case-overrule": {"order_no": order.order_no},
        "policy-verify": {"version": "1"},
        "shop-handler-add": {"person": handler.code},
        "shop-handler-remove": {"person": handler.code},
        "person-member": {"membership": colleague.memberships.get().pk},
        "person-role": {"role": "handler"},
    }
    return {
        "arguments": _by_name(codes),
        "bodies": bodies,
        "canaries": CANARIES,
        "open_to_agency": _open_to_agency(),
    }


def _told(case: Case, by: User) -> PlatformContact:
    """A contact with the platform and one with the buyer of the case's order, under one code, and a measure in place 1."""
    now = timezone.now()
    order = case.verdicts.get().violation_order.order
    Penalty.objects.create(violation=case.violations.get(), kind="fine", text=CANARIES[2], amount=1)
    made = PlatformContact.objects.create(
        case=case, channel="chat", contacted_at=now, words=CANARIES[2], follow_up_at=now, recorded_by=by
    )
    BuyerContact.objects.create(
        case=case, order=order, code=made.code, channel="platform_chat", contacted_at=now, text=CANARIES[2],
        reply="waiting", recorded_by=by,
    )  # fmt: skip
    return made


class _by_name(dict):
    """Arguments by the longest known prefix of an address's name: case-take-in uses those of case."""

    def get(self, name: str, default: Any = None) -> Any:
        aliases = {"m-say": "m-case", "m-declare": "m-case", "m-consent": "m-case", "hold": "m-hold", "report": "alert"}
        for prefix, alias in aliases.items():
            if name.startswith(prefix):
                return dict.get(self, alias)
        fitting = [key for key in self if name == key or name.startswith(key + "-")]
        return dict.get(self, max(fitting, key=len)) if fitting else default


def _open_to_agency() -> set[str]:
    """Addresses about rules, which belong to no shop: every agency person sees them."""
    from django.urls import get_resolver

    from tests.test_strangers import addresses

    return {name for name, _args in addresses(get_resolver().url_patterns) if name.startswith("policy")}
